package commands

import (
	"time"

	"outrider/aggregates"
	"outrider/events"
)

// MaxInvoiceLines bounds those that are recorded of an invoice.
const MaxInvoiceLines = 250

// LinkBillingCustomer says which customer of the payment provider the organisation is.
type LinkBillingCustomer struct {
	CustomerID string `json:"customer_id"`
}

func (LinkBillingCustomer) CommandType() string { return "billing.link_customer.v1" }

// Decide has nothing to do for the one that it is.
func (c LinkBillingCustomer) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := checkText("customer_id", c.CustomerID, 1, 255); err != nil {
		return nil, err
	}
	if c.CustomerID == o.Billing.CustomerID {
		return nil, nil
	}
	return oneEvent(events.BillingCustomerLinked{BillingRef: events.BillingRef{OrganizationID: o.ID}, CustomerID: c.CustomerID})
}

// RecordSubscription carries a subscription as the payment provider had it when it was read, whole, with the limits of its plan: what was read
// before is replaced. A notification of the provider is only the reason to read.
type RecordSubscription struct {
	events.Subscription
	Limits  events.Limits `json:"limits"`
	Reading int64         `json:"reading"` // who began to read later has a larger one
}

func (RecordSubscription) CommandType() string { return "billing.record_subscription.v1" }

// Decide takes nothing that was read before what it knows, and nothing of a subscription that another one has followed. What has ended for good
// doesn't come back. Plan and status of the organisation follow in the same decision.
func (c RecordSubscription) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := c.checkFields(); err != nil {
		return nil, err
	}
	if known := o.Billing.Subscription; known.SubscriptionID != "" {
		switch {
		case known.SubscriptionID != c.SubscriptionID && !followsSubscription(c.Subscription, known),
			known.SubscriptionID == c.SubscriptionID && (c.Reading <= o.Billing.Reading || hasEnded(known.Status) && !hasEnded(c.Status)),
			o.Billing.KnowsSubscription(c.Subscription):
			return nil, nil
		}
	}
	out := []events.Event{events.SubscriptionRecorded{BillingRef: events.BillingRef{OrganizationID: o.ID}, Subscription: c.Subscription, Reading: c.Reading}}
	changes, err := c.followUp(now, o)
	return append(out, changes...), err
}

func (c RecordSubscription) checkFields() error {
	switch c.Status {
	case events.SubscriptionIncomplete, events.SubscriptionIncompleteExpired, events.SubscriptionTrialing, events.SubscriptionActive, events.SubscriptionPastDue, events.SubscriptionUnpaid,
		events.SubscriptionPaused, events.SubscriptionCanceled:
	default:
		return errInvalid("status", "is none of a subscription")
	}
	if c.Reading <= 0 {
		return errInvalid("reading", "must be positive")
	}
	return firstError(checkText("subscription_id", c.SubscriptionID, 1, 255), checkText("customer_id", c.CustomerID, 1, 255), checkText("plan", c.Plan, 0, 100))
}

// followsSubscription reports whether one was made after another; of two at the same instant one is always the later.
func followsSubscription(s, before events.Subscription) bool {
	if c := s.CreatedAt.Compare(before.CreatedAt); c != 0 {
		return c > 0
	}
	return s.SubscriptionID > before.SubscriptionID
}

func hasEnded(status string) bool {
	return status == events.SubscriptionCanceled || status == events.SubscriptionIncompleteExpired
}

// followUp returns what a subscription changes of plan and status. An operator's word on the status stands.
func (c RecordSubscription) followUp(now time.Time, o *aggregates.Organization) (out []events.Event, err error) {
	free := o.Status == events.StatusActive || o.StatusCause != events.CauseOperator
	switch c.Status {
	case events.SubscriptionActive, events.SubscriptionTrialing:
		if out, err = c.changePlan(now, o); err != nil || len(out) > 1 || !free || o.Status == events.StatusActive {
			return out, err
		}
		if o.Status == events.StatusCancelled && !o.EraseAt.IsZero() {
			out = append(out, events.OrganizationRestored{OrganizationRef: events.OrganizationRef{OrganizationID: o.ID}, Status: events.StatusActive})
		}
		return append(out, statusChange(now, o, events.StatusActive, "the subscription is paid", events.CausePayment)), nil
	case events.SubscriptionPastDue, events.SubscriptionUnpaid, events.SubscriptionPaused:
		if out, err = c.changePlan(now, o); err != nil || o.Status != events.StatusActive {
			return out, err
		}
		return append(out, statusChange(now, o, events.StatusPastDue, "payment is overdue", events.CausePayment)), nil
	case events.SubscriptionCanceled: // with its plan: whoever hears of the end alone knows as much as who heard of all
		if out, err = c.changePlan(now, o); err != nil {
			return out, err
		}
		if free && !aggregates.IsStopped(o.Status) {
			out = append(out, statusChange(now, o, events.StatusSuspended, "the subscription has ended", events.CausePayment))
		}
	}
	return out, nil
}

