package commands_test

import (
	"encoding/json"
	"testing"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
)

var (
	billingRef = events.BillingRef{OrganizationID: org}                                                                                                                  //nolint:gochecknoglobals // a constant
	larger     = events.Limits{LeadsPerMonth: 30, Mailboxes: 5, Seats: 5, APIRequestsPerMinute: 300, LeadsStored: 1000, ImportBytes: 1, ImportRows: 1, ImportsAtOnce: 2} //nolint:gochecknoglobals // a constant
)

func subscription(status string, change ...func(*events.Subscription)) events.Subscription {
	s := events.Subscription{SubscriptionID: "sub_1", CustomerID: "cus_1", Status: status, Plan: "growth", CreatedAt: anchor, PeriodFrom: anchor, PeriodTo: anchor.AddDate(0, 1, 0)}
	for _, do := range change {
		do(&s)
	}
	return s
}

func record(s events.Subscription, reading int64) commands.RecordSubscription {
	return commands.RecordSubscription{Subscription: s, Limits: larger, Reading: reading}
}

func subscribed(s events.Subscription, reading int64) events.SubscriptionRecorded {
	return events.SubscriptionRecorded{BillingRef: billingRef, Subscription: s, Reading: reading}
}

func planChanged(plan string, l events.Limits) events.OrganizationPlanChanged {
	return events.OrganizationPlanChanged{OrganizationRef: organizationRef, Plan: plan, Limits: l}
}

func TestRecordSubscription(t *testing.T) {
	t.Parallel()
	at := anchor.AddDate(0, 0, 3)
	grown := planChanged("growth", larger)
	active, late, ended := subscription("active"), subscription("past_due"), subscription("canceled")
	pastDue := statusBy("payment", "past_due", "payment is overdue", step("suspended", at.AddDate(0, 0, 7)))
	stopped := statusBy("payment", "suspended", "the subscription has ended", step("cancelled", at.AddDate(0, 0, 60)))
	paid := statusBy("payment", "active", "the subscription is paid", events.StatusStep{})
	other := func(s *events.Subscription) { s.SubscriptionID, s.CreatedAt = "sub_2", anchor.AddDate(0, 0, 1) }
	ending := subscription("active", func(s *events.Subscription) { s.CancelAtPeriodEnd = true })
	strange := subscription("active", func(s *events.Subscription) { s.Plan = "" })
	deletion := events.OrganizationDeletionRequested{OrganizationRef: organizationRef, EraseAt: at.AddDate(0, 0, 30)}
	kit().Run(t, map[string]estest.Case{
		"one that is paid brings its plan":           {Given: given(), At: at, When: record(active, 5), Then: facts{subscribed(active, 5), grown}, Again: estest.NothingToDo()},
		"it ends the suspension after a trial":       {Given: given(events.OrganizationTrialEnded{OrganizationRef: organizationRef}, statusBy("trial", "suspended", "", events.StatusStep{})), At: at, When: record(active, 5), Then: facts{subscribed(active, 5), grown, statusBy("trial", "active", "a plan was chosen", events.StatusStep{})}, Again: estest.NothingToDo()},
		"its first payment is awaited":               {Given: given(), At: at, When: record(subscription("incomplete"), 5), Then: facts{subscribed(subscription("incomplete"), 5)}, Again: estest.NothingToDo()},
		"what was read before is passed over":        {Given: given(subscribed(active, 5), grown), At: at, When: record(late, 4), Noop: true},
		"and what was read at the same time":         {Given: given(subscribed(active, 5), grown), At: at, When: record(late, 5), Noop: true},
		"nothing has changed":                        {Given: given(subscribed(active, 5), grown), At: at, When: record(active, 6), Noop: true},
		"it is overdue":                              {Given: given(subscribed(active, 5), grown), At: at, When: record(late, 6), Then: facts{subscribed(late, 6), pastDue}, Again: estest.NothingToDo()},
		"it is paid again":                           {Given: given(subscribed(active, 4), grown, subscribed(late, 5), pastDue), At: at, When: record(active, 6), Then: facts{subscribed(active, 6), paid}, Again: estest.NothingToDo()},
		"it is paid after the grace":                 {Given: given(subscribed(late, 5), grown, statusBy("payment", "suspended", "", events.StatusStep{})), At: at, When: record(active, 6), Then: facts{subscribed(active, 6), paid}, Again: estest.NothingToDo()},
		"it is paid after all else":                  {Given: given(subscribed(late, 5), grown, statusBy("payment", "cancelled", "", events.StatusStep{}), deletion), At: at, When: record(active, 6), Then: facts{subscribed(active, 6), events.OrganizationRestored{OrganizationRef: organizationRef, Status: "active"}, paid}, Again: estest.NothingToDo()},
		"an operator's word stands":                  {Given: given(subscribed(late, 5), grown, status("suspended")), At: at, When: record(active, 6), Then: facts{subscribed(active, 6)}, Again: estest.NothingToDo()},
		"overdue changes nothing for who is stopped": {Given: given(subscribed(active, 5), grown, status("suspended")), At: at, When: record(late, 6), Then: facts{subscribed(late, 6)}, Again: estest.NothingToDo()},
		"it ends":                          {Given: given(subscribed(active, 5), grown), At: at, When: record(ended, 6), Then: facts{subscribed(ended, 6), stopped}, Again: estest.NothingToDo()},
		"it will end":                      {Given: given(subscribed(active, 5), grown), At: at, When: record(ending, 6), Then: facts{subscribed(ending, 6)}, Again: estest.NothingToDo()},
		"what has ended doesn't come back": {Given: given(subscribed(ended, 5)), At: at, When: record(active, 6), Noop: true},
		"another one follows":              {Given: given(subscribed(ended, 5), grown, stopped), At: at, When: record(subscription("active", other), 3), Then: facts{subscribed(subscription("active", other), 3), paid}, Again: estest.NothingToDo()},
		"one before is of the past":        {Given: given(subscribed(subscription("active", other), 5), grown), At: at, When: record(ended, 6), Noop: true},
		"a price that is none of ours":     {Given: given(), At: at, When: record(strange, 5), Then: facts{subscribed(strange, 5)}, Again: estest.NothingToDo()},
		"a status that there isn't":        {Given: given(), When: record(subscription("happy"), 5), Refused: "invalid"},
		"without a reading":                {Given: given(), When: record(active, 0), Refused: "invalid"},
		"without an id":                    {Given: given(), When: record(events.Subscription{CustomerID: "cus_1", Status: "active"}, 5), Refused: "invalid"},
	})
}

