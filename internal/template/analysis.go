package template

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// UnsubscribeLink is the variable that a message's own link to unsubscribe is filled in for.
const UnsubscribeLink = "unsubscribe_link"

// PostalAddress is the variable of the sender's postal address.
const PostalAddress = "postal_address"

// What an analysis may grow to.
const (
	MaxVariables = 100 // names in a message
	MaxProblem   = 300 // characters
)

// TooManyVariables is the problem of a message with more of them than MaxVariables.
const TooManyVariables = "more than 100 variables"

// Analysis is what there is to know of a message's texts without anybody to write to.
type Analysis struct {
	Variables       []Variable // by name, PostalAddress only if each body shows it; nil if there is a problem
	UnsubscribeLink bool       // each body shows the link
	Problem         string     // why the texts can't be parsed; empty = they can
}

// Variable is a name that a message uses.
type Variable struct {
	Name     string
	Fallback bool // the message can be written without a value for it
}

// Analyze parses the texts of a message and says what is in them.
func Analyze(subject, body string) Analysis {
	subjects, _, err := allAlternatives(subject)
	if err != nil {
		return Analysis{Problem: "subject: " + err.Error()}
	}
	all, always, err := allAlternatives(body)
	if err != nil {
		return Analysis{Problem: "body: " + err.Error()}
	}
	m, err := ParseMessage(subjects, all)
	if err != nil {
		return Analysis{Problem: Clip(err.Error(), MaxProblem)}
	}
	names := m.Variables()
	if len(names) > MaxVariables {
		return Analysis{Problem: TooManyVariables}
	}
	needed := m.FillMissing(map[string]any{})
	shown := m.Body.shown // whichever alternatives are chosen
	if always != body {
		shown = nil
		if certain, err := Parse(always, Options{}); err == nil {
			shown = certain.shown
		}
	}
	a := Analysis{UnsubscribeLink: slices.Contains(shown, UnsubscribeLink)}
	for _, name := range names {
		if name == PostalAddress && !slices.Contains(shown, name) {
			continue // it is always known, and who names it vouches for it
		}
		a.Variables = append(a.Variables, Variable{Name: name, Fallback: !slices.Contains(needed, name)})
	}
	return a
}

// MessageTemplates is the two templates of a message.
type MessageTemplates struct{ Subject, Body *Template }

// FieldError says which of a message's texts is wrong.
type FieldError struct {
	Field string // "subject" or "body"
	err   error
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Reason() }

func (e *FieldError) Unwrap() error { return e.err }

// Reason is the error without its field.
func (e *FieldError) Reason() string { return strings.TrimPrefix(e.err.Error(), "parse template: ") }

var (
	errBlank      = errors.New("it is empty")
	errAttachment = errors.New("it holds a file, or names one that would come with the message: messages carry no files, as filters and people distrust them; put it on a page and link to that")

	// attachment is how a text brings a file: in the text itself, or by the name that a part of the message would have.
	attachment = regexp.MustCompile(`(?i)\bcid:[^\s"'<>]|data:[a-z0-9.+-]+/[a-z0-9.+-]+(?:;[a-z0-9=.+-]+)*;base64,|^content-disposition:\s*(?:attachment|inline)|[A-Za-z0-9+/]{400}`)
)

// ParseMessage parses both texts. A blank one is a mistake: it would never be sent. Its error is a *FieldError.
func ParseMessage(subject, body string) (m MessageTemplates, err error) {
	if m.Subject, err = parseField("subject", subject); err != nil {
		return MessageTemplates{}, err
	}
	if m.Body, err = parseField("body", body); err != nil {
		return MessageTemplates{}, err
	}
	return m, nil
}

func parseField(field, text string) (*Template, error) {
	if strings.TrimSpace(text) == "" {
		return nil, &FieldError{field, errBlank}
	}
	if attachment.MatchString(text) {
		return nil, &FieldError{field, errAttachment}
	}
	t, err := Parse(text, Options{})
	if err != nil {
		return nil, &FieldError{field, err}
	}
	return t, nil
}

// Variables are the names that either text uses, sorted.
func (m MessageTemplates) Variables() []string {
	names := append(m.Subject.Variables(), m.Body.Variables()...)
	slices.Sort(names)
	return slices.Compact(names)
}

// maxRounds bounds how often a text is rendered to find what it needs: a value that was missed may lead to another by a condition
// before it.
const maxRounds = 8

// FillMissing names the variables that the texts need and values don't have, in the order in which they are missed. Afterwards
// values holds each as its name in brackets.
func (m MessageTemplates) FillMissing(values map[string]any) (names []string) {
	for _, t := range []*Template{m.Subject, m.Body} {
		for range maxRounds {
			missing := t.findMissing(values)
			if len(missing) == 0 {
				break
			}
			for _, name := range missing {
				values[name] = "[" + name + "]"
			}
			names = append(names, missing...)
		}
	}
	return names
}

// Clip cuts a text to so many characters.
func Clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}