func (c RecordSubscription) changePlan(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if c.Plan == "" { // a price that is none of ours
		return nil, nil
	}
	return ChangePlan{Plan: c.Plan, Limits: c.Limits}.Decide(now, o)
}

// RecordInvoice carries an invoice as the payment provider had it when it was read, whole.
type RecordInvoice struct {
	events.Invoice
	Reading int64 `json:"reading"`
}

func (RecordInvoice) CommandType() string { return "billing.record_invoice.v1" }

// Decide takes nothing that was read before what it knows; what is paid or void stays so. An attempt to collect it that failed is said once.
func (c RecordInvoice) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := c.checkFields(); err != nil {
		return nil, err
	}
	reading, status, attempts := o.Billing.Invoice(c.InvoiceID)
	settled := status == events.InvoicePaid || status == events.InvoiceVoid
	if c.Reading <= reading || settled && c.Status != status || o.Billing.KnowsInvoice(c.Invoice) {
		return nil, nil
	}
	ref := events.BillingRef{OrganizationID: o.ID}
	out := []events.Event{events.InvoiceRecorded{BillingRef: ref, Invoice: c.Invoice, Reading: c.Reading}}
	if c.Status == events.InvoiceOpen && c.Attempts > attempts {
		out = append(out, events.PaymentFailed{BillingRef: ref, InvoiceID: c.InvoiceID, Number: c.Number, Attempt: c.Attempts, AmountDue: c.AmountDue, Currency: c.Currency, NextAttemptAt: c.NextAttemptAt})
	}
	return out, nil
}

func (c RecordInvoice) checkFields() error {
	switch c.Status {
	case events.InvoiceDraft, events.InvoiceOpen, events.InvoicePaid, events.InvoiceVoid, events.InvoiceUncollectible:
	default:
		return errInvalid("status", "is none of an invoice")
	}
	switch {
	case c.Reading <= 0:
		return errInvalid("reading", "must be positive")
	case len(c.Lines) > MaxInvoiceLines:
		return errInvalid("lines", "are too many")
	}
	for _, l := range c.Lines {
		if err := checkText("lines.description", l.Description, 0, 500); err != nil {
			return err
		}
	}
	return firstError(checkText("invoice_id", c.InvoiceID, 1, 255), checkText("number", c.Number, 0, 100), checkText("currency", c.Currency, 3, 3))
}

// OverrideLimits sets what of a plan's limits is different for this organisation, all of it; it comes from an operator.
type OverrideLimits struct {
	Overrides map[string]int64 `json:"overrides"`
	Base      events.Limits    `json:"base"` // of its plan
	Reason    string           `json:"reason"`
}

func (OverrideLimits) CommandType() string { return "plan.override_limits.v1" }

// Decide has nothing to do when nothing differs.
func (c OverrideLimits) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	known := (&events.Limits{}).Fields()
	for name, value := range c.Overrides {
		switch {
		case known[name] == nil:
			return nil, errInvalid("overrides", "names no limit: "+name)
		case value < events.NoLimit:
			return nil, errInvalid("overrides", name+" must be -1 (no limit) or more")
		}
	}
	if err := firstError(checkPlan(o.Plan, c.Base), checkText("reason", c.Reason, 0, 500)); err != nil {
		return nil, err
	}
	limits := c.Base.With(c.Overrides)
	if limits == o.Limits && sameOverrides(c.Overrides, o.Billing.Overrides) {
		return nil, nil
	}
	return oneEvent(events.LimitsOverridden{BillingRef: events.BillingRef{OrganizationID: o.ID}, Overrides: c.Overrides, Base: c.Base, Limits: limits, Reason: c.Reason})
}

// AllowExtraLeads lets the organisation process leads beyond its plan in each billing period. The edge knows that they have a price.
type AllowExtraLeads struct {
	Max int64 `json:"max"` // 0 = none any more
}

func (AllowExtraLeads) CommandType() string { return "plan.allow_extra_leads.v1" }

// Decide counts only what is processed from here on as extra.
func (c AllowExtraLeads) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	switch {
	case c.Max < 0 || c.Max > 1_000_000:
		return nil, errInvalid("max", "must be 0 to 1000000")
	case c.Max == o.Billing.ExtraLeads:
		return nil, nil
	case o.Limits.LeadsPerMonth == events.NoLimit:
		return nil, errInvalid("max", "the plan has no limit")
	}
	from, _ := aggregates.PeriodAt(o.BillingAnchor, now)
	included := o.LeadsIncluded(from)
	if o.Billing.ExtraLeads == 0 {
		included = max(o.Limits.LeadsPerMonth, o.LeadsUsed(from))
	}
	if used := o.LeadsUsed(from); c.Max < used-included { // what was used for a price stays so
		return nil, errInvalid("max", "more were processed in this billing period already")
	}
	return oneEvent(events.ExtraLeadsAllowed{BillingRef: events.BillingRef{OrganizationID: o.ID}, Max: c.Max, Included: included, From: from})
}

func sameOverrides(a, b map[string]int64) bool {
	if len(a) != len(b) {
		return false
	}
	for name, value := range a {
		if is, ok := b[name]; !ok || is != value {
			return false
		}
	}
	return true
}
