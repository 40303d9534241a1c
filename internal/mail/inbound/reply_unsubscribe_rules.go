package inbound

import (
	_ "embed" // the phrases
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

//go:embed unsubscribe_phrases.txt
var unsubscribePhrases string

// optOutRules are the sections of unsubscribe_phrases.txt, made into what is asked of a sentence.
type optOutRules struct {
	alone, remove, noMore, topic       *regexp.Regexp // found anywhere in a sentence; alone is all of it
	negated, postNegated, inNegation   *regexp.Regexp // what stands before, behind or within a phrase
	courtesy, footer, condition, limit *regexp.Regexp
}

//nolint:gochecknoglobals // a constant that is read from a file
var optOuts = sync.OnceValue(func() optOutRules {
	sections := map[string][]string{}
	for _, s := range readSections(unsubscribePhrases) {
		sections[s.name] = s.phrases
	}
	anyOf := func(name string) string {
		return `(?:` + strings.ReplaceAll(strings.Join(sections[name], "|"), " ", `\s+`) + `)`
	}
	return optOutRules{
		alone:  regexp.MustCompile(`^` + anyOf("alone") + `$`),
		remove: compileLower(sections["remove"]), noMore: compileLower(sections["no_more"]), topic: compileLower(sections["topic"]),
		negated:     regexp.MustCompile(`(?:^|[^\pL\pN]|\p{Han})` + anyOf("negation") + `(?:\s+` + anyOf("between") + `){0,3}\s*$`),
		postNegated: regexp.MustCompile(`^[\s,]*(?:(?:nicht|niet|not|ikke|inte|pas|не)(?:$|\PL)|を?(?:し|さ)?(?:ないで|ません|なくて)|(?:を|을|를)?\s?하지\s?(?:마|말|않)|しない)`),
		inNegation:  regexp.MustCompile(`\s(?:nicht|niet|not|ikke|inte|pas|nie|не)\s|[不别別勿]`),
		courtesy:    compileLower(sections["courtesy"]), footer: compileLower(sections["footer"]), condition: compileLower(sections["condition"]),
		limit: regexp.MustCompile(`^[\s,]*\s` + anyOf("limit") + `(?:$|[^\pL\pN])`),
	}
})

// compileLower is for a text in lower case, which is read in half the time.
func compileLower(phrases []string) *regexp.Regexp { return regexp.MustCompile(patternOf(phrases)) }

// lowerCase keeps each letter where it is.
func lowerCase(s string) string {
	return strings.Map(func(r rune) rune {
		if l := unicode.ToLower(r); utf8.RuneLen(l) == utf8.RuneLen(r) {
			return l
		}
		return r
	}, s)
}

var (
	link      = regexp.MustCompile(`(?i)<?(?:https?://|mailto:|www\.)\S+`)
	politeAsk = regexp.MustCompile(`(?i)(?:^|\PL)(?:can|could|would|will|may|might|please|pls|kindly|how|mind|könnten|können|würden|bitte|wie|pouvez|pourriez|veuillez|comment|merci|podrían?|pueden?|cómo|por favor|` +
		`potete|può|potrebbe|come|per favore|pode|poderia|como|kunt|kunnen|wilt|hoe|kan|vil|kunne|hvordan|skulle|hur|voitteko|miten|czy|proszę|jak|můžete|prosím|можете|не могли бы|как|lütfen)(?:$|\PL)|` +
		`misiniz|mısınız|musunuz|请|請|能|可以|いただけ|頂け|もらえ|주시|주실`)
	signOff = regexp.MustCompile(`(?im)^\W*(?:(?:best|kind|warm|many thanks and|with (?:best|kind)) (?:regards|wishes)|regards|best|sincerely|yours(?: sincerely| truly)?|cheers|br|mfg|lg|vg|` +
		`(?:viele|beste|freundliche|liebe|schöne|herzliche) grüße|mit (?:freundlichen|besten) grüßen|cordialement|bien (?:à vous|cordialement)|saludos(?: cordiales)?|un saludo|atentamente|` +
		`cordiali saluti|distinti saluti|saluti|atenciosamente|cumprimentos|abraços|met vriendelijke groet(?:en)?|groet(?:en|jes)?|(?:med )?venlig hilsen|mvh|vh|med vänlig hälsning|hälsningar|` +
		`vennlig hilsen|ystävällisin terveisin|terveisin|pozdrawiam|z poważaniem|s pozdravem|с уважением|saygılarımla|iyi çalışmalar|üdvözlettel)[,.!]?[ \t]*$`)
	forEver = regexp.MustCompile(`(?:^|\PL)(?:again|any ?more|ever|never|further|mehr|nie|plus|jamais|más|nunca|più|mai|mais|meer|nooit|mere|igen|mer|aldri|enää|więcej|nigdy|už|больше)(?:$|\PL)`)
	blanks  = regexp.MustCompile(`\s+`)
)

var (
	clauseEnd     = regexp.MustCompile(`[,;:，、]|\s[-–—]+\s`)
	notInterested = regexp.MustCompile(`(?i)^(?:(?:i'm |i am |we're |we are )?not interested|no thanks?(?: you)?|no|kein interesse|nein(?: danke)?|pas intéressée?|non(?: merci)?|no (?:me|nos) interesa|non interessat[oa]|geen interesse|nie jestem zainteresowan[ya]|не интересно|不感兴趣)$`)
)
