package research

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/facts"
	"outrider/internal/app/models"
	"outrider/internal/es"
	"outrider/internal/llm"
	"outrider/internal/research"
	"outrider/internal/websearch"
)

// Sought is the company that is searched for, as a lead knows it.
type Sought struct {
	Name    string // of the company
	Person  string // of the lead: whoever is called like their company is not searched for
	Country string // as the lead has it
	Website string // likewise: it is looked at before anybody is asked
	Domain  string // that isn't looked for again; "" = there is none
	Off     bool
}

// Finder asks a search engine, within the organisation's budget and once for the same; *models.Client is one.
type Finder interface {
	Find(ctx context.Context, org uuid.UUID, r models.Request, q websearch.Query) ([]string, error)
}

// Bounds of a search.
const (
	mostResults  = 10
	mostLookedAt = 3 // sites
	leastName    = 3 // characters
)

// found is what came of a search.
type found struct {
	events.WebSearchEnded
	site string
}

// search finds the site of a lead's company. What results say is nothing: a site is taken where its own first page says whose it is, and no other one says so too.
func (r *Researcher) search(ctx context.Context, e *es.Event, p events.WebSearchRequested) error {
	if err := r.Await.For(ctx, e, "leads", "research", "ai"); err != nil {
		return fmt.Errorf("search for a site: %w", err)
	}
	s, err := r.Companies.Sought(ctx, e.Org, p.WebSearchRef)
	out := found{}
	switch {
	case errors.Is(err, reaction.ErrGone):
		out.Outcome, out.Reason = events.WebSearchSkipped, events.WebSearchGone
	case err != nil:
		return fmt.Errorf("search for a site: %w", err)
	case s.Off || r.Finder == nil:
		out.Outcome, out.Reason = events.WebSearchSkipped, events.WebSearchOff
	case !isSearchable(s):
		out.Outcome, out.Reason = events.WebSearchSkipped, events.WebSearchNoName
	default:
		if out, err = r.find(ctx, e, p, s); err != nil {
			return err
		}
	}
	return r.finish(ctx, e, p, s, out)
}

// isSearchable reports whether a name says which company it is, and nothing of a person.
func isSearchable(s Sought) bool {
	return len([]rune(s.Name)) >= leastName && !strings.EqualFold(s.Name, s.Person)
}

func (r *Researcher) find(ctx context.Context, e *es.Event, p events.WebSearchRequested, s Sought) (out found, err error) {
	if own := research.SiteOfURL(s.Website); own != "" {
		if out, err = r.lookAt(ctx, out, []string{own}, s, p.Pages); err != nil || out.Outcome == events.WebSearchFound {
			return out, err
		}
	}
	q := websearch.Query{Text: s.Name, Country: s.Country, Count: mostResults}
	addresses, err := r.Finder.Find(ctx, e.Org, models.Request{ID: models.SearchRequestID(e.ID, q), CampaignID: p.CampaignID, LeadID: p.LeadID, Cause: models.CausedBy(e, "research")}, q)
	var failed *llm.Error
	switch {
	case errors.As(err, &failed):
		out.Outcome, out.Reason = events.WebSearchFailed, string(failed.Reason)
		return out, nil
	case errors.Is(err, models.ErrGone):
		out.Outcome, out.Reason = events.WebSearchSkipped, events.WebSearchGone
		return out, nil
	case err != nil:
		return out, fmt.Errorf("search for a site: %w", err)
	}
	var sites []string
	sites, out.Refused = research.Candidates(addresses)
	out.Results = len(addresses)
	return r.lookAt(ctx, out, sites, s, p.Pages)
}

// lookAt sees which of some sites is the company's.
func (r *Researcher) lookAt(ctx context.Context, out found, sites []string, s Sought, most int) (found, error) {
	out.Outcome = events.WebSearchNotFound
	looked := 0
	for _, site := range sites {
		left := most - out.Pages
		if looked == mostLookedAt || left <= 0 {
			break
		}
		if site == s.Domain {
			continue
		}
		limits := research.DefaultLimits()
		limits.Pages = 1
		page, err := r.Sites.ReadSite(ctx, site, nil, limits)
		if err != nil {
			return out, fmt.Errorf("look at a site: %w", err)
		}
		looked++
		out.Looked++
		out.Pages += min(page.Asked, left)
		switch {
		case !isNamed(s.Name, page.NamesOfOwner(site)):
		case out.Outcome == events.WebSearchFound:
			out.Outcome, out.site = events.WebSearchSeveral, ""
			return out, nil
		default:
			out.Outcome, out.site = events.WebSearchFound, site
		}
	}
	return out, nil
}

// isNamed reports whether a company's name is one of those that a site's owner has, legal forms aside.
func isNamed(name string, owner []string) bool {
	ours := facts.CompanyNames(name)
	return slices.ContainsFunc(owner, func(theirs string) bool {
		return slices.ContainsFunc(facts.CompanyNames(theirs), func(x string) bool {
			return slices.ContainsFunc(ours, func(y string) bool { return strings.EqualFold(x, y) })
		})
	})
}

// finish records what came of it. The id follows from the event alone.
func (r *Researcher) finish(ctx context.Context, e *es.Event, p events.WebSearchRequested, s Sought, is found) error {
	c := commands.FinishWebSearch{WebSearchRef: p.WebSearchRef, Outcome: is.Outcome, Reason: is.Reason, Results: is.Results, Refused: is.Refused, Looked: is.Looked, Pages: is.Pages, EndedAt: r.Now()}
	if is.site != "" {
		h, err := r.Hasher(ctx, e.Org)
		if err != nil {
			return fmt.Errorf("search for a site: %w", err)
		}
		c.DomainHash = h.DomainHash(is.site).String()
		company := p.MailCompanyID
		if company == uuid.Nil {
			company = commands.CompanyID(e.Org, c.DomainHash)
		}
		intake := facts.Intake{Hasher: r.Hasher, Key: r.keyOf}
		if _, c.Company, err = intake.CompanyItems(ctx, e.Org, company, s.Name, is.site, nil); err != nil {
			return fmt.Errorf("search for a site: %w", err)
		}
	}
	a, err := reaction.Submit(ctx, r.Commands, reaction.CausedBy(e, "research"), es.DeriveID(e.ID, "react", "web search"), r.Now(), c)
	if err == nil && a.Outcome == es.Refused {
		r.Log.Warn("what a search found was refused", "org", e.Org, "code", a.Code)
	}
	return err
}
