package crm_test

import (
	"testing"
	"time"

	"outrider/events"
	"outrider/internal/app/crm"
)

func TestWhatBothSidesLearn(t *testing.T) {
	t.Parallel()
	early := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	late := early.Add(time.Hour)
	hash := func(v string) string { return "#" + v }
	push, take := crm.Verdict{Push: true}, crm.Verdict{Take: true}
	pushed, taken := crm.Verdict{Push: true, Conflict: true}, crm.Verdict{Take: true, Conflict: true}
	for name, c := range map[string]struct {
		direction, wins string
		ours, theirs    crm.Side
		agreed          string
		want            crm.Verdict
	}{
		"equal values":                        {"both", "ours", crm.Side{"Ann", late}, crm.Side{" Ann ", early}, "", crm.Verdict{}},
		"a blank of ours":                     {"both", "ours", crm.Side{"", late}, crm.Side{"Ann", early}, "#Old", take},
		"a blank of theirs":                   {"both", "theirs", crm.Side{"Ann", early}, crm.Side{"", late}, "#Old", push},
		"a blank isn't brought in":            {"in", "theirs", crm.Side{"Ann", early}, crm.Side{"", late}, "#Ann", crm.Verdict{}},
		"a blank isn't sent out":              {"out", "ours", crm.Side{"", late}, crm.Side{"Ann", early}, "#Ann", crm.Verdict{}},
		"we have changed it":                  {"both", "theirs", crm.Side{"Anna", early}, crm.Side{"Ann", late}, "#Ann", push},
		"they have changed it":                {"both", "ours", crm.Side{"Ann", late}, crm.Side{"Anna", early}, "#Ann", take},
		"both have, and ours wins":            {"both", "ours", crm.Side{"Anna", early}, crm.Side{"Anne", late}, "#Ann", pushed},
		"both have, and theirs wins":          {"both", "theirs", crm.Side{"Anna", late}, crm.Side{"Anne", early}, "#Ann", taken},
		"both have, and theirs is newer":      {"both", "newest", crm.Side{"Anna", early}, crm.Side{"Anne", late}, "#Ann", taken},
		"both have, and ours is newer":        {"both", "newest", crm.Side{"Anna", late}, crm.Side{"Anne", early}, "#Ann", pushed},
		"both have at once":                   {"both", "newest", crm.Side{"Anna", early}, crm.Side{"Anne", early}, "#Ann", pushed},
		"they never agreed":                   {"both", "theirs", crm.Side{"Anna", late}, crm.Side{"Ann", early}, "", taken},
		"only in, whoever has changed it":     {"in", "ours", crm.Side{"Anna", late}, crm.Side{"Ann", early}, "#Ann", take},
		"only out, whoever has changed it":    {"out", "theirs", crm.Side{"Ann", early}, crm.Side{"Anna", late}, "#Ann", push},
		"our own value as a change of theirs": {"both", "newest", crm.Side{"Anna", early}, crm.Side{"Anna", late}, "#Ann", crm.Verdict{}},
	} {
		rule := events.CRMField{Field: "first_name", Remote: "firstname", Direction: c.direction, Wins: c.wins}
		if got := crm.Merge(rule, c.ours, c.theirs, c.agreed, hash); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}
