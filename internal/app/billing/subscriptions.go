package billing

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/stripe/stripe-go/v76"

	"outrider/events"
)

// metaOrganization names the organisation on what we make at the provider.
const metaOrganization = "organization_id"

// MakeCustomer makes the customer that an organisation is. The provider is told its name and id, no person's.
func (p *Provider) MakeCustomer(ctx context.Context, org uuid.UUID, name string) (id string, err error) {
	err = p.call(ctx, "make a customer", func() error {
		c, err := p.api.Customers.New(&stripe.CustomerParams{Params: params(ctx, "customer "+org.String()), Name: stripe.String(name), Metadata: map[string]string{metaOrganization: org.String()}})
		if err == nil {
			id = c.ID
		}
		return err
	})
	return id, err
}

// StartCheckout makes a page on which a plan is paid for, and returns its address.
func (p *Provider) StartCheckout(ctx context.Context, org uuid.UUID, customer, plan, success, cancel, key string) (url string, err error) {
	price, err := p.priceOf(ctx, plan)
	if err != nil {
		return "", err
	}
	meta := map[string]string{metaOrganization: org.String()}
	err = p.call(ctx, "start a checkout", func() error {
		c := &stripe.CheckoutSessionParams{Params: params(ctx, key), Mode: stripe.String(string(stripe.CheckoutSessionModeSubscription)), Customer: stripe.String(customer),
			SuccessURL: stripe.String(success), CancelURL: stripe.String(cancel), ClientReferenceID: stripe.String(org.String()), AllowPromotionCodes: stripe.Bool(true),
			LineItems:        []*stripe.CheckoutSessionLineItemParams{{Price: stripe.String(price.ID), Quantity: stripe.Int64(1)}},
			SubscriptionData: &stripe.CheckoutSessionSubscriptionDataParams{Metadata: meta}}
		if p.cfg.AutomaticTax {
			c.AutomaticTax = &stripe.CheckoutSessionAutomaticTaxParams{Enabled: stripe.Bool(true)}
			c.CustomerUpdate = &stripe.CheckoutSessionCustomerUpdateParams{Address: stripe.String("auto")}
		}
		s, err := p.api.CheckoutSessions.New(c)
		if err == nil {
			url = s.URL
		}
		return err
	})
	return url, err
}

// OpenPortal makes a page on which a customer changes cards and addresses, and returns its address.
func (p *Provider) OpenPortal(ctx context.Context, customer, back string) (url string, err error) {
	err = p.call(ctx, "open the portal", func() error {
		s, err := p.api.BillingPortalSessions.New(&stripe.BillingPortalSessionParams{Params: params(ctx, ""), Customer: stripe.String(customer), ReturnURL: stripe.String(back)})
		if err == nil {
			url = s.URL
		}
		return err
	})
	return url, err
}

// ReadSubscription returns one as it is now.
func (p *Provider) ReadSubscription(ctx context.Context, id string) (events.Subscription, error) {
	s, err := p.getSubscription(ctx, id)
	if err != nil {
		return events.Subscription{}, err
	}
	return subscriptionOf(s), nil
}

func (p *Provider) getSubscription(ctx context.Context, id string) (s *stripe.Subscription, err error) {
	err = p.call(ctx, "read a subscription", func() (err error) {
		s, err = p.api.Subscriptions.Get(id, &stripe.SubscriptionParams{Params: params(ctx, "")})
		return err
	})
	return s, err
}

// ListSubscriptions returns all of a customer, those that have ended too.
func (p *Provider) ListSubscriptions(ctx context.Context, customer string) (out []events.Subscription, err error) {
	err = p.call(ctx, "list subscriptions", func() error {
		out = nil
		i := p.api.Subscriptions.List(&stripe.SubscriptionListParams{ListParams: listParams(ctx), Customer: stripe.String(customer), Status: stripe.String("all")})
		for i.Next() {
			out = append(out, subscriptionOf(i.Subscription()))
		}
		return i.Err()
	})
	return out, err
}

func subscriptionOf(s *stripe.Subscription) events.Subscription {
	out := events.Subscription{SubscriptionID: s.ID, Status: string(s.Status), CreatedAt: instant(s.Created), PeriodFrom: instant(s.CurrentPeriodStart), PeriodTo: instant(s.CurrentPeriodEnd),
		CancelAtPeriodEnd: s.CancelAtPeriodEnd, EndedAt: instant(s.EndedAt)}
	if s.Customer != nil {
		out.CustomerID = s.Customer.ID
	}
	if item := planItem(s); item != nil {
		out.Plan = planOf(item.Price)
	}
	return out
}

// planItem returns what of a subscription is the plan; nil = nothing is.
func planItem(s *stripe.Subscription) *stripe.SubscriptionItem {
	if s.Items == nil {
		return nil
	}
	for _, item := range s.Items.Data {
		if planOf(item.Price) != "" {
			return item
		}
	}
	return nil
}

