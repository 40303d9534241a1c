package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/integrations"
	services "outrider/internal/integrations"
	"outrider/internal/linktoken"
	"outrider/internal/pii"
	"outrider/projections"
)

// integrationHandlers answer what is asked of connections to services of others.
type integrationHandlers struct {
	*readSide
	*writeSide
	connector *integrations.Connector // nil = none can be connected here
	base      string                  // our address
	signer    *linktoken.Signer       // nil = nothing that is posted is ours
	locally   bool                    // Config.SignInsReturnLocally
}

// forIntegrations is the handler of a route that integrationHandlers answer.
func forIntegrations(handle func(*integrationHandlers, *call) error) handler {
	return func(s *Server, c *call) error {
		return handle(&integrationHandlers{s.readSide, s.writeSide, s.cfg.Integrations, s.cfg.BaseURL, s.cfg.Signer, s.cfg.SignInsReturnLocally}, c)
	}
}

func (h *integrationHandlers) providers() []services.Provider {
	if h.connector == nil {
		return nil
	}
	return h.connector.Registry.Providers()
}

func (h *integrationHandlers) listProviders(c *call) error {
	out := gen.IntegrationProviderList{Data: []gen.IntegrationProvider{}}
	for _, p := range h.providers() {
		out.Data = append(out.Data, gen.IntegrationProvider{Name: p.Name, Kind: gen.IntegrationProviderKind(p.Kind), SignIn: p.ByOAuth(), Key: p.Keys})
	}
	return c.answerJSON(http.StatusOK, out)
}

// kindOf is what a provider is; what isn't offered any more was a CRM unless its name says otherwise.
func (h *integrationHandlers) kindOf(provider string) gen.IntegrationKind {
	for _, p := range h.providers() {
		if p.Name == provider {
			return gen.IntegrationKind(p.Kind)
		}
	}
	return gen.IntegrationKind(services.CRM)
}

// connect has the service say whose the key is first; a key that leads nowhere is never kept.
func (h *integrationHandlers) connect(c *call, body gen.IntegrationCreate) error {
	if h.connector == nil {
		return integrationProblem("provider", integrations.ErrProvider)
	}
	in, err := h.beginOwn(c)
	if err != nil {
		return err
	}
	id := in.newID("connection")
	cmd, err := h.connector.Connect(c.ctx, in.org, id, uuid.Nil, body.Provider, integrations.Secret{Key: body.Key})
	if err != nil {
		return integrationProblem("key", err)
	}
	a, err := h.submitCommand(in, cmd)
	if err != nil {
		return h.forget(c.ctx, in.org, id, err)
	}
	return h.showAfterChange(c, "connections", a, func() error {
		out, err := h.load(c, id)
		if err != nil {
			return err
		}
		return c.answerCreated(out, "/v1/integrations/"+id.String(), 0)
	})
}

// forget destroys the secrets of a connection that was refused. One that may still be made keeps them.
func (h *integrationHandlers) forget(ctx context.Context, org, connection uuid.UUID, err error) error {
	if p := (*problem)(nil); errors.As(err, &p) {
		return errors.Join(err, h.connector.Forget(ctx, org, connection))
	}
	return err
}

// integrationProblem says what the service says of a secret.
func integrationProblem(field string, err error) error {
	var needs *services.NeedsYou
	var later *services.Later
	switch {
	case errors.Is(err, integrations.ErrProvider):
		return invalidField("provider", "isn't set up here in this way")
	case errors.Is(err, integrations.ErrOtherAccount):
		return invalidField(field, "is of another account than the one that is connected")
	case errors.As(err, &needs):
		return invalidField(field, "isn't taken: "+needs.Detail)
	case errors.As(err, &later):
		return unavailableProblem(codeUnavailable, err)
	}
	return err
}

func (h *integrationHandlers) load(c *call, id uuid.UUID) (out gen.Integration, err error) {
	var row *projections.Connection
	var health map[uuid.UUID]integrations.Health
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if row, err = projections.GetConnection(c.ctx, tx, c.who.Org, id); err == nil {
			health, err = integrations.Healths(c.ctx, tx, c.who.Org)
		}
		return err
	}); err != nil {
		return out, err
	}
	return h.integrationOf(c, row, health[id])
}

