package notices_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/consumers/notices"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/mail/systemmail"
)

type owners []string

func (o owners) OwnerAddresses(context.Context, uuid.UUID) ([]string, error) { return o, nil }

// mailbox keeps what was delivered by Message-ID, and can refuse.
type mailbox struct {
	got  map[string]systemmail.Message
	fail string
}

func (b *mailbox) Deliver(_ context.Context, m systemmail.Message, id string) error {
	if m.To == b.fail {
		return errors.New("try again later")
	}
	b.got[id] = m
	return nil
}

func eventOf(t *testing.T, p events.Event) *es.Event {
	t.Helper()
	data, err := es.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return &es.Event{ID: uuid.New(), Org: uuid.New(), Type: p.EventType(), Data: data}
}

func TestOwnersHearOfTheirAccount(t *testing.T) {
	ends := time.Date(2027, 3, 5, 9, 0, 0, 0, time.UTC)
	status := func(status, cause string) events.Event {
		return events.OrganizationStatusChanged{Status: status, Cause: cause, Reason: "the trial has ended", Next: events.StatusStep{Status: events.StatusCancelled, At: ends}}
	}
	for name, c := range map[string]struct {
		event         events.Event
		subject, text string // "" = nobody hears of it
	}{
		"three days before a trial ends":   {events.OrganizationTrialReminded{DaysLeft: 3, EndsAt: ends}, "Your trial ends in 3 days", "Friday, 5 March 2027"},
		"a day before":                     {events.OrganizationTrialReminded{DaysLeft: 1, EndsAt: ends}, "Your trial ends tomorrow", "Choose a plan"},
		"when it has ended":                {status(events.StatusSuspended, events.CauseTrial), "Your trial has ended", "choose a plan"},
		"when a payment fails":             {status(events.StatusPastDue, events.CausePayment), "A payment is overdue", "Friday, 5 March 2027"},
		"when the grace is over":           {status(events.StatusSuspended, events.CausePayment), "Sending has stopped", "closed on Friday, 5 March 2027"},
		"when it is paid":                  {status(events.StatusActive, events.CausePayment), "Outrider goes on", "active again"},
		"when it ends":                     {status(events.StatusCancelled, events.CausePayment), "Your account is closed", "thirty days"},
		"each time that one fails":         {events.PaymentFailed{Number: "A-1", Attempt: 2, AmountDue: 9905, Currency: "usd", NextAttemptAt: ends}, "A payment failed", "99.05 USD for invoice A-1 could not be collected (attempt 2). It is tried again on Friday, 5 March 2027"},
		"when a plan allows less":          {events.PlanExceeded{Plan: "starter", Mailboxes: []uuid.UUID{{1}}}, "Your plan allows less than there is", "1 mailboxes and 0 members are paused"},
		"what an operator does":            {status(events.StatusSuspended, events.CauseOperator), "", ""},
		"what stood in older logs":         {events.OrganizationStatusChangedV1{Status: events.StatusSuspended}, "", ""},
		"four fifths of a limit":           {events.QuotaWarned{Limit: events.LimitLeads, Used: 400, Max: 500, Percent: 80, Plan: "starter"}, "Four fifths of the leads a month of your plan are used", "400 of 500"},
		"all of a limit":                   {events.QuotaWarned{Limit: events.LimitLeadsStored, Used: 25, Max: 25, Percent: 100, Plan: "starter"}, "All stored leads of your plan are used", "all 25"},
		"a webhook that is gone":           {events.WebhookDisabled{Reason: events.WebhookOffGone, Status: 410}, "A webhook was switched off", "410"},
		"a webhook that fails for days":    {events.WebhookDisabled{Reason: events.WebhookOffFailing, Since: ends}, "A webhook was switched off", "since Friday, 5 March 2027"},
		"a webhook that they switched off": {events.WebhookDisabled{Reason: events.WebhookOffAsked}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			box := &mailbox{got: map[string]systemmail.Message{}, fail: "bob@example.com"}
			n, err := notices.NewAccountNotices(owners{"ann@example.com", "bob@example.com"}, box, "https://app.example.com")
			if err != nil {
				t.Fatal(err)
			}
			e, handle := eventOf(t, c.event), n.Reactor().Handle
			if !n.Reactor().Wants(e.Type) {
				t.Fatalf("%s isn't wanted", e.Type)
			}
			if _, err = handle(t.Context(), e); (err != nil) != (c.subject != "") {
				t.Fatalf("a mail that can't be delivered: error %v", err)
			}
			box.fail = ""
			if _, err = handle(t.Context(), e); err != nil {
				t.Fatal(err)
			}
			want := 2 // one each, however often it is tried
			if c.subject == "" {
				want = 0
			}
			if len(box.got) != want {
				t.Fatalf("%d mails, want %d", len(box.got), want)
			}
			for _, m := range box.got {
				if m.Subject != c.subject || !strings.Contains(m.Text, c.text) {
					t.Errorf("mailed %q: %s", m.Subject, m.Text)
				}
			}
		})
	}
}

func TestWithoutMailNobodyIsToldAndNothingFails(t *testing.T) {
	n, err := notices.NewAccountNotices(owners{"ann@example.com"}, nil, "https://app.example.com")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Reactor().Handle(t.Context(), eventOf(t, events.OrganizationTrialReminded{DaysLeft: 3})); err != nil {
		t.Fatal(err)
	}
}
