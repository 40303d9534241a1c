package api

import (
	"context"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/internal/es"
	"outrider/projections/analytics"
)

// listDeeds lists what somebody has done in an organisation, the newest first: when, what, and to which id.
func (a *auditHandlers) listDeeds(ctx context.Context, org uuid.UUID, who es.Actor, most int) ([]gen.OwnAction, error) {
	if a.columns == nil {
		return nil, unavailableProblem(codeUnavailable, errNoColumns)
	}
	found, err := analytics.History{Conn: a.columns}.Audit(ctx, org, analytics.AuditFilter{ActorKind: who.Kind, ActorID: who.ID}, analytics.Page{Limit: most, Newest: true})
	if err != nil {
		return nil, err
	}
	out := make([]gen.OwnAction, len(found))
	for i, e := range found {
		out[i] = gen.OwnAction{OrganizationID: org, Time: e.Time, Type: e.Type, Text: tellEvent(e), Subject: e.Subject}
		if who.Kind == es.ActorAPIKey {
			out[i].APIKeyID, _ = uuid.Parse(who.ID)
		}
	}
	return out, nil
}