func invoiceOf(status string, attempts int) events.Invoice {
	return events.Invoice{InvoiceID: "in_1", Number: "A-1", Status: status, Currency: "usd", Total: 9900, AmountDue: 9900, Attempts: attempts, CreatedAt: anchor, Lines: []events.InvoiceLine{}}
}

func TestRecordInvoice(t *testing.T) {
	t.Parallel()
	cmd := func(i events.Invoice, reading int64) commands.RecordInvoice {
		return commands.RecordInvoice{Invoice: i, Reading: reading}
	}
	fact := func(i events.Invoice, reading int64) events.InvoiceRecorded {
		return events.InvoiceRecorded{BillingRef: billingRef, Invoice: i, Reading: reading}
	}
	failed := func(attempt int) events.PaymentFailed {
		return events.PaymentFailed{BillingRef: billingRef, InvoiceID: "in_1", Number: "A-1", Attempt: attempt, AmountDue: 9900, Currency: "usd"}
	}
	open, once, twice, paid := invoiceOf("open", 0), invoiceOf("open", 1), invoiceOf("open", 2), invoiceOf("paid", 2)
	long := invoiceOf("open", 0)
	long.Lines = make([]events.InvoiceLine, commands.MaxInvoiceLines+1)
	kit().Run(t, map[string]estest.Case{
		"a new one":                           {Given: given(), When: cmd(open, 5), Then: facts{fact(open, 5)}, Again: estest.NothingToDo()},
		"a payment failed":                    {Given: given(fact(open, 5)), When: cmd(once, 6), Then: facts{fact(once, 6), failed(1)}, Again: estest.NothingToDo()},
		"once more":                           {Given: given(fact(once, 6), failed(1)), When: cmd(twice, 7), Then: facts{fact(twice, 7), failed(2)}, Again: estest.NothingToDo()},
		"it is paid":                          {Given: given(fact(twice, 6)), When: cmd(paid, 7), Then: facts{fact(paid, 7)}, Again: estest.NothingToDo()},
		"what was read before is passed over": {Given: given(fact(twice, 6)), When: cmd(once, 5), Noop: true},
		"what is paid stays paid":             {Given: given(fact(paid, 6)), When: cmd(twice, 7), Noop: true},
		"nothing has changed":                 {Given: given(fact(paid, 6)), When: cmd(paid, 7), Noop: true},
		"a status that there isn't":           {Given: given(), When: cmd(invoiceOf("lost", 0), 5), Refused: "invalid"},
		"without a reading":                   {Given: given(), When: cmd(open, 0), Refused: "invalid"},
		"with too many lines":                 {Given: given(), When: cmd(long, 5), Refused: "invalid"},
	})
}

