package template

import (
	"fmt"
	"regexp"
)

type tokenKind int

const (
	variable tokenKind = iota // a dotted name, a filter's name, or a word like "and"
	literal
	symbol
)

type word struct {
	kind tokenKind
	text string
}

// The library's lexer (expressions/scanner.rl), without ranges, brackets and parentheses.
var wordForms = regexp.MustCompile(`^(?:` +
	`(\s+)|` +
	`("[^"]*"|'[^']*'|-?\d+(?:\.\d+)?|(?:true|false|nil)\b)|` +
	`([A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*)|` +
	`(==|!=|>=|<=|<|>|\||:|,))`)

// maxWords bounds a tag or an expression: the library takes the square of the time for a list of values.
const maxWords = 400

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
		if len(words) > maxWords {
			return nil, fmt.Errorf("more than %d words between its brackets", maxWords)
		}
		rest = rest[len(m[0]):]
	}
	return words, nil
}

// splitWords cuts words at each symbol.
func splitWords(words []word, at string) (parts [][]word) {
	from := 0
	for i, w := range words {
		if w.kind == symbol && w.text == at {
			parts, from = append(parts, words[from:i]), i+1
		}
	}
	return append(parts, words[from:])
}
