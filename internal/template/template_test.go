package template_test

import (
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"outrider/internal/template"
)

func TestRendering(t *testing.T) {
	t.Parallel()
	values := map[string]any{"first_name": " zoë", "company": "A & B <Co>", "custom.industry": "tools", "blank": "  ", "staff": 12, "tier": "gold"}
	for name, c := range map[string]struct{ source, want, missing string }{
		"a value":                                     {"Hi {{ company }}!", "Hi A & B <Co>!", ""},
		"a dotted name":                               {"{{custom.industry}}", "tools", ""},
		"a number":                                    {"{{ staff }}", "12", ""},
		"filters":                                     {`{{ first_name | strip | capitalize | append: "!" }}`, "Zoë!", ""},
		"a filter with a variable":                    {`{{ "Dear " | append: company }}`, "Dear A & B <Co>", ""},
		"a missing value":                             {"Hi {{ last_name }}", "", "last_name"},
		"a blank value":                               {"Hi {{ blank }}", "", "blank"},
		"a missing value behind a filter":             {"Hi {{ last_name | upcase }}", "", "last_name"},
		"a missing dotted name":                       {"{{ custom.size }}", "", "custom.size"},
		"a missing argument":                          {`{{ "Dear " | append: last_name }}`, "", "last_name"},
		"a fallback":                                  {`Hi {{ last_name | default: "there" }}`, "Hi there", ""},
		"an empty fallback is meant":                  {`Hi{{ last_name | default: "" }}`, "Hi", ""},
		"a fallback for a blank value":                {`Hi {{ blank | default: 'there' | upcase }}`, "Hi THERE", ""},
		"a fallback that comes too late":              {`{{ last_name | append: "!" | default: "x" }}`, "", "last_name"},
		"a fallback that is a variable":               {`{{ last_name | default: company }}`, "A & B <Co>", ""},
		"a fallback that is missing itself":           {`{{ last_name | default: blank }}`, "", "last_name"},
		"a second fallback":                           {`{{ last_name | default: blank | default: "you" }}`, "you", ""},
		"a condition":                                 {"{% if last_name %}Dr. {{ last_name }}{% else %}{{ company }}{% endif %}", "A & B <Co>", ""},
		"a condition that a blank value doesn't meet": {"{% if blank %}{{ blank }}{% else %}none{% endif %}", "none", ""},
		"comparisons":                                 {`{% if staff > 10 and tier == "gold" %}big{% elsif staff >= 5 %}mid{% endif %}`, "big", ""},
		"cases":                                       {`{% case tier %}{% when "silver", "gold" %}yes{% else %}no{% endcase %}`, "yes", ""},
		"an assignment":                               {`{% assign who = first_name | strip %}{{ who | upcase }}`, "ZOË", ""},
		"an assignment of nothing":                    {`{% assign who = last_name %}{% if who %}{{ who }}{% else %}x{% endif %}`, "x", ""},
		"an assignment of nothing that is used":       {`{% assign who = last_name %}{{ who }}`, "", "who"},
		"an assignment of half a text":                {`{% assign who = last_name | append: "!" %}{{ who }}`, "", "last_name"},
		"blanks are cut where asked":                  {"a {{- tier -}} b", "agoldb", ""},
		"raw and comments":                            {"{% raw %}{{ x }}{% endraw %}{% comment %}{{ y }} {% nonsense %}{% endcomment %}", "{{ x }}", ""},
		"replacing":                                   {`{{ tier | replace: "g", "b" | replace_first: "o", "" | remove: "d" }}`, "bl", ""},
		"the first word":                              {`{{ company | first_word }}`, "A", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parsed, err := template.Parse(c.source, template.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := parsed.Render(values)
			var missing *template.MissingError
			if errors.As(err, &missing); c.missing != "" {
				if missing == nil || missing.Name != c.missing || got != "" {
					t.Errorf("got %q, %v; want %s to be missing", got, err, c.missing)
				}
				return
			}
			if err != nil || got != c.want {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestMistakesAreFoundBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]string{
		"an unfinished variable":         "Hi {{ first_name",
		"one brace too few":              "Hi {{ first_name }",
		"a variable over two lines":      "Hi {{ first_name |\n upcase }}",
		"a loose end":                    "Hi first_name }}",
		"an unfinished tag":              "{% if first_name ",
		"an unfinished condition":        "{% if first_name %}x",
		"an end too many":                "x{% endif %}",
		"an unknown filter":              "{{ first_name | shout }}",
		"our own filter":                 `{{ first_name | outrider_required: "x" }}`,
		"files":                          `{% include "/etc/passwd" %}`,
		"loops":                          "{% for i in (1..1000000000) %}{% endfor %}",
		"captures":                       "{% capture x %}y{% endcapture %}",
		"cycles":                         `{% cycle "a", "b" %}`,
		"a range":                        "{{ (1..1000000000) }}",
		"an index":                       `{{ first_name["x"] }}`,
		"two values":                     "{{ first_name last_name }}",
		"nothing":                        "{{ | upcase }}",
		"no filter":                      "{{ first_name | }}",
		"an argument too many":           `{{ first_name | upcase: "x" }}`,
		"an argument too few":            "{{ first_name | default }}",
		"an argument without a colon":    `{{ first_name | default "x" }}`,
		"a filter in a condition":        "{% if first_name | size > 3 %}{% endif %}",
		"an assigned variable to append": `{% assign a = tier %}{{ "x" | append: a }}`,
		"a condition without operand":    "{% if and first_name %}{% endif %}",
		"a huge template":                strings.Repeat("x", template.MaxSource+1),
		"an assignment to nothing":       `{% assign = "x" %}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if parsed, err := template.Parse(source, template.Options{}); err == nil {
				got, err := parsed.Render(map[string]any{"first_name": "x", "last_name": "y", "tier": "z"})
				t.Errorf("accepted; renders %q, %v", got, err)
			}
		})
	}
}

func TestOnlyKnownVariablesMayBeUsed(t *testing.T) {
	t.Parallel()
	known := func(name string) bool {
		return slices.Contains([]string{"first_name", "company"}, name) || strings.HasPrefix(name, "custom.")
	}
	source := `{{ first_name }} {% assign x = custom.a %}{{ x }} {% if company == y %}{{ z | default: w }}{% endif %}{{ "a" | append: v }}`
	_, err := template.Parse(source, template.Options{Known: known})
	var unknown *template.UnknownError
	if !errors.As(err, &unknown) || !slices.Equal(unknown.Names, []string{"v", "w", "y", "z"}) {
		t.Errorf("got %v", err)
	}
	parsed, err := template.Parse(source, template.Options{})
	if want := []string{"company", "custom.a", "first_name", "v", "w", "y", "z"}; err != nil || !slices.Equal(parsed.Variables(), want) {
		t.Errorf("got %v, %v", parsed.Variables(), err)
	}
}

func TestValuesAreEscapedInHTML(t *testing.T) {
	t.Parallel()
	parsed, err := template.Parse(`<b>{{ x }}</b>{{ y | default: "<" }}{{- x | upcase -}} z`, template.Options{HTML: true})
	if err != nil {
		t.Fatal(err)
	}
	got, err := parsed.Render(map[string]any{"x": `<script>"&`})
	if want := `<b>&lt;script&gt;&#34;&amp;</b>&lt;&lt;SCRIPT&gt;&#34;&amp;z`; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestGrowthIsBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 60000)
	for name, source := range map[string]string{
		"doubling": "{{ x" + strings.Repeat(` | replace: "a", "aa"`, 40) + " }}",
		"squaring": `{{ x | replace: "a", y }}`,
		"between":  `{{ x | replace: "", y }}`,
		"assigned": strings.Repeat(`{% assign x = x | append: y %}`, 40) + "{{ x }}",
		"output":   "{{ x }}{{ x }}{{ x }}{{ x }}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parsed, err := template.Parse(source, template.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := parsed.Render(map[string]any{"x": long, "y": long}); !errors.Is(err, template.ErrTooLong) || got != "" {
				t.Errorf("got %d bytes, %v", len(got), err)
			}
		})
	}
}