func TestLinkBillingCustomer(t *testing.T) {
	t.Parallel()
	linked := events.BillingCustomerLinked{BillingRef: billingRef, CustomerID: "cus_1"}
	kit().Run(t, map[string]estest.Case{
		"an organisation is a customer": {Given: given(), When: commands.LinkBillingCustomer{CustomerID: "cus_1"}, Then: facts{linked}, Again: estest.NothingToDo()},
		"also a suspended one":          {Given: given(status("suspended")), When: commands.LinkBillingCustomer{CustomerID: "cus_1"}, Then: facts{linked}, Again: estest.NothingToDo()},
		"without an id":                 {Given: given(), When: commands.LinkBillingCustomer{}, Refused: "invalid"},
	})
}

func TestOverrideLimits(t *testing.T) {
	t.Parallel()
	overrides := map[string]int64{"mailboxes": 60, "seats": -1}
	agreed := limits.With(overrides)
	fact := events.LimitsOverridden{BillingRef: billingRef, Overrides: overrides, Base: limits, Limits: agreed, Reason: "contract"}
	grown := larger.With(overrides)
	kit().Run(t, map[string]estest.Case{
		"limits are agreed":            {Given: given(), When: commands.OverrideLimits{Overrides: overrides, Base: limits, Reason: "contract"}, Then: facts{fact}, Again: estest.NothingToDo()},
		"they hold with another plan":  {Given: given(fact), When: commands.ChangePlan{Plan: "growth", Limits: larger}, Then: facts{planChanged("growth", grown)}, Again: estest.NothingToDo()},
		"and with a subscription":      {Given: given(fact), When: record(subscription("active"), 5), Then: facts{subscribed(subscription("active"), 5), planChanged("growth", grown)}, Again: estest.NothingToDo()},
		"they end":                     {Given: given(fact), When: commands.OverrideLimits{Overrides: map[string]int64{}, Base: limits}, Then: facts{events.LimitsOverridden{BillingRef: billingRef, Overrides: map[string]int64{}, Base: limits, Limits: limits}}, Again: estest.NothingToDo()},
		"there is nothing to override": {Given: given(), When: commands.OverrideLimits{Base: limits}, Noop: true},
		"a limit that there isn't":     {Given: given(), When: commands.OverrideLimits{Overrides: map[string]int64{"cars": 1}, Base: limits}, Refused: "invalid"},
		"a limit below none":           {Given: given(), When: commands.OverrideLimits{Overrides: map[string]int64{"seats": -2}, Base: limits}, Refused: "invalid"},
	})
}

