package privacy

import (
	"context"

	"github.com/google/uuid"

	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/react"
)

// IdentityLinks keeps which organisations are linked; *identity.IdentityLinks is one.
type IdentityLinks interface {
	Set(ctx context.Context, org, link uuid.UUID, linked bool, oseq int64) error
}

// IdentityLinkKeeper lets tokens of identity providers count for what the log says: the api does it at once, this does it for whoever
// dies before.
type IdentityLinkKeeper struct{ links IdentityLinks }

// NewIdentityLinkKeeper makes the reactor.
func NewIdentityLinkKeeper(l IdentityLinks) (*IdentityLinkKeeper, error) {
	return &IdentityLinkKeeper{l}, reaction.Required{"links": l != nil}.Check("identity links")
}

// Reactor returns how it is run.
func (k *IdentityLinkKeeper) Reactor() react.Reactor {
	return react.Reactor{Name: "identity-links", Wants: reaction.WantEvents(events.IdentityLinked{}, events.IdentityUnlinked{}), Handle: k.setLink}
}

func (k *IdentityLinkKeeper) setLink(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	switch p := events.As[events.IdentityEvent](p).(type) {
	case events.IdentityLinked:
		return nil, k.links.Set(ctx, e.Org, p.LinkID, true, e.Oseq)
	case events.IdentityUnlinked:
		return nil, k.links.Set(ctx, e.Org, p.LinkID, false, e.Oseq)
	case events.IdentityJoiningSet: // changes nothing here
	}
	return nil, nil
}
