package template

import (
	"fmt"
	"regexp"
	"slices"
)

type kind int

const (
	variable kind = iota // a dotted name, a filter's name, or a word like "and"
	literal
	symbol
)

type word struct {
	kind kind
	text string
}

// The library's lexer (expressions/scanner.rl), without ranges, brackets and parentheses.
var wordForms = regexp.MustCompile(`^(?:` +
	`(\s+)|` +
	`("[^"]*"|'[^']*'|-?\d+(?:\.\d+)?|(?:true|false|nil)\b)|` +
	`([A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*)|` +
	`(==|!=|>=|<=|<|>|\||:|,))`)

func lexWords(text string) ([]word, error) {
	var words []word
	for rest := text; rest != ""; {
		m := wordForms.FindStringSubmatch(rest)
		switch {
		case m == nil:
			return nil, fmt.Errorf("%q isn't understood", rest)
		case m[2] != "":
			words = append(words, word{literal, m[2]})
		case m[3] != "":
			words = append(words, word{variable, m[3]})
		case m[4] != "":
			words = append(words, word{symbol, m[4]})
		}
		rest = rest[len(m[0]):]
	}
	return words, nil
}

// splitWords cuts words at each symbol.
func splitWords(words []word, at string) [][]word {
	for i, w := range words {
		if w.kind == symbol && w.text == at {
			return slices.Concat([][]word{words[:i]}, splitWords(words[i+1:], at))
		}
	}
	return [][]word{words}
}
