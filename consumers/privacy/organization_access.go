package privacy

import (
	"context"

	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/identity"
)

// AccessKeeper ends the API keys of an organisation with it, and makes them read-only while it is suspended.
type AccessKeeper struct{ keys *identity.APIKeys }

// NewAccessKeeper returns the reactor.
func NewAccessKeeper(keys *identity.APIKeys) (*AccessKeeper, error) {
	return &AccessKeeper{keys}, reaction.Required{"keys": keys != nil}.Check("organization access")
}

// Reactor returns how it is run.
func (k *AccessKeeper) Reactor() react.Reactor {
	return react.Reactor{Name: "organization_access", Wants: reaction.WantEvents(events.OrganizationStatusChanged{}, events.OrganizationDeletionRequested{}, events.OrganizationRestored{}, events.OrganizationDeleted{}), Handle: k.setAccess}
}

func (k *AccessKeeper) setAccess(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	switch p := p.(type) {
	case events.OrganizationStatusChanged:
		return nil, k.keys.SetAccess(ctx, e.Org, identity.AccessWith(p.Status), e.Oseq)
	case events.OrganizationRestored:
		return nil, k.keys.SetAccess(ctx, e.Org, identity.AccessWith(p.Status), e.Oseq)
	case events.OrganizationDeletionRequested, events.OrganizationDeleted:
		return nil, k.keys.SetAccess(ctx, e.Org, identity.AccessNone, e.Oseq)
	}
	return nil, nil
}
