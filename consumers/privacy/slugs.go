package privacy

import (
	"context"
	"errors"
	"fmt"

	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/identity"
)

// SlugConfirmer makes the reservations of slugs permanent.
type SlugConfirmer struct{ slugs *identity.Slugs }

// NewSlugConfirmer returns the reactor.
func NewSlugConfirmer(slugs *identity.Slugs) (*SlugConfirmer, error) {
	return &SlugConfirmer{slugs}, reaction.Required{"slugs": slugs != nil}.Check("slugs")
}

// Reactor returns how it is run.
func (d *SlugConfirmer) Reactor() react.Reactor {
	return react.Reactor{Name: "slugs", Wants: reaction.WantEvents(events.OrganizationCreated{}, events.OrganizationSlugChanged{}, events.OrganizationDeleted{}), Handle: d.confirmSlug}
}

// confirmSlug makes the reservation of an organisation's slug permanent. The api does so too; this is for when it was interrupted.
func (d *SlugConfirmer) confirmSlug(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	if _, ok := p.(events.OrganizationDeleted); ok {
		return nil, d.slugs.ReleaseAll(ctx, e.Org)
	}
	switch p := p.(type) {
	case events.OrganizationCreated:
		err = d.slugs.Confirm(ctx, p.Slug, p.OrganizationID)
	case events.OrganizationSlugChanged:
		err = d.slugs.Rename(ctx, p.From, p.Slug, e.Org)
	}
	if err != nil {
		if errors.Is(err, identity.ErrSlugTaken) {
			return nil, fmt.Errorf("%w: %w", react.ErrPermanent, err)
		}
	}
	return nil, err
}
