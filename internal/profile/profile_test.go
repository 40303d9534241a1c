package profile_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"outrider/internal/profile"
	"outrider/projections"
)

func TestNormalizeProfile(t *testing.T) {
	t.Parallel()
	p := profile.Profile{Email: " Ann@Example.COM ", FirstName: " Ann ", City: "  ", Custom: map[string]string{"size": " 9 ", "empty": " "}}
	if err := p.Normalize(); err != nil {
		t.Fatal(err)
	}
	if p.Email != "ann@example.com" || p.FirstName != "Ann" || p.City != "" || p.Custom["size"] != "9" || len(p.Custom) != 1 {
		t.Errorf("got %+v", p)
	}
	if got := p.Filled(); !slices.Equal(got, []string{"custom.size", "email", "first_name"}) {
		t.Errorf("filled: %v", got)
	}
	for name, bad := range map[string]profile.Profile{
		"email":       {Email: "nobody"},
		"custom":      {Email: "a@example.com", Custom: map[string]string{"A b": "c"}},
		"custom.note": {Email: "a@example.com", Custom: map[string]string{"note": strings.Repeat("x", 2001)}},
	} {
		var f *profile.FieldError
		if err := bad.Normalize(); !errors.As(err, &f) || f.Field != name {
			t.Errorf("got %v, want %s refused", err, name)
		}
	}
}

func TestNormalizePatch(t *testing.T) {
	t.Parallel()
	s := func(v string) *string { return &v }
	p := profile.Patch{Fields: map[string]*string{"city": s(" Rome "), "phone": s(" "), "job_title": nil}, Custom: map[string]*string{"size": nil, "note": s("x")}}
	if err := p.Normalize(); err != nil {
		t.Fatal(err)
	}
	filled, cleared := p.Changes()
	if !slices.Equal(filled, []string{"city", "custom.note"}) || !slices.Equal(cleared, []string{"custom.size", "job_title", "phone"}) {
		t.Errorf("filled %v, cleared %v", filled, cleared)
	}
	for _, bad := range []profile.Patch{{Fields: map[string]*string{"email": nil}}, {Fields: map[string]*string{"email": s("x")}}, {Fields: map[string]*string{"age": s("9")}}} {
		if bad.Normalize() == nil {
			t.Errorf("took %v", bad.Fields)
		}
	}
}

func TestReadersOpenWhatIsSealed(t *testing.T) {
	t.Parallel()
	if profile.LeadField != projections.ProfileField || profile.SuppressionField != projections.SuppressionField {
		t.Error("edge and projections bind ciphertexts to different names")
	}
}
