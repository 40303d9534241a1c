package commands_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
)

// Hours are taken exactly if there is a moment at which the booking page offers a time.
func TestHoursThatAreSetOfferATime(t *testing.T) {
	t.Parallel()
	o := aggregates.NewOrganization(org)
	rapid.Check(t, func(t *rapid.T) {
		clock := func(minutes int) string {
			if minutes == 24*60 {
				return "24:00"
			}
			return time.Date(2026, 1, 1, 0, minutes, 0, 0, time.UTC).Format("15:04")
		}
		from := rapid.IntRange(0, 24*60-5).Draw(t, "from")
		h := events.BookingHours{
			Windows:     []events.Window{{Days: rapid.SliceOfN(rapid.IntRange(1, 7), 1, 7).Draw(t, "days"), From: clock(from), To: clock(rapid.IntRange(from+5, 24*60).Draw(t, "to"))}},
			SlotMinutes: rapid.IntRange(5, 480).Draw(t, "slot"), DaysAhead: rapid.IntRange(1, 40).Draw(t, "days ahead"),
		}
		h.NoticeMinutes = rapid.OneOf(rapid.IntRange(0, 43200), rapid.IntRange(max(h.DaysAhead*24*60-2, 0), h.DaysAhead*24*60+2)).Filter(func(n int) bool { return n <= 43200 }).Draw(t, "notice")
		notice := time.Duration(h.NoticeMinutes) * time.Minute
		offers := func(now time.Time) bool {
			return now.Add(notice).Before(now.AddDate(0, 0, h.DaysAhead)) && len(aggregates.Slots(h, time.UTC, now.Add(notice), now.AddDate(0, 0, h.DaysAhead))) > 0
		}
		monday := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
		some := false
		for _, slot := range aggregates.Slots(h, time.UTC, monday, monday.AddDate(0, 0, 7)) {
			some = some || offers(slot.Add(-notice))
		}
		_, err := commands.SetBookingHours{BookingHours: h}.Decide(monday, o)
		if (err == nil) != some {
			t.Fatalf("%+v: %v, though it is %v that a time is offered", h, err, some)
		}
	})
}
