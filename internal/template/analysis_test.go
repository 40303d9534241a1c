package template

import (
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAnalyze(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for i := range MaxVariables + 1 {
		many.WriteString("{{ v" + strconv.Itoa(i) + " }}")
	}
	for name, c := range map[string]struct {
		subject, body string
		want          Analysis
	}{
		"names of both texts, sorted, once": {"{{ b }}", "{{ b }}{{ a }}", Analysis{Variables: []Variable{{"a", false}, {"b", false}}}},
		"a fallback":                        {"s", `{{ a | default: "x" }}`, Analysis{Variables: []Variable{{"a", true}}}},
		"a condition needs no value":        {"s", "{% if a %}x{% endif %}", Analysis{Variables: []Variable{{"a", true}}}},
		"a link in the body":                {"s", "{{ unsubscribe_link }}", Analysis{Variables: []Variable{{"unsubscribe_link", false}}, UnsubscribeLink: true}},
		"a link in the subject is none":     {"{{ unsubscribe_link }}", "b", Analysis{Variables: []Variable{{"unsubscribe_link", false}}}},
		"a link on a condition is none":     {"s", "{% if a %}{{ unsubscribe_link }}{% endif %}", Analysis{Variables: []Variable{{"a", true}, {"unsubscribe_link", true}}}},
		"nor is one that is asked for":      {"s", "{% if unsubscribe_link %}x{% endif %}", Analysis{Variables: []Variable{{"unsubscribe_link", true}}}},
		"nor one that is cut":               {"s", "{{ unsubscribe_link | upcase }}", Analysis{Variables: []Variable{{"unsubscribe_link", false}}}},
		"behind a condition it is one":      {"s", "{% if a %}x{% endif %}{{- unsubscribe_link -}}", Analysis{Variables: []Variable{{"a", true}, {"unsubscribe_link", false}}, UnsubscribeLink: true}},
		"an address in the body":            {"s", "{{ postal_address }}", Analysis{Variables: []Variable{{"postal_address", false}}}},
		"in the subject it is none":         {"{{ postal_address }}", "b", Analysis{}},
		"nor on a condition":                {"s", "{% unless a %}{{ postal_address }}{% endunless %}", Analysis{Variables: []Variable{{"a", true}}}},
		"an empty subject":                  {" ", "b", Analysis{Problem: "subject: it is empty"}},
		"an empty body":                     {"s", "\n", Analysis{Problem: "body: it is empty"}},
		"a loop":                            {"s", "{% for x in y %}", Analysis{Problem: "body: line 1: tag for isn't allowed"}},
		"more names than anybody has":       {"s", many.String(), Analysis{Problem: "more than 100 variables"}},
	} {
		if got := Analyze(c.subject, c.body); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	if p := Analyze("s", "{{ "+strings.Repeat("é ", 400)+"}}").Problem; p == "" || utf8.RuneCountInString(p) > MaxProblem || strings.ToValidUTF8(p, "") != p {
		t.Errorf("a long problem is %q", p)
	}
	var wrong *FieldError
	if _, err := ParseMessage("s", ""); !errors.As(err, &wrong) || wrong.Field != "body" || wrong.Reason() != "it is empty" || !errors.Is(err, errBlank) {
		t.Errorf("got %v", err)
	}
}
