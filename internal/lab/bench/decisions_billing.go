package bench

import (
	"strconv"
	"time"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
)

// billingSituations are what a payment provider tells, and what an operator agrees.
func (w *decisionWorld) billingSituations() []situation {
	plan := commands.Plans()["enterprise"]
	return []situation{
		{"one", 1, func(int) commands.Command { return commands.LinkBillingCustomer{CustomerID: "cus_1"} }},
		{"paid, overdue, paid", 3, func(n int) commands.Command {
			return commands.RecordSubscription{Subscription: events.Subscription{SubscriptionID: "sub_1", CustomerID: "cus_1", Plan: "enterprise", CreatedAt: w.now, PeriodFrom: w.now, PeriodTo: w.now.Add(time.Hour),
				Status: []string{events.SubscriptionActive, events.SubscriptionPastDue, events.SubscriptionActive}[n]}, Limits: plan, Reading: int64(n + 1)}
		}},
		{"of many lines", 3, func(n int) commands.Command {
			i := events.Invoice{InvoiceID: "in_" + strconv.Itoa(n), Status: events.InvoiceOpen, Currency: "usd", Attempts: 1, CreatedAt: w.now}
			for range commands.MaxInvoiceLines {
				i.Lines = append(i.Lines, events.InvoiceLine{LineID: "il", Kind: events.LinePlan, Description: "a line", Quantity: 1, From: w.now, To: w.now})
			}
			return commands.RecordInvoice{Invoice: i, Reading: 1}
		}},
		{"of a plan with a limit", 1, func(int) commands.Command {
			w.state.Apply(&es.Event{Payload: events.LimitsOverridden{Overrides: map[string]int64{events.LimitLeads: 1_000_000}, Base: plan, Limits: plan.With(map[string]int64{events.LimitLeads: 1_000_000})}})
			return commands.AllowExtraLeads{Max: 100}
		}},
		{"and back", 2, func(n int) commands.Command {
			return commands.OverrideLimits{Overrides: map[string]int64{events.LimitImportRows: int64(1_000_000 + n)}, Base: plan}
		}},
	}
}
