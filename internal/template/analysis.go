package template

import (
	"errors"
	"slices"
	"strings"
)

// UnsubscribeLink is the variable that a message's own link to unsubscribe is filled in for.
const UnsubscribeLink = "unsubscribe_link"

// What an analysis may grow to.
const (
	MaxVariables = 100 // names in a message
	MaxProblem   = 300 // bytes
)

// Analysis is what there is to know of a message's texts without anybody to write to.
type Analysis struct {
	Variables       []Variable // by name; nil if there is a problem
	UnsubscribeLink bool       // the body holds the link
	Problem         string     // why the texts can't be parsed; empty = they can
}

// Variable is a name that a message uses.
type Variable struct {
	Name     string
	Fallback bool // the message can be written without a value for it
}

// Analyze parses the texts of a message and says what is in them.
func Analyze(subject, body string) Analysis {
	m, err := ParseMessage(subject, body)
	if err != nil {
		return Analysis{Problem: Clip(err.Error(), MaxProblem)}
	}
	names := m.Variables()
	if len(names) > MaxVariables {
		return Analysis{Problem: "more than 100 variables"}
	}
	needed := m.FillMissing(map[string]any{})
	a := Analysis{UnsubscribeLink: slices.Contains(m.Body.variables, UnsubscribeLink)}
	for _, name := range names {
		a.Variables = append(a.Variables, Variable{Name: name, Fallback: !slices.Contains(needed, name)})
	}
	return a
}

// Message is the two templates of a message.
type Message struct{ Subject, Body *Template }

// FieldError says which of a message's texts is wrong.
type FieldError struct {
	Field string // "subject" or "body"
	err   error
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Reason() }

func (e *FieldError) Unwrap() error { return e.err }

// Reason is the error without its field.
func (e *FieldError) Reason() string { return strings.TrimPrefix(e.err.Error(), "parse template: ") }

var errBlank = errors.New("it is empty")

// ParseMessage parses both texts. A blank one is a mistake: it would never be sent. Its error is a *FieldError.
func ParseMessage(subject, body string) (m Message, err error) {
	if m.Subject, err = parseField("subject", subject); err != nil {
		return Message{}, err
	}
	if m.Body, err = parseField("body", body); err != nil {
		return Message{}, err
	}
	return m, nil
}

func parseField(field, text string) (*Template, error) {
	if strings.TrimSpace(text) == "" {
		return nil, &FieldError{field, errBlank}
	}
	t, err := Parse(text, Options{})
	if err != nil {
		return nil, &FieldError{field, err}
	}
	return t, nil
}

// Variables are the names that either text uses, sorted.
func (m Message) Variables() []string {
	names := append(m.Subject.Variables(), m.Body.Variables()...)
	slices.Sort(names)
	return slices.Compact(names)
}

// FillMissing names the variables that the texts need and values don't have, in the order in which they are missed. Afterwards
// values holds each as its name in brackets.
func (m Message) FillMissing(values map[string]any) (names []string) {
	for _, t := range []*Template{m.Subject, m.Body} {
		for range t.variables {
			_, err := t.Render(values)
			var missing *MissingError
			if !errors.As(err, &missing) {
				break
			}
			names = append(names, missing.Name)
			values[missing.Name] = "[" + missing.Name + "]"
		}
	}
	return names
}

// Clip cuts a text to so many bytes, at a letter.
func Clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "")
}
