package api

import (
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/internal/es"
	"outrider/internal/identity"
	"outrider/projections"
	"outrider/projections/analytics"
)

// getAuditKey tells everybody what verifies exports.
func (s *Server) getAuditKey(c *call) error {
	out := gen.AuditKeys{Data: []gen.AuditKey{}}
	if s.cfg.Audit == nil {
		return c.answerJSON(200, out)
	}
	for i, k := range s.cfg.Audit.Public() {
		out.Data = append(out.Data, gen.AuditKey{ID: k.ID, Algorithm: gen.AuditKeyAlgorithmEd25519, PublicKey: k.String(), Current: i == 0})
	}
	return c.answerJSON(200, out)
}

// listAuditEvents shows who did what, from the whole log in ClickHouse.
func (s *Server) listAuditEvents(c *call) error {
	if s.cfg.Columns == nil {
		return unavailableProblem(codeUnavailable, errNoColumns)
	}
	f := analytics.AuditFilter{ActorKind: c.textParam("actor_kind"), ActorID: c.textParam("actor_id"), Subject: c.textParam("subject"), Type: c.textParam("type"), Correlation: c.uuidParam("correlation_id")}
	var err error
	if f.From, err = c.instantParam("from"); err != nil {
		return err
	}
	if f.To, err = c.instantParam("to"); err != nil {
		return err
	}
	after, err := s.cursors.openParam(c, c.who.Org)
	if err != nil {
		return err
	}
	limit := c.numberParam("limit", defaultPage)
	p := analytics.Page{Limit: limit + 1, Newest: c.textParam("order") != "oldest"}
	p.After, _ = strconv.ParseInt(after, 10, 64) // "" = the begin
	history := analytics.History{Conn: s.cfg.Columns}
	events, err := history.Audit(c.ctx, c.who.Org, f, p)
	if err != nil {
		return err
	}
	out := gen.AuditPage{Data: []gen.AuditEntry{}}
	if len(events) > limit {
		events = events[:limit]
		if out.NextCursor, err = s.cursors.sealNext(c, c.who.Org, strconv.FormatInt(events[limit-1].Oseq, 10)); err != nil {
			return err
		}
	}
	if out.Data, err = s.auditEntries(c, events); err != nil {
		return err
	}
	return c.answerJSON(200, out)
}

// instantParam reads a query parameter that the description calls a date-time; the zero time = absent.
func (c *call) instantParam(name string) (time.Time, error) {
	text := c.textParam(name)
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || t.Year() < 1970 || t.Year() > 9998 {
		return t, malformedProblem("query parameter " + name + ": is not an instant like 2026-03-01T12:00:00Z")
	}
	return t.UTC(), nil
}

func (s *Server) auditEntries(c *call, events []*es.Event) ([]gen.AuditEntry, error) {
	out := make([]gen.AuditEntry, len(events))
	if len(events) == 0 {
		return out, nil
	}
	origins, err := s.origins.openOrigins(c.ctx, events)
	if err != nil {
		return nil, err
	}
	names, err := s.actorNames(c, events)
	if err != nil {
		return nil, err
	}
	shown, err := s.shownData(c, events)
	if err != nil {
		return nil, err
	}
	for i, e := range events {
		out[i] = gen.AuditEntry{ID: e.ID, Oseq: e.Oseq, Type: e.Type, Subject: e.Subject, Time: e.Time, Actor: gen.AuditActor{Kind: e.Actor.Kind, ID: e.Actor.ID, Name: names[e.Actor]},
			CommandID: e.CommandID, CorrelationID: e.CorrelationID, CausationID: e.CausationID, IP: origins[e.ID], Data: shown[i].data, Withheld: shown[i].withheld}
		if causedByRequest(e) {
			out[i].RequestID = e.CorrelationID
		}
	}
	return out, nil
}

// causedByRequest reports that a command came of a request itself, and not of what followed from one: the correlation id of all that a
// request causes is the request's id.
func causedByRequest(e *es.Event) bool {
	switch e.Actor.Kind {
	case es.ActorPerson, es.ActorAPIKey, es.ActorOperator:
		return e.CausationID == e.CorrelationID
	}
	return false
}

// actorNames returns what keys are called, and who leads are to those who may read leads.
func (s *Server) actorNames(c *call, events []*es.Event) (map[es.Actor]string, error) {
	names := map[es.Actor]string{}
	var keys bool
	var people []uuid.UUID
	for _, e := range events {
		switch id, err := uuid.Parse(e.Actor.ID); {
		case err != nil:
		case e.Actor.Kind == es.ActorAPIKey:
			keys = true
		case e.Actor.Kind == es.ActorPerson && c.who.Has(identity.LeadsRead):
			people = append(people, id)
		}
	}
	if keys {
		all, err := s.cfg.Keys.List(c.ctx, c.who.Org)
		if err != nil {
			return nil, err
		}
		for _, k := range all {
			names[es.Actor{Kind: es.ActorAPIKey, ID: k.ID.String()}] = k.Name
		}
	}
	if len(people) == 0 {
		return names, nil
	}
	err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		leads, err := projections.Leads(c.ctx, tx, c.who.Org, people)
		for id, l := range leads {
			names[es.Actor{Kind: es.ActorPerson, ID: id.String()}] = valueOrZero(l.Email)
		}
		return err
	})
	return names, err
}
