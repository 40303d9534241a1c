package template_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/internal/template"
)

func seedOf(n byte) template.Seed { return template.SeedOf(uuid.UUID{1}, uuid.UUID{n}) }

func TestAlternativesAreChosenOnceForAPerson(t *testing.T) {
	t.Parallel()
	const text = "{Hi|Hello|Good morning} {{ first_name | default: \"there\" }}, {a {b|c}|d}."
	seen := map[string]bool{}
	for n := range byte(200) {
		got := template.Spin(text, seedOf(n))
		if got != template.Spin(text, seedOf(n)) {
			t.Fatalf("another choice the second time: %q", got)
		}
		if !strings.Contains(got, `{{ first_name | default: "there" }}`) {
			t.Fatalf("Liquid was changed: %q", got)
		}
		seen[got] = true
	}
	if len(seen) != 9 {
		t.Errorf("%d texts of 9: %v", len(seen), seen)
	}
	if before, after := template.Spin("{Hi|Hello} x", seedOf(7)), template.Spin("And so {Hi|Hello} y", seedOf(7)); before[:2] != strings.TrimPrefix(after, "And so ")[:2] {
		t.Errorf("a change elsewhere changes the choice: %q, %q", before, after)
	}
}

func TestBracesThatAreNoAlternativesStay(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"{first_name|there}", "{name}", "${a|b}", "{{ x | upcase }}", "{% if x %}y{% endif %}", "a { b", "a | b", "{}", "{{{name|x}}}", "}{"} {
		if got := template.Spin(text, seedOf(1)); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestAnAnalysisKnowsAllAlternatives(t *testing.T) {
	t.Parallel()
	a := template.Analyze("{Hi|Hello}", "{Dear {{ first_name }}|At {{ company_name }}} {x|{{ unsubscribe_link }}}")
	if a.Problem != "" || a.UnsubscribeLink {
		t.Errorf("a link in one alternative only: %+v", a)
	}
	a = template.Analyze("{Hi|Hello}", "{Dear {{ first_name }}|At {{ company_name }}} {{ unsubscribe_link }}")
	var names []string
	for _, v := range a.Variables {
		names = append(names, v.Name)
	}
	if want := []string{"company_name", "first_name", "unsubscribe_link"}; !slices.Equal(names, want) || !a.UnsubscribeLink {
		t.Errorf("got %+v", a)
	}
	for _, bad := range []string{"{a|{% if x %}b{% endif %}}", strings.Repeat("{a|b}", template.MaxAlternatives+1), "{a|{b|{c|{d|{e|f}}}}}"} {
		if template.Analyze("x", bad).Problem == "" {
			t.Errorf("%.40s is no problem", bad)
		}
	}
}
