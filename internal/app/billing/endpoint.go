package billing

import (
	"context"
	"fmt"
	"slices"

	"github.com/stripe/stripe-go/v76"
)

// WebhookPath is where the provider's notifications come in.
const WebhookPath = "/hooks/stripe"

// WantedEvents are the types of which the provider tells us.
func WantedEvents() []string {
	return []string{"checkout.session.completed", "customer.subscription.created", "customer.subscription.updated", "customer.subscription.deleted", "customer.subscription.trial_will_end",
		"customer.subscription.paused", "customer.subscription.resumed", "invoice.created", "invoice.finalized", "invoice.updated", "invoice.paid", "invoice.payment_failed", "invoice.payment_action_required",
		"invoice.voided", "invoice.marked_uncollectible", "charge.refunded"}
}

// MakeEndpoint has the provider send its notifications to us, in the shape of the version that we speak: the endpoint's version decides that, not the
// client's. It returns the secret by which they are signed, which the provider tells only once.
func (p *Provider) MakeEndpoint(ctx context.Context, url string) (secret string, err error) {
	err = p.call(ctx, "make a webhook endpoint", func() error {
		e, err := p.api.WebhookEndpoints.New(&stripe.WebhookEndpointParams{Params: params(ctx, "endpoint "+url), URL: stripe.String(url), APIVersion: stripe.String(APIVersion),
			EnabledEvents: stripe.StringSlice(WantedEvents()), Description: stripe.String("Outrider")})
		if err == nil {
			secret = e.Secret
		}
		return err
	})
	return secret, err
}

// CheckEndpoint says what is wrong with the endpoint that the provider sends to; nil = nothing.
func (p *Provider) CheckEndpoint(ctx context.Context, url string) error {
	var found *stripe.WebhookEndpoint
	if err := p.call(ctx, "list webhook endpoints", func() error {
		i := p.api.WebhookEndpoints.List(&stripe.WebhookEndpointListParams{ListParams: listParams(ctx)})
		for i.Next() {
			if e := i.WebhookEndpoint(); e.URL == url && (found == nil || e.Status == "enabled") {
				found = e
			}
		}
		return i.Err()
	}); err != nil {
		return err
	}
	switch {
	case found == nil:
		return fmt.Errorf("the payment provider has no webhook endpoint for %s; make one with `outrider admin billing set-up`", url)
	case found.APIVersion != APIVersion:
		return fmt.Errorf("the webhook endpoint %s has the API version %q, want %s; delete it and make one with `outrider admin billing set-up`", found.ID, found.APIVersion, APIVersion)
	case found.Status != "enabled":
		return fmt.Errorf("the webhook endpoint %s is %s", found.ID, found.Status)
	}
	for _, want := range WantedEvents() {
		if !slices.Contains(found.EnabledEvents, want) && !slices.Contains(found.EnabledEvents, "*") {
			return fmt.Errorf("the webhook endpoint %s doesn't send %s", found.ID, want)
		}
	}
	return nil
}
