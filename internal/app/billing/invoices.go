package billing

import (
	"context"
	"strconv"
	"time"

	"github.com/stripe/stripe-go/v76"

	"outrider/commands"
	"outrider/events"
)

// ReadInvoice returns one as it is now, and whose it is.
func (p *Provider) ReadInvoice(ctx context.Context, id string) (out events.Invoice, customer string, err error) {
	i, err := p.getInvoice(ctx, id)
	if err != nil {
		return out, "", err
	}
	out = invoiceOf(i)
	if i.Lines != nil && i.Lines.HasMore {
		if out.Lines, err = p.listLines(ctx, id); err != nil {
			return out, "", err
		}
	}
	if i.Customer != nil {
		customer = i.Customer.ID
	}
	return out, customer, nil
}

func (p *Provider) getInvoice(ctx context.Context, id string) (i *stripe.Invoice, err error) {
	err = p.call(ctx, "read an invoice", func() (err error) {
		i, err = p.api.Invoices.Get(id, &stripe.InvoiceParams{Params: params(ctx, "")})
		return err
	})
	return i, err
}

func (p *Provider) listLines(ctx context.Context, invoice string) (out []events.InvoiceLine, err error) {
	err = p.call(ctx, "list lines of an invoice", func() error {
		out = nil
		i := p.api.Invoices.ListLines(&stripe.InvoiceListLinesParams{ListParams: listParams(ctx), Invoice: stripe.String(invoice)})
		for i.Next() && len(out) < commands.MaxInvoiceLines {
			out = append(out, lineOf(i.InvoiceLineItem()))
		}
		return i.Err()
	})
	return out, err
}

// Pages are addresses at the provider where an invoice can be read and paid. They open for whoever has them, so they are asked for when they are
// needed, and kept nowhere.
type Pages struct{ PDF, Hosted string }

// InvoicePages returns those of an invoice.
func (p *Provider) InvoicePages(ctx context.Context, id string) (Pages, error) {
	i, err := p.getInvoice(ctx, id)
	if err != nil {
		return Pages{}, err
	}
	return Pages{PDF: i.InvoicePDF, Hosted: i.HostedInvoiceURL}, nil
}

// ListInvoices returns all of a customer, the newest first.
func (p *Provider) ListInvoices(ctx context.Context, customer string) (out []events.Invoice, err error) {
	var long []int
	err = p.call(ctx, "list invoices", func() error {
		out, long = nil, nil
		i := p.api.Invoices.List(&stripe.InvoiceListParams{ListParams: listParams(ctx), Customer: stripe.String(customer)})
		for i.Next() {
			if x := i.Invoice(); x.Lines != nil && x.Lines.HasMore {
				long = append(long, len(out))
			}
			out = append(out, invoiceOf(i.Invoice()))
		}
		return i.Err()
	})
	for _, n := range long {
		if err == nil {
			out[n].Lines, err = p.listLines(ctx, out[n].InvoiceID)
		}
	}
	return out, err
}

func invoiceOf(i *stripe.Invoice) events.Invoice {
	out := events.Invoice{InvoiceID: i.ID, Number: i.Number, Status: string(i.Status), Currency: string(i.Currency), Subtotal: i.Subtotal, Tax: i.Tax, Total: i.Total, AmountDue: i.AmountDue, AmountPaid: i.AmountPaid,
		Attempts: int(i.AttemptCount), CreatedAt: instant(i.Created), NextAttemptAt: instant(i.NextPaymentAttempt), Lines: []events.InvoiceLine{}}
	if i.StatusTransitions != nil {
		out.PaidAt = instant(i.StatusTransitions.PaidAt)
	}
	if i.Lines != nil {
		for _, l := range i.Lines.Data {
			if len(out.Lines) < commands.MaxInvoiceLines {
				out.Lines = append(out.Lines, lineOf(l))
			}
		}
	}
	return out
}

func lineOf(l *stripe.InvoiceLineItem) events.InvoiceLine {
	out := events.InvoiceLine{LineID: l.ID, Kind: events.LineOther, Description: cutText(l.Description, 500), Plan: planOf(l.Price), Quantity: l.Quantity, Amount: l.Amount}
	if l.Period != nil {
		out.From, out.To = instant(l.Period.Start), instant(l.Period.End)
	}
	switch {
	case l.Metadata[metaFrom] != "":
		from, err1 := time.Parse(time.RFC3339Nano, l.Metadata[metaFrom])
		to, err2 := time.Parse(time.RFC3339Nano, l.Metadata[metaTo])
		included, err3 := strconv.ParseInt(l.Metadata[metaIncluded], 10, 64)
		if err1 == nil && err2 == nil && err3 == nil {
			out.Kind, out.From, out.To, out.Included = events.LineUsage, from.UTC(), to.UTC(), included
		}
	case l.Proration:
		out.Kind = events.LineProration
	case out.Plan != "" && l.Type == stripe.InvoiceLineItemTypeSubscription:
		out.Kind = events.LinePlan
	}
	return out
}

func cutText(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}
