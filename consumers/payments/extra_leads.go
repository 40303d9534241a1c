// Package payments tells the payment provider what is to be billed.
package payments

import (
	"context"

	"github.com/google/uuid"

	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/billing"
	"outrider/internal/es"
	"outrider/internal/es/react"
)

// Biller puts leads beyond a plan on an organisation's next invoice, for one billing period once; *billing.Mirror is one.
type Biller interface {
	BillUsage(ctx context.Context, org uuid.UUID, plan string, u billing.Usage) error
}

// ExtraLeads bills what a billing period had beyond the plan.
type ExtraLeads struct{ biller Biller }

// NewExtraLeads makes the reactor; biller nil = nothing is sold here.
func NewExtraLeads(biller Biller) *ExtraLeads { return &ExtraLeads{biller} }

// Reactor returns how it is run.
func (x *ExtraLeads) Reactor() react.Reactor {
	return react.Reactor{Name: "extra_leads", Wants: reaction.WantEvents(events.ExtraLeadsCounted{}), Handle: x.billPeriod}
}

// billPeriod may ask twice when it is interrupted: the provider does it once.
func (x *ExtraLeads) billPeriod(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil || x.biller == nil {
		return nil, err
	}
	counted, ok := p.(events.ExtraLeadsCounted)
	if !ok {
		return nil, nil
	}
	return nil, x.biller.BillUsage(ctx, e.Org, counted.Plan, billing.Usage{From: counted.From, To: counted.To, Included: counted.Included, Extra: counted.Extra})
}
