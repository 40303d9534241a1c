package template

import (
	"slices"
	"testing"
)

func TestPlaceholdersOfOtherToolsAreFound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]Foreign{
		"Hi {{firstName}},":           {{"{{firstName}}", "{{ first_name }}"}},
		"Hi %FIRST%, of %%COMPANY%%":  {{"%FIRST%", "{{ first_name }}"}, {"%%COMPANY%%", "{{ company_name }}"}},
		"Hi [Name],":                  {{"[Name]", "{{ first_name }}"}},
		"Hi {first_name}, {name|you}": {{"{first_name}", "{{ first_name }}"}, {"{name|you}", "{{ first_name }}"}},
		"*|FNAME|* ${lastName}":       {{"*|FNAME|*", "{{ first_name }}"}, {"${lastName}", "{{ last_name }}"}},
		"{!Contact.FirstName} <<First Name>> [[company name]] #firstname# ((job title))": {{"{!Contact.FirstName}", "{{ first_name }}"}, {"<<First Name>>", "{{ first_name }}"},
			{"[[company name]]", "{{ company_name }}"}, {"#firstname#", "{{ first_name }}"}, {"((job title))", "{{ job_title }}"}},
		"{{contact.first_name}} {{ First Name }}": {{"{{contact.first_name}}", "{{ first_name }}"}, {"{{ First Name }}", "{{ first_name }}"}},
		"[Your Company] [Sender Name]":            {{"[Your Company]", ""}, {"[Sender Name]", "{{ sender_name }}"}},
		"[Name] and [Name]":                       {{"[Name]", "{{ first_name }}"}},

		"Hi {{ first_name }}, {{ name | default: 'you' }} {{ custom.industry }} {{- city -}}": nil, // Liquid, or a name that the launch tells
		"[here](https://example.com/) [name](https://example.com/) [1] [sic] [...]":           nil,
		"We save 20% on phones, and 30% of them last. 100% of it":                             nil,
		"{% if first_name %}Hi{% endif %}":                                                    nil,
		"see <https://example.com/name> (name) #1 { } {}":                                     nil,
	} {
		if got := FindForeign(text); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func FuzzFindForeign(f *testing.F) {
	for _, s := range []string{"Hi {{firstName}},", "%FIRST% [Name] {first_name}", "*|FNAME|* <<x>> ((name))", "{{{{[[%%##"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := FindForeign(s); len(got) > MaxForeign {
			t.Errorf("%d of them", len(got))
		}
	})
}
