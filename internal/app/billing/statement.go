package billing

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
	"outrider/projections/analytics"
)

// Prefixes of the types of events that a bill is made of.
const (
	typeEnrolled = "enrollment.started."
	typeInvoice  = "billing.invoice_recorded."
	typeSubject  = "billing.subscription_recorded."
	typePlan     = "organization.plan_changed."
)

// counted is what stands in the data of an enrollment by which a lead counts as processed.
const counted = `"counted":true`

// planEvents are how many of what was subscribed to stand under a line for a plan: the newest of before its end.
const planEvents = 10

// LineEvents returns the events behind a line of an invoice, oldest first: of one for usage, those that were processed beyond what the plan
// includes; of one for a plan, what was subscribed to until the begin of its time. after is the number of the last one seen.
func LineEvents(ctx context.Context, h analytics.History, org uuid.UUID, l events.InvoiceLine, after int64, limit int) ([]*es.Event, error) {
	switch l.Kind {
	case events.LineUsage:
		f := analytics.AuditFilter{Type: typeEnrolled, Text: counted, From: l.From, To: l.To}
		if after == 0 && l.Included > 0 {
			oseq, err := h.Nth(ctx, org, f, l.Included)
			if err != nil {
				return nil, err
			}
			if oseq == 0 { // there are no more than that
				return nil, nil
			}
			after = oseq
		}
		return h.Audit(ctx, org, f, analytics.Page{After: after, Limit: limit})
	case events.LinePlan, events.LineProration:
		if after > 0 {
			return nil, nil
		}
		return h.Audit(ctx, org, planFilter(l), analytics.Page{Limit: min(limit, planEvents), Newest: true})
	}
	return nil, nil
}

func planFilter(l events.InvoiceLine) analytics.AuditFilter {
	return analytics.AuditFilter{Types: []string{typeSubject, typePlan}, To: l.From.Add(time.Hour)}
}

// EachBillingEvent calls do for every event that a statement is made of, in their order.
func EachBillingEvent(ctx context.Context, h analytics.History, org uuid.UUID, do func(*es.Event) error) error {
	const page = 5_000
	for after := int64(0); ; {
		some, err := h.Audit(ctx, org, analytics.AuditFilter{Types: []string{typeEnrolled, typeInvoice, typeSubject, typePlan}}, analytics.Page{After: after, Limit: page})
		if err != nil {
			return err
		}
		for _, e := range some {
			if err := do(e); err != nil {
				return err
			}
			after = e.Oseq
		}
		if len(some) < page {
			return nil
		}
	}
}

// ErrNoInvoice says that a history has no such invoice.
var ErrNoInvoice = errors.New("the history has no such invoice")

// WriteStatement writes the statement of an invoice: each line, and under it the events that it counts. each gives an organisation's events in their
// order, all of them or those of EachBillingEvent; it is called twice.
func WriteStatement(to io.Writer, invoice string, each func(do func(*es.Event) error) error) error {
	var newest *events.InvoiceRecorded
	if err := each(func(e *es.Event) error {
		p, err := decode(e)
		if i, ok := p.(events.InvoiceRecorded); ok && (i.InvoiceID == invoice || i.Number == invoice) {
			newest = &i
		}
		return err
	}); err != nil {
		return err
	}
	if newest == nil {
		return fmt.Errorf("%w: %s", ErrNoInvoice, invoice)
	}
	s := statement{invoice: newest.Invoice, lines: make([]statementLine, len(newest.Lines))}
	if err := each(s.take); err != nil {
		return err
	}
	return s.write(to)
}

func decode(e *es.Event) (events.Event, error) {
	if e.Payload != nil {
		return events.Newest(e.Payload), nil
	}
	p, err := events.Decode(e.Type, e.Data)
	if errors.Is(err, events.ErrUnknown) {
		return nil, nil //nolint:nilnil // the kernel's own: of no bill
	}
	if err != nil {
		return nil, fmt.Errorf("read event %s: %w", e.ID, err)
	}
	return p, nil
}

type statement struct {
	invoice events.Invoice
	lines   []statementLine
}

type statementLine struct {
	counted int64
	events  []*es.Event
}

func (s *statement) take(e *es.Event) error {
	p, err := decode(e)
	if err != nil {
		return err
	}
	switch p := p.(type) {
	case events.EnrollmentStarted:
		if p.Counted {
			s.countLead(e)
		}
	case events.SubscriptionRecorded, events.OrganizationPlanChanged:
		for i, l := range s.invoice.Lines {
			if (l.Kind == events.LinePlan || l.Kind == events.LineProration) && e.Time.Before(l.From.Add(time.Hour)) {
				s.lines[i].events = append(s.lines[i].events, e)
				if n := len(s.lines[i].events); n > planEvents {
					s.lines[i].events = s.lines[i].events[n-planEvents:]
				}
			}
		}
	}
	return nil
}

func (s *statement) countLead(e *es.Event) {
	for i, l := range s.invoice.Lines {
		if l.Kind != events.LineUsage || e.Time.Before(l.From) || !e.Time.Before(l.To) {
			continue
		}
		if s.lines[i].counted++; s.lines[i].counted > l.Included {
			s.lines[i].events = append(s.lines[i].events, e)
		}
	}
}

func (s *statement) write(to io.Writer) error {
	w := csv.NewWriter(to)
	w.UseCRLF = true
	rows := [][]string{{"line", "kind", "description", "quantity", "amount", "currency", "from", "to", "event", "oseq", "time", "subject"}}
	for i, l := range s.invoice.Lines {
		n := strconv.Itoa(i + 1)
		rows = append(rows, []string{n, l.Kind, quoteFormula(l.Description), strconv.FormatInt(l.Quantity, 10), strconv.FormatInt(l.Amount, 10), s.invoice.Currency,
			l.From.UTC().Format(time.RFC3339Nano), l.To.UTC().Format(time.RFC3339Nano), "", "", "", ""})
		for _, e := range s.lines[i].events {
			rows = append(rows, []string{n, "event", e.Type, "1", "", "", "", "", e.ID.String(), strconv.FormatInt(e.Oseq, 10), e.Time.UTC().Format(time.RFC3339Nano), e.Subject})
		}
	}
	if err := w.WriteAll(rows); err != nil {
		return fmt.Errorf("write statement: %w", err)
	}
	return nil
}

// quoteFormula keeps a spreadsheet from taking a text for a formula.
func quoteFormula(s string) string {
	if s != "" && (s[0] == '=' || s[0] == '+' || s[0] == '-' || s[0] == '@' || s[0] == '\t' || s[0] == '\r') {
		return "'" + s
	}
	return s
}
