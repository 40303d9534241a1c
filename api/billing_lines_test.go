package api_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"testing"
	"time"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/billing"
	"outrider/internal/audit"
	"outrider/internal/es"
)

// What an invoice says is what was counted, whoever counts: the events behind a line, its quantity, the statement that the API makes, and the one
// that anybody makes from an exported history.
func TestEachLineOfAnInvoiceIsItsEvents(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.serveColumns()
	c := s.tenant("scale") // whose requests suffice
	s.buy(c, "growth")
	campaign := c.ok("POST", "/v1/campaigns", obj{"name": "Spring"}).text("id")
	var leads []string
	for n := range 4 {
		leads = append(leads, c.ok("POST", "/v1/leads", obj{"email": fmt.Sprintf("p%d@example.com", n)}).text("id"))
	}
	c.ok("POST", "/v1/campaigns/"+campaign+"/enrollments", obj{"lead_ids": leads})
	now := s.clock.now().UTC()
	from, to := now.Add(-time.Hour), now.Add(time.Hour)
	_, at := c.submit(commands.RecordInvoice{Reading: now.UnixNano(), Invoice: events.Invoice{InvoiceID: "in_lines", Number: "OUT-0007", Status: events.InvoicePaid, Currency: "usd", Subtotal: 9915, Total: 9915, AmountPaid: 9915, CreatedAt: now, PaidAt: now,
		Lines: []events.InvoiceLine{
			{LineID: "il_1", Kind: events.LinePlan, Description: "=Growth", Plan: "growth", Quantity: 1, Amount: 9900, From: from, To: to},
			{LineID: "il_2", Kind: events.LineUsage, Description: "Leads beyond the plan", Quantity: 3, Amount: 15, From: from, To: to, Included: 1},
			{LineID: "il_3", Kind: events.LineUsage, Description: "Leads of the month before", Quantity: 0, From: from.AddDate(0, -1, 0), To: from},
		}}})

	invoices := c.ok("GET", "/v1/invoices", nil, "Outrider-Position", at).list("data")
	if len(invoices) != 2 {
		t.Fatalf("there are %d invoices", len(invoices))
	}
	file, _, _ := c.exported(0, at)
	for _, x := range invoices {
		invoice := x.(map[string]any)
		id, number := invoice["id"].(string), invoice["number"].(string)
		made := c.ok("GET", "/v1/invoices/"+id+"/statement.csv", nil, "Outrider-Position", at).body
		var offline bytes.Buffer
		check(t, billing.WriteStatement(&offline, number, func(do func(*es.Event) error) error {
			for e, err := range audit.Events(bytes.NewReader(file), s.auditKeys(), c.org) {
				if err == nil {
					err = do(e)
				}
				if err != nil {
					return err
				}
			}
			return nil
		}))
		if !bytes.Equal(made, offline.Bytes()) {
			t.Errorf("the statement of %s is\n%s\nfrom an exported history it is\n%s", number, made, offline.Bytes())
		}
		for i, l := range invoice["lines"].([]any) {
			line, n := l.(map[string]any), i+1
			listed, stated := c.lineEvents(id, n, at), statedEvents(t, made, n)
			slices.Sort(listed)
			slices.Sort(stated)
			if !slices.Equal(listed, stated) || len(slices.Compact(listed)) != len(stated) {
				t.Errorf("line %d of %s lists %v, its statement %v", n, number, listed, stated)
			}
			if line["kind"] == events.LineUsage && float64(len(stated)) != line["quantity"] || line["kind"] == events.LinePlan && len(stated) == 0 {
				t.Errorf("line %d of %s is %v, and has %d events", n, number, line, len(stated))
			}
		}
	}
}

// lineEvents lists the events behind a line, a page each.
func (c *client) lineEvents(invoice string, line int, at string) (ids []string) {
	c.t.Helper()
	for next := ""; ; {
		page := c.ok("GET", fmt.Sprintf("/v1/invoices/%s/lines/%d/events?limit=2%s", invoice, line, next), nil, "Outrider-Position", at)
		for _, e := range page.list("data") {
			ids = append(ids, e.(map[string]any)["id"].(string))
		}
		if page.text("next_cursor") == "" {
			return ids
		}
		next = "&cursor=" + page.text("next_cursor")
	}
}

// statedEvents are the events that a statement has under a line.
func statedEvents(t *testing.T, statement []byte, line int) (ids []string) {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(statement)).ReadAll()
	check(t, err)
	for _, row := range rows[1:] {
		if row[0] == fmt.Sprint(line) && row[1] == "event" {
			ids = append(ids, row[8])
		}
	}
	return ids
}
