package aggregates

import (
	"crypto/sha256"
	"maps"
	"time"

	"outrider/events"
)

// Billing is what is known of an organisation at the payment provider.
type Billing struct {
	CustomerID   string
	Subscription events.Subscription // the newest; zero = there was none
	Reading      int64               // that it was recorded by
	Overrides    map[string]int64    // of the plan's limits

	ExtraLeads    int64 // that may be processed beyond the plan in a billing period, for a price
	extraIncluded int64 // in the period that began at extraFrom
	extraFrom     time.Time

	invoices map[string]invoice // by the provider's id
	named    bool               // what exceeds the plan was said since it changed
}

type invoice struct {
	reading  int64
	digest   [sha256.Size]byte
	status   string
	attempts int
}

// Invoice returns the reading by which an invoice was recorded, its status, and the attempts to collect it that were seen.
func (b *Billing) Invoice(id string) (reading int64, status string, attempts int) {
	is := b.invoices[id]
	return is.reading, is.status, is.attempts
}

// KnowsInvoice reports whether an invoice was recorded exactly so.
func (b *Billing) KnowsInvoice(i events.Invoice) bool {
	is, ok := b.invoices[i.InvoiceID]
	return ok && is.digest == digestOf(i)
}

// KnowsSubscription reports whether the newest one was recorded exactly so.
func (b *Billing) KnowsSubscription(s events.Subscription) bool {
	return b.Subscription.SubscriptionID == s.SubscriptionID && digestOf(b.Subscription) == digestOf(s)
}

// Overridden returns a plan's limits with what is different for this organisation.
func (b *Billing) Overridden(limits events.Limits) events.Limits {
	return limits.With(b.Overrides)
}

// LeadsIncluded returns how many leads of the billing period that began at from cost nothing beyond the plan.
func (o *Organization) LeadsIncluded(from time.Time) int64 {
	if o.Billing.ExtraLeads > 0 && from.Equal(o.Billing.extraFrom) {
		return o.Billing.extraIncluded
	}
	return o.Limits.LeadsPerMonth
}

// LeadsAllowed returns how many leads may be processed in the billing period that began at from.
func (o *Organization) LeadsAllowed(from time.Time) int64 {
	if o.Limits.LeadsPerMonth == events.NoLimit {
		return events.NoLimit
	}
	return o.LeadsIncluded(from) + o.Billing.ExtraLeads
}

func (o *Organization) applyBilling(event events.BillingEvent) {
	b := &o.Billing
	switch e := event.(type) {
	case events.BillingCustomerLinked:
		b.CustomerID = e.CustomerID
	case events.SubscriptionRecorded:
		b.Subscription, b.Reading = e.Subscription, e.Reading
	case events.InvoiceRecorded:
		if b.invoices == nil {
			b.invoices = map[string]invoice{}
		}
		b.invoices[e.InvoiceID] = invoice{e.Reading, digestOf(e.Invoice), e.Status, e.Attempts}
	case events.LimitsOverridden:
		b.Overrides = maps.Clone(e.Overrides)
		o.Limits, o.warned = e.Limits, nil
		b.named = false
	case events.PlanExceeded:
		b.named = true
	case events.ExtraLeadsAllowed:
		b.ExtraLeads, b.extraIncluded, b.extraFrom = e.Max, e.Included, e.From
		o.warned = nil
	case events.PaymentFailed, events.ExtraLeadsCounted: // the invoice says so, the period is over
	}
}
