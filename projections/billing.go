package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// Billing is a row of read.billing.
type Billing struct {
	OrgID        uuid.UUID       `db:"org_id"`
	CustomerID   string          `db:"customer_id"`
	Plan         string          `db:"plan"`         // when it was changed last; '' = never since there is this row
	Subscription json.RawMessage `db:"subscription"` // events.Subscription; nil = none
	Overrides    json.RawMessage `db:"overrides"`    // of limits, by name
	Exceeded     json.RawMessage `db:"exceeded"`     // events.PlanExceeded
	Failed       json.RawMessage `db:"failed"`       // events.PaymentFailed
	ExtraLeads   int64           `db:"extra_leads"`  // that may be processed beyond the plan in a billing period
	UpdatedAt    time.Time       `db:"updated_at"`
}

// Invoice is a row of read.invoices.
type Invoice struct {
	OrgID         uuid.UUID       `db:"org_id"`
	InvoiceID     uuid.UUID       `db:"invoice_id"`
	Oseq          int64           `db:"oseq"`
	ProviderID    string          `db:"provider_id"`
	Number        string          `db:"number"`
	Status        string          `db:"status"`
	Currency      string          `db:"currency"`
	Subtotal      int64           `db:"subtotal"`
	Tax           int64           `db:"tax"`
	Total         int64           `db:"total"`
	AmountDue     int64           `db:"amount_due"`
	AmountPaid    int64           `db:"amount_paid"`
	Attempts      int             `db:"attempts"`
	CreatedAt     time.Time       `db:"created_at"`
	NextAttemptAt *time.Time      `db:"next_attempt_at"`
	PaidAt        *time.Time      `db:"paid_at"`
	Lines         json.RawMessage `db:"lines"` // []events.InvoiceLine
}

// InvoiceID is the id by which an invoice of the payment provider is known here.
func InvoiceID(org uuid.UUID, provider string) uuid.UUID {
	return es.DeriveID(org, "invoice", provider)
}

func foldBilling(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	var touched, invoices []id
	for _, e := range batch {
		switch p := e.Payload.(type) {
		case events.BillingEvent:
			touched = append(touched, id{e.Org, e.Org})
			if p, ok := p.(events.InvoiceRecorded); ok {
				invoices = append(invoices, id{e.Org, InvoiceID(e.Org, p.InvoiceID)})
			}
		case events.OrganizationPlanChanged:
			touched = append(touched, id{e.Org, e.Org})
		}
	}
	if len(touched) == 0 {
		return nil
	}
	rows := billingRows{newFold[id, Billing](), newFold[id, Invoice]()}
	if err := loadMissing(ctx, tx, rows.billing, touched, `select `+columnsOf[Billing]()+` from billing join unnest($1::uuid[], $2::uuid[]) k (org_id, own) using (org_id)`,
		func(b *Billing) id { return id{b.OrgID, b.OrgID} }); err != nil {
		return err
	}
	if err := loadRows(ctx, tx, rows.invoices, "invoices", "invoice_id", invoices, func(i *Invoice) id { return id{i.OrgID, i.InvoiceID} }); err != nil {
		return err
	}
	for _, e := range batch {
		if err := rows.applyEvent(e); err != nil {
			return err
		}
	}
	if err := upsertRows(ctx, tx, "billing", "org_id", rows.billing.liveRows()); err != nil {
		return err
	}
	return upsertRows(ctx, tx, "invoices", "org_id, invoice_id", rows.invoices.liveRows())
}

type billingRows struct {
	billing  *fold[id, Billing]
	invoices *fold[id, Invoice]
}

