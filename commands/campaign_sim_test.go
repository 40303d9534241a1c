package commands_test

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
)

// world runs an organisation by Decide and Apply alone, with a clock that jumps from one due time to the next: the
// writer drafts at once, the sender claims and sends at once.
type world struct {
	t         testing.TB
	state     es.State
	o         *aggregates.Organization
	now       time.Time
	decisions int
	count     map[string]int
	answer    func(s events.MessageSent) []commands.Command // what the world answers to a message
	refuse    func(r events.MessageClaimed) *events.SMTPReply
	sent      []events.MessageSent
	queue     []events.Event
	failed    bool
	stopped   map[uuid.UUID]time.Time // leads
	halted    map[uuid.UUID]bool      // leads, campaigns and mailboxes that are paused
	silent    bool                    // the sender doesn't work
	crash     func(uuid.UUID) bool    // claims that get no result
	approval  string                  // of the campaign; empty = none
}

func newWorld(t testing.TB, at time.Time) *world {
	w := &world{t: t, now: at, count: map[string]int{}, stopped: map[uuid.UUID]time.Time{}, halted: map[uuid.UUID]bool{}}
	w.state = commands.Domain().New(org)
	w.o = commands.OrganizationOf(w.state)
	return w
}

// do decides a command and applies what follows.
func (w *world) do(c commands.Command) error { return w.decide(c, es.ActorOperator) }

func (w *world) decide(c commands.Command, actor string) error {
	w.t.Helper()
	kind, data, err := commands.Encode(c)
	if err != nil {
		w.t.Fatal(err)
	}
	w.decisions++
	out, err := w.state.Decide(&es.Command{Type: kind, Org: org, Time: w.now, Data: data})
	if err != nil {
		if es.RefusalCode(err) == "" {
			w.t.Fatalf("%s: %v", kind, err)
		}
		return err
	}
	if len(out) == 0 {
		out = []es.Payload{es.CommandNoop{}}
	}
	for _, e := range out {
		w.count[e.EventType()]++
		w.state.Apply(&es.Event{Time: w.now, Actor: es.Actor{Kind: actor}, Payload: e})
		w.queue = append(w.queue, e)
	}
	return nil
}

func (w *world) must(c commands.Command) {
	w.t.Helper()
	if err := w.do(c); err != nil {
		w.t.Fatalf("%s: %v", c.CommandType(), describeRefusal(err))
	}
}

func describeRefusal(err error) string {
	var r *es.Refusal
	if errors.As(err, &r) {
		return fmt.Sprintf("%s %+v", r.Code, r.Detail)
	}
	return err.Error()
}

// react is what writer, sender and the world do with what has happened.
func (w *world) react() {
	for len(w.queue) > 0 {
		e := w.queue[0]
		w.queue = w.queue[1:]
		switch e := e.(type) {
		case events.MessageRequested:
			w.must(commands.DraftMessage{MessageID: e.MessageID, Draft: events.Draft{Subject: sealed, Body: sealed, Writer: "template"}})
		case events.MessageRedraftRequested:
			_ = w.do(commands.DraftMessage{MessageID: e.MessageID, Draft: events.Draft{Subject: sealed, Body: sealed, Writer: "template"}})
		case events.MessageScheduled:
			if !w.silent {
				_ = w.do(commands.ClaimMessages{MailboxID: e.MailboxID, MessageIDs: []uuid.UUID{e.MessageID}, InboxReadAt: w.now})
			}
		case events.EnrollmentPaused:
			w.halted[e.LeadID] = true
		case events.EnrollmentResumed:
			delete(w.halted, e.LeadID)
		case events.CampaignPaused:
			w.halted[e.CampaignID] = true
		case events.CampaignResumed:
			delete(w.halted, e.CampaignID)
		case events.MailboxPaused:
			w.halted[e.MailboxID] = true
		case events.MailboxResumed:
			delete(w.halted, e.MailboxID)
		case events.MessageClaimed:
			if _, stopped := w.stopped[e.LeadID]; stopped || w.halted[e.LeadID] || w.halted[e.CampaignID] || w.halted[e.MailboxID] {
				w.failed = true
				w.t.Errorf("claimed at %s though it was stopped or paused", w.now)
			}
			if w.crash != nil && w.crash(e.MessageID) {
				continue
			}
			r := commands.SendResult{MessageID: e.MessageID, Sent: true, At: w.now.Add(time.Duration(e.MessageID[0]) * 50 * time.Millisecond)}
			if w.refuse != nil {
				if reply := w.refuse(e); reply != nil {
					r.Sent, r.SMTPReply = false, *reply
				}
			}
			w.must(commands.RecordResults{MailboxID: e.MailboxID, Results: []commands.SendResult{r}})
		case events.MessageSent:
			w.sent = append(w.sent, e)
			if w.answer != nil {
				for _, c := range w.answer(e) {
					_ = w.do(c)
				}
			}
		case events.EnrollmentStopped:
			w.stopped[e.LeadID] = w.now
		}
	}
}