func TestExtraLeads(t *testing.T) {
	t.Parallel()
	fact := func(most, included int64) events.ExtraLeadsAllowed {
		return events.ExtraLeadsAllowed{BillingRef: billingRef, Max: most, Included: included, From: anchor}
	}
	full := given(leadCreated("a@example.com"), leadCreated("b@example.com"), leadCreated("c@example.com"), campaignCreated(), started("a@example.com", true), started("b@example.com", true), started("c@example.com", true)) // 3 of 3
	over := events.OrganizationTrialEnded{OrganizationRef: organizationRef}
	from, to := anchor, anchor.AddDate(0, 0, 30)
	_, next := aggregates.PeriodAt(anchor, to)
	counted := events.ExtraLeadsCounted{BillingRef: billingRef, Plan: "starter", From: from, To: to, Included: 2, Extra: 1}
	period := events.UsagePeriodStarted{OrganizationRef: organizationRef, From: to, To: next}
	fewer := limits
	fewer.LeadsPerMonth = 2
	kit().Run(t, map[string]estest.Case{
		"they are allowed":                      {Given: given(), When: commands.AllowExtraLeads{Max: 10}, Then: facts{fact(10, 3)}, Again: estest.NothingToDo()},
		"they end":                              {Given: given(fact(10, 3)), When: commands.AllowExtraLeads{}, Then: facts{fact(0, 3)}, Again: estest.NothingToDo()},
		"what was processed before isn't extra": {Given: append(full[:len(full):len(full)], planChanged("starter", fewer)), When: commands.AllowExtraLeads{Max: 1}, Then: facts{fact(1, 3)}, Again: estest.NothingToDo()},
		"they end with the plan":                {Given: given(fact(10, 3), planChanged("growth", limits)), When: commands.AllowExtraLeads{}, Noop: true},
		"what was used stays":                   {Given: append(given(fact(10, 2)), full[1:]...), When: commands.AllowExtraLeads{}, Refused: "invalid"},
		"they are counted when a period ends":   {Given: append(append(given(fact(10, 2)), full[1:]...), over, planChanged("starter", limits)), At: to, When: commands.AdvanceClock{}, Then: facts{counted, period}, Again: estest.NothingToDo()},
		"without them nothing is":               {Given: append(full[:len(full):len(full)], over, planChanged("starter", limits)), At: to, When: commands.AdvanceClock{}, Then: facts{period}, Again: estest.NothingToDo()},
		"a plan without a limit":                {Given: given(planChanged("all", commands.Plans()["enterprise"])), When: commands.AllowExtraLeads{Max: 1}, Refused: "invalid"},
		"fewer than none":                       {Given: given(), When: commands.AllowExtraLeads{Max: -1}, Refused: "invalid"},
	})
}

// TestWhatExceedsThePlanIsPaused and comes back, whatever made room.
func TestWhatExceedsThePlanIsPaused(t *testing.T) {
	t.Parallel()
	box := func(n byte) events.MailboxRef { return events.MailboxRef{MailboxID: uuid.UUID{0xb0, n}} }
	person := func(n byte) uuid.UUID { return uuid.UUID{0xe0, n} }
	seat := func(n byte) events.MemberRef { return events.MemberRef{PersonID: person(n)} }
	pausedBox := func(n byte) events.MailboxPaused {
		return events.MailboxPaused{MailboxRef: box(n), Reason: events.PausedPlan}
	}
	house := given(planChanged("growth", larger))
	for n := byte(1); n <= 3; n++ {
		house = append(house, events.MailboxAdded{MailboxRef: box(n), Transport: events.TransportSMTP, AddressHash: h(string('a' + rune(n))), DomainHash: h("example.com")},
			joined(person(n), string('a'+rune(n))+"@example.com", []string{"", "owner", "member", "owner"}[n]))
	}
	smaller := append(house[:len(house):len(house)], planChanged("starter", limits)) // 1 mailbox, 2 seats
	exceeded := events.PlanExceeded{BillingRef: billingRef, Plan: "starter", Mailboxes: []uuid.UUID{box(3).MailboxID, box(2).MailboxID}, Members: []uuid.UUID{person(2)}}
	paused := append(smaller[:len(smaller):len(smaller)], exceeded, pausedBox(3), pausedBox(2), events.MemberSeatPaused{MemberRef: seat(2)})
	at := func(more ...es.Payload) facts { return append(paused[:len(paused):len(paused)], more...) }
	resumed := func(n byte) events.MailboxResumed { return events.MailboxResumed{MailboxRef: box(n)} }
	kit().Run(t, map[string]estest.Case{
		"a smaller plan pauses the newest, owners last": {Given: smaller, When: commands.AdvanceClock{}, Then: facts{exceeded, pausedBox(3), pausedBox(2), events.MemberSeatPaused{MemberRef: seat(2)}}, Again: estest.NothingToDo()},
		"a larger one brings them back":                 {Given: at(planChanged("growth", larger)), When: commands.AdvanceClock{}, Then: facts{resumed(2), resumed(3), events.MemberSeatResumed{MemberRef: seat(2), Role: "member"}}, Again: estest.NothingToDo()},
		"so does an agreement":                          {Given: at(events.LimitsOverridden{BillingRef: billingRef, Overrides: map[string]int64{"mailboxes": 2}, Base: limits, Limits: limits.With(map[string]int64{"mailboxes": 2})}), When: commands.AdvanceClock{}, Then: facts{resumed(2)}, Again: estest.NothingToDo()},
		"a mailbox that leaves makes room":              {Given: at(events.MailboxRemoved{MailboxRef: box(1)}), When: commands.AdvanceClock{}, Then: facts{resumed(2)}, Again: estest.NothingToDo()},
		"one that is paused does, too":                  {Given: at(events.MailboxPaused{MailboxRef: box(1), Reason: events.PausedManual}), When: commands.AdvanceClock{}, Then: facts{resumed(2)}, Again: estest.NothingToDo()},
		"a member who leaves makes room":                {Given: at(events.MemberLeft{MemberRef: seat(3)}), When: commands.AdvanceClock{}, Then: facts{events.MemberSeatResumed{MemberRef: seat(2), Role: "member"}}, Again: estest.NothingToDo()},
		"there is no place to resume one by hand":       {Given: paused, When: commands.ResumeMailbox{MailboxRef: box(3)}, Then: facts{events.QuotaRefused{OrganizationRef: organizationRef, QuotaDetail: events.QuotaDetail{Limit: "mailboxes", Used: 1, Max: 1, Requested: 1, Plan: "starter"}, At: estest.At}}, Again: estest.RefusedAs("quota_exceeded")},
		"who has no seat gets no role":                  {Given: paused, When: commands.ChangeMemberRole{PersonID: person(2), Role: "admin"}, Refused: "wrong_status"},
		"nor the organisation":                          {Given: paused, When: commands.TransferOwnership{From: person(1), To: person(2)}, Refused: "wrong_status"},
		"the last owner stays":                          {Given: given(joined(person(1), "a@example.com", "owner"), planChanged("none", limits.With(map[string]int64{"seats": 0}))), When: commands.AdvanceClock{}, Noop: true},
	})
}

