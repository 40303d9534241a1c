package template

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// shapes are templates that grow in one way each.
func shapes() map[string]func(n int) string {
	each := func(form string) func(n int) string {
		return func(n int) string {
			var b strings.Builder
			for i := range n {
				fmt.Fprintf(&b, form, i)
			}
			return b.String()
		}
	}
	within := func(begin, middle, end string) func(n int) string {
		return func(n int) string { return begin + strings.Repeat(middle, n) + end }
	}
	return map[string]func(n int) string{
		"names that nobody has": each("{{ v%d }}"), "assigned names": each("{%% assign v%d = a %%}"), "one name": within("", "{{ a }}", ""),
		"conditions": within("", "{% if a %}x{% endif %}", ""), "nested conditions": func(n int) string { return strings.Repeat("{% if a %}", n) + "x" + strings.Repeat("{% endif %}", n) },
		"else if": within("{% if a %}", "{% elsif b %}x", "{% endif %}"), "cases": within("{% case a %}", "{% when 'b' %}x", "{% endcase %}"), "values of a case": within("{% case a %}{% when 'b'", ", 'c'", " %}x{% endcase %}"),
		"a long condition": within("{% if a", " and a", " %}x{% endif %}"), "arguments": within("{{ a | append: 'x'", ", 'x'", " }}"), "filters": within("{{ a", " | upcase", " }}"), "filters in turn": within("", "{{ a | upcase }}", ""),
		"comments": within("", "{% comment %}x{% endcomment %}", ""), "raw parts": within("", "{% raw %}x{% endraw %}", ""), "open comments": within("", "{% comment %}", ""), "lines": within("", "a\n", ""),
		"braces": within("", "{ ", ""), "open values": within("", "{{", ""), "open tags": within("", "{%", ""), "quotes": within("{{ ", "'", " }}"), "brackets": within("", "[", ""), "marks": within("", "#a ", ""),
	}
}

// previewed does all that a preview does with a text.
func previewed(text string) {
	_ = FindForeign(text)
	m, err := ParseMessage("s", text)
	if err != nil {
		return
	}
	_ = m.Variables()
	values := map[string]any{}
	_ = m.FillMissing(values)
	_, _ = m.Body.Render(values)
}

// What a text costs grows with its length and no faster: measured in bytes, which are the same on every machine.
func TestATextCostsWhatItsLengthSays(t *testing.T) { //nolint:paralleltest // counts what the process allocates
	cost := func(text string) float64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		previewed(text)
		runtime.ReadMemStats(&after)
		return float64(after.TotalAlloc - before.TotalAlloc)
	}
	previewed("x")
	for name, text := range shapes() {
		small, large := cost(text(500)), cost(text(2000))
		if ratio := large / small; ratio > 7 {
			t.Errorf("%s: four times the text costs %.1f times as much", name, ratio)
		}
	}
}

func BenchmarkPreview(b *testing.B) {
	for name, text := range shapes() {
		for _, n := range []int{500, 2000} {
			b.Run(fmt.Sprintf("%s/%d", strings.ReplaceAll(name, " ", "_"), n), func(b *testing.B) {
				whole := text(n)
				for b.Loop() {
					previewed(whole)
				}
			})
		}
	}
}

func TestATextHasAtMostFiftyFilters(t *testing.T) {
	t.Parallel()
	for text, fits := range map[string]bool{
		strings.Repeat("{{ a | upcase }}", MaxFilters):                                true,
		strings.Repeat("{{ a | upcase }}", MaxFilters) + "{{ b | strip }}":            false,
		"{{ a" + strings.Repeat(" | upcase", MaxFilters+1) + " }}":                    false,
		strings.Repeat("{% assign b = a | upcase %}", MaxFilters) + "{{ b | strip }}": false,
	} {
		if _, err := Parse(text, Options{}); (err == nil) != fits {
			t.Errorf("%.60s: %v", text, err)
		}
	}
}

func TestWhatIsMissedLeadsToMore(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"{{ a }}{{ b }}{{ a }}":                                           "a b",
		"{% if a %}{{ b }}{% endif %}{{ a }}":                             "a b",
		"{% if a %}{{ b }}{% endif %}":                                    "",
		"{{ a | append: b }}":                                             "b a",
		"{{ a | default: 'x' }}{{ c | upcase }}{{ c }}":                   "c",
		"{% assign x = a | upcase %}{{ x }}":                              "a",
		"{% if c %}{{ d }}{% endif %}{% if b %}{{ c }}{% endif %}{{ b }}": "b c d",
	} {
		m, err := ParseMessage("s", text)
		if err != nil {
			t.Fatal(err)
		}
		values := map[string]any{}
		if got := strings.Join(m.FillMissing(values), " "); got != want {
			t.Errorf("%s: missing %q, want %q", text, got, want)
		}
		if _, err := m.Body.Render(values); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
