// Package research reads the web sites of companies and records what they say.
package research

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/facts"
	"outrider/internal/app/models"
	"outrider/internal/app/sealedtext"
	"outrider/internal/blob"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/llm"
	"outrider/internal/pii"
	"outrider/internal/research"
	"outrider/projections"
)

// Subject is the company whose site is to be read, as far as it is known.
type Subject struct {
	Domain string
	Site   string // that is read instead, as a search has found it; "" = that of the domain
	Name   string
	Names  []string            // what it is called, its name among them
	Known  []*projections.Fact // that were found on its pages and may be said
	Keep   time.Duration       // pages; 0 = not at all
	Off    bool                // the organisation has switched research off
}

func (s Subject) reads() string { return cmp.Or(s.Site, s.Domain) }

// Companies finds them; it returns reaction.ErrGone where there is neither lead nor company any more.
type Companies interface {
	Subject(ctx context.Context, org uuid.UUID, of events.ResearchRef) (Subject, error)
	Sought(ctx context.Context, org uuid.UUID, of events.WebSearchRef) (Sought, error)
}

// Sites reads web sites; *research.Fetcher is one.
type Sites interface {
	ReadSite(ctx context.Context, domain string, also []string, l research.Limits) (research.Site, error)
}

// Extractor finds what rules don't; nil = nothing does. What it finds is held against the page like everything else.
type Extractor interface {
	Extract(ctx context.Context, e *es.Event, of events.ResearchRef, site research.Site, s Subject) (Extracted, error)
}

// Extracted is what an Extractor found, and why rules stand in for the rest; nil = they don't.
type Extracted struct {
	Facts    []research.Fact
	FellBack *llm.Error
}

// Pages keep what was read; *blob.Bucket is one.
type Pages interface {
	WriteOnce(ctx context.Context, name string, fill func(io.Writer) error) error
	List(ctx context.Context, prefix string) ([]blob.Object, error)
	Delete(ctx context.Context, name string) error
}

// Config is what the reactor needs.
type Config struct {
	Companies Companies
	Sites     Sites
	Extractor Extractor
	Finder    Finder // nil = nobody searches
	Keys      sealedtext.Keyring
	Hasher    func(ctx context.Context, org uuid.UUID) (*pii.Hasher, error)
	Pages     Pages
	Commands  reaction.Commander
	Await     reaction.Await
	Now       func() time.Time
	Log       *slog.Logger
}

// Researcher reads the sites that are asked for. A reading that was interrupted is done again from the start; its end is one command, whatever came of it.
type Researcher struct{ Config }

// New returns the reactor, or an error that names what is missing.
func New(c Config) (*Researcher, error) {
	return &Researcher{c}, reaction.Required{"companies": c.Companies != nil, "sites": c.Sites != nil, "keys": c.Keys != nil, "hasher": c.Hasher != nil, "pages": c.Pages != nil, "commands": c.Commands != nil,
		"now": c.Now != nil, "log": c.Log != nil}.Check("research")
}

// Reactor returns how it is run.
func (r *Researcher) Reactor() react.Reactor {
	return react.Reactor{Name: "research", Wants: reaction.WantEvents(events.ResearchRequested{}, events.WebSearchRequested{}, events.OrganizationDeleted{}), Concurrency: 8, PerOrg: 4, Handle: r.handleEvent}
}

func (r *Researcher) handleEvent(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	switch p := p.(type) {
	case events.ResearchRequested:
		return nil, r.read(ctx, e, p)
	case events.WebSearchRequested:
		return nil, r.search(ctx, e, p)
	case events.OrganizationDeleted:
		return nil, r.deletePages(ctx, folderOf(e.Org), func(blob.Object) bool { return true })
	}
	return nil, nil
}

// fresh is how long nothing new is looked for where a site was read.
const fresh = 45 * 24 * time.Hour

func (r *Researcher) read(ctx context.Context, e *es.Event, p events.ResearchRequested) error {
	if err := r.Await.For(ctx, e, "leads", "facts", "research"); err != nil {
		return fmt.Errorf("read a site: %w", err)
	}
	s, err := r.Companies.Subject(ctx, e.Org, p.ResearchRef)
	switch {
	case errors.Is(err, reaction.ErrGone):
		return r.skip(ctx, e, p, events.ResearchGone)
	case err != nil:
		return fmt.Errorf("read a site: %w", err)
	case s.Off:
		return r.skip(ctx, e, p, events.ResearchOff)
	case research.RefusesHost(s.reads()):
		return r.skip(ctx, e, p, events.ResearchRefusedHost)
	}
	limits := research.DefaultLimits()
	limits.Pages = p.Pages
	site, err := r.Sites.ReadSite(ctx, s.reads(), sourcesOf(s.Known), limits)
	if err != nil {
		return fmt.Errorf("read a site: %w", err)
	}
	now := r.Now()
	for i := range site.Pages {
		site.Pages[i].FetchedAt = now // of the organisation's time, which may be simulated
	}
	if site.Outcome != research.Read {
		return r.fail(ctx, e, p, site)
	}
	found := research.Find(site, s.reads(), s.Names, now)
	if r.Extractor != nil {
		more, err := r.Extractor.Extract(ctx, e, p.ResearchRef, site, s)
		if err != nil {
			return fmt.Errorf("extract facts: %w", err)
		}
		if more.FellBack != nil {
			if err := r.fellBack(ctx, e, p.ResearchRef, more.FellBack); err != nil {
				return err
			}
		}
		found = research.Merge(found, more.Facts, site)
	}
	return r.complete(ctx, e, p, s, site, found)
}

