package api

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/internal/audit"
	"outrider/internal/es"
	"outrider/internal/identity"
	"outrider/internal/pii"
	"outrider/projections"
	"outrider/projections/analytics"
)

// auditHandlers answer what is asked of the history of an organisation.
type auditHandlers struct {
	*readSide
	*writeSide
	columns driver.Conn    // nil = there is no history here
	ring    *audit.Keyring // nil = there are no exports here
	vault   *pii.Vault
	keys    *identity.APIKeys
	origins *origins
	now     func() time.Time
	logger  *slog.Logger
	life    context.Context //nolint:containedctx // of the server
}

// forAudit is the handler of a route that auditHandlers answer.
func forAudit(handle func(*auditHandlers, *call) error) handler {
	return func(s *Server, c *call) error { return handle(s.audit, c) }
}

// getAuditKey tells everybody what verifies exports.
func (a *auditHandlers) getAuditKey(c *call) error {
	out := gen.AuditKeys{Data: []gen.AuditKey{}}
	if a.ring == nil {
		return c.answerJSON(200, out)
	}
	for i, k := range a.ring.Public() {
		out.Data = append(out.Data, gen.AuditKey{ID: k.ID, Algorithm: gen.AuditKeyAlgorithmEd25519, PublicKey: k.String(), Current: i == 0})
	}
	return c.answerJSON(200, out)
}

// listAuditEvents shows who did what, from the whole log in ClickHouse.
func (a *auditHandlers) listAuditEvents(c *call) error {
	if a.columns == nil {
		return unavailableProblem(codeUnavailable, errNoColumns)
	}
	f, err := c.auditFilter()
	if err != nil {
		return err
	}
	after, err := a.cursors.openParam(c, c.who.Org)
	if err != nil {
		return err
	}
	limit := c.numberParam("limit", defaultPage)
	p := analytics.Page{Limit: limit + 1, Newest: c.textParam("order") != "oldest"}
	p.After, _ = strconv.ParseInt(after, 10, 64) // "" = the begin
	history := analytics.History{Conn: a.columns}
	events, err := history.Audit(c.ctx, c.who.Org, f, p)
	if err != nil {
		return err
	}
	out := gen.AuditPage{Data: []gen.AuditEntry{}}
	if len(events) > limit {
		events = events[:limit]
		if out.NextCursor, err = a.cursors.sealNext(c, c.who.Org, strconv.FormatInt(events[limit-1].Oseq, 10)); err != nil {
			return err
		}
	}
	if out.Data, err = a.auditEntries(c, events); err != nil {
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

func (a *auditHandlers) auditEntries(c *call, events []*es.Event) ([]gen.AuditEntry, error) {
	out := make([]gen.AuditEntry, len(events))
	if len(events) == 0 {
		return out, nil
	}
	origins, err := a.origins.openOrigins(c.ctx, events)
	if err != nil {
		return nil, err
	}
	names, err := a.actorNames(c, events)
	if err != nil {
		return nil, err
	}
	shown, err := a.shownData(c, events)
	if err != nil {
		return nil, err
	}
	about, err := a.aboutOf(c, events)
	if err != nil {
		return nil, err
	}
	for i, e := range events {
		out[i] = gen.AuditEntry{About: about[i], Text: tellEvent(e), ID: e.ID, Oseq: e.Oseq, Type: e.Type, Subject: e.Subject, Time: e.Time, Actor: gen.AuditActor{Kind: e.Actor.Kind, ID: e.Actor.ID, Name: names[e.Actor]},
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

// actorNames returns what keys are called, and who leads and members are to those who may read them.
func (a *auditHandlers) actorNames(c *call, events []*es.Event) (map[es.Actor]string, error) {
	names := map[es.Actor]string{}
	var keys bool
	var people []uuid.UUID
	for _, e := range events {
		switch id, err := uuid.Parse(e.Actor.ID); {
		case err != nil:
		case e.Actor.Kind == es.ActorAPIKey:
			keys = true
		case e.Actor.Kind == es.ActorPerson:
			people = append(people, id)
		}
	}
	if keys {
		all, err := a.keys.List(c.ctx, c.who.Org)
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
	err := a.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		if err := memberNames(c, tx, people, names); err != nil || !c.who.Has(identity.LeadsRead) {
			return err
		}
		leads, err := projections.Leads(c.ctx, tx, c.who.Org, people)
		for id, l := range leads {
			names[es.Actor{Kind: es.ActorPerson, ID: id.String()}] = valueOrZero(l.Email)
		}
		return err
	})
	return names, err
}

// memberNames adds those of members, of now or before.
func memberNames(c *call, tx pgx.Tx, people []uuid.UUID, names map[es.Actor]string) error {
	if !c.who.Has(identity.MembersRead) {
		return nil
	}
	members, err := projections.MembersOf(c.ctx, tx, c.who.Org, people)
	for id, m := range members {
		shown, err := memberOf(m, nil)
		if err != nil {
			return err
		}
		names[es.Actor{Kind: es.ActorPerson, ID: id.String()}] = shown.Email
	}
	return err
}
