package research

import (
	"slices"
	"strings"
	"unicode"
)

// What a sentence of a page may not have besides the object, if it is to be taken for a fact: a page that says "we never use SAP", "we plan an office in Oslo" or "Globex, a customer,
// uses Kafka" has these words, and a model may quote but some of them. Doubtful sentences are left out.
const (
	denied    = " not no never none nobody nothing neither nor without hardly barely scarcely rarely seldom nicht kein keine keinen nie niemals ohne ne pas jamais sans nunca sin non mai senza "
	undecided = " may might can could would should will shall plan plans planned planning intend intends expect expects hope hopes aim aims want wants wish wishes consider considering evaluate evaluating if unless" +
		" whether until maybe perhaps probably possibly soon almost nearly "
	ended    = " formerly previously former ex stopped replaced abandoned closed left instead than before "
	others   = " competitor competitors rival rivals customer customers client clients supplier suppliers partner partners "
	roughly  = " about around over under nearly almost approximately roughly than least most to circa ca some "
	sayOther = " customer partner " // predicates that are about others
)

func wordsOf(s string) []string {
	return strings.FieldsFunc(strings.ToLower(strings.ReplaceAll(s, "’", "'")), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' })
}

func isArticle(w string) bool { return w == "a" || w == "an" || w == "the" }

func withoutArticles(in []string) []string {
	return slices.DeleteFunc(slices.Clone(in), isArticle)
}

// findWords returns where words stand one after the other among others, articles aside; -1 if they don't.
func findWords(in, words []string) int {
	for i := 0; len(words) > 0 && i+len(words) <= len(in); i++ {
		if slices.Equal(in[i:i+len(words)], words) {
			return i
		}
	}
	return -1
}

// isPart reports whether an object stands in its quote, word after word: words picked out of it say something else.
func isPart(object, quote string) bool {
	words := withoutArticles(wordsOf(object))
	return len(words) <= 20 && findWords(withoutArticles(wordsOf(quote)), words) >= 0
}

// isAsserted reports whether a page says an object plainly, in every sentence in which the quote stands.
func isAsserted(predicate, object, quote, page string) bool {
	found := false
	for at := 0; ; {
		i := strings.Index(page[at:], quote)
		if i < 0 || quote == "" {
			return found
		}
		i += at
		if !assertsPlainly(predicate, object, around(page, i, i+len(quote))) {
			return false
		}
		found, at = true, i+len(quote)
	}
}

// around widens a part of a page to the ends of its sentences.
func around(page string, from, to int) string {
	isEnd := func(i int) bool {
		return page[i] == '\n' || strings.ContainsRune(".!?", rune(page[i])) && (i+1 == len(page) || page[i+1] == ' ' || page[i+1] == '\n')
	}
	for from > 0 && !isEnd(from-1) {
		from--
	}
	for to < len(page) && !isEnd(to-1) {
		to++
	}
	return page[from:to]
}

func assertsPlainly(predicate, object, sentence string) bool {
	said, words := withoutArticles(wordsOf(sentence)), withoutArticles(wordsOf(object))
	at := findWords(said, words)
	if at < 0 || strings.Contains(sentence, "?") {
		return false
	}
	if at > 0 && strings.ContainsFunc(words[0], unicode.IsDigit) && isIn(roughly, said[at-1]) {
		return false // of "over 300" 300 isn't said
	}
	rest := slices.Concat(said[:at], said[at+len(words):])
	for i, w := range rest {
		switch {
		case w == "will" && i > 0 && rest[i-1] == "you": // "you will find"
		case w == "used" && i+1 < len(rest) && rest[i+1] == "to", strings.HasSuffix(w, "n't"), isIn(denied, w), isIn(undecided, w), isIn(ended, w), isIn(others, w) && !isIn(sayOther, predicate):
			return false
		}
	}
	return true
}

func isIn(list, word string) bool { return strings.Contains(list, " "+word+" ") }
