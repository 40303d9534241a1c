package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
)

// TestSendingFollowsThePayment: it goes on for the days of grace, stops with them, and goes on once it is paid, from where it stopped: everybody is written
// to once, and no day has more than the cap.
func TestSendingFollowsThePayment(t *testing.T) {
	t.Parallel()
	w := newWorld(t, time.Date(2026, 3, 9, 7, 0, 0, 0, time.UTC))
	settings := campaignSettings()
	settings.Window.Days = []int{1, 2, 3, 4, 5, 6, 7}
	pace, nowhere := events.MailboxPace{CapPerDay: 5}, func(int) string { return "" }
	w.setUp(1, 60, pace, sequence(0), nowhere, &settings)
	reading := int64(0)
	bill := func(status string) {
		t.Helper()
		reading++
		w.must(commands.RecordSubscription{Subscription: subscription(status), Limits: commands.Plans()["scale"], Reading: reading})
	}
	sentIn := func(days int) int {
		t.Helper()
		before := len(w.sent)
		w.until(w.now.AddDate(0, 0, days))
		return len(w.sent) - before
	}
	bill("active")
	sentIn(1)
	bill("past_due")
	if got := sentIn(7); got != 35 || w.o.Status != events.StatusPastDue && w.o.Status != events.StatusSuspended {
		t.Errorf("in the days of grace %d left, and it is %s", got, w.o.Status)
	}
	if got := sentIn(10); got != 0 || w.o.Status != events.StatusSuspended || w.o.NextStatus.Status != events.StatusCancelled {
		t.Errorf("after them %d left, and it is %s, then %+v", got, w.o.Status, w.o.NextStatus)
	}
	bill("active")
	bill("active") // told again
	if got := sentIn(1); got != 5 || w.o.Status != events.StatusActive {
		t.Errorf("on the day of the payment %d left, and it is %s", got, w.o.Status)
	}
	sentIn(10)
	w.judge(pace, nowhere)
	people := map[uuid.UUID]int{}
	for _, s := range w.sent {
		people[s.LeadID]++
	}
	if len(people) != 60 || len(w.sent) != 60 || w.count["organization.status_changed.v2"] != 3 {
		t.Errorf("%d messages to %d people, %v", len(w.sent), len(people), w.count)
	}
}
