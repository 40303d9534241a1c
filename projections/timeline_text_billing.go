package projections

import (
	"fmt"

	"outrider/events"
)

type subscriptionDetail struct {
	Status            string `json:"status"`
	Plan              string `json:"plan"`
	CancelAtPeriodEnd bool   `json:"cancel_at_period_end,omitzero"`
}

type invoiceDetail struct {
	Number   string `json:"number,omitzero"`
	Status   string `json:"status,omitzero"`
	Amount   int64  `json:"amount"` // in the smallest unit of the currency
	Currency string `json:"currency"`
	Attempt  int    `json:"attempt,omitzero"`
}

type exceededDetail struct {
	Plan      string `json:"plan"`
	Mailboxes int    `json:"mailboxes"`
	Members   int    `json:"members"`
	Leads     int64  `json:"leads"`
}

type overriddenDetail struct {
	Limits int    `json:"limits"`
	Reason string `json:"reason,omitzero"`
}

type extraLeadsDetail struct {
	Leads int64 `json:"leads"`
}

func billingTexts() []timelineText {
	return []timelineText{
		tellSentence[events.BillingCustomerLinked]("The organisation became a customer of the payment provider."),
		tellAs(func(e events.SubscriptionRecorded) subscriptionDetail {
			return subscriptionDetail{e.Status, e.Plan, e.CancelAtPeriodEnd}
		}, func(d subscriptionDetail) sentence {
			text := fmt.Sprintf("The subscription to the plan %s is %s.", d.Plan, spellOut(d.Status))
			if d.CancelAtPeriodEnd && d.Status != events.SubscriptionCanceled {
				return sentence{"ends", text + " It ends with the paid period."}
			}
			return sentence{english: text}
		}),
		tellAs(func(e events.InvoiceRecorded) invoiceDetail {
			return invoiceDetail{Number: e.Number, Status: e.Status, Amount: e.Total, Currency: e.Currency}
		}, func(d invoiceDetail) sentence {
			return sentence{english: fmt.Sprintf("Invoice %s over %s is %s.", d.Number, tellAmount(d.Amount, d.Currency), d.Status)}
		}),
		tellAs(func(e events.PaymentFailed) invoiceDetail {
			return invoiceDetail{Number: e.Number, Amount: e.AmountDue, Currency: e.Currency, Attempt: e.Attempt}
		}, func(d invoiceDetail) sentence {
			return sentence{english: fmt.Sprintf("Attempt %d to collect %s for invoice %s failed.", d.Attempt, tellAmount(d.Amount, d.Currency), d.Number)}
		}),
		tellAs(func(e events.ExtraLeadsAllowed) extraLeadsDetail { return extraLeadsDetail{e.Max} }, func(d extraLeadsDetail) sentence {
			if d.Leads == 0 {
				return sentence{"none", "No leads beyond the plan are processed any more."}
			}
			return sentence{english: fmt.Sprintf("Up to %d leads a month beyond the plan may be processed, for a price.", d.Leads)}
		}),
		tellAs(func(e events.ExtraLeadsCounted) extraLeadsDetail { return extraLeadsDetail{e.Extra} }, func(d extraLeadsDetail) sentence {
			return sentence{english: fmt.Sprintf("The billing period ended with %d leads beyond the plan.", d.Leads)}
		}),
		tellAs(func(e events.LimitsOverridden) overriddenDetail {
			return overriddenDetail{len(e.Overrides), e.Reason}
		}, func(d overriddenDetail) sentence {
			if d.Limits == 0 {
				return sentence{"none", "The limits are those of the plan again."}
			}
			return sentence{english: fmt.Sprintf("Whoever runs this installation set %d limits for this organisation alone.", d.Limits)}
		}),
		tellAs(func(e events.PlanExceeded) exceededDetail {
			return exceededDetail{e.Plan, len(e.Mailboxes), len(e.Members), e.LeadsStored + e.LeadsProcessed}
		}, func(d exceededDetail) sentence {
			return sentence{english: fmt.Sprintf("There is more than the plan %s allows: %d mailboxes and %d seats are paused, and %d leads are beyond the limit. Nothing is removed.", d.Plan, d.Mailboxes, d.Members, d.Leads)}
		}),
	}
}

// tellAmount takes an amount in hundredths, as those of most currencies are.
func tellAmount(amount int64, currency string) string {
	sign := ""
	if amount < 0 {
		sign, amount = "-", -amount
	}
	return fmt.Sprintf("%s%d.%02d %s", sign, amount/100, amount%100, currency)
}