// Not in parallel: it looks at what the process allocates.
func TestNothingHugeIsBuiltOnTheWay(t *testing.T) {
	parsed, err := template.Parse(`{{ x | replace: "a", y }}`, template.Options{})
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("a", 30000) // 900 MB in one step
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := parsed.Render(map[string]any{"x": long, "y": long}); !errors.Is(err, template.ErrTooLong) {
		t.Errorf("got %v", err)
	}
	if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > 100<<20 {
		t.Errorf("allocated %d bytes", after.TotalAlloc-before.TotalAlloc)
	}
}

func TestADottedNameIsJustAName(t *testing.T) {
	t.Parallel()
	parsed, err := template.Parse("{{ a }} {{ a.size }} {{ a.first }}{% if a.size == '2' %}!{% endif %}", template.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := parsed.Render(map[string]any{"a": "1", "a.size": "2", "a.first": "3"}); err != nil || got != "1 2 3!" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := parsed.Render(map[string]any{"a": []string{"x"}}); err == nil {
		t.Error("a list was accepted")
	}
}

// No template makes it panic, and what is rendered has no braces left.
func FuzzParseAndRender(f *testing.F) {
	for _, s := range []string{"Hi {{ a | default: \"x\" }}", "{% if a == 'b' %}{{- a.b -}}{% else %}{% endif %}", "{% assign x = a | upcase %}{{ x }}", "{% case a %}{% when 1, 2 %}{% endcase %}", "{{ 'a' | replace: 'a', b }}", "{% raw %}{{ {% endraw %}"} {
		f.Add(s, "v")
	}
	f.Fuzz(func(t *testing.T, source, value string) {
		parsed, err := template.Parse(source, template.Options{})
		if err != nil {
			return
		}
		got, err := parsed.Render(map[string]any{"a": value, "b": "x"})
		if err == nil && !strings.Contains(source, "raw") && !strings.ContainsAny(source, `"'`) && !strings.ContainsAny(value, "{}") && (strings.Contains(got, "{{") || strings.Contains(got, "%}")) {
			t.Errorf("%q renders %q", source, got)
		}
	})
}

func BenchmarkRender(b *testing.B) {
	parsed, err := template.Parse(`Hi {{ first_name | default: "there" }}, {% if company %}how is {{ company }}?{% endif %} Yours, {{ sender }}`, template.Options{})
	if err != nil {
		b.Fatal(err)
	}
	values := map[string]any{"first_name": "Zoë", "company": "Example", "sender": "Lee"}
	for b.Loop() {
		if _, err := parsed.Render(values); err != nil {
			b.Fatal(err)
		}
	}
}
