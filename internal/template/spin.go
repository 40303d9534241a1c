package template

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
)

// Bounds of alternatives in a text.
const (
	MaxAlternatives = 50 // groups
	deepestGroup    = 3
)

// Seed is what one person's alternatives in a campaign are chosen by: the same for each of its messages, today and in a preview.
type Seed [sha256.Size]byte

// SeedOf returns the seed of a person on a campaign.
func SeedOf(campaign, lead uuid.UUID) Seed {
	return sha256.Sum256(append(campaign[:], lead[:]...))
}

// Spin chooses one of each group of alternatives, {Hi|Hello|Good morning}. Which one follows from the seed and the group's own words, so that a
// text that is changed elsewhere keeps its choices. Braces without a bar, Liquid, and placeholders of other tools stay as they are.
func Spin(text string, seed Seed) string {
	out, err := spin(text, 0, func(group string, n int) int {
		sum := sha256.Sum256(append(seed[:], group...))
		return int(binary.BigEndian.Uint64(sum[:]) % uint64(n))
	})
	if err != nil {
		return text // it was refused when it was written
	}
	return out
}

// allAlternatives returns a text with every alternative in it, one after the other, and the text without any.
func allAlternatives(text string) (all, without string, err error) {
	if all, err = spin(text, 0, func(string, int) int { return everyOne }); err != nil {
		return "", "", err
	}
	without, err = spin(text, 0, func(string, int) int { return noOne })
	return all, without, err
}

const (
	everyOne = -1
	noOne    = -2
)

var (
	errTagInGroup = errors.New("alternatives {a|b} can't hold a tag {% %}")
	errDeepGroup  = fmt.Errorf("alternatives {a|b} more than %d deep", deepestGroup)
	errManyGroups = fmt.Errorf("more than %d groups of alternatives", MaxAlternatives)
)

// spin replaces each group by one of its alternatives.
func spin(text string, depth int, choose func(group string, n int) int) (string, error) {
	if depth > deepestGroup {
		return "", errDeepGroup
	}
	var out strings.Builder
	groups := 0
	for i := 0; i < len(text); {
		if end := liquidEnd(text, i); end > i {
			out.WriteString(text[i:end])
			i = end
			continue
		}
		options, end := groupAt(text, i)
		if end < 0 {
			out.WriteByte(text[i])
			i++
			continue
		}
		if groups++; groups > MaxAlternatives {
			return "", errManyGroups
		}
		group := text[i:end]
		if strings.Contains(group, "{%") {
			return "", errTagInGroup
		}
		switch n := choose(group, len(options)); n {
		case noOne:
		case everyOne:
			for _, o := range options {
				chosen, err := spin(o, depth+1, choose)
				if err != nil {
					return "", err
				}
				out.WriteString(chosen + " ")
			}
		default:
			chosen, err := spin(options[n], depth+1, choose)
			if err != nil {
				return "", err
			}
			out.WriteString(chosen)
		}
		i = end
	}
	return out.String(), nil
}

// liquidEnd returns the end of the Liquid that begins at i; i where none does.
func liquidEnd(text string, i int) int {
	for _, marks := range [][2]string{{"{{", "}}"}, {"{%", "%}"}} {
		if strings.HasPrefix(text[i:], marks[0]) {
			if n := strings.Index(text[i:], marks[1]); n >= 0 {
				return i + n + len(marks[1])
			}
		}
	}
	return i
}

// groupAt returns the alternatives of the group that begins at i; end is -1 where none does.
func groupAt(text string, i int) (options []string, end int) {
	if text[i] != '{' || i > 0 && (text[i-1] == '$' || text[i-1] == '{') {
		return nil, -1
	}
	depth, from := 1, i+1
	for j := i + 1; j < len(text); j++ {
		if e := liquidEnd(text, j); e > j {
			j = e - 1
			continue
		}
		switch text[j] {
		case '{':
			depth++
		case '|':
			if depth == 1 {
				options, from = append(options, text[from:j]), j+1
			}
		case '}':
			if depth--; depth > 0 {
				continue
			}
			if len(options) == 0 {
				return nil, -1
			}
			if _, foreign := foreignField(strings.TrimSpace(strings.TrimPrefix(options[0], "!"))); foreign {
				return nil, -1 // {first_name|there}
			}
			return append(options, text[from:j]), j + 1
		}
	}
	return nil, -1
}

// CheckAlternatives reports what is wrong with the alternatives of a message's texts; a *FieldError.
func CheckAlternatives(subject, body string) error {
	if _, _, err := allAlternatives(subject); err != nil {
		return &FieldError{"subject", err}
	}
	if _, _, err := allAlternatives(body); err != nil {
		return &FieldError{"body", err}
	}
	return nil
}
