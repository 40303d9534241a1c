package template

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Advice is something in a text by which it reads like advertising, or that won't be as the reader is told.
type Advice struct {
	Code string
	Text string // as it stands there
}

// What is advised against.
const (
	AdviceSpamWord   = "spam_word"           // filters and people know it from advertising
	AdviceShouting   = "shouting"            // a subject in capitals, or with several exclamation marks
	AdviceAttachment = "mentions_attachment" // nothing is ever attached
	AdviceLarge      = "too_large"           // mail programs cut it
	AdviceHTML       = "html"                // it is sent as plain text, so that tags would be seen
)

const (
	largeText   = 60 << 10 // bytes; Gmail cuts a message at 102 kB, and links get longer
	mostAdvice  = 10
	shoutedPart = 0.6 // of a subject's letters
	fewLetters  = 12
)

var (
	spamWords = regexp.MustCompile(`(?i)\b(?:100 ?% (?:free|guaranteed)|act now|as seen on|buy now|cash bonus|click (?:here|below)|congratulations|double your|earn (?:extra )?(?:cash|money)|exclusive deal|for free|free (?:gift|trial|money)|guaranteed?|` +
		`increase (?:your )?sales|limited time|lowest price|make money|no (?:catch|obligation|risk)|once in a lifetime|risk[- ]free|special promotion|this (?:isn't|is not) spam|urgent|winner|you have been (?:chosen|selected)|` +
		`gratis|kostenlos|jetzt kaufen|garantiert)\b`)
	attachments = regexp.MustCompile(`(?i)\b(?:attached|attachments?|enclosed|im anhang|angehängt|anbei|en pièce jointe|ci-joint|adjunto|in allegato)\b`)
	htmlTag     = regexp.MustCompile(`(?i)<(?:/?(?:a|b|i|p|br|div|span|strong|em|table|img|ul|li|h[1-6])(?:\s[^<>]*)?/?)>`)
)

// Advise says what in a subject or a body is better written otherwise; it keeps nobody from sending it.
func Advise(text string, subject bool) (out []Advice) {
	add := func(code string, found ...string) {
		for _, f := range found {
			a := Advice{code, strings.ToLower(f)}
			if code == AdviceHTML || code == AdviceShouting {
				a.Text = f
			}
			if !slices.Contains(out, a) && len(out) < mostAdvice {
				out = append(out, a)
			}
		}
	}
	add(AdviceSpamWord, spamWords.FindAllString(text, mostAdvice)...)
	if subject {
		if isShouted(text) {
			add(AdviceShouting, Clip(text, 100))
		}
		return out
	}
	add(AdviceAttachment, attachments.FindAllString(text, 3)...)
	add(AdviceHTML, htmlTag.FindAllString(text, 3)...)
	if len(text) > largeText {
		add(AdviceLarge, Clip(text, 40)+"…")
	}
	return out
}

// isShouted reports whether a subject is in capitals, or calls out.
func isShouted(text string) bool {
	if strings.Count(text, "!") > 1 {
		return true
	}
	letters, large := 0, 0
	for i := 0; i < len(text); i++ {
		if end := liquidEnd(text, i); end > i {
			i = end - 1
			continue
		}
		if r := rune(text[i]); unicode.IsLetter(r) {
			letters++
			if unicode.IsUpper(r) {
				large++
			}
		}
	}
	return letters >= fewLetters && float64(large) > shoutedPart*float64(letters)
}