// TestEveryOrderEndsInTheSameState brings six notifications in every order of the 720, each twice: read when they were sent, read when all was over, and
// mixed. Whoever reads later has a larger number; the commands come in the order of the permutation.
func TestEveryOrderEndsInTheSameState(t *testing.T) {
	t.Parallel()
	end := func(s *events.Subscription) { s.EndedAt = anchor.AddDate(0, 2, 0) }
	subscriptions := []events.Subscription{0: subscription("incomplete"), 1: subscription("active"), 2: subscription("active"), 3: subscription("past_due"), 4: subscription("past_due"), 5: subscription("canceled", end)}
	invoices := []events.Invoice{0: invoiceOf("open", 0), 1: invoiceOf("open", 0), 2: invoiceOf("open", 1), 3: invoiceOf("open", 1), 4: invoiceOf("paid", 2), 5: invoiceOf("paid", 2)}
	invoiceEvent := []bool{2: true, 4: true, 5: false} // created, updated, payment_failed, updated, paid, deleted
	want := ""
	orders := 0
	permute([]int{0, 1, 2, 3, 4, 5}, func(order []int) {
		orders++
		for mode := range 3 {
			o := kit().Domain.New(org)
			for _, e := range given() {
				o.Apply(&es.Event{Payload: e})
			}
			deliver := func(event, at int, reading int64) {
				var c commands.Command = record(subscriptions[at], reading)
				if invoiceEvent[event] {
					c = commands.RecordInvoice{Invoice: invoices[at], Reading: reading}
				}
				made, err := c.Decide(anchor, commands.OrganizationOf(o))
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range made {
					o.Apply(&es.Event{Payload: e})
				}
			}
			for k, event := range order {
				at := event // when it is read: at once, when all is over, or now and then late
				if mode == 1 || mode == 2 && (k+event)%2 == 0 {
					at = 5
				}
				reading := int64(at*100 + event + 1)
				deliver(event, at, reading)
				deliver(event, at, reading)
			}
			is := commands.OrganizationOf(o)
			_, status, attempts := is.Billing.Invoice("in_1")
			got, err := json.Marshal([]any{is.Billing.Subscription, status, attempts, is.Plan, is.Limits, is.Status, is.StatusCause, is.NextStatus})
			if err != nil {
				t.Fatal(err)
			}
			if want == "" {
				want = string(got)
			}
			if string(got) != want {
				t.Fatalf("order %v, mode %d:\n%s\nwant\n%s", order, mode, got, want)
			}
		}
	})
	if orders != 720 {
		t.Errorf("%d orders", orders)
	}
}

func permute(items []int, do func([]int)) {
	var from func(int)
	from = func(n int) {
		if n == len(items) {
			do(items)
			return
		}
		for i := n; i < len(items); i++ {
			items[n], items[i] = items[i], items[n]
			from(n + 1)
			items[n], items[i] = items[i], items[n]
		}
	}
	from(0)
}
