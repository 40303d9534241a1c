package commands_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
)

// TestCampaignOf1000 plays a campaign of three weeks: 1,000 people in three zones, some of whom answer, bounce or leave.
func TestCampaignOf1000(t *testing.T) {
	t.Parallel()
	w := newWorld(t, time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)) // a Monday; the clocks change on the 8th and the 29th
	w.answer = func(s events.MessageSent) []commands.Command {
		about := events.SentMessageRef{MessageID: s.MessageID, LeadID: s.LeadID, CampaignID: s.CampaignID, MailboxID: s.MailboxID}
		switch r := roll(s.MessageID); {
		case r < 40:
			return []commands.Command{commands.RecordReply{SentMessageRef: about, Mail: events.Mail{ReceivedAt: w.now}, From: "lead"}}
		case r < 60:
			return []commands.Command{commands.RecordAutoReply{SentMessageRef: about, Mail: events.Mail{ReceivedAt: w.now}, OutOfOffice: true, ReturnDate: "2026-03-17"}}
		case r < 70:
			return []commands.Command{commands.Unsubscribe{SentMessageRef: about, How: "one_click", At: w.now}}
		case r < 74:
			return []commands.Command{commands.RecordBounce{SentMessageRef: about, SMTPReply: events.SMTPReply{Code: 550, Enhanced: "5.1.1"}, ReportedAt: w.now}}
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
	for _, k := range []string{"message.requested.v2", "message.scheduled.v1", "message.postponed.v1", "message.claimed.v1", "message.sent.v3", "mailbox.waited.v1", "enrollment.deferred.v1", "enrollment.stopped.v1",
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
	if c.Status != events.CampaignIsIdle || c.Active() != 0 || len(w.o.Messages) != 0 {
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
	w.must(commands.ResumeMailbox{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}})
	w.until(w.now.Add(time.Minute))
	if w.count["message.requested.v2"] != 5 || len(w.sent) != 0 {
		t.Fatalf("%d asked for, %d sent", w.count["message.requested.v2"], len(w.sent))
	}
	var ids []uuid.UUID
	for id := range w.o.Messages {
		ids = append(ids, id)
	}
	w.must(commands.ApproveMessages{MessageIDs: ids})
	w.until(w.now.Add(24 * time.Hour))
	if len(w.sent) != 5 || w.count["message.requested.v2"] <= 5 {
		t.Errorf("%d sent of 5 that were approved, %d asked for", len(w.sent), w.count["message.requested.v2"])
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
	waits := 0
	for id, m := range w.o.Messages {
		why, ok := aggregates.Why(w.now, w.o, id)
		if !ok || m.State() != "approved" {
			continue
		}
		waits++
		if why.Bound != aggregates.RuleGap || why.LookedAtNext.IsZero() || !why.NotBefore.Equal(why.LookedAtNext) || why.NotBefore.Sub(w.now) < 600*time.Second-30*time.Second {
			t.Errorf("bound by %s until %s, looked at %s; now %s", why.Bound, why.NotBefore, why.LookedAtNext, w.now)
		}
		if len(why.Rules) != 26 {
			t.Errorf("%d rules weighed", len(why.Rules))
		}
	}
	if waits == 0 {
		t.Error("no message waits")
	}
	why, ok := aggregates.WhyLead(w.now, w.o, campaign, leadID(person(1)))
	if !ok || why.State != "waiting" || why.Bound != aggregates.RuleCompanyCap {
		t.Errorf("who waits for a place is %+v", why)
	}
	if _, ok := aggregates.Why(w.now, w.o, other); ok {
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

func TestATickThatHasNoRoomForAllGoesOnSoon(t *testing.T) {
	t.Parallel()
	w := newWorld(t, time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))
	settings := campaignSettings()
	settings.CompanyCap, settings.CompanyGapMinutes = 0, 0
	w.setUp(1, 500, events.MailboxPace{CapPerDay: 1_000_000}, sequence(0), func(int) string { return "" }, &settings)
	tick := func() int {
		if err := w.decide(commands.AdvanceClock{}, es.ActorClock); err != nil {
			t.Fatal(err)
		}
		return w.count["message.requested.v2"]
	}
	if n, soon := tick(), w.state.Due().Sub(w.now); n != 400 || soon != 50*time.Millisecond {
		t.Errorf("%d messages are asked for, and the next tick is due after %s", n, soon)
	}
	w.now = w.state.Due()
	if n := tick(); n != 500 {
		t.Errorf("%d messages are asked for", n)
	}
}
