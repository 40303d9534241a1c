package api

import (
	"encoding/json"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/events"
	"outrider/internal/app/leads"
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
	subjects, err := s.leadTimelineSubjects(c, id)
	if err != nil {
		return err
	}
	data, next, err := listPage(s, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.TimelineEntry, error) {
		return projections.TimelineOf(c.ctx, tx, c.who.Org, subjects, after, limit)
	}, func(e *projections.TimelineEntry) int64 { return e.Oseq }, timelineOf)
	if err != nil {
		return err
	}
	if len(data) == 0 && c.textParam("cursor") == "" {
		return notFoundProblem()
	}
	return c.answerJSON(200, gen.TimelinePage{Data: data, NextCursor: next})
}

// leadTimelineSubjects returns under which ids the timeline of a lead is kept.
func (s *Server) leadTimelineSubjects(c *call, lead uuid.UUID) ([]uuid.UUID, error) {
	subjects := []uuid.UUID{lead}
	var row *projections.Lead
	err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetLead(c.ctx, tx, c.who.Org, lead)
		return err
	})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return nil, err
	}
	var address, domain string
	if err == nil && row.Email != nil {
		h, err := s.cfg.Vault.Hasher(c.ctx, c.who.Org)
		if err != nil {
			return nil, err
		}
		address, domain, _ = leads.Hashes(h, *row.Email)
	} else if address, domain, err = s.hashesOf(c, lead); err != nil { // of a person who was erased or removed only the log still knows them
		return nil, err
	}
	for kind, hash := range map[string]string{events.SuppressAddress: address, events.SuppressDomain: domain} {
		if hash != "" {
			subjects = append(subjects, aggregates.SuppressionID(c.who.Org, kind, hash))
		}
	}
	return subjects, nil
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
	out = gen.TimelineEntry{Seq: e.Oseq, Type: e.Type, At: e.At, Actor: gen.Actor{Kind: e.ActorKind, ID: e.ActorID}, Text: text.English, TextKey: text.Key}
	if len(e.Detail) > 0 {
		err = json.Unmarshal(e.Detail, &out.Data)
	}
	return out, err
}
