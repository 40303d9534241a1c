package ailive_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	reading "outrider/consumers/research"
	"outrider/events"
	"outrider/internal/app/models"
	"outrider/internal/es"
	"outrider/internal/evidence"
	"outrider/internal/lab/modelserver"
	"outrider/internal/lab/reactortest"
	"outrider/internal/lab/websites"
	"outrider/internal/llm"
	"outrider/internal/research"
	"outrider/internal/stats"
)

// asked asks the stand-in, and adds up what it costs.
type asked struct {
	at      string
	calls   int
	in, out int
}

func (a *asked) Complete(ctx context.Context, _ uuid.UUID, _ string, r models.Request) (models.Answer, error) {
	c, err := llm.Ask(ctx, http.DefaultClient, llm.Endpoint{BaseURL: a.at, Key: "k"}, "stand-in", fmt.Sprint(a.calls), r.Prompt)
	a.calls, a.in, a.out = a.calls+1, a.in+c.InputTokens, a.out+c.OutputTokens
	return models.Answer{Completion: c}, err
}

// TestFactsAndCostWithAModel reads the sites of made-up companies by rules and by a stand-in that makes every fifth page's fact up, writes to somebody of each, and holds what is found
// against what is true: nothing may be wrong, and of what is said in prose most must be found. It prints what a lead costs by list prices.
func TestFactsAndCostWithAModel(t *testing.T) {
	t.Parallel()
	const sites = 100
	now := reactortest.Noon()
	var all []websites.Company
	for i := range sites {
		all = append(all, websites.Company{Domain: fmt.Sprintf("company%d.example", i+1), Name: fmt.Sprintf("%s %d", []string{"Alder Foods", "Birch Energy", "Cedar Tools"}[i%3], i+1)})
	}
	world := websites.New(3, now, all)
	web := httptest.NewServer(world)
	t.Cleanup(web.Close)
	writer := &modelserver.Liar{Every: 5}
	model := &modelserver.Server{Answer: writer.Answer}
	served := httptest.NewServer(model)
	t.Cleanup(served.Close)
	f := research.NewFetcher(research.FetchConfig{StandIn: strings.TrimPrefix(web.URL, "http://"), Timeout: time.Minute})
	t.Cleanup(f.Close)
	extracting, writing := &asked{at: served.URL + "/v1"}, &asked{at: served.URL + "/v1"}
	found, right, dropped := 0, 0, 0
	recall := map[string][2]int{}
	begun := time.Now()
	for _, c := range all {
		site, err := f.ReadSite(t.Context(), c.Domain, nil, research.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		facts := research.Find(site, c.Domain, []string{c.Name}, now)
		more, err := (reading.ModelExtractor{Models: extracting}).Extract(t.Context(), &es.Event{ID: es.NewID()}, events.ResearchRef{}, site, reading.Subject{Names: []string{c.Name}})
		if err != nil {
			t.Fatal(err)
		}
		facts = research.Merge(facts, more.Facts, site)
		dropped += facts.Unsupported
		truth, known := world.Site(c.Domain), map[string]bool{}
		for _, x := range facts.Facts {
			found++
			known[x.Predicate] = true
			if truth.IsTrue(x.Predicate, x.Object) {
				right++
			} else {
				t.Errorf("%s (%s): %s %q isn't true: %q, by %s", c.Domain, truth.Kind, x.Predicate, x.Object, x.Quote, x.Method)
			}
		}
		for _, s := range truth.True {
			if s.Readable {
				n := recall[s.Form]
				n[0]++
				if known[s.Predicate] {
					n[1]++
				}
				recall[s.Form] = n
			}
		}
		write(t, writing, c, facts.Facts)
	}
	took := time.Since(begun)
	text := fmt.Sprintf("%d sites: %d facts, %d right; %d made up by the model, %d dropped as the page doesn't say them\n", sites, found, right, writer.LiesOfPages(), dropped)
	for _, form := range slices.Sorted(maps.Keys(recall)) {
		n := recall[form]
		i := stats.Wilson(stats.Arm{N: n[0], Successes: n[1]}, 0.95)
		text += fmt.Sprintf("recall of %-9s %3d of %3d (%.1f to %.1f %%)\n", form, n[1], n[0], 100*i.Low, 100*i.High)
	}
	price := events.AIPrice{Input: 400_000, Cached: 100_000, Output: 1_600_000} // gpt-4.1-mini's list price
	cost := func(a *asked) float64 { return float64(price.CostOf(a.in, 0, a.out)) / 1e6 / sites }
	text += fmt.Sprintf("a company: %.1f calls, %d tokens in, %d out, $%.6f; a message: %d in, %d out, $%.6f, at $0.40 and $1.60 a million\n", float64(extracting.calls)/sites, extracting.in/sites, extracting.out/sites, cost(extracting),
		writing.in/sites, writing.out/sites, cost(writing))
	text += fmt.Sprintf("our own part takes %s a lead\n", (took / sites).Round(time.Millisecond))
	t.Log("\n" + text)
	if n := recall["prose"]; n[0] < 20 || 100*n[1] < 90*n[0] {
		t.Errorf("of prose too little is found: %v", n)
	}
	if writer.LiesOfPages() == 0 || dropped == 0 {
		t.Error("nothing was made up")
	}
}

// write asks for a message of the usual length with what was found.
func write(t *testing.T, by *asked, c websites.Company, facts []research.Fact) {
	t.Helper()
	r := llm.Request{Instructions: "Follow the example closely.", Subject: "A question", Body: strings.Repeat("We help teams like yours to write to the right people. ", 8), Approved: []string{"Hi Ann,", "Shall we talk?", "A question"}}
	for i, x := range facts {
		r.Facts = append(r.Facts, llm.Fact{ID: fmt.Sprint("f", i+1), Text: evidence.Address(evidence.Fact{About: evidence.AboutCompany, Names: []string{c.Name}, Predicate: x.Predicate, Object: x.Object})})
	}
	prompt, err := llm.PromptFor(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := by.Complete(t.Context(), uuid.Nil, events.AITaskWrite, models.Request{Prompt: prompt}); err != nil {
		t.Fatal(err)
	}
}
