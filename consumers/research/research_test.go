package research_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/consumers/research"
	"outrider/events"
	"outrider/internal/app/sealedtext"
	"outrider/internal/blob"
	"outrider/internal/es"
	"outrider/internal/lab/reactortest"
	"outrider/internal/lab/websites"
	"outrider/internal/pii"
	web "outrider/internal/research"
	"outrider/projections"
)

var org = uuid.MustParse("0190a0de-0000-7000-8000-000000000001") //nolint:gochecknoglobals // a constant

// world is a company with a web site, and a reactor that reads it.
type world struct {
	*reactortest.Boundary
	sites   *websites.World
	subject research.Subject
	sought  research.Sought
	gone    bool
	pages   *pages
	reactor *research.Researcher
	now     time.Time
}

// pages fail at the write of that number; 0 = at none.
type pages struct {
	*blob.Bucket
	failAt, writes int
}

var errCut = errors.New("the process ends here")

func (p *pages) WriteOnce(ctx context.Context, name string, fill func(io.Writer) error) error {
	if p.writes++; p.writes == p.failAt {
		return errCut
	}
	return p.Bucket.WriteOnce(ctx, name, fill)
}

func (w *world) Subject(context.Context, uuid.UUID, events.ResearchRef) (research.Subject, error) {
	if w.gone {
		return research.Subject{}, reaction.ErrGone
	}
	return w.subject, nil
}

func newWorld(t *testing.T, kind websites.Kind) *world {
	t.Helper()
	company := websites.Company{Domain: "alder.example", Name: "Alder Foods GmbH", City: "Köln"}
	nth := 0
	for websites.Kinds()[nth] != kind {
		nth++
	}
	w := &world{Boundary: &reactortest.Boundary{}, sites: websites.New(7, reactortest.Noon(), nil), now: reactortest.Noon(),
		subject: research.Subject{Domain: company.Domain, Name: company.Name, Names: []string{company.Name}, Keep: time.Hour}}
	w.sites.Put(websites.NewSite(7, nth, company, w.now))
	server := httptest.NewServer(w.sites)
	t.Cleanup(server.Close)
	fetcher := web.NewFetcher(web.FetchConfig{StandIn: strings.TrimPrefix(server.URL, "http://"), Timeout: time.Minute})
	t.Cleanup(fetcher.Close)
	bucket, err := blob.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bucket.Close() })
	w.pages = &pages{Bucket: bucket}
	if w.reactor, err = research.New(research.Config{Companies: w, Sites: fetcher, Keys: reactortest.Ring{}, Hasher: reactortest.Hashes{}.Hasher, Pages: w.pages, Commands: w.Boundary,
		Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	return w
}

func requested(t *testing.T) *es.Event {
	t.Helper()
	hash := (&pii.Hasher{}).DomainHash("alder.example").String()
	return reactortest.Fact(t, org, events.ResearchRequested{ResearchRef: events.ResearchRef{ResearchID: es.NewID(), CompanyID: commands.CompanyID(org, hash), LeadID: es.NewID()}, DomainHash: hash,
		Reason: events.ResearchAsked, Pages: 6, RequestedAt: reactortest.Noon()})
}

func (w *world) handle(t *testing.T, e *es.Event) {
	t.Helper()
	if _, err := w.reactor.Reactor().Handle(t.Context(), e); err != nil {
		t.Fatal(err)
	}
}

func TestASiteIsReadAndItsPagesAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, websites.Plain)
	e := requested(t)
	w.handle(t, e)
	done := reactortest.Of[commands.CompleteResearch](t, w.Boundary)
	if len(done) != 1 || len(done[0].Facts) < 3 || done[0].Read < 4 || done[0].Company.IsZero() || len(w.Submitted) != 1 {
		t.Fatalf("%d commands: %+v", len(w.Submitted), done)
	}
	for _, f := range done[0].Facts {
		if !f.OfCompany || !f.ExpiresAt.After(w.now) || f.FoundAt != w.now {
			t.Errorf("%+v", f)
		}
	}
	key := reactortest.KeyOf(org, done[0].CompanyID)
	report, err := sealedtext.Open(key, projections.ResearchField, done[0].Report)
	if err != nil || !strings.Contains(report, "http://alder.example/about") || !strings.Contains(report, web.RefusedHost) {
		t.Errorf("the report is %s, %v", report, err)
	}
	kept, err := w.pages.List(t.Context(), "pages/"+org.String()+"/")
	if err != nil || len(kept) != done[0].Read {
		t.Fatalf("%d pages are kept of %d, %v", len(kept), done[0].Read, err)
	}
	if err := w.reactor.Sweep(t.Context(), func(context.Context, uuid.UUID) (time.Duration, error) { return -time.Hour, nil }); err != nil {
		t.Fatal(err)
	}
	if kept, err = w.pages.List(t.Context(), "pages/"); err != nil || len(kept) != 0 {
		t.Errorf("%d pages are kept too long, %v", len(kept), err)
	}
}

