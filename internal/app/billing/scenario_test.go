package billing_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/billing"
	"outrider/internal/es"
	"outrider/internal/lab/stripelike"
)

// year is an organisation and its customer at the provider, in simulated time.
type year struct {
	*standIn
	t       *testing.T
	now     time.Time
	state   es.State
	o       *aggregates.Organization
	kinds   map[string]int
	reading int64
	chance  *rand.Rand
}

func openYear(t *testing.T) *year {
	t.Helper()
	y := &year{t: t, now: time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC), kinds: map[string]int{}, chance: rand.New(rand.NewPCG(1, 2))}
	y.standIn = openStandIn(t, func(c *stripelike.Config) { c.Now = func() time.Time { return y.now } })
	y.state = commands.Domain().New(y.org)
	y.o = commands.OrganizationOf(y.state)
	y.decide(commands.CreateOrganization{OrganizationID: y.org, Slug: "acme", Name: "Acme", Plan: "starter", Limits: commands.Plans()["starter"], TimeZone: "UTC", TrialDays: 14})
	return y
}

func (y *year) decide(c commands.Command) {
	y.t.Helper()
	made, err := c.Decide(y.now, y.o)
	if err != nil {
		y.t.Fatalf("%s at %s: %v", c.CommandType(), y.now, err)
	}
	actor := es.Actor{Kind: es.ActorProvider}
	if c.CommandType() == es.AdvanceClockType {
		actor.Kind = es.ActorClock
	}
	for _, e := range made {
		y.kinds[e.EventType()]++
		y.state.Apply(&es.Event{Payload: e, Time: y.now, Actor: actor})
	}
	if len(made) == 0 && actor.Kind == es.ActorClock {
		y.state.Apply(&es.Event{Payload: es.CommandNoop{}, Time: y.now, Actor: actor})
	}
}

// follow brings in what the provider tells: each twice, in whatever order, read now.
func (y *year) follow() {
	y.t.Helper()
	bodies, _ := y.Held()
	y.drop()
	y.chance.Shuffle(len(bodies), func(i, j int) { bodies[i], bodies[j] = bodies[j], bodies[i] })
	for _, b := range bodies {
		h, err := billing.OpenHint(b, stripelike.Sign(b, "whsec_1", y.now), []string{"whsec_1"}, y.now)
		if err != nil {
			y.t.Fatal(err)
		}
		for range 2 {
			y.read(h)
		}
	}
}

func (y *year) read(h billing.Hint) {
	y.t.Helper()
	y.reading++
	switch {
	case strings.HasPrefix(h.Type, "invoice."):
		i, _, err := y.provider.ReadInvoice(y.t.Context(), h.Object)
		if err != nil {
			y.t.Fatal(err)
		}
		y.decide(commands.RecordInvoice{Invoice: i, Reading: y.reading})
	case strings.HasPrefix(h.Type, "customer.subscription."), strings.HasPrefix(h.Type, "checkout."):
		s, err := y.provider.ReadSubscription(y.t.Context(), h.Object)
		if err != nil {
			y.t.Fatal(err)
		}
		y.decide(commands.RecordSubscription{Subscription: s, Limits: commands.Plans()[s.Plan], Reading: y.reading})
	}
}

// drop forgets what waits to be sent: it was taken.
func (y *year) drop() { y.DropHeld() }

// pass lets days pass, with their clock, renewals and notifications, and compares both sides after each.
func (y *year) pass(days int) {
	y.t.Helper()
	for range days {
		y.now = y.now.AddDate(0, 0, 1)
		y.Tick()
		y.follow()
		for n := 0; n < 50 && !y.state.Due().IsZero() && !y.state.Due().After(y.now); n++ {
			y.decide(commands.AdvanceClock{})
		}
		y.compare()
	}
}

// compare is the counter of the chaos run: what the provider has otherwise than the log.
func (y *year) compare() {
	y.t.Helper()
	all, err := y.provider.ListSubscriptions(y.t.Context(), y.customer)
	if err != nil {
		y.t.Fatal(err)
	}
	if len(all) > 0 && !y.o.Billing.KnowsSubscription(all[0]) {
		theirs, _ := json.Marshal(all[0])
		ours, _ := json.Marshal(y.o.Billing.Subscription)
		y.t.Fatalf("at %s the provider has\n%s\nwe have\n%s", y.now, theirs, ours)
	}
	invoices, err := y.provider.ListInvoices(y.t.Context(), y.customer)
	if err != nil {
		y.t.Fatal(err)
	}
	for _, i := range invoices {
		if !y.o.Billing.KnowsInvoice(i) {
			y.t.Fatalf("at %s invoice %s differs", y.now, i.InvoiceID)
		}
	}
}

