package chaos

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/net/html"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/lab/websites"
	"outrider/projections"
)

// sites are the web sites of the companies of a tenant's people. They are read by rules and by the model, which makes something up now and then.
type sites struct {
	world *websites.World
	flags []string // of processes that read them
}

// researched is how many companies the tenant's people work at.
const researched = 60

func researchedDomain(n int) string { return fmt.Sprintf("company-%d.example", n) }

func (s *system) startSites() error {
	l, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		return err
	}
	var all []websites.Company
	for n := range researched {
		all = append(all, websites.Company{Domain: researchedDomain(n), Name: fmt.Sprint("Company ", n)})
	}
	s.sites = sites{websites.New(s.cfg.Seed, time.Now(), all), []string{"--research-sites", l.Addr().String()}}
	web := &http.Server{Handler: s.sites.world, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = web.Serve(l) }() // until it is closed
	s.closers = append(s.closers, func() { _ = web.Close() })
	return nil
}

// wantResearch has the companies of a tenant's people looked at. Nobody waits for it.
func (c *client) wantResearch(ctx context.Context, t *tenant) (err error) {
	if c.l.s.sites.world == nil {
		return nil
	}
	for _, r := range []request{
		t.writeAsTenant("set research", http.MethodPut, "/v1/research/settings", map[string]any{"off": false, "pages_a_site": 4, "pages_per_day": 100_000, "keep_days": 1}),
		t.writeAsTenant("set research of campaign", http.MethodPut, "/v1/campaigns/"+t.campaign.String()+"/research", map[string]any{"on": true, "wait_minutes": 0, "pages_per_day": 0}),
	} {
		if t.position, err = c.mustAsk(ctx, r, nil); err != nil {
			return err
		}
	}
	c.l.s.ai.tenant = t
	return nil
}

// aiLimit is what the tenant's models may cost, in micro-dollars: less than a long run asks for.
const aiLimit = 4_000_000

// aiBudget is what the log says of an organisation's own limit.
type aiBudget struct {
	limit, taken int64
	open         map[uuid.UUID]int64 // what calls have reserved
}

// aiBudgets are those of organisations that have one.
type aiBudgets map[uuid.UUID]*aiBudget

func (a aiBudgets) see(e *es.Event, res *Result) {
	var of struct {
		CallID uuid.UUID `json:"call_id"`
		Limit  int64     `json:"limit_micros"`
		AtMost int64     `json:"at_most_micros"`
		Cost   int64     `json:"cost_micros"`
	}
	if es.Unmarshal(e.Data, &of) != nil {
		return
	}
	b := a[e.Org]
	if b == nil {
		b = &aiBudget{open: map[uuid.UUID]int64{}}
		a[e.Org] = b
	}
	switch e.Type {
	case "ai.settings_changed.v1", "ai.settings_changed.v2":
		b.limit = of.Limit
	case "ai_call.reserved.v1":
		b.open[of.CallID] = of.AtMost
		if b.taken += of.AtMost; b.limit > 0 && b.taken > b.limit {
			res.addFinding(&res.AICostDiff, "organisation %s has %d micro-dollars reserved and spent with call %s, of %d", e.Org, b.taken, of.CallID, b.limit)
		}
	case "ai_call.settled.v1":
		b.taken += of.Cost - b.open[of.CallID]
		delete(b.open, of.CallID)
	}
}

// auditFacts holds what was found on the companies' sites against them: it is true, and what a model found stands on its page. The stores have come to the end of the log.
func (s *system) auditFacts(ctx context.Context, res *Result) error {
	if s.ai.tenant == nil {
		return nil
	}
	conn, err := pgx.Connect(ctx, s.engines.Postgres)
	if err != nil {
		return fmt.Errorf("read facts: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	org := s.ai.tenant.id
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		companies, err := projections.ListCompanies(ctx, tx, org, 0, 1<<20)
		if err != nil {
			return err
		}
		for _, c := range companies {
			known, err := projections.FactsAbout(ctx, tx, org, uuid.Nil, c.CompanyID, 1000)
			if err != nil {
				return err
			}
			for _, f := range known {
				if f.Object == nil || c.Domain == nil || !slices.Contains([]string{events.FactByJSONLD, events.FactByRule, events.FactByModel}, f.Method) {
					continue
				}
				s.auditFact(ctx, *c.Domain, f, res)
			}
		}
		return nil
	})
}

func (s *system) auditFact(ctx context.Context, domain string, f *projections.Fact, res *Result) {
	if res.Facts++; f.Method == events.FactByModel {
		res.ModelFacts++
	}
	site := s.sites.world.Site(domain)
	if site == nil || !site.IsTrue(f.Predicate, *f.Object) {
		res.addFinding(&res.FactDiff, "of %s it is known by %s that %s %q, which isn't true", domain, f.Method, f.Predicate, *f.Object)
	}
	if f.Method != events.FactByModel {
		return
	}
	if err := s.standsOnPage(ctx, f); err != nil {
		res.addFinding(&res.FactDiff, "a model found of %s that %s %q: %v", domain, f.Predicate, *f.Object, err)
	}
}

// standsOnPage looks whether a fact's quote stands on its page, as a browser shows it.
func (s *system) standsOnPage(ctx context.Context, f *projections.Fact) error {
	if f.SourceURL == nil || f.Quote == nil || *f.Quote == "" {
		return errors.New("it has no page or no quote")
	}
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, *f.SourceURL, nil)
	w := httptest.NewRecorder()
	s.sites.world.ServeHTTP(w, r)
	root, err := html.Parse(w.Body)
	if err != nil {
		return fmt.Errorf("its page can't be read: %w", err)
	}
	var text strings.Builder
	for n := range root.Descendants() {
		if n.Type == html.TextNode {
			text.WriteString(n.Data + " ")
		}
	}
	if !strings.Contains(lettersOf(text.String()), lettersOf(*f.Quote)) {
		return fmt.Errorf("%q isn't on %s", *f.Quote, *f.SourceURL)
	}
	return nil
}

// lettersOf leaves out spaces, and what isn't ASCII: some sites name the wrong set of characters.
func lettersOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
}
