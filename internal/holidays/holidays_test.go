package holidays_test

import (
	"slices"
	"testing"

	"outrider/internal/holidays"
	"outrider/internal/zone"
)

func TestKnownDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		country, date string
		free          bool
	}{
		{"DE", "2026-12-25", true}, {"DE", "2026-04-03", true}, {"DE", "2026-10-03", true}, {"DE", "2026-12-24", false}, {"DE", "2026-10-31", false},
		{"US", "2026-11-26", true}, {"US", "2026-07-03", true}, {"US", "2026-11-25", false}, // Independence Day falls on a Saturday
		{"GB", "2026-05-04", true}, {"GB", "2026-05-05", false}, {"FR", "2026-07-14", true}, {"AU", "2026-04-25", true}, {"US", "2027-01-01", true},
	} {
		x, ok := holidays.Find(c.country)
		if !ok {
			t.Errorf("%s isn't known", c.country)
			continue
		}
		if got := slices.ContainsFunc(x.Days(2026, 2027), func(d holidays.Day) bool { return d.Date == c.date }); got != c.free {
			t.Errorf("%s, %s: %v", c.country, c.date, got)
		}
	}
}

// TestEveryCountryIsWhole wants of each some days a year, in order, and zones that there are.
func TestEveryCountryIsWhole(t *testing.T) {
	t.Parallel()
	of := map[string]string{}
	for _, c := range holidays.Countries() {
		days := c.Days(2026, 2028)
		if len(days) < 15 || len(days) > 90 || len(c.Zones) == 0 {
			t.Errorf("%s has %d days and %d zones", c.Code, len(days), len(c.Zones))
		}
		for i, d := range days {
			if d.Name == "" || i > 0 && days[i-1].Date >= d.Date {
				t.Errorf("%s: day %d is %+v", c.Code, i, d)
			}
		}
		for _, z := range c.Zones {
			if !zone.Known(z) || of[z] != "" {
				t.Errorf("%s: zone %s, which is %s's", c.Code, z, of[z])
			}
			of[z] = c.Code
		}
	}
}