// complete keeps the pages and records what was found.
func (r *Researcher) complete(ctx context.Context, e *es.Event, p events.ResearchRequested, s Subject, site research.Site, found research.Facts) error {
	now := r.Now()
	key, err := r.keyOf(ctx, e.Org, p.CompanyID)
	if err != nil {
		return err
	}
	if err := r.keepPages(ctx, e.Org, p.CompanyID, key, s.Keep, site); err != nil {
		return err
	}
	intake := facts.Intake{Hasher: r.Hasher, Key: r.keyOf}
	c := commands.CompleteResearch{ResearchRef: p.ResearchRef, ResearchOutcome: outcomeOf(site, now), DomainHash: p.DomainHash, Dropped: found.Unsupported + found.Contrary, FreshUntil: now.Add(fresh)}
	if c.Report, err = report(key, site, found.Facts); err != nil {
		return err
	}
	if c.Facts, c.Company, err = intake.CompanyItems(ctx, e.Org, p.CompanyID, s.Name, s.Domain, foundOf(found.Facts, now)); err != nil {
		return err
	}
	c.Stale = staleOf(s.Known, c.Facts, site)
	return r.submit(ctx, e, c)
}

// fellBack records that rules stand in for a model, once for a reading.
func (r *Researcher) fellBack(ctx context.Context, e *es.Event, of events.ResearchRef, why *llm.Error) error {
	c := commands.RecordAIFallback{AICallRef: events.AICallRef{CampaignID: of.CampaignID, LeadID: of.LeadID}, Task: events.AITaskExtract, To: events.AIFallbackRules,
		Reason: string(why.Reason), Detail: commands.Clip(models.Redact(why.Err.Error(), nil), 500)}
	_, err := reaction.Submit(ctx, r.Commands, reaction.CausedBy(e, "research"), es.DeriveID(e.ID, "react", "research", "fallback"), r.Now(), c)
	return err
}

func (r *Researcher) skip(ctx context.Context, e *es.Event, p events.ResearchRequested, reason string) error {
	return r.submit(ctx, e, commands.EndResearch{ResearchRef: p.ResearchRef, ResearchOutcome: events.ResearchOutcome{EndedAt: r.Now()}, Reason: reason})
}

func (r *Researcher) fail(ctx context.Context, e *es.Event, p events.ResearchRequested, site research.Site) error {
	key, err := r.keyOf(ctx, e.Org, p.CompanyID)
	if err != nil {
		return err
	}
	c := commands.EndResearch{ResearchRef: p.ResearchRef, ResearchOutcome: outcomeOf(site, r.Now()), Tried: true, Reason: reasonOf(site.Outcome)}
	if c.Report, err = report(key, site, nil); err != nil {
		return err
	}
	return r.submit(ctx, e, c)
}

// submit ends the reading. The id follows from the event alone: who does it again is answered as the first time.
func (r *Researcher) submit(ctx context.Context, e *es.Event, c commands.Command) error {
	a, err := reaction.Submit(ctx, r.Commands, reaction.CausedBy(e, "research"), es.DeriveID(e.ID, "react", "research"), r.Now(), c)
	if err != nil {
		return err
	}
	if a.Outcome == es.Refused {
		r.Log.Warn("what a site says was refused", "org", e.Org, "code", a.Code)
	}
	return nil
}

func (r *Researcher) keyOf(ctx context.Context, org, subject uuid.UUID) (pii.Key, error) {
	keys, err := r.Keys.Keys(ctx, org, []uuid.UUID{subject})
	if err != nil {
		return pii.Key{}, err
	}
	return keys[0], nil
}

// sourcesOf are the pages on which known facts were found.
func sourcesOf(known []*projections.Fact) (out []string) {
	seen := map[string]bool{}
	for _, f := range known {
		if f.SourceURL != nil && !seen[*f.SourceURL] {
			seen[*f.SourceURL] = true
			out = append(out, *f.SourceURL)
		}
	}
	return out
}

func foundOf(all []research.Fact, now time.Time) (out []facts.Found) {
	for _, f := range all {
		out = append(out, facts.Found{Predicate: f.Predicate, Method: f.Method, Confidence: f.Confidence, FoundAt: now, ExpiresAt: now.Add(f.Lasts),
			FactContent: projections.FactContent{Object: f.Object, SourceURL: f.URL, Quote: f.Quote, ContentHash: f.Hash, FetchedAt: f.FetchedAt}})
	}
	return out
}