// until runs by the clock, from one due time to the next.
func (w *world) until(end time.Time) {
	w.t.Helper()
	w.react()
	var last time.Time
	for idle := 0; ; {
		due := w.state.Due()
		if due.IsZero() || due.After(end) {
			w.now = end
			return
		}
		if !due.After(last) {
			w.t.Fatalf("due stays at %s", due)
		}
		last = due
		if due.After(w.now) {
			w.now = due
		}
		before := w.count["command.noop.v1"]
		if err := w.decide(commands.AdvanceClock{}, es.ActorClock); err != nil {
			w.t.Fatal(err)
		}
		if idle += w.count["command.noop.v1"] - before; idle > 5 {
			w.t.Fatalf("ticks have nothing to do at %s, due %s", w.now, w.state.Due())
		}
		w.react()
	}
}

func boxID(n int) uuid.UUID { return es.DeriveID(org, "mailbox", fmt.Sprint(n)) }

func connect(n int, pace events.MailboxPace) commands.ConnectMailbox {
	server := events.Server{Host: "mail.example.com", Port: 587, Security: "starttls", Secret: "mailbox/1"}
	return commands.ConnectMailbox{MailboxID: boxID(n), Transport: "smtp", Address: sealed, AddressHash: h(fmt.Sprint("box", n)), DomainHash: h("ours.test"), SMTP: server, IMAP: server, Pace: &pace}
}

func passed() (out []commands.MailboxCheck) {
	for _, name := range []string{"dns", "smtp_tls", "smtp_auth", "send_to_self", "imap_auth", "read_back"} {
		out = append(out, commands.MailboxCheck{Check: name, Outcome: "passed"})
	}
	return out
}

func sequence(delays ...int) (out []events.Step) {
	for i, d := range delays {
		id := es.DeriveID(campaign, "step", fmt.Sprint(i))
		out = append(out, events.Step{StepID: id, Kind: "email", DelayDays: d, Variants: []events.Variant{
			{VariantID: es.DeriveID(id, "a"), Subject: "a", Body: "a", Weight: 1}, {VariantID: es.DeriveID(id, "b"), Subject: "b", Body: "b", Weight: 1}}})
	}
	return out
}

func templates(steps []events.Step) (out []commands.Template) {
	for _, s := range steps {
		for _, v := range s.Variants {
			out = append(out, commands.Template{StepID: s.StepID, VariantID: v.VariantID, Variables: []commands.Variable{{Name: "first_name"}}})
		}
	}
	return out
}

// setUp makes an organisation with mailboxes and people on a campaign that is launched. zone gives a person's zone.
func (w *world) setUp(boxes, people int, pace events.MailboxPace, steps []events.Step, zone func(int) string, settings *events.CampaignSettings) {
	w.t.Helper()
	none := events.Limits{LeadsPerMonth: -1, Mailboxes: -1, Seats: -1, APIRequestsPerMinute: -1, AIBudgetMicros: -1}
	w.must(commands.CreateOrganization{OrganizationID: org, Slug: "acme", Name: "Acme", Plan: "enterprise", Limits: none, TimeZone: "Europe/Berlin", PostalAddress: "1 Main St"})
	w.must(commands.CreateCampaign{CampaignID: campaign, Name: "Spring", CampaignType: "cold_outreach", CreatedBy: "person:1", Approval: cmp.Or(w.approval, events.ApproveNone), Steps: steps})
	var ids []uuid.UUID
	for n := range boxes {
		w.must(connect(n, pace))
		w.must(commands.RecordMailboxChecks{MailboxID: boxID(n), Checks: passed(), CheckedAt: w.now})
		ids = append(ids, boxID(n))
	}
	if settings != nil {
		w.must(commands.SetCampaignSettings{CampaignID: campaign, CampaignSettings: *settings})
	}
	w.must(commands.AssignMailboxes{CampaignID: campaign, MailboxIDs: ids})
	w.enroll(people, zone)
	w.must(commands.LaunchCampaign{CampaignID: campaign, Templates: templates(steps), IfVersion: ptr(w.o.Campaigns[campaign].Version)})
}

func person(n int) string { return fmt.Sprintf("p%d@c%d.test", n, n/2) }

func (w *world) enroll(people int, zone func(int) string) {
	w.t.Helper()
	var leads []uuid.UUID
	for n := range people {
		x := item(person(n))
		x.TimeZone = zone(n)
		w.must(commands.CreateLead{LeadItem: x})
		leads = append(leads, leadID(person(n)))
	}
	for chunk := range slices.Chunk(leads, 500) {
		w.must(commands.EnrollLeads{CampaignID: campaign, LeadIDs: chunk})
	}
}