func (r billingRows) applyEvent(e *es.Event) (err error) {
	key := id{e.Org, e.Org}
	if p, ok := e.Payload.(events.OrganizationPlanChanged); ok {
		if b := r.billing.rows[key]; b != nil {
			b.Exceeded, b.UpdatedAt = nil, e.Time
			if p.Plan != b.Plan {
				b.ExtraLeads = 0
			}
			b.Plan = p.Plan
		}
		return nil
	}
	event := events.As[events.BillingEvent](e.Payload)
	if event == nil {
		return nil
	}
	b := r.billing.rows[key]
	if b == nil {
		b = &Billing{OrgID: e.Org, Overrides: json.RawMessage("{}")}
		r.billing.putRow(key, b)
	}
	b.UpdatedAt = e.Time
	switch p := event.(type) {
	case events.BillingCustomerLinked:
		b.CustomerID = p.CustomerID
	case events.SubscriptionRecorded:
		b.Subscription, err = es.Marshal(p.Subscription)
	case events.InvoiceRecorded:
		if err = r.forgetFailure(b, p); err == nil {
			err = r.putInvoice(e, p)
		}
	case events.PaymentFailed:
		b.Failed, err = es.Marshal(p)
	case events.ExtraLeadsAllowed:
		b.ExtraLeads = p.Max
	case events.ExtraLeadsCounted: // the invoice will say so
	case events.LimitsOverridden:
		if p.Overrides == nil {
			p.Overrides = map[string]int64{}
		}
		b.Exceeded = nil
		b.Overrides, err = es.Marshal(p.Overrides)
	case events.PlanExceeded:
		b.Exceeded, err = es.Marshal(p)
	}
	return err
}

// forgetFailure ends what is said of a failed payment once its invoice is settled.
func (r billingRows) forgetFailure(b *Billing, p events.InvoiceRecorded) error {
	if b.Failed == nil || p.Status == events.InvoiceOpen {
		return nil
	}
	var failed events.PaymentFailed
	if err := json.Unmarshal(b.Failed, &failed); err != nil {
		return fmt.Errorf("read failed payment: %w", err)
	}
	if failed.InvoiceID == p.InvoiceID {
		b.Failed = nil
	}
	return nil
}

func (r billingRows) putInvoice(e *es.Event, p events.InvoiceRecorded) error {
	key := id{e.Org, InvoiceID(e.Org, p.InvoiceID)}
	i := &Invoice{OrgID: e.Org, InvoiceID: key.own, Oseq: e.Oseq}
	if is := r.invoices.rows[key]; is != nil {
		i.Oseq = is.Oseq
	}
	if p.Lines == nil {
		p.Lines = []events.InvoiceLine{}
	}
	lines, err := es.Marshal(p.Lines)
	if err != nil {
		return fmt.Errorf("lines of an invoice: %w", err)
	}
	i.ProviderID, i.Number, i.Status, i.Currency, i.Lines = p.InvoiceID, p.Number, p.Status, p.Currency, lines
	i.Subtotal, i.Tax, i.Total, i.AmountDue, i.AmountPaid, i.Attempts = p.Subtotal, p.Tax, p.Total, p.AmountDue, p.AmountPaid, p.Attempts
	i.CreatedAt, i.NextAttemptAt, i.PaidAt = p.CreatedAt, timeOrNil(p.NextAttemptAt), timeOrNil(p.PaidAt)
	r.invoices.putRow(key, i)
	return nil
}

// GetBilling returns pgx.ErrNoRows for an organisation of which nothing was recorded.
func GetBilling(ctx context.Context, tx pgx.Tx, org uuid.UUID) (*Billing, error) {
	rows, err := tx.Query(ctx, selectFrom[Billing]("billing")+`where org_id = $1`, org)
	return collectOne[Billing](rows, err, "get billing")
}

// ListInvoices returns invoices, the newest first; before is the sequence number of the last one seen, 0 at the begin.
func ListInvoices(ctx context.Context, tx pgx.Tx, org uuid.UUID, before int64, limit int) ([]*Invoice, error) {
	rows, err := tx.Query(ctx, selectFrom[Invoice]("invoices")+`where org_id = $1 and ($2 = 0 or oseq < $2) order by oseq desc limit $3`, org, before, limit)
	return collectAll[Invoice](rows, err, "list invoices")
}

// GetInvoice returns pgx.ErrNoRows for one that there isn't.
func GetInvoice(ctx context.Context, tx pgx.Tx, org, invoice uuid.UUID) (*Invoice, error) {
	rows, err := tx.Query(ctx, selectFrom[Invoice]("invoices")+`where org_id = $1 and invoice_id = $2`, org, invoice)
	return collectOne[Invoice](rows, err, "get invoice")
}
