package privacy

import (
	"context"

	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/identity"
)

// DirectoryKeeper keeps what an operator finds organisations by.
type DirectoryKeeper struct{ directory *identity.Directory }

// NewDirectoryKeeper returns the reactor.
func NewDirectoryKeeper(d *identity.Directory) (*DirectoryKeeper, error) {
	return &DirectoryKeeper{d}, reaction.Required{"directory": d != nil}.Check("organization directory")
}

// Reactor returns how it is run.
func (k *DirectoryKeeper) Reactor() react.Reactor {
	return react.Reactor{Name: "organization_directory", Wants: reaction.WantEvents(events.OrganizationCreated{}, events.OrganizationUpdated{}, events.OrganizationPlanChanged{}, events.OrganizationStatusChanged{},
		events.OrganizationDeletionRequested{}, events.OrganizationRestored{}, events.OrganizationDeleted{}), Handle: k.listOrganization}
}

func (k *DirectoryKeeper) listOrganization(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	l := identity.Listed{Org: e.Org}
	switch p := p.(type) {
	case events.OrganizationCreated:
		l.Name, l.Plan, l.Status, l.Created = p.Name, p.Plan, events.StatusActive, e.Time
	case events.OrganizationUpdated:
		if p.Name != nil {
			l.Name = *p.Name
		}
	case events.OrganizationPlanChanged:
		l.Plan = p.Plan
	case events.OrganizationStatusChanged:
		l.Status = p.Status
	case events.OrganizationRestored:
		l.Status = p.Status
	case events.OrganizationDeletionRequested:
		l.Status = identity.StatusDeleted
	case events.OrganizationDeleted:
		return nil, k.directory.Remove(ctx, e.Org)
	}
	return nil, k.directory.Set(ctx, l, e.Oseq)
}
