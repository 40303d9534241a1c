// Package template renders Liquid (https://shopify.github.io/liquid): a mistake or a missing value is an error, never a gap
// in a message. Templates can't read files or loop, so their time and output are bounded.
package template

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/osteele/liquid"
	"github.com/osteele/liquid/expressions"
)

// What a template and its values may grow to, in characters; a value in bytes, filters by their number.
const (
	MaxSource = 100 << 10
	MaxOutput = 128 << 10
	maxValue  = 64 << 10

	MaxFilters = 50 // in a text
)

// Options of a template.
type Options struct {
	// Known reports whether a variable may be used at all ("first_name", "custom.industry"). Nil: any may.
	Known func(name string) bool
	// HTML escapes every value for use in HTML.
	HTML bool
}

// Template is ready to be rendered, by many goroutines.
type Template struct {
	parsed *liquid.Template
	checkedSource
}

// UnknownError names the variables that a template may not use.
type UnknownError struct{ Names []string }

func (e *UnknownError) Error() string { return "unknown variables: " + strings.Join(e.Names, ", ") }

// MissingError names a variable that has no value, and no fallback: {{ name | default: "there" }} or {% if name %}.
type MissingError struct{ Name string }

func (e *MissingError) Error() string { return "no value for " + e.Name }

// ErrTooLong is for output beyond the limits.
var ErrTooLong = errors.New("text too long")

// Parse checks all of a template: its syntax, tags, filters and variables.
func Parse(source string, o Options) (*Template, error) {
	if utf8.RuneCountInString(source) > MaxSource {
		return nil, fmt.Errorf("parse template: %w", ErrTooLong)
	}
	checked, err := checkSource(source, o.HTML)
	if err != nil {
		return nil, fmt.Errorf("parse template: %w", err)
	}
	if o.Known != nil {
		unknown := slices.DeleteFunc(slices.Clone(checked.variables), o.Known)
		if len(unknown) > 0 {
			return nil, fmt.Errorf("parse template: %w", &UnknownError{unknown})
		}
	}
	engine := liquid.NewEngine()
	addFilters(engine)
	parsed, err := parseSource(engine, checked.source)
	if err != nil {
		return nil, fmt.Errorf("parse template: %w", err)
	}
	return &Template{parsed, checked}, nil
}

// parseSource turns the library's panics on some mistakes into errors.
func parseSource(engine *liquid.Engine, source string) (t *liquid.Template, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	t, sourceErr := engine.ParseString(source)
	if sourceErr != nil { // an interface of the library: a nil one isn't a nil error
		return nil, sourceErr
	}
	return t, nil
}

// Variables are the names that the template uses, sorted.
func (t *Template) Variables() []string { return slices.Clone(t.variables) }

// Render fills in values: strings, numbers and booleans, by dotted names. A blank string counts as no value. A variable that
// is the argument of a filter must have a value even where that filter isn't reached.
func (t *Template) Render(values map[string]any) (string, error) {
	bindings, err := t.bindValues(values)
	if err != nil {
		return "", fmt.Errorf("render template: %w", err)
	}
	for _, name := range t.arguments {
		if isMissing(values[name]) {
			return "", fmt.Errorf("render template: %w", &MissingError{name})
		}
	}
	out := &boundedBuffer{}
	if err := t.renderBounded(out, bindings); err != nil {
		return "", fmt.Errorf("render template: %w", err)
	}
	return out.String(), nil
}

// findMissing renders with what there is, and returns the names that were missed; it stops where that fails for another reason.
func (t *Template) findMissing(values map[string]any) []string {
	bindings, err := t.bindValues(values)
	if err != nil {
		return nil
	}
	found := &missingNames{}
	for _, name := range t.arguments {
		if isMissing(values[name]) {
			bindings[t.ids[name]] = found.note(name)
		}
	}
	bindings[missingBinding] = found
	_ = t.renderBounded(&boundedBuffer{}, bindings) // what else is wrong is told by who renders
	return found.names
}

// renderBounded turns the library's panics into errors, and a full buffer into ErrTooLong.
func (t *Template) renderBounded(out *boundedBuffer, bindings map[string]any) (err error) {
	defer func() {
		if p := recover(); p != nil { // the library panics on a failed write, among others
			err = fmt.Errorf("%v", p)
		}
		if out.full {
			err = ErrTooLong
		}
	}()
	if sourceErr := t.parsed.FRender(out, bindings); sourceErr != nil {
		return unwrapFilterError(sourceErr)
	}
	return nil
}

// unwrapFilterError returns the error of one of our filters from within the library's.
func unwrapFilterError(err liquid.SourceError) error {
	var filter expressions.FilterError
	if errors.As(err.Cause(), &filter) && filter.Err != nil {
		return filter.Err
	}
	return err
}

// isMissing reports whether v counts as no value: nil, or a blank string.
func isMissing(v any) bool {
	s, isText := v.(string)
	return v == nil || isText && strings.TrimSpace(s) == ""
}

// bindValues returns the values of the names that the template uses, by their ids.
func (t *Template) bindValues(values map[string]any) (map[string]any, error) {
	bindings := make(map[string]any, len(t.ids))
	for _, name := range t.variables {
		switch v := values[name].(type) {
		case nil:
		case string:
			if len(v) > maxValue {
				return nil, fmt.Errorf("value of %s: %w", name, ErrTooLong)
			}
			if !isMissing(v) {
				bindings[t.ids[name]] = v
			}
		case bool, int, int64, float64:
			bindings[t.ids[name]] = v
		default:
			return nil, fmt.Errorf("value of %s: a %T", name, v)
		}
	}
	return bindings, nil
}

// boundedBuffer is a buffer with a limit.
type boundedBuffer struct {
	strings.Builder
	characters int
	full       bool
}

func (b *boundedBuffer) Write(p []byte) (int, error) {
	if b.characters += utf8.RuneCount(p); b.characters > MaxOutput {
		b.full = true
		return 0, ErrTooLong
	}
	return b.Builder.Write(p)
}
