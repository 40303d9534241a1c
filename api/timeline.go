package api

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/events"
	"outrider/internal/pii"
	"outrider/projections"
	"outrider/projections/analytics"
)

// getLeadTimeline tells all that happened to a lead: under the lead's id, and under those of the suppressions of its address and
// domain, which are kept apart because they outlast the lead.
func (s *Server) getLeadTimeline(c *call) error {
	id, err := c.pathID()
	if err != nil {
		return err
	}
	of, err := s.leadTimeline(c, id)
	if err != nil {
		return err
	}
	data, next, err := listPage(s.readSide, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.TimelineEntry, error) {
		return projections.TimelineOf(c.ctx, tx, c.who.Org, of.subjects, of.above, after, limit)
	}, func(e *projections.TimelineEntry) int64 { return e.Oseq }, of.tellEntry)
	if err != nil {
		return err
	}
	if len(data) == 0 && c.textParam("cursor") == "" {
		return notFoundProblem()
	}
	return c.answerJSON(200, gen.TimelinePage{Data: data, NextCursor: next})
}

// leadTimeline is under which ids the timeline of a lead is kept.
type leadTimeline struct {
	subjects []uuid.UUID
	above    []uuid.UUID          // of suppressions of domains above the lead's: told where they reach it
	domains  map[uuid.UUID]string // by the ids of their suppressions
}

func (s *Server) leadTimeline(c *call, lead uuid.UUID) (of leadTimeline, err error) {
	of = leadTimeline{subjects: []uuid.UUID{lead}, domains: map[uuid.UUID]string{}}
	var row *projections.Lead
	err = s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetLead(c.ctx, tx, c.who.Org, lead)
		return err
	})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return of, err
	}
	add := func(to *[]uuid.UUID, kind, hash, name string) {
		if hash != "" {
			id := aggregates.SuppressionID(c.who.Org, kind, hash)
			*to = append(*to, id)
			of.domains[id] = name
		}
	}
	if err == nil && row.Email != nil {
		h, err := s.cfg.Vault.Hasher(c.ctx, c.who.Org)
		if err != nil {
			return of, err
		}
		domain := pii.Domain(*row.Email)
		if domain != "" && !pii.IsFreeMail(domain) { // what was found of their company is a part of their story
			of.subjects = append(of.subjects, events.CompanyID(c.who.Org, h.DomainHash(domain).String()))
		}
		var found uuid.UUID
		if err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
			found, err = projections.CompanyOf(c.ctx, tx, row)
			return err
		}); err != nil {
			return of, err
		}
		if found != uuid.Nil && !slices.Contains(of.subjects, found) {
			of.subjects = append(of.subjects, found)
		}
		add(&of.subjects, events.SuppressAddress, h.AddressHash(*row.Email).String(), "")
		add(&of.subjects, events.SuppressDomain, h.DomainHash(domain).String(), domain)
		for _, parent := range pii.ParentDomains(domain) {
			add(&of.above, events.SuppressDomain, h.DomainHash(parent).String(), parent)
		}
		return of, nil
	}
	address, domain, err := s.hashesOf(c, lead) // of a person who was erased or removed only the log still knows them
	add(&of.subjects, events.SuppressAddress, address, "")
	add(&of.subjects, events.SuppressDomain, domain, "")
	return of, err
}

// tellEntry says of a suppressed domain also which it is.
func (of leadTimeline) tellEntry(e *projections.TimelineEntry) (gen.TimelineEntry, error) {
	out, err := timelineOf(e)
	if domain := of.domains[e.Subject]; domain != "" && out.Data != nil {
		out.Data["domain"] = domain
	}
	return out, err
}

// hashesOf gives the last address that the history knows of a lead, hashed.
func (s *Server) hashesOf(c *call, lead uuid.UUID) (address, domain string, err error) {
	if s.cfg.Columns == nil {
		return "", "", nil
	}
	for page := (analytics.Page{Limit: historyPage}); ; {
		told, err := analytics.History{Conn: s.cfg.Columns}.BySubjects(c.ctx, c.who.Org, []string{lead.String()}, page)
		if err != nil {
			return "", "", err
		}
		for _, e := range told {
			page.After = e.Oseq
			p, err := events.Decode(e.Type, e.Data)
			if err != nil {
				return "", "", err
			}
			switch p := p.(type) {
			case events.LeadCreated:
				address, domain = p.AddressHash, p.DomainHash
			case events.LeadUpdated:
				if p.AddressHash != "" {
					address, domain = p.AddressHash, p.DomainHash
				}
			}
		}
		if len(told) < historyPage {
			return address, domain, nil
		}
	}
}

func timelineOf(e *projections.TimelineEntry) (out gen.TimelineEntry, err error) {
	text := e.Text()
	out = gen.TimelineEntry{Oseq: e.Oseq, Type: e.Type, Time: e.At, Actor: gen.Actor{Kind: e.ActorKind, ID: e.ActorID}, Text: text.English, TextKey: text.Key}
	if len(e.Detail) > 0 {
		err = json.Unmarshal(e.Detail, &out.Data)
	}
	return out, err
}