func roll(id uuid.UUID) uint32 { return binary.BigEndian.Uint32(id[8:12]) % 1000 }

// TestCampaignOf1000 plays a campaign of three weeks: 1,000 people in three zones, some of whom answer, bounce or leave.
func TestCampaignOf1000(t *testing.T) {
	t.Parallel()
	w := newWorld(t, time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)) // a Monday; the clocks change on the 8th and the 29th
	w.answer = func(s events.MessageSent) []commands.Command {
		about := events.Answered{MessageID: s.MessageID, LeadID: s.LeadID, CampaignID: s.CampaignID, MailboxID: s.MailboxID}
		switch r := roll(s.MessageID); {
		case r < 40:
			return []commands.Command{commands.RecordReply{Answered: about, Mail: events.Mail{ReceivedAt: w.now}, From: "lead"}}
		case r < 60:
			return []commands.Command{commands.RecordAutoReply{Answered: about, Mail: events.Mail{ReceivedAt: w.now}, OutOfOffice: true, ReturnDate: "2026-03-17"}}
		case r < 70:
			return []commands.Command{commands.Unsubscribe{Answered: about, How: "one_click", At: w.now}}
		case r < 74:
			return []commands.Command{commands.RecordBounce{Answered: about, Code: 550, Enhanced: "5.1.1", ReportedAt: w.now}}
		}
		return nil
	}
	pace := commands.DefaultPace()
	pace.WarmupStart = 0
	zones := []string{"", "America/New_York", "Asia/Tokyo"}
	const boxes = 6
	began := time.Now()
	w.setUp(boxes, 1000, pace, sequence(0, 3, 4), func(n int) string { return zones[n%3] }, nil)
	w.until(w.now.AddDate(0, 0, 21))
	took := time.Since(began)
	c := w.o.Campaigns[campaign]
	t.Logf("%d decisions in %s: %.0f/s; %d sent; %d active; status %s", w.decisions, took, float64(w.decisions)/took.Seconds(), len(w.sent), c.Active(), c.Status)
	for _, k := range []string{"message.requested.v1", "message.scheduled.v1", "message.postponed.v1", "message.claimed.v1", "message.sent.v1", "mailbox.waited.v1", "enrollment.deferred.v1", "enrollment.stopped.v1",
		"enrollment.completed.v1", "message.cancelled.v1", "mailbox.paused.v1", "campaign.paused.v1", "command.noop.v1"} {
		t.Logf("%6d %s", w.count[k], k)
	}
	perDay := map[string]int{}
	for _, s := range w.sent {
		perDay[s.AcceptedAt.Format("01-02")]++
	}
	t.Log(perDay)
	w.judge(pace, func(n int) string { return zones[n%3] })
	for _, day := range []string{"03-02", "03-03", "03-04", "03-05", "03-06", "03-09", "03-10", "03-11", "03-12", "03-13", "03-16", "03-17"} {
		if perDay[day] < boxes*pace.CapPerDay*95/100 {
			t.Errorf("%s: %d sent of %d that the caps allow", day, perDay[day], boxes*pace.CapPerDay)
		}
	}
	w.until(w.now.AddDate(0, 0, 21))
	if c.Status != events.CampaignIsCompleted || c.Active() != 0 || len(w.o.Messages) != 0 {
		t.Errorf("three weeks later it is %s with %d active and %d messages", c.Status, c.Active(), len(w.o.Messages))
	}
	if due := w.state.Due(); due.Before(w.now) {
		t.Errorf("there is something to do at %s", due)
	}
}

// TestADayOf25Hours is longer than the window of 24: its cap is one of its own.
func TestADayOf25Hours(t *testing.T) {
	t.Parallel()
	w := newWorld(t, time.Date(2026, 10, 24, 22, 0, 0, 0, time.UTC)) // midnight in Berlin
	settings := campaignSettings()
	settings.Window = events.Window{Days: []int{1, 2, 3, 4, 5, 6, 7}, From: "00:00", To: "24:00"}
	pace := events.MailboxPace{CapPerDay: 3}
	nowhere := func(int) string { return "" }
	w.setUp(1, 20, pace, sequence(0), nowhere, &settings)
	w.until(w.now.AddDate(0, 0, 2))
	w.judge(pace, nowhere)
	if len(w.sent) != 6 {
		t.Errorf("%d sent in two days", len(w.sent))
	}
}

