package node

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/consumers/reaction"
	"outrider/consumers/research"
	"outrider/events"
	"outrider/internal/app/facts"
	"outrider/internal/dial"
	"outrider/internal/pii"
	"outrider/internal/postgres"
	web "outrider/internal/research"
	"outrider/projections"
)

// crawlPause is between two requests to a web site.
const crawlPause = time.Second

// checkSites accepts an address on this machine: nothing else may stand in for the world.
func checkSites(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("--research-sites: %w", err)
	}
	if a, err := netip.ParseAddr(host); err != nil || !a.IsLoopback() {
		return errors.New("--research-sites: it must be an address of this machine, like 127.0.0.1:8000")
	}
	return nil
}

// newResearch reads web sites of companies.
func (n *Node) newResearch() (*research.Researcher, error) {
	c := web.FetchConfig{Dialer: dial.Dialer{Reach: n.mailing.hooks, Resolver: n.mailing.names}, StandIn: n.mailing.sites, Pause: crawlPause}
	if c.StandIn != "" {
		c.Pause = 0
	}
	return research.New(research.Config{Companies: companies{n}, Sites: web.NewFetcher(c), Extractor: research.ModelExtractor{Models: n.models}, Finder: n.models, Keys: n.vault, Hasher: n.vault.Hasher, Pages: n.blobs, Commands: n.Gateway, Await: n.awaitReads, Now: n.clock.Now, Log: n.log})
}

// sweepPages deletes pages that are kept no longer.
func (n *Node) sweepPages(ctx context.Context) error {
	for {
		timer := time.NewTimer(6 * time.Hour)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
		if err := n.consumers.Research.Sweep(ctx, companies{n}.keeps); err != nil && ctx.Err() == nil {
			n.log.Error("old pages can't be deleted; it is tried again", "error", err)
		}
	}
}

// companies reads what is known of companies.
type companies struct{ n *Node }

func (c companies) settings(ctx context.Context, tx pgx.Tx, org uuid.UUID) (events.ResearchSettings, error) {
	set := aggregates.DefaultResearch()
	return set, projections.ResearchSettingsOf(ctx, tx, org, uuid.Nil, &set)
}

func (c companies) keeps(ctx context.Context, org uuid.UUID) (keep time.Duration, err error) {
	err = postgres.InOrg(ctx, c.n.Pools.API, org, func(tx pgx.Tx) error {
		set, err := c.settings(ctx, tx, org)
		keep = time.Duration(set.KeepDays) * 24 * time.Hour
		return err
	})
	return keep, err
}

// Subject implements research.Companies.
func (c companies) Subject(ctx context.Context, org uuid.UUID, of events.ResearchRef) (s research.Subject, err error) {
	err = postgres.InOrg(ctx, c.n.Pools.API, org, func(tx pgx.Tx) error {
		set, err := c.settings(ctx, tx, org)
		if err != nil {
			return err
		}
		s.Off, s.Keep = set.Off, time.Duration(set.KeepDays)*24*time.Hour
		if err := c.name(ctx, tx, org, of, &s); err != nil {
			return err
		}
		if s.Site, err = projections.SiteOf(ctx, tx, org, of.CompanyID); err != nil {
			return err
		}
		rows, err := projections.FactsAbout(ctx, tx, org, uuid.Nil, of.CompanyID, 1000)
		for _, f := range rows {
			if f.StaleAt == nil && f.Object != nil && (f.Method == events.FactByJSONLD || f.Method == events.FactByRule || f.Method == events.FactByModel) {
				s.Known = append(s.Known, f)
			}
		}
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return s, reaction.ErrGone
	}
	return s, err
}

// Sought implements research.Companies.
func (c companies) Sought(ctx context.Context, org uuid.UUID, of events.WebSearchRef) (s research.Sought, err error) {
	err = postgres.InOrg(ctx, c.n.Pools.API, org, func(tx pgx.Tx) error {
		set, err := c.settings(ctx, tx, org)
		if err != nil {
			return err
		}
		lead, err := projections.GetLead(ctx, tx, org, of.LeadID)
		if err != nil {
			return err
		}
		if lead.Email == nil {
			return reaction.ErrGone
		}
		s = research.Sought{Off: set.Off, Name: strings.TrimSpace(textOrEmpty(lead.CompanyName)), Person: strings.TrimSpace(textOrEmpty(lead.FirstName) + " " + textOrEmpty(lead.LastName)),
			Country: textOrEmpty(lead.Country), Website: textOrEmpty(lead.Website)}
		if of.MailCompanyID != uuid.Nil {
			s.Domain = pii.Domain(*lead.Email)
		}
		return nil
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return s, reaction.ErrGone
	}
	return s, err
}

// name finds domain and names, of the lead for whom it was asked or of the company's record.
func (c companies) name(ctx context.Context, tx pgx.Tx, org uuid.UUID, of events.ResearchRef, s *research.Subject) error {
	company, err := projections.GetCompany(ctx, tx, org, of.CompanyID)
	if err == nil && company.Domain != nil {
		s.Domain, s.Name = *company.Domain, textOrEmpty(company.Name)
		s.Names = facts.CompanyNames(s.Name)
	} else if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	if of.LeadID == uuid.Nil {
		return err
	}
	lead, err := projections.GetLead(ctx, tx, org, of.LeadID)
	if err != nil {
		if errors.Is(err, pgx.ErrNoRows) && s.Domain != "" {
			return nil
		}
		return err
	}
	if lead.Email == nil {
		if s.Domain == "" {
			return reaction.ErrGone
		}
		return nil
	}
	if domain := pii.Domain(*lead.Email); s.Domain == "" {
		s.Domain, s.Name = domain, textOrEmpty(lead.CompanyName)
	}
	s.Names = append(s.Names, facts.CompanyNames(textOrEmpty(lead.CompanyName))...)
	return nil
}

func textOrEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