// TestFactsAreRecordedOnceWhereverItIsCut ends the process after each step of a reading, and decides what it asks for as the owner would.
func TestFactsAreRecordedOnceWhereverItIsCut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, websites.Plain)
	e := requested(t)
	var p events.ResearchRequested
	if err := es.Unmarshal(e.Data, &p); err != nil {
		t.Fatal(err)
	}
	state := aggregates.NewOrganization(org)
	state.Apply(p)
	var out []events.Event
	w.Decide = func(c *es.Command) es.Answer {
		var done commands.CompleteResearch
		if err := es.Unmarshal(c.Data, &done); err != nil {
			t.Error(err)
		}
		decided, err := done.Decide(w.now, state)
		if err != nil {
			t.Error(err)
		}
		for _, d := range decided {
			state.Apply(d)
		}
		out = append(out, decided...)
		return es.Answer{CommandID: c.ID, Outcome: es.Accepted}
	}
	for n := range 4 { // at one page after the other
		w.pages.writes, w.pages.failAt = 0, n+1
		if _, err := w.reactor.Reactor().Handle(t.Context(), e); !errors.Is(err, errCut) {
			t.Fatalf("page %d: %v", n, err)
		}
	}
	w.pages.failAt = 0
	lost := true
	w.Fail = func(*es.Command) error { // the answer to the first is lost
		if lost {
			lost = false
			return errCut
		}
		return nil
	}
	if _, err := w.reactor.Reactor().Handle(t.Context(), e); !errors.Is(err, errCut) {
		t.Fatalf("nothing was cut: %v", err)
	}
	for range 3 {
		w.handle(t, e)
	}
	seen, completed := map[uuid.UUID]int{}, 0
	for _, x := range out {
		switch x := x.(type) {
		case events.FactFound:
			seen[x.FactID]++
		case events.ResearchCompleted:
			completed++
		}
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("fact %s is there %d times", id, n)
		}
	}
	if len(seen) < 3 || completed != 1 {
		t.Errorf("%d facts, %d ends", len(seen), completed)
	}
}

func TestWhatIsNotReadSaysWhy(t *testing.T) {
	t.Parallel()
	for kind, want := range map[websites.Kind]string{websites.DisallowAll: events.ResearchForbidden, websites.RobotsFail: events.ResearchForbidden, websites.MovedAway: events.ResearchElsewhere, websites.Huge: events.ResearchUnreadable,
		websites.Gone: events.ResearchBadStatus} {
		w := newWorld(t, kind)
		w.handle(t, requested(t))
		ends := reactortest.Of[commands.EndResearch](t, w.Boundary)
		if len(ends) != 1 || ends[0].Reason != want || !ends[0].Tried || ends[0].Report.IsZero() {
			t.Errorf("%s: %+v, want %s", kind, ends, want)
		}
	}
	for want, change := range map[string]func(*world){
		events.ResearchGone: func(w *world) { w.gone = true }, events.ResearchOff: func(w *world) { w.subject.Off = true }, events.ResearchRefusedHost: func(w *world) { w.subject.Domain = "uk.linkedin.com" },
	} {
		w := newWorld(t, websites.Plain)
		change(w)
		w.handle(t, requested(t))
		if ends := reactortest.Of[commands.EndResearch](t, w.Boundary); len(ends) != 1 || ends[0].Reason != want || ends[0].Tried {
			t.Errorf("%+v, want %s", ends, want)
		}
	}
}

// TestWhatAPageNoLongerSaysGoesStale knows facts of a page that has changed and of one that is gone.
func TestWhatAPageNoLongerSaysGoesStale(t *testing.T) {
	t.Parallel()
	w := newWorld(t, websites.Plain)
	fact := func(object, url string) *projections.Fact {
		return &projections.Fact{FactID: es.NewID(), Predicate: "uses", Object: &object, SourceURL: &url, Method: events.FactByRule}
	}
	changed, gone, elsewhere := fact("Lotus Notes", "http://alder.example/about"), fact("Fax", "http://alder.example/fax"), fact("Telex", "http://old.example/")
	byModel := fact("Kindness", "http://alder.example/about")
	byModel.Method, byModel.Quote = events.FactByModel, new("About us")
	w.subject.Known = []*projections.Fact{changed, gone, elsewhere, byModel}
	w.handle(t, requested(t))
	done := reactortest.Of[commands.CompleteResearch](t, w.Boundary)
	if len(done) != 1 || len(done[0].Stale) != 2 {
		t.Fatalf("%+v", done)
	}
	for _, s := range done[0].Stale {
		if want := map[uuid.UUID]string{changed.FactID: events.FactPageChanged, gone.FactID: events.FactPageGone}[s.FactID]; s.Reason != want {
			t.Errorf("%s: %s, want %s", s.FactID, s.Reason, want)
		}
	}
}
