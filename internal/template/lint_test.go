package template_test

import (
	"strings"
	"testing"

	"outrider/internal/template"
)

func TestWhatReadsLikeAdvertisingIsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text    string
		subject bool
		want    string // code:text, ...
	}{
		"an ordinary subject":           {"A question about {{ company_name }}", true, ""},
		"capitals":                      {"YOUR LAST CHANCE TO SAVE", true, "shouting:YOUR LAST CHANCE TO SAVE"},
		"capitals of a variable only":   {"{{ company_name | upcase | default: 'THE COMPANY' }} and us", true, ""},
		"a short name":                  {"IBM, SAP", true, ""},
		"two exclamation marks":         {"Look!!", true, "shouting:Look!!"},
		"an ordinary text":              {"Hi Ann,\n\nwould Tuesday suit you?", false, ""},
		"words of advertising":          {"Act now: 100% free! act now", false, "spam_word:act now spam_word:100% free"},
		"a word within another":         {"freedom of choice, reguaranteeing", false, ""},
		"German ones":                   {"Völlig kostenlos", false, "spam_word:kostenlos"},
		"an attachment that isn't sent": {"See the attached file.", false, "mentions_attachment:attached"},
		"tags that would be seen":       {"<p>Hi</p> 3 < 4 > 2", false, "html:<p> html:</p>"},
		"a very long text":              {strings.Repeat("word ", 20_000), false, "too_large:" + strings.Repeat("word ", 8) + "…"},
	} {
		var got []string
		for _, a := range template.Advise(c.text, c.subject) {
			got = append(got, a.Code+":"+a.Text)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %q, want %q", name, s, c.want)
		}
	}
}
