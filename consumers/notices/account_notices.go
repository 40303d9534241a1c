// Package notices mails an organisation's owners what they need to know of their account.
package notices

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/mail/systemmail"
)

// Owners knows whom to write to; *identity.Sessions does.
type Owners interface {
	OwnerAddresses(ctx context.Context, org uuid.UUID) ([]string, error)
}

// Mailer sends one mail; *systemmail.Sender is one.
type Mailer interface {
	Deliver(ctx context.Context, m systemmail.Message, id string) error
}

// AccountNotices mails owners when the trial ends soon or has ended, when a limit is nearly used up, when payment changes what they can do, each time that one fails, and when a plan allows less than there is.
type AccountNotices struct {
	owners  Owners
	mailer  Mailer // nil = this installation sends no mail
	baseURL string
}

// NewAccountNotices makes the reactor. mailer may be nil.
func NewAccountNotices(owners Owners, mailer Mailer, baseURL string) (*AccountNotices, error) {
	return &AccountNotices{owners, mailer, baseURL}, reaction.Required{"owners": owners != nil, "base URL": baseURL != ""}.Check("account notices")
}

// Reactor returns how it is run.
func (n *AccountNotices) Reactor() react.Reactor {
	return react.Reactor{Name: "account_notices", Wants: reaction.WantEvents(events.OrganizationTrialReminded{}, events.OrganizationStatusChanged{}, events.QuotaWarned{}, events.PaymentFailed{}, events.PlanExceeded{}, events.WebhookDisabled{}), Handle: n.tellOwners}
}

// tellOwners may write twice when it is interrupted; the second mail has the Message-ID of the first.
func (n *AccountNotices) tellOwners(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil || n.mailer == nil {
		return nil, err
	}
	notice, ok := n.noticeOf(p)
	if !ok {
		return nil, nil
	}
	owners, err := n.owners.OwnerAddresses(ctx, e.Org)
	if err != nil {
		return nil, err
	}
	for _, to := range owners {
		notice.To = to
		if err := n.mailer.Deliver(ctx, notice, es.DeriveID(e.Org, "notice", e.ID.String(), to).String()); err != nil {
			return nil, fmt.Errorf("mail a notice: %w", err)
		}
	}
	return nil, nil
}

const day = "Monday, 2 January 2006"

// noticeOf returns what is said of an event, and whether anything is.
func (n *AccountNotices) noticeOf(p events.Event) (m systemmail.Message, ok bool) {
	plans := "\n\nPlans and what is used of yours: " + n.baseURL + "\n"
	switch p := p.(type) {
	case events.OrganizationTrialReminded:
		days := fmt.Sprintf("in %d days", p.DaysLeft)
		if p.DaysLeft == 1 {
			days = "tomorrow"
		}
		return systemmail.Message{Subject: "Your trial ends " + days, Text: "Your trial of Outrider ends on " + p.EndsAt.UTC().Format(day) + " (UTC). Choose a plan before that, and everything goes on.\n\n" +
			"Without one nothing is sent from then on. Nothing is lost: you can read and export all of it, and a plan lets it go on where it stopped." + plans}, true
	case events.QuotaWarned:
		what := limitName(p.Limit)
		if p.Percent >= 100 {
			return systemmail.Message{Subject: "All " + what + " of your plan are used", Text: fmt.Sprintf("You have used all %d %s of the plan %s. No more are taken until the limit rises or, where it counts by month, until the next billing period.", p.Max, what, p.Plan) + plans}, true
		}
		return systemmail.Message{Subject: "Four fifths of the " + what + " of your plan are used", Text: fmt.Sprintf("You have used %d of %d %s of the plan %s.", p.Used, p.Max, what, p.Plan) + plans}, true
	case events.OrganizationStatusChanged:
		return n.statusNotice(p, plans)
	case events.WebhookDisabled:
		return n.webhookNotice(p)
	case events.PaymentFailed:
		text := fmt.Sprintf("%s for invoice %s could not be collected (attempt %d).", amountOf(p.AmountDue, p.Currency), p.Number, p.Attempt)
		if !p.NextAttemptAt.IsZero() {
			text += " It is tried again on " + p.NextAttemptAt.UTC().Format(day) + " (UTC)."
		}
		return systemmail.Message{Subject: "A payment failed", Text: text + " Another card can be given, and the invoice paid, under Settings, Billing." + plans}, true
	case events.PlanExceeded:
		return systemmail.Message{Subject: "Your plan allows less than there is", Text: fmt.Sprintf("The plan %s allows fewer than you have: %d mailboxes and %d members are paused, and %d leads are beyond what it takes. Nothing is removed; it goes on with a larger plan, or when there is room.",
			p.Plan, len(p.Mailboxes), len(p.Members), p.LeadsStored+p.LeadsProcessed) + plans}, true
	}
	return m, false
}

// amountOf writes an amount in hundredths of its currency.
func amountOf(amount int64, currency string) string {
	return fmt.Sprintf("%d.%02d %s", amount/100, amount%100, strings.ToUpper(currency))
}

// webhookNotice says nothing of what somebody switched off.
func (n *AccountNotices) webhookNotice(p events.WebhookDisabled) (m systemmail.Message, ok bool) {
	next := "\n\nOnce the endpoint is well again, switch the webhook on and replay what happened in between; nothing of it is lost.\n\nWebhooks: " + n.baseURL + "\n"
	switch p.Reason {
	case events.WebhookOffGone:
		return systemmail.Message{Subject: "A webhook was switched off", Text: "The endpoint of a webhook has answered 410 (gone), so nothing is delivered to it any more." + next}, true
	case events.WebhookOffFailing:
		return systemmail.Message{Subject: "A webhook was switched off", Text: "Nothing could be delivered to the endpoint of a webhook since " + p.Since.UTC().Format(day) + " (UTC), so it was switched off." + next}, true
	}
	return m, false
}

func limitName(limit string) string {
	switch limit {
	case events.LimitLeads:
		return "leads a month"
	case events.LimitLeadsStored:
		return "stored leads"
	case events.LimitAIBudget:
		return "micro-dollars for language models"
	}
	return limit
}

// statusNotice says nothing of what an operator does, who says that themselves.
func (n *AccountNotices) statusNotice(p events.OrganizationStatusChanged, plans string) (m systemmail.Message, ok bool) {
	if p.Cause == events.CauseOperator {
		return m, false
	}
	switch p.Status {
	case events.StatusActive:
		return systemmail.Message{Subject: "Outrider goes on", Text: "Your organisation is active again. What waited goes out from here on, within the limits that you have set." + plans}, true
	case events.StatusPastDue:
		return systemmail.Message{Subject: "A payment is overdue", Text: "A payment for Outrider has failed. Everything goes on until " + p.Next.At.UTC().Format(day) + " (UTC); without a payment nothing is sent from then on." + plans}, true
	case events.StatusSuspended:
		text := "Nothing is sent any more: " + p.Reason + ". Nothing is lost: you can read and export all of it, and what waits goes on "
		if p.Cause == events.CauseTrial {
			return systemmail.Message{Subject: "Your trial has ended", Text: text + "when you choose a plan." + plans}, true
		}
		return systemmail.Message{Subject: "Sending has stopped", Text: text + "with the payment. Without one the account is closed on " + p.Next.At.UTC().Format(day) + " (UTC)." + plans}, true
	case events.StatusCancelled:
		return systemmail.Message{Subject: "Your account is closed", Text: "Your organisation is closed: " + p.Reason + ". For thirty days it can be restored; after that what it holds of people is destroyed.\n"}, true
	}
	return m, false
}