func (h *integrationHandlers) integrationOf(c *call, row *projections.Connection, health integrations.Health) (out gen.Integration, err error) {
	out = gen.Integration{ID: row.ConnectionID, Provider: row.Provider, Kind: h.kindOf(row.Provider), PersonID: valueOrZero(row.PersonID), State: gen.IntegrationState(row.State()), Reason: gen.IntegrationReason(row.Interrupted),
		Detail: row.Detail, Since: row.Since, Mapped: row.Settings != nil || row.Calendars != nil, WorkedAt: valueOrZero(health.WorkedAt), FailingSince: valueOrZero(health.FailingSince), Error: health.Error,
		Waiting: health.Waiting, Failed: health.Failed, Linked: health.Linked, Conflicts: health.Conflicts, CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt}
	if out.State == gen.IntegrationStatePaused {
		out.Detail = row.PauseReason
	}
	account, err := integrations.OpenAccount(c.ctx, h.vault, row.OrgID, row.ConnectionID, row.Account)
	if err != nil && !errors.Is(err, pii.ErrNotFound) {
		return out, err
	}
	out.Account = account.Name
	return out, nil
}

func (h *integrationHandlers) show(c *call, id uuid.UUID) error {
	out, err := h.load(c, id)
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, out)
}

func (h *integrationHandlers) list(c *call) error {
	out := gen.IntegrationList{Data: []gen.Integration{}}
	var rows []*projections.Connection
	var health map[uuid.UUID]integrations.Health
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if rows, err = projections.ListConnections(c.ctx, tx, c.who.Org); err == nil {
			health, err = integrations.Healths(c.ctx, tx, c.who.Org)
		}
		return err
	}); err != nil {
		return err
	}
	for _, row := range rows {
		one, err := h.integrationOf(c, row, health[row.ConnectionID])
		if err != nil {
			return err
		}
		out.Data = append(out.Data, one)
	}
	return c.answerJSON(http.StatusOK, out)
}

func (h *integrationHandlers) reconnect(c *call, id uuid.UUID, body gen.IntegrationReconnect) error {
	row, err := h.row(c, id)
	if err != nil {
		return err
	}
	if h.connector == nil {
		return integrationProblem("key", integrations.ErrProvider)
	}
	cmd, err := h.connector.Reconnect(c.ctx, c.who.Org, id, row.Provider, row.AccountHash, integrations.Secret{Key: body.Key})
	if err != nil {
		return integrationProblem("key", err)
	}
	return h.change(c, id, cmd)
}

func (h *integrationHandlers) row(c *call, id uuid.UUID) (row *projections.Connection, err error) {
	err = h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetConnection(c.ctx, tx, c.who.Org, id)
		return err
	})
	return row, err
}

func (h *integrationHandlers) change(c *call, id uuid.UUID, cmd commands.Command) error {
	a, err := h.submitOwn(c, cmd)
	if err != nil {
		return err
	}
	return h.showAfterChange(c, "connections", a, func() error { return h.show(c, id) })
}

func (h *integrationHandlers) pause(c *call, id uuid.UUID, body gen.IntegrationPause) error {
	return h.change(c, id, commands.PauseConnection{ConnectionRef: events.ConnectionRef{ConnectionID: id}, Reason: body.Reason})
}

func (h *integrationHandlers) resume(c *call, id uuid.UUID) error {
	return h.change(c, id, commands.ResumeConnection{ConnectionRef: events.ConnectionRef{ConnectionID: id}})
}

func removeIntegration(_ *call, id uuid.UUID) (commands.Command, error) {
	return commands.RemoveConnection{ConnectionRef: events.ConnectionRef{ConnectionID: id}}, nil
}

func (h *integrationHandlers) listLog(c *call, id uuid.UUID) error {
	data, next, err := listPage(h.readSide, c, c.who.Org, func(tx pgx.Tx, before int64, limit int) ([]*integrations.Entry, error) {
		if _, err := projections.GetConnection(c.ctx, tx, c.who.Org, id); err != nil {
			return nil, err
		}
		return integrations.ListLog(c.ctx, tx, c.who.Org, id, c.textParam("outcome"), before, limit)
	}, func(e *integrations.Entry) int64 { return e.Number }, func(e *integrations.Entry) (gen.IntegrationLogEntry, error) {
		return gen.IntegrationLogEntry{At: e.At, Direction: gen.IntegrationLogEntryDirection(e.Direction), What: e.What, Outcome: gen.IntegrationOutcome(e.Outcome), LeadID: valueOrZero(e.LeadID),
			RemoteID: valueOrZero(e.RemoteID), Count: e.Count, Detail: e.Detail}, nil
	})
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, gen.IntegrationLogPage{Data: data, NextCursor: next})
}
