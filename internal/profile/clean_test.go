package profile_test

import (
	"strings"
	"testing"
	"unicode"

	"outrider/internal/profile"
)

func TestCleanText(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"An\u0007n":                    "Ann",
		"A\u001bB\u009b":               "AB",
		"\u0000":                       "",
		" \u200b\ufeffAnn\u00a0\u2060": "Ann",
		"a\r\nb\rc\u2028d\te":          "a\nb\nc\nd\te",
		"\u0007 Ann \u0007":            "Ann",
		"👩‍👩‍👧":                        "👩‍👩‍👧",
		"محمد":                         "محمد",
		"🤝🏽":                           "🤝🏽",
	} {
		if got := profile.CleanText(typed); got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
	if got := profile.CleanLine("First\r\n \tName "); got != "First Name" {
		t.Errorf("got %q", got)
	}
}

func TestControlCharactersReachNoProfile(t *testing.T) {
	t.Parallel()
	s := func(v string) *string { return &v }
	p := profile.Profile{Email: "ann@example.com", FirstName: "An\u0007n", Custom: map[string]string{"size": "\u001b9"}}
	patch := profile.Patch{Fields: map[string]*string{"first_name": s("An\u0007n"), "city": s("\u001b")}, Custom: map[string]*string{"size": s("\u001b9")}}
	if err := p.Normalize(); err != nil || p.FirstName != "Ann" || p.Custom["size"] != "9" {
		t.Errorf("got %+v, %v", p, err)
	}
	if err := patch.Normalize(); err != nil || *patch.Fields["first_name"] != "Ann" || patch.Fields["city"] != nil || *patch.Custom["size"] != "9" {
		t.Errorf("got %+v, %v", patch, err)
	}
}

func FuzzCleanText(f *testing.F) {
	f.Add("\u0085a\u0000\r\n")
	f.Fuzz(func(t *testing.T, typed string) {
		once := profile.CleanText(typed)
		if again := profile.CleanText(once); again != once {
			t.Errorf("%q gave %q, which gives %q", typed, once, again)
		}
		if strings.IndexFunc(once, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) >= 0 {
			t.Errorf("%q gave %q", typed, once)
		}
	})
}
