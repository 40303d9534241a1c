package events

import (
	"time"

	"github.com/google/uuid"
)

// BillingRef names whose bill it is.
type BillingRef struct {
	OrganizationID uuid.UUID `json:"organization_id"`
}

func (r BillingRef) AggregateID() string { return r.OrganizationID.String() }

// Status of a subscription, in the words of the payment provider.
const (
	SubscriptionIncomplete        = "incomplete"         // the first payment is awaited
	SubscriptionIncompleteExpired = "incomplete_expired" // and never came; final
	SubscriptionTrialing          = "trialing"
	SubscriptionActive            = "active"
	SubscriptionPastDue           = "past_due"
	SubscriptionUnpaid            = "unpaid"
	SubscriptionPaused            = "paused"
	SubscriptionCanceled          = "canceled" // final
)

// BillingCustomerLinked says which customer of the payment provider the organisation is.
type BillingCustomerLinked struct {
	BillingRef
	CustomerID string `json:"customer_id"`
}

func (BillingCustomerLinked) EventType() string { return "billing.customer_linked.v1" }

// Subscription is all that is kept of one; ids are the provider's.
type Subscription struct {
	SubscriptionID    string    `json:"subscription_id"`
	CustomerID        string    `json:"customer_id"`
	Status            string    `json:"status"`
	Plan              string    `json:"plan"`
	CreatedAt         time.Time `json:"created_at"`
	PeriodFrom        time.Time `json:"period_from"`
	PeriodTo          time.Time `json:"period_to"`
	CancelAtPeriodEnd bool      `json:"cancel_at_period_end"`
	EndedAt           time.Time `json:"ended_at,omitzero"`
}

// SubscriptionRecorded holds a subscription as it was read. Reading orders what was read: who began to read later has a larger one.
type SubscriptionRecorded struct {
	BillingRef
	Subscription
	Reading int64 `json:"reading"`
}

func (SubscriptionRecorded) EventType() string { return "billing.subscription_recorded.v1" }

// Status of an invoice, in the words of the payment provider.
const (
	InvoiceDraft         = "draft"
	InvoiceOpen          = "open"
	InvoicePaid          = "paid"
	InvoiceVoid          = "void"
	InvoiceUncollectible = "uncollectible"
)

// What a line of an invoice is for.
const (
	LinePlan      = "plan"      // a period of the plan
	LineProration = "proration" // the difference of a plan that was changed within a period
	LineUsage     = "usage"     // leads processed beyond what the plan includes
	LineOther     = "other"
)

// Invoice is all that is kept of one. Amounts are in the smallest unit of the currency. Who is billed is not in it.
type Invoice struct {
	InvoiceID     string        `json:"invoice_id"` // the provider's
	Number        string        `json:"number,omitzero"`
	Status        string        `json:"status"`
	Currency      string        `json:"currency"`
	Subtotal      int64         `json:"subtotal"`
	Tax           int64         `json:"tax,omitzero"`
	Total         int64         `json:"total"`
	AmountDue     int64         `json:"amount_due"`
	AmountPaid    int64         `json:"amount_paid"`
	Attempts      int           `json:"attempts"` // to collect it
	CreatedAt     time.Time     `json:"created_at"`
	NextAttemptAt time.Time     `json:"next_attempt_at,omitzero"`
	PaidAt        time.Time     `json:"paid_at,omitzero"`
	Lines         []InvoiceLine `json:"lines"`
}

// InvoiceLine is one line, in the order of the invoice.
type InvoiceLine struct {
	LineID      string    `json:"line_id"` // the provider's
	Kind        string    `json:"kind"`
	Description string    `json:"description"`
	Plan        string    `json:"plan,omitzero"`
	Quantity    int64     `json:"quantity"`
	Amount      int64     `json:"amount"`
	From        time.Time `json:"from"`
	To          time.Time `json:"to"`
	Included    int64     `json:"included,omitzero"` // of LineUsage: the leads that the plan covers
}

// InvoiceRecorded holds an invoice as it was read; Reading as in SubscriptionRecorded.
type InvoiceRecorded struct {
	BillingRef
	Invoice
	Reading int64 `json:"reading"`
}

func (InvoiceRecorded) EventType() string { return "billing.invoice_recorded.v1" }

// PaymentFailed says that an attempt to collect an invoice failed: once for each attempt that was seen.
type PaymentFailed struct {
	BillingRef
	InvoiceID     string    `json:"invoice_id"`
	Number        string    `json:"number,omitzero"`
	Attempt       int       `json:"attempt"`
	AmountDue     int64     `json:"amount_due"`
	Currency      string    `json:"currency"`
	NextAttemptAt time.Time `json:"next_attempt_at,omitzero"`
}

func (PaymentFailed) EventType() string { return "billing.payment_failed.v1" }

// LimitsOverridden sets what of the plan's limits is different for this organisation, by contract. It stays when the plan changes.
type LimitsOverridden struct {
	BillingRef
	Overrides map[string]int64 `json:"overrides"` // by the names in Limits; empty = none
	Base      Limits           `json:"base"`      // the plan's
	Limits    Limits           `json:"limits"`    // that hold from here on
	Reason    string           `json:"reason,omitzero"`
}

func (LimitsOverridden) EventType() string { return "plan.limits_overridden.v1" }

// PlanExceeded names what is more than the plan allows. Mailboxes and members of it are paused, nothing is removed; a larger plan brings them
// back. Of leads no more are taken.
type PlanExceeded struct {
	BillingRef
	Plan           string      `json:"plan"`
	Mailboxes      []uuid.UUID `json:"mailboxes,omitzero"`
	Members        []uuid.UUID `json:"members,omitzero"`
	LeadsStored    int64       `json:"leads_stored,omitzero"`    // beyond the limit
	LeadsProcessed int64       `json:"leads_processed,omitzero"` // in this billing period, beyond the limit
}

func (PlanExceeded) EventType() string { return "plan.exceeded.v1" }

// ExtraLeadsAllowed lets an organisation process leads beyond its plan in each billing period, for a price. It ends with the plan.
type ExtraLeadsAllowed struct {
	BillingRef
	Max      int64     `json:"max"`      // in a billing period; 0 = none any more
	Included int64     `json:"included"` // in this one: the plan's, or what was processed already where that is more
	From     time.Time `json:"from"`     // of this billing period
}

func (ExtraLeadsAllowed) EventType() string { return "plan.extra_leads_allowed.v1" }

// ExtraLeadsCounted says how many leads a billing period had beyond what was included, when it is over.
type ExtraLeadsCounted struct {
	BillingRef
	Plan     string    `json:"plan"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Included int64     `json:"included"`
	Extra    int64     `json:"extra"`
}

func (ExtraLeadsCounted) EventType() string { return "billing.extra_leads_counted.v1" }

// MemberSeatPaused takes a member's access, as the plan has fewer seats; they stay a member.
type MemberSeatPaused struct {
	MemberRef
}

func (MemberSeatPaused) EventType() string { return "member.seat_paused.v1" }

// MemberSeatResumed gives it back.
type MemberSeatResumed struct {
	MemberRef
	Role string `json:"role"`
}

func (MemberSeatResumed) EventType() string { return "member.seat_resumed.v1" }