func instant(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// Preview is what a change of plan would cost.
type Preview struct {
	At       time.Time // the proration holds for this instant
	Currency string
	DueNow   int64 // what the change adds to the next invoice, or takes from it
	Next     int64 // all of the next invoice
	NextAt   time.Time
	Lines    []events.InvoiceLine
}

// PreviewPlan says what another plan would cost from now on. Nothing is changed.
func (p *Provider) PreviewPlan(ctx context.Context, subscription, plan string) (out Preview, err error) {
	s, err := p.getSubscription(ctx, subscription)
	if err != nil {
		return out, err
	}
	item, price, err := p.changeOf(ctx, s, plan)
	if err != nil {
		return out, err
	}
	err = p.call(ctx, "preview a change of plan", func() error {
		i, err := p.api.Invoices.Upcoming(&stripe.InvoiceUpcomingParams{Params: params(ctx, ""), Customer: stripe.String(s.Customer.ID), Subscription: stripe.String(s.ID),
			SubscriptionItems:             []*stripe.SubscriptionItemsParams{{ID: stripe.String(item), Price: stripe.String(price.ID)}},
			SubscriptionProrationBehavior: stripe.String(prorate)})
		if err != nil {
			return err
		}
		if out.At = instant(i.SubscriptionProrationDate); out.At.IsZero() { // the provider's clock, which may be a test clock, else ours
			out.At = time.Now().UTC().Truncate(time.Second)
		}
		out.Currency, out.Next, out.NextAt = string(i.Currency), i.AmountDue, instant(i.NextPaymentAttempt)
		if out.NextAt.IsZero() {
			out.NextAt = instant(s.CurrentPeriodEnd)
		}
		out.DueNow, out.Lines = 0, nil
		if i.Lines == nil {
			return nil
		}
		for _, l := range i.Lines.Data {
			line := lineOf(l)
			if line.Kind == events.LineProration {
				out.DueNow += line.Amount
			}
			out.Lines = append(out.Lines, line)
		}
		return nil
	})
	return out, err
}

const prorate = "create_prorations"

func (p *Provider) changeOf(ctx context.Context, s *stripe.Subscription, plan string) (item string, price Price, err error) {
	if price, err = p.priceOf(ctx, plan); err != nil {
		return "", price, err
	}
	is := planItem(s)
	if is == nil {
		return "", price, fmt.Errorf("%w: subscription %s has no plan", ErrRefused, s.ID)
	}
	return is.ID, price, nil
}

// ChangePlan changes what is subscribed to from an instant on, which a preview has shown the cost of; zero = now.
func (p *Provider) ChangePlan(ctx context.Context, subscription, plan string, at time.Time, key string) (out events.Subscription, err error) {
	s, err := p.getSubscription(ctx, subscription)
	if err != nil {
		return out, err
	}
	item, price, err := p.changeOf(ctx, s, plan)
	if err != nil {
		return out, err
	}
	err = p.call(ctx, "change the plan", func() error {
		change := &stripe.SubscriptionParams{Params: params(ctx, key), Items: []*stripe.SubscriptionItemsParams{{ID: stripe.String(item), Price: stripe.String(price.ID)}},
			ProrationBehavior: stripe.String(prorate), CancelAtPeriodEnd: stripe.Bool(false)}
		if !at.IsZero() {
			change.ProrationDate = stripe.Int64(at.Unix())
		}
		s, err := p.api.Subscriptions.Update(subscription, change)
		if err == nil {
			out = subscriptionOf(s)
		}
		return err
	})
	return out, err
}

// EndWithPeriod lets a subscription end with what is paid for, or takes that back.
func (p *Provider) EndWithPeriod(ctx context.Context, subscription string, end bool, key string) (out events.Subscription, err error) {
	err = p.call(ctx, "end a subscription", func() error {
		s, err := p.api.Subscriptions.Update(subscription, &stripe.SubscriptionParams{Params: params(ctx, key), CancelAtPeriodEnd: stripe.Bool(end)})
		if err == nil {
			out = subscriptionOf(s)
		}
		return err
	})
	return out, err
}

// EndNow ends a subscription at once. One that has ended is as good.
func (p *Provider) EndNow(ctx context.Context, subscription string) error {
	err := p.call(ctx, "end a subscription now", func() error {
		_, err := p.api.Subscriptions.Cancel(subscription, &stripe.SubscriptionCancelParams{Params: params(ctx, "")})
		return err
	})
	if errors.Is(err, ErrGone) {
		return nil
	}
	return err
}

// Usage is what of leads a billing period had beyond the plan.
type Usage struct {
	From, To time.Time
	Included int64 // by the plan
	Extra    int64
}

// Names of what says on a line of an invoice which usage it is of.
const (
	metaFrom     = "period_from"
	metaTo       = "period_to"
	metaIncluded = "included"
)

// BillUsage puts the leads beyond the plan on a customer's next invoice; asked twice for one period it does so once.
func (p *Provider) BillUsage(ctx context.Context, org uuid.UUID, customer, plan string, u Usage) error {
	price, ok, err := p.ExtraLeads(ctx, plan)
	if err != nil || !ok || u.Extra <= 0 {
		return err
	}
	return p.call(ctx, "bill usage", func() error {
		_, err := p.api.InvoiceItems.New(&stripe.InvoiceItemParams{Params: params(ctx, "usage "+org.String()+" "+u.From.Format(time.RFC3339)), Customer: stripe.String(customer), Price: stripe.String(price.ID),
			Quantity: stripe.Int64(u.Extra), Period: &stripe.InvoiceItemPeriodParams{Start: stripe.Int64(u.From.Unix()), End: stripe.Int64(u.To.Unix())},
			Metadata: map[string]string{metaFrom: u.From.UTC().Format(time.RFC3339Nano), metaTo: u.To.UTC().Format(time.RFC3339Nano), metaIncluded: strconv.FormatInt(u.Included, 10)}})
		return err
	})
}
