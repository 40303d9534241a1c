package payments

import (
	"context"

	"github.com/google/uuid"

	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/react"
)

// Ender ends what an organisation has subscribed to; *billing.Mirror is one.
type Ender interface {
	EndSubscriptions(ctx context.Context, org uuid.UUID, atOnce bool) error
}

// DeletedOrganizations lets the subscription of an organisation that is to be deleted end with what is paid for, and at once when it is deleted for good:
// nobody pays for what isn't there.
type DeletedOrganizations struct{ ender Ender }

// NewDeletedOrganizations makes the reactor; ender nil = nothing is sold here.
func NewDeletedOrganizations(ender Ender) *DeletedOrganizations { return &DeletedOrganizations{ender} }

// Reactor returns how it is run.
func (d *DeletedOrganizations) Reactor() react.Reactor {
	return react.Reactor{Name: "subscriptions_of_deleted", Wants: reaction.WantEvents(events.OrganizationDeletionRequested{}, events.OrganizationDeleted{}), Handle: d.endSubscriptions}
}

func (d *DeletedOrganizations) endSubscriptions(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil || d.ender == nil {
		return nil, err
	}
	_, gone := p.(events.OrganizationDeleted)
	return nil, d.ender.EndSubscriptions(ctx, e.Org, gone)
}