// staleOf are the known facts whose pages were looked at and don't say them any more.
func staleOf(known []*projections.Fact, found []commands.FactItem, site research.Site) (out []commands.StaleFact) {
	again := map[uuid.UUID]bool{}
	for _, f := range found {
		again[f.FactID] = true
	}
	outcomes := map[string]*research.Page{}
	for i := range site.Pages {
		outcomes[site.Pages[i].URL] = &site.Pages[i]
	}
	for _, f := range known {
		if f.SourceURL == nil || again[f.FactID] {
			continue
		}
		switch p := outcomes[*f.SourceURL]; {
		case p == nil:
		case p.Outcome == research.Read && f.Method == events.FactByModel && f.Quote != nil && strings.Contains(p.Kept, *f.Quote): // it says so still, whether a model was asked this time or not
		case p.Outcome == research.Read:
			out = append(out, commands.StaleFact{FactID: f.FactID, Reason: events.FactPageChanged})
		case p.Outcome == research.BadStatus && (p.Status == 404 || p.Status == 410):
			out = append(out, commands.StaleFact{FactID: f.FactID, Reason: events.FactPageGone})
		}
	}
	return out
}

func outcomeOf(site research.Site, now time.Time) events.ResearchOutcome {
	out := events.ResearchOutcome{Pages: site.Asked, EndedAt: now}
	for _, p := range site.Pages {
		switch p.Outcome {
		case research.Read:
			out.Read++
		case research.NoBudget:
		default:
			out.Refused++
		}
	}
	return out
}

func reasonOf(outcome string) string {
	switch outcome {
	case research.ByRobots:
		return events.ResearchForbidden
	case research.Private:
		return events.ResearchPrivate
	case research.Elsewhere, research.RefusedHost:
		return events.ResearchElsewhere
	case research.BadStatus:
		return events.ResearchBadStatus
	case research.Slow:
		return events.ResearchSlow
	case research.Unreachable:
		return events.ResearchUnreachable
	}
	return events.ResearchUnreadable
}

// mostReported is how long an address may be in a report.
const mostReported = 300

func report(key pii.Key, site research.Site, found []research.Fact) (events.Sealed, error) {
	count := map[string]int{}
	for _, f := range found {
		count[f.URL]++
	}
	var out projections.ResearchReport
	for _, p := range site.Pages {
		out.Pages = append(out.Pages, projections.ResearchPage{URL: commands.Clip(p.URL, mostReported), Outcome: p.Outcome, Status: p.Status, Hash: p.Hash, Facts: count[p.URL], FetchedAt: p.FetchedAt})
	}
	plain, err := json.Marshal(out)
	if err != nil {
		return events.Sealed{}, fmt.Errorf("encode a report: %w", err)
	}
	return sealedtext.Seal(key, projections.ResearchField, string(plain))
}

func folderOf(org uuid.UUID) string { return "pages/" + org.String() + "/" }

// keepPages keeps what was read, sealed, by the hash of its text: what was kept before isn't written again.
func (r *Researcher) keepPages(ctx context.Context, org, company uuid.UUID, key pii.Key, keep time.Duration, site research.Site) error {
	if keep <= 0 {
		return nil
	}
	for _, p := range site.Pages {
		if p.Outcome != research.Read {
			continue
		}
		sealed, err := sealedtext.Seal(key, projections.PageField, p.Kept)
		if err != nil {
			return err
		}
		err = r.Pages.WriteOnce(ctx, folderOf(org)+company.String()+"/"+p.Hash, func(w io.Writer) error { return json.NewEncoder(w).Encode(sealed) })
		if err != nil && !errors.Is(err, blob.ErrExists) {
			return fmt.Errorf("keep a page: %w", err)
		}
	}
	return nil
}

// Sweep deletes pages that are older than their organisation keeps them.
func (r *Researcher) Sweep(ctx context.Context, keep func(ctx context.Context, org uuid.UUID) (time.Duration, error)) error {
	known := map[string]time.Duration{}
	var failed error
	err := r.deletePages(ctx, "pages/", func(o blob.Object) bool {
		owner, _, _ := strings.Cut(strings.TrimPrefix(o.Name, "pages/"), "/")
		d, ok := known[owner]
		if !ok {
			org, err := uuid.Parse(owner)
			if err == nil {
				d, err = keep(ctx, org)
			}
			if err != nil {
				failed = errors.Join(failed, err)
				return false
			}
			known[owner] = d
		}
		return time.Since(o.Modified) > d // buckets go by this machine's clock, also where time is simulated
	})
	return errors.Join(failed, err)
}

func (r *Researcher) deletePages(ctx context.Context, prefix string, which func(blob.Object) bool) error {
	all, err := r.Pages.List(ctx, prefix)
	for _, o := range all {
		if which(o) {
			err = errors.Join(err, r.Pages.Delete(ctx, o.Name))
		}
	}
	return err
}