func (y *year) want(status, plan string) {
	y.t.Helper()
	if y.o.Status != status || y.o.Plan != plan {
		y.t.Fatalf("at %s it is %s with %s, want %s with %s", y.now.Format(time.DateOnly), y.o.Status, y.o.Plan, status, plan)
	}
}

// TestFourteenMonths of an organisation: a trial, a plan, a larger and a smaller one, a card that is declined until sending stops, a payment, an end, sixty
// days without a plan until it is closed, and a plan that brings it back. Each day both sides are the same.
func TestFourteenMonths(t *testing.T) {
	t.Parallel()
	y := openYear(t)
	y.pass(12)
	y.want("active", "starter")
	if y.kinds["organization.trial_reminded.v1"] != 1 {
		t.Errorf("%v", y.kinds)
	}
	y.pass(4)
	y.want("suspended", "starter") // nothing was chosen
	first := y.buy(t, "growth")
	y.pass(1)
	y.want("active", "growth")
	for n := range byte(4) {
		y.decide(commands.AddMailbox{MailboxRef: events.MailboxRef{MailboxID: uuid.UUID{n + 1}}, Transport: events.TransportSMTP, Address: events.Sealed{K: 1, C: []byte{1}}, AddressHash: strings.Repeat("0", 30) + "0" + string('1'+n), DomainHash: strings.Repeat("0", 32)})
	}
	y.pass(60) // two renewals
	y.change(first, "scale")
	y.pass(30)
	y.want("active", "scale")
	y.change(first, "starter")
	y.pass(1)
	y.want("active", "starter")
	if got := y.paused(); got != 3 {
		t.Errorf("%d mailboxes are paused", got)
	}
	y.change(first, "growth")
	y.pass(1)
	if got := y.paused(); got != 0 {
		t.Errorf("%d mailboxes are paused after an upgrade", got)
	}
	y.pass(30) // what the changes gave back is used up
	y.SetCard(y.customer, stripelike.CardDeclines)
	y.pass(33)
	y.want("past_due", "growth")
	y.pass(7)
	y.want("suspended", "growth")
	y.SetCard(y.customer, stripelike.CardWorks)
	y.PayOpen(y.customer)
	y.pass(1)
	y.want("active", "growth")
	y.pass(90)
	if _, err := y.provider.EndWithPeriod(t.Context(), first.SubscriptionID, true, "end"); err != nil {
		t.Fatal(err)
	}
	y.pass(32)
	y.want("suspended", "growth")
	y.pass(60)
	y.want("cancelled", "growth") // and deleted in thirty days
	url, err := y.provider.StartCheckout(t.Context(), y.org, y.customer, "scale", "https://app.example.com/paid", "https://app.example.com/left", "again")
	if err != nil {
		t.Fatal(err)
	}
	if err := y.Pay(url); err != nil {
		t.Fatal(err)
	}
	y.pass(430 - y.day())
	y.want("active", "scale")
	if y.kinds["organization.status_changed.v2"] != 8 || y.kinds["organization.restored.v1"] != 1 || !y.o.EraseAt.IsZero() || y.kinds["billing.payment_failed.v1"] < 2 || y.kinds["plan.exceeded.v1"] != 1 {
		t.Errorf("%v", y.kinds)
	}
	calls := 0
	for _, n := range y.Calls() {
		calls += n
	}
	t.Logf("%d days, %d calls, %d readings, %v", y.day(), calls, y.reading, y.kinds)
}

func (y *year) day() int {
	return int(y.now.Sub(time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)) / (24 * time.Hour))
}

func (y *year) change(s events.Subscription, plan string) {
	y.t.Helper()
	if _, err := y.provider.ChangePlan(y.t.Context(), s.SubscriptionID, plan, time.Time{}, uuid.NewString()); err != nil {
		y.t.Fatal(err)
	}
}

func (y *year) paused() (n int) {
	for _, b := range y.o.Mailboxes.All() {
		if b.Paused == events.PausedPlan {
			n++
		}
	}
	return n
}

// TestTheStandInMisbehaves as it is asked to.
func TestTheStandInMisbehaves(t *testing.T) {
	t.Parallel()
	var got []string
	s := openStandIn(t, func(c *stripelike.Config) {
		c.Misbehave = stripelike.Misbehaviour{Twice: true, Reversed: true}
		c.Client = &http.Client{Transport: tripper(func(r *http.Request) (*http.Response, error) {
			got = append(got, r.Header.Get("Stripe-Signature"))
			return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody}, nil
		})}
	})
	s.buy(t, "growth")
	_, kinds := s.Held()
	if n := s.Deliver(); n != len(kinds) || n%2 != 0 || len(got) != n || kinds[0] != kinds[1] {
		t.Errorf("%d of %v were delivered", n, kinds)
	}
}