// TestWarmup rises by two a day to the cap, and then is over.
func TestWarmup(t *testing.T) {
	t.Parallel()
	w := newWorld(t, time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC))
	settings := campaignSettings()
	settings.Window.Days = []int{1, 2, 3, 4, 5, 6, 7}
	w.setUp(1, 200, events.MailboxPace{CapPerDay: 16, WarmupStart: 10, WarmupPerDay: 2}, sequence(0), func(int) string { return "" }, &settings)
	perDay := make([]int, 6)
	for day := range perDay {
		before := len(w.sent)
		w.until(time.Date(2026, 3, 3+day, 0, 0, 0, 0, time.UTC))
		perDay[day] = len(w.sent) - before
	}
	if want := []int{10, 12, 14, 16, 16, 16}; !slices.Equal(perDay, want) {
		t.Errorf("sent %v, want %v", perDay, want)
	}
	if m := w.o.Mailboxes.Get(boxID(0)); m.Status() != events.MailboxActive || w.count["mailbox.warmed_up.v1"] != 1 {
		t.Errorf("the mailbox is %s after %d ends of the warm-up", m.Status(), w.count["mailbox.warmed_up.v1"])
	}
}

// TestApproval lets people be asked for a day's messages and no more, until a person approves.
func TestApproval(t *testing.T) {
	t.Parallel()
	w := newWorld(t, time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))
	w.approval = events.ApproveFirst
	w.setUp(1, 50, events.MailboxPace{CapPerDay: 5}, sequence(0, 2), func(int) string { return "" }, nil)
	w.until(w.now.AddDate(0, 0, 2))
	w.must(commands.PauseMailbox{MailboxID: boxID(0)}) // so that it is looked at anew
	w.must(commands.ResumeMailbox{MailboxID: boxID(0)})
	w.until(w.now.Add(time.Minute))
	if w.count["message.requested.v1"] != 5 || len(w.sent) != 0 {
		t.Fatalf("%d asked for, %d sent", w.count["message.requested.v1"], len(w.sent))
	}
	var ids []uuid.UUID
	for id := range w.o.Messages {
		ids = append(ids, id)
	}
	w.must(commands.ApproveMessages{MessageIDs: ids})
	w.until(w.now.Add(24 * time.Hour))
	if len(w.sent) != 5 || w.count["message.requested.v1"] <= 5 {
		t.Errorf("%d sent of 5 that were approved, %d asked for", len(w.sent), w.count["message.requested.v1"])
	}
}

// TestWhyNamesTheRule asks of a message that waits for its slot, and of a person who waits for a place at their company.
func TestWhyNamesTheRule(t *testing.T) {
	t.Parallel()
	w := newWorld(t, time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))
	settings := campaignSettings()
	settings.CompanyCap = 1
	pace := events.MailboxPace{CapPerDay: 30, GapSeconds: 600, JitterFrom: 90, JitterTo: 420}
	w.setUp(1, 40, pace, sequence(0, 2), func(int) string { return "" }, &settings)
	w.until(w.now.Add(30 * time.Second))
	w.o.Now = w.now
	waits := 0
	for id, m := range w.o.Messages {
		why, ok := aggregates.Why(w.o, id)
		if !ok || m.State() != "approved" {
			continue
		}
		waits++
		if why.Bound != aggregates.RuleGap || why.LookedAtNext.IsZero() || !why.NotBefore.Equal(why.LookedAtNext) || why.NotBefore.Sub(w.now) < 600*time.Second-30*time.Second {
			t.Errorf("bound by %s until %s, looked at %s; now %s", why.Bound, why.NotBefore, why.LookedAtNext, w.now)
		}
		if len(why.Rules) != 15 {
			t.Errorf("%d rules weighed", len(why.Rules))
		}
	}
	if waits == 0 {
		t.Error("no message waits")
	}
	why, ok := aggregates.WhyLead(w.o, campaign, leadID(person(1)))
	if !ok || why.State != "waiting" || why.Bound != aggregates.RuleCompanyCap {
		t.Errorf("who waits for a place is %+v", why)
	}
	if _, ok := aggregates.Why(w.o, other); ok {
		t.Error("there is a reason for an unknown message")
	}
}

// TestManyAtOnce sends 20,000 from one mailbox without a gap: what is looked at must not grow with what waits.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))
	settings := campaignSettings()
	settings.CompanyCap, settings.CompanyGapMinutes = 0, 0
	n := 20_000
	if testing.Short() {
		n = 2_000
	}
	w.setUp(1, n, events.MailboxPace{CapPerDay: 1_000_000}, sequence(0), func(int) string { return "" }, &settings)
	before, began := w.decisions, time.Now()
	w.until(w.now.Add(8 * time.Hour))
	took := time.Since(began)
	t.Logf("%d sent with %d decisions in %s: %.0f messages/s, %.0f decisions/s; %d looks", len(w.sent), w.decisions-before, took, float64(len(w.sent))/took.Seconds(), float64(w.decisions-before)/took.Seconds(), w.count["mailbox.waited.v1"])
	if len(w.sent) != n {
		t.Errorf("%d sent of %d", len(w.sent), n)
	}
}
