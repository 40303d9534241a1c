package websites_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"outrider/internal/lab/websites"
	"outrider/internal/research"
	"outrider/internal/stats"
)

func companies(n int) (out []websites.Company) {
	for i := range n {
		out = append(out, websites.Company{Domain: fmt.Sprintf("company%d.example", i+1), Name: fmt.Sprintf("%s %d", []string{"Alder Foods", "Birch Energy", "Cedar Tools"}[i%3], i+1)})
	}
	return out
}

// tally counts facts of a kind.
type tally struct{ all, right int }

func (c tally) String() string {
	if c.all == 0 {
		return "-"
	}
	i := stats.Wilson(stats.Arm{N: c.all, Successes: c.right}, 0.95)
	return fmt.Sprintf("%d of %d, %.1f %% (%.1f to %.1f)", c.right, c.all, 100*float64(c.right)/float64(c.all), 100*i.Low, 100*i.High)
}

// TestFactsOfSites reads the sites of made-up companies by rules alone, and holds what is found against what is true: nothing may be wrong, and of what
// rules are made for most must be found.
func TestFactsOfSites(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	all := companies(200)
	world := websites.New(1, now, all)
	server := httptest.NewServer(world)
	t.Cleanup(server.Close)
	f := research.NewFetcher(research.FetchConfig{StandIn: strings.TrimPrefix(server.URL, "http://"), Timeout: time.Minute})
	t.Cleanup(f.Close)
	var precision tally
	recall, forms, outcomes := map[string]tally{}, map[string]tally{}, map[string]int{}
	dropped := research.Facts{}
	began := time.Now()
	for _, c := range all {
		site, err := f.ReadSite(context.Background(), c.Domain, nil, research.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		truth := world.Site(c.Domain)
		outcomes[site.Outcome]++
		found := research.Find(site, c.Domain, []string{c.Name}, now)
		dropped.Unsupported, dropped.Contrary, dropped.Old = dropped.Unsupported+found.Unsupported, dropped.Contrary+found.Contrary, dropped.Old+found.Old
		known := map[string]bool{}
		for _, x := range found.Facts {
			precision.all++
			known[x.Predicate] = true
			if truth.IsTrue(x.Predicate, x.Object) {
				precision.right++
			} else {
				t.Errorf("%s (%s): %s %q isn't true: %q", c.Domain, truth.Kind, x.Predicate, x.Object, x.Quote)
			}
		}
		for _, s := range truth.True {
			if !s.Readable && known[s.Predicate] {
				t.Errorf("%s (%s): %s is known, though it can't be read", c.Domain, truth.Kind, s.Predicate)
			}
			if !s.Readable {
				continue
			}
			count(recall, s.Predicate, known[s.Predicate])
			count(forms, s.Form, known[s.Predicate])
			if !known[s.Predicate] && s.Form != "prose" {
				t.Logf("%s (%s): %s %q, said as %s, isn't found", c.Domain, truth.Kind, s.Predicate, s.Object, s.Form)
			}
		}
		if truth.Kind == websites.DisallowSome && world.Asked(c.Domain, "/about") > 0 || truth.Kind == websites.RobotsFail && world.Asked(c.Domain, "/") > 0 {
			t.Errorf("%s: what robots.txt forbids was asked for", c.Domain)
		}
	}
	report := fmt.Sprintf("%d sites in %s: %v\nprecision: %s\ndropped: %d whose words aren't in the page, %d contradicted, %d too old\n", len(all), time.Since(began).Round(time.Millisecond), outcomes, precision,
		dropped.Unsupported, dropped.Contrary, dropped.Old)
	for _, p := range []string{"founded", "employees", "location", "uses", "makes", "hiring", "launched", "opened", "raised"} {
		report += fmt.Sprintf("recall of %-10s %s\n", p, recall[p])
	}
	for _, form := range []string{"data", "sentence", "german", "headline", "prose"} {
		report += fmt.Sprintf("recall of %-10s %s\n", form, forms[form])
	}
	t.Log("\n" + report)
	for _, form := range []string{"data", "sentence", "german", "headline"} { // prose is for a model
		if c := forms[form]; c.all < 20 || 100*c.right < 95*c.all {
			t.Errorf("of what is said as %s too little is found: %s", form, c)
		}
	}
}

func count(in map[string]tally, key string, right bool) {
	c := in[key]
	c.all++
	if right {
		c.right++
	}
	in[key] = c
}
