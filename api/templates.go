package api

import (
	"errors"
	"slices"
	"strings"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/template"
)

// maxProblem bounds what a command says of a template that can't be read, in bytes.
const maxProblem = 300

// templatesOf says of each variant's text what the launch gate wants to know.
func templatesOf(steps []events.Step) (out []commands.Template) {
	for i, s := range steps {
		for _, v := range s.Variants {
			t := commands.Template{StepID: s.StepID, VariantID: v.VariantID}
			subject, body, err := parsed(subjectOf(steps, i, v), v.Body)
			if err != nil {
				t.Problem = clipped(err.Error(), maxProblem)
				out = append(out, t)
				continue
			}
			needed := lacking(map[string]any{}, subject, body)
			names := append(subject.Variables(), body.Variables()...)
			slices.Sort(names)
			for _, name := range slices.Compact(names) {
				t.Variables = append(t.Variables, commands.Variable{Name: name, Fallback: !slices.Contains(needed, name)})
			}
			t.UnsubscribeLink = slices.Contains(body.Variables(), "unsubscribe_link")
			out = append(out, t)
		}
	}
	return out
}

// subjectOf gives the subject of a step's variant. A follow-up without one answers in the thread of the first message.
func subjectOf(steps []events.Step, step int, v events.Variant) string {
	if step > 0 && strings.TrimSpace(v.Subject) == "" && len(steps[0].Variants) > 0 {
		return "Re: " + steps[0].Variants[0].Subject
	}
	return v.Subject
}

// templateError says which of the two texts is wrong.
type templateError struct {
	field string
	err   error
}

func (e *templateError) Error() string { return e.field + ": " + e.reason() }

func (e *templateError) reason() string { return strings.TrimPrefix(e.err.Error(), "parse template: ") }

var errBlank = errors.New("it is empty")

// parsed reads the texts of a variant. Blank ones are never sent.
func parsed(subject, body string) (s, b *template.Template, err error) {
	read := func(field, text string) (*template.Template, error) {
		if strings.TrimSpace(text) == "" {
			return nil, &templateError{field, errBlank}
		}
		t, err := template.Parse(text, template.Options{})
		if err != nil {
			return nil, &templateError{field, err}
		}
		return t, nil
	}
	if s, err = read("subject", subject); err != nil {
		return nil, nil, err
	}
	b, err = read("body", body)
	return s, b, err
}

// lacking names the variables that templates need and values don't have, in the order in which they are missed. Afterwards
// values hold each as its name in brackets.
func lacking(values map[string]any, templates ...*template.Template) (names []string) {
	for _, t := range templates {
		for range t.Variables() {
			_, err := t.Render(values)
			var missing *template.MissingError
			if !errors.As(err, &missing) {
				break
			}
			names = append(names, missing.Name)
			values[missing.Name] = "[" + missing.Name + "]"
		}
	}
	return names
}

// clipped cuts a text at a letter.
func clipped(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "")
}
