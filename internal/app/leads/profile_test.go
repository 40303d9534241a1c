package leads_test

import (
	"maps"
	"slices"
	"testing"

	"outrider/internal/app/leads"
	"outrider/internal/leadfields"
	"outrider/internal/profile"
	"outrider/projections"
)

// A typed field is known to all or to none: the table, profiles and the read model.
func TestEveryoneKnowsTheSameFields(t *testing.T) {
	t.Parallel()
	row := &projections.Lead{Custom: []byte("{}")}
	if got, want := slices.Sorted(maps.Keys(row.PersonalFields())), slices.Sorted(slices.Values(profile.Names())); !slices.Equal(got, want) {
		t.Errorf("the read model has %v, want %v", got, want)
	}
	for _, f := range leadfields.All() {
		var p profile.Profile
		*p.Field(f.Name) = "x"
		if filled := p.Filled(); !slices.Equal(filled, []string{f.Name}) {
			t.Errorf("%s is kept in %v", f.Name, filled)
		}
	}
	city := "Rome"
	row.City = &city
	if p, err := leads.ProfileOf(row); err != nil || p.City != "Rome" || p.Email != "" {
		t.Errorf("got %+v, %v", p, err)
	}
}
