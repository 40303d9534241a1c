package node

import (
	"context"
	"errors"
	"time"

	"outrider/api"
	"outrider/internal/app/billing"
)

// Selling says how plans are paid for.
type Selling struct {
	StripeKey           string   `name:"stripe-key" help:"Secret key of a Stripe account: organisations buy their plans there. Without it an operator sets plans. 'outrider admin billing set-up' makes prices and the webhook endpoint." placeholder:"KEY"`
	StripeWebhookSecret []string `name:"stripe-webhook-secret" help:"Secret of the webhook endpoint; two while one is replaced." placeholder:"WHSEC"`
	StripeURL           string   `name:"stripe-url" hidden:"" help:"Another address of Stripe's API." placeholder:"URL"`
	StripeTax           bool     `name:"stripe-tax" help:"Let Stripe Tax compute taxes; the account must have it set up."`
	StripeDemo          bool     `name:"stripe-demo" hidden:"" help:"It is a stand-in: nobody pays anything."`
}

// Validate says what is missing.
func (s Selling) Validate() error {
	if s.StripeKey == "" && (len(s.StripeWebhookSecret) > 0 || s.StripeTax) {
		return errors.New("--stripe-webhook-secret and --stripe-tax need --stripe-key")
	}
	return nil
}

// How often it is looked whether notifications wait, and a comparison is due.
const (
	hintsEvery = 2 * time.Second
	hintsKept  = 30 * 24 * time.Hour
)

// selling is what Selling says, made ready.
type selling struct {
	parts *api.Selling // nil = nothing is sold
	wake  chan struct{}
}

func (n *Node) newSelling(c Selling) (s selling, err error) {
	if c.StripeKey == "" || !n.hasRole(RoleAPI) && !n.hasRole(RoleConsumers) {
		return s, nil
	}
	provider, err := billing.NewProvider(billing.Config{Key: c.StripeKey, URL: c.StripeURL, Plans: n.plans, AutomaticTax: c.StripeTax, Demo: c.StripeDemo,
		Report: func(err error, wait time.Duration) {
			n.log.Warn("a call to the payment provider is tried again", "wait", wait, "error", err)
		}})
	if err != nil {
		return s, err
	}
	s.wake = make(chan struct{}, 1)
	s.parts = &api.Selling{Mirror: &billing.Mirror{Provider: provider, Inbox: billing.NewInbox(n.Pools.Identity), Commands: n.Gateway, Plans: n.plans, Now: n.clock.Now, Log: n.log},
		Secrets: c.StripeWebhookSecret, BaseURL: n.mailing.base, Wake: func() {
			select {
			case s.wake <- struct{}{}:
			default: // it is told already
			}
		}}
	return s, nil
}

// followPayments brings in what the payment provider tells, until ctx ends.
func (n *Node) followPayments(ctx context.Context) error {
	return n.selling.parts.Mirror.Run(ctx, hintsEvery, n.selling.wake)
}

// comparePayments compares with the payment provider each night, and when it is asked for.
func (n *Node) comparePayments(ctx context.Context) error {
	c := billing.Comparer{Mirror: n.selling.parts.Mirror, Reads: n.Pools.API}
	tick := time.NewTicker(hintsEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			older := time.Time{}
			if h := now.UTC().Hour(); h >= nightFrom && h < nightTo {
				older = now.Add(-reconcileAfter)
			}
			ran, err := c.RunAsked(ctx, older)
			if err != nil && ctx.Err() == nil {
				n.log.Warn("the comparison with the payment provider failed; it is tried again", "error", err)
			}
			if ran && err == nil {
				err = n.selling.parts.Mirror.Inbox.Forget(ctx, now.Add(-hintsKept))
			}
			if err != nil && ctx.Err() == nil {
				n.log.Warn("old notifications of the payment provider stay", "error", err)
			}
		}
	}
}
