package inbound

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
)

// phraseSet are phrases of which one is looked for. A phrase is a pattern only once a text holds a word without which it can't match: of hundreds, few are.
type phraseSet struct {
	name    string
	phrases []*lazyPhrase
}

type lazyPhrase struct {
	needs   []string // one of these stands in every match, in lower case; none = it isn't known
	pattern func() *regexp.Regexp
}

func newPhraseSet(name string, phrases []string) (s phraseSet) {
	s.name = name
	for _, p := range phrases {
		text := `(?i)` + patternOf([]string{p})
		s.phrases = append(s.phrases, &lazyPhrase{needs: neededWords(p), pattern: sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })})
	}
	return s
}

// find returns what the set finds first in a text; lower is the text in lower case.
func (s phraseSet) find(text, lower string) string {
	first, found := -1, ""
	for _, p := range s.phrases {
		if !p.mayMatch(lower) {
			continue
		}
		if at := p.pattern().FindStringIndex(text); at != nil && (first < 0 || at[0] < first) {
			first, found = at[0], text[at[0]:at[1]]
		}
	}
	return found
}

func (p *lazyPhrase) mayMatch(lower string) bool {
	for _, n := range p.needs {
		if strings.Contains(lower, n) {
			return true
		}
	}
	return len(p.needs) == 0
}

// maxNeeded bounds the words of which one is needed.
const maxNeeded = 40

// neededWords returns words of which one stands in every match of a phrase.
func neededWords(phrase string) []string {
	re, err := syntax.Parse(withBlanks(strings.ReplaceAll(phrase, "{month}", dateWords().month)), syntax.Perl)
	if err != nil {
		return nil
	}
	words, _ := needed(re)
	if shortest(words) < 2 {
		return nil
	}
	return words
}

// needed returns texts of which one stands in every match, and whether a match is one of them and nothing else.
func needed(re *syntax.Regexp) (words []string, exact bool) {
	switch re.Op {
	case syntax.OpLiteral:
		return []string{strings.ToLower(string(re.Rune))}, true
	case syntax.OpEmptyMatch:
		return []string{""}, true
	case syntax.OpCapture:
		return needed(re.Sub[0])
	case syntax.OpPlus:
		words, _ = needed(re.Sub[0])
		return words, false
	case syntax.OpRepeat:
		if re.Min > 0 {
			words, _ = needed(re.Sub[0])
		}
		return words, false
	case syntax.OpQuest:
		if words, exact = needed(re.Sub[0]); exact && len(words) < maxNeeded {
			return append([]string{""}, words...), true
		}
	case syntax.OpAlternate:
		exact = true
		for _, sub := range re.Sub {
			some, whole := needed(sub)
			if len(some) == 0 || len(words)+len(some) > maxNeeded {
				return nil, false
			}
			words, exact = append(words, some...), exact && whole
		}
		return words, exact
	case syntax.OpConcat:
		return neededOfAll(re.Sub)
	}
	return nil, false
}

// neededOfAll joins what is exact in a row, and chooses the best of the rows.
func neededOfAll(subs []*syntax.Regexp) (best []string, exact bool) {
	row := []string{""}
	exact = true
	better := func(words []string) {
		if shortest(words) > shortest(best) {
			best = words
		}
	}
	for _, sub := range subs {
		words, whole := needed(sub)
		if whole && len(row)*len(words) <= maxNeeded {
			var longer []string
			for _, a := range row {
				for _, b := range words {
					longer = append(longer, a+b)
				}
			}
			row = longer
			continue
		}
		better(row)
		better(words)
		exact, row = false, []string{""}
		if whole {
			row = words
		}
	}
	if exact {
		return row, true
	}
	better(row)
	return best, false
}

func shortest(words []string) int {
	least := 0
	for i, w := range words {
		if i == 0 || len(w) < least {
			least = len(w)
		}
	}
	return least
}
