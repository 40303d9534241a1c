package charset

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// europeanLetters are the letters beyond a to z of the languages that are written in a character set. A word is of one
// language: "Dvořák" read as Windows-1252 has ø and á, which none has both.
func europeanLetters(charset string) []string {
	const (
		german, french, spanish, portuguese = "äöüß", "àâæçèéêëîïôœùûü", "áéíñóúü", "áàâãçéêíóôõúü"
		italian, catalan, dutch             = "àèéìíîòóùú", "àçèéíïòóúü", "áäèéëíïóöúü"
		nordic, danish, icelandic           = "åäöéü", "æøåéöü", "áðéíóúýþæö"
		polish, czech, slovak, hungarian    = "ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű"
		romanian, croatian                  = "ăâîşţșț", "ćčđšž"
		estonian                            = "äöüõšž"
		turkish                             = "çğıöşüiâî"
	)
	switch charset {
	case Windows1252:
		return []string{german, french, spanish, portuguese, italian, catalan, dutch, nordic, danish, icelandic, estonian}
	case "windows-1250", "iso-8859-2":
		return []string{german, polish, czech, slovak, hungarian, romanian, croatian}
	case "windows-1254":
		return []string{german, turkish}
	}
	return nil
}

// ratePlausibility counts the letters beyond ASCII that stand in words as a language has them, less those that don't and
// what is no letter at all.
func ratePlausibility(text, charset string) charsetRating {
	score, start := 0, -1
	languages := europeanLetters(charset)
	ofOne := make([]int, len(languages))
	judge := func(word string) {
		n := judgeWord(word, languages)
		if score += n; n <= 0 {
			return
		}
		for i := range languages {
			if isOfOneLanguage(word, languages[i:i+1]) {
				ofOne[i] += n
			}
		}
	}
	for i, r := range text {
		if isLetter(r) {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 {
			judge(text[start:i])
			start = -1
		}
		switch {
		case r < 0x80, isTypographic(r), isHalfwidthKana(r):
		case r == unicode.ReplacementChar, r < 0xA0:
			score -= 2
		default:
			score--
		}
	}
	if start >= 0 {
		judge(text[start:])
	}
	most := 0
	for _, n := range ofOne {
		most = max(most, n)
	}
	return charsetRating{score, most}
}

// charsetRating is how much speaks for a character set: the letters of words as any language has them, and of those the most that
// are of one language.
type charsetRating struct{ score, ofOne int }

func isLetter(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsMark(r)) && !isHalfwidthKana(r)
}

// isHalfwidthKana reports what speaks for nothing: each byte of many others is one in Shift_JIS.
func isHalfwidthKana(r rune) bool { return r >= '｡' && r <= 'ﾟ' }

// isTypographic reports whether a sign stands in texts of all kinds: quotes, dashes, currencies, full-width forms.
func isTypographic(r rune) bool {
	return strings.ContainsRune("\u00a0\u200e\u200f‘’‚“”„‹›«»–—…€£®™©°§·•¡ºª²³½&，、。；：！？（）「」・　", r) || unicode.IsDigit(r)
}

// judgeWord returns how many letters beyond ASCII a word has, negative when no language has them together.
func judgeWord(word string, languages []string) int {
	if first, size := utf8.DecodeRuneInString(word); size == len(word) && !unicode.Is(unicode.Han, first) {
		return 0 // one letter alone says nothing
	}
	foreign, upperInside, previous := 0, false, ' '
	for _, r := range word {
		if r >= 0x80 {
			foreign++
		}
		upperInside = upperInside || unicode.IsUpper(r) && unicode.IsLower(previous)
		previous = r
	}
	if upperInside && foreign > 0 || languages == nil && !isOfOneScript(word) || languages != nil && foreign > 0 && !isOfOneLanguage(word, languages) {
		return -foreign
	}
	return foreign
}

func isOfOneLanguage(word string, languages []string) bool {
	word = strings.ToLower(strings.ReplaceAll(word, "İ", "i"))
	for _, letters := range languages {
		if strings.IndexFunc(word, func(r rune) bool { return r >= 0x80 && !strings.ContainsRune(letters, r) }) < 0 {
			return true
		}
	}
	return false
}

// isOfOneScript reports whether the letters of a word are of one script. Chinese, Japanese
// and Korean have Latin capitals with them.
func isOfOneScript(word string) bool {
	capitals := &unicode.RangeTable{R16: []unicode.Range16{{Lo: 'A', Hi: 'Z', Stride: 1}}, LatinOffset: 1}
	for _, script := range [][]*unicode.RangeTable{
		{unicode.Latin}, {unicode.Cyrillic}, {unicode.Greek}, {unicode.Hebrew}, {unicode.Arabic}, {unicode.Thai},
		{unicode.Han, unicode.Hiragana, unicode.Katakana, capitals}, {unicode.Hangul, capitals},
	} {
		if strings.IndexFunc(word, func(r rune) bool { return !unicode.In(r, script...) && !unicode.Is(unicode.Mn, r) && r != 'ー' }) < 0 {
			return true
		}
	}
	return false
}
