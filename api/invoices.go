package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/events"
	"outrider/internal/app/billing"
	"outrider/internal/es"
	"outrider/projections"
	"outrider/projections/analytics"
)

func (h *billingHandlers) listInvoices(c *call) error {
	data, next, err := listPage(h.readSide, c, c.who.Org, func(tx pgx.Tx, before int64, limit int) ([]*projections.Invoice, error) {
		return projections.ListInvoices(c.ctx, tx, c.who.Org, before, limit)
	}, func(i *projections.Invoice) int64 { return i.Oseq }, invoiceOf)
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, gen.InvoicePage{Data: data, NextCursor: next})
}

func invoiceOf(row *projections.Invoice) (gen.Invoice, error) {
	out := gen.Invoice{ID: row.InvoiceID, Number: row.Number, Status: gen.InvoiceStatus(row.Status), Currency: row.Currency, Subtotal: row.Subtotal, Tax: row.Tax, Total: row.Total, AmountDue: row.AmountDue,
		AmountPaid: row.AmountPaid, Attempts: row.Attempts, CreatedAt: row.CreatedAt, NextAttemptAt: valueOrZero(row.NextAttemptAt), PaidAt: valueOrZero(row.PaidAt)}
	var lines []events.InvoiceLine
	if err := json.Unmarshal(row.Lines, &lines); err != nil {
		return out, fmt.Errorf("read lines: %w", err)
	}
	out.Lines = linesOf(lines)
	return out, nil
}

func linesOf(lines []events.InvoiceLine) []gen.InvoiceLine {
	out := make([]gen.InvoiceLine, len(lines))
	for i, l := range lines {
		out[i] = gen.InvoiceLine{N: i + 1, Kind: gen.InvoiceLineKind(l.Kind), Description: l.Description, Plan: l.Plan, Quantity: l.Quantity, Amount: l.Amount, From: l.From, To: l.To, Included: l.Included}
	}
	return out
}

func (h *billingHandlers) loadInvoice(c *call, id uuid.UUID) (row *projections.Invoice, err error) {
	err = h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		row, err = projections.GetInvoice(c.ctx, tx, c.who.Org, id)
		return err
	})
	return row, err
}

func (h *billingHandlers) getInvoice(c *call, id uuid.UUID) error {
	row, err := h.loadInvoice(c, id)
	if err != nil {
		return err
	}
	out, err := invoiceOf(row)
	if err != nil {
		return err
	}
	if h.selling != nil {
		pages, err := h.selling.Mirror.Provider.InvoicePages(c.ctx, row.ProviderID)
		if err != nil {
			h.logger.Warn("the pages of an invoice can't be asked for", "error", err)
		}
		out.PdfURL, out.PageURL = pages.PDF, pages.Hosted
	}
	return c.answerJSON(http.StatusOK, out)
}

// loadLine returns a line of an invoice; n counts from 1.
func (h *billingHandlers) loadLine(c *call, id uuid.UUID) (l events.InvoiceLine, err error) {
	row, err := h.loadInvoice(c, id)
	if err != nil {
		return l, err
	}
	var lines []events.InvoiceLine
	if err := json.Unmarshal(row.Lines, &lines); err != nil {
		return l, fmt.Errorf("read lines: %w", err)
	}
	n, err := strconv.Atoi(c.Params("n"))
	if err != nil || n < 1 || n > len(lines) {
		return l, notFoundProblem()
	}
	return lines[n-1], nil
}

func (h *billingHandlers) listLineEvents(c *call, id uuid.UUID) error {
	line, err := h.loadLine(c, id)
	if err != nil {
		return err
	}
	if h.columns == nil {
		return unavailableProblem(codeUnavailable, errNoColumns)
	}
	after, err := h.cursors.openParam(c, c.who.Org)
	if err != nil {
		return err
	}
	seen, _ := strconv.ParseInt(after, 10, 64) // "" = the begin
	limit := c.numberParam("limit", defaultPage)
	found, err := billing.LineEvents(c.ctx, analytics.History{Conn: h.columns}, c.who.Org, line, seen, limit+1)
	if err != nil {
		return err
	}
	out := gen.AuditPage{Data: []gen.AuditEntry{}}
	if len(found) > limit {
		found = found[:limit]
		if out.NextCursor, err = h.cursors.sealNext(c, c.who.Org, strconv.FormatInt(found[limit-1].Oseq, 10)); err != nil {
			return err
		}
	}
	if out.Data, err = h.audit.auditEntries(c, found); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, out)
}

// getStatement makes the file that an exported history gives, too.
func (h *billingHandlers) getStatement(c *call, id uuid.UUID) error {
	row, err := h.loadInvoice(c, id)
	if err != nil {
		return err
	}
	if h.columns == nil {
		return unavailableProblem(codeUnavailable, errNoColumns)
	}
	history := analytics.History{Conn: h.columns}
	var b bytes.Buffer
	if err := billing.WriteStatement(&b, row.ProviderID, func(do func(*es.Event) error) error {
		return billing.EachBillingEvent(c.ctx, history, c.who.Org, do)
	}); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="statement-`+id.String()+`.csv"`)
	c.Status(http.StatusOK)
	return c.Send(b.Bytes())
}
