package template

import (
	"html"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/osteele/liquid"
)

// Our own filters, which no template may name: the checks allow only those of allowedFilters().
const (
	requiredFilter = "outrider_required"
	escapeFilter   = "outrider_escape"
)

// missingBinding is what the names that are missed are noted in, if it is bound; no name of a template is called so, as each has an id.
const missingBinding = "outrider_missing"

// filter is a function of a value and its arguments, all as text; nil is the library's own.
type filter struct {
	least, most int
	apply       func(s string, a, b string) string
}

// allowedFilters are those of Shopify's Liquid that work on text, and first_word. The library's own count bytes instead of letters, or panic on odd
// arguments.
func allowedFilters() map[string]filter {
	plain := func(f func(string) string) filter {
		return filter{0, 0, func(s, _, _ string) string { return f(s) }}
	}
	return map[string]filter{
		"default":    {1, 1, nil},
		"upcase":     plain(strings.ToUpper),
		"downcase":   plain(strings.ToLower),
		"capitalize": plain(capitalizeFirst),
		"strip":      plain(strings.TrimSpace),
		"lstrip":     plain(func(s string) string { return strings.TrimLeftFunc(s, unicode.IsSpace) }),
		"rstrip":     plain(func(s string) string { return strings.TrimRightFunc(s, unicode.IsSpace) }),
		"first_word": plain(firstWord),
		"escape":     plain(html.EscapeString),
		"url_encode": plain(url.QueryEscape),
		"strip_newlines": plain(func(s string) string {
			return strings.NewReplacer("\r", "", "\n", "").Replace(s)
		}),
		"append":        {1, 1, func(s, a, _ string) string { return s + a }},
		"prepend":       {1, 1, func(s, a, _ string) string { return a + s }},
		"remove":        {1, 1, func(s, a, _ string) string { return replaceBounded(s, a, "", -1) }},
		"replace":       {2, 2, func(s, a, b string) string { return replaceBounded(s, a, b, -1) }},
		"replace_first": {2, 2, func(s, a, b string) string { return replaceBounded(s, a, b, 1) }},
	}
}

func capitalizeFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 || first == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

func firstWord(s string) string {
	for word := range strings.FieldsSeq(s) {
		return word
	}
	return ""
}

// replaceBounded returns a text just over the limit instead of building one of gigabytes.
func replaceBounded(s, old, with string, n int) string {
	count := strings.Count(s, old)
	if n >= 0 {
		count = min(count, n)
	}
	if len(s)+count*len(with) > 2*maxValue {
		return strings.Repeat("x", maxValue+1)
	}
	return strings.Replace(s, old, with, n)
}

func addFilters(engine *liquid.Engine) {
	for name, f := range allowedFilters() {
		if f.apply == nil {
			continue
		}
		engine.RegisterFilter(name, func(s, a, b string) (string, error) {
			out := f.apply(s, a, b)
			if len(out) > maxValue {
				return "", ErrTooLong
			}
			return out, nil
		})
	}
	engine.RegisterFilter(escapeFilter, html.EscapeString)
	engine.RegisterFilter(requiredFilter, func(value any, name string, into any) (any, error) {
		if !isMissing(value) {
			return value, nil
		}
		if found, ok := into.(*missingNames); ok {
			return found.note(name), nil
		}
		return nil, &MissingError{name}
	})
}

// missingNames are the variables that a rendering went without, in the order in which they were missed.
type missingNames struct {
	names []string
	known map[string]bool
}

// note returns what stands in for the variable.
func (m *missingNames) note(name string) string {
	if !m.known[name] {
		if m.known == nil {
			m.known = map[string]bool{}
		}
		m.known[name] = true
		m.names = append(m.names, name)
	}
	return "[" + name + "]"
}

// requireValue is what stands after a variable that needs a value.
func requireValue(name string) string {
	return requiredFilter + ": \"" + name + "\", " + missingBinding
}
