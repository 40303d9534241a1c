package aggregates_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// crowd has many people who wait, and mailboxes that write to them at any time of any day.
func crowd(people, boxes int, pace events.MailboxPace, zones ...string) house {
	h := newHouse(settingsOf(func(s *events.CampaignSettings) {
		s.CompanyCap, s.CompanyGapMinutes, s.Window = 0, 0, events.Window{Days: []int{1, 2, 3, 4, 5, 6, 7}, From: "00:00", To: "24:00"}
	}))
	ids := make([]uuid.UUID, boxes)
	for i := range ids {
		ref := events.MailboxRef{MailboxID: name(fmt.Sprint("box", i))}
		h.apply(mailboxOf(ref, pace)...)
		ids[i] = ref.MailboxID
	}
	h.apply(events.CampaignMailboxesAssigned{CampaignRef: spring, MailboxIDs: ids})
	for i := range people {
		who := fmt.Sprint("p", i)
		l := lead(who, fmt.Sprint("company", i/4))
		l.TimeZone = zones[i%len(zones)]
		h.apply(l, enroll(who))
	}
	return h
}

// BenchmarkPlanSends plans a day of 50,000 people who wait: from mailboxes without caps, so that all of them are written to, and from those that
// a careful sender has, at hours of work.
func BenchmarkPlanSends(b *testing.B) {
	for name, h := range map[string]house{
		"without caps": crowd(50_000, 8, events.MailboxPace{CapPerDay: 1_000_000}, ""),
		"with caps":    crowd(50_000, 100, events.MailboxPace{CapPerDay: 50, CapPerHour: 10, GapSeconds: 300, JitterTo: 120}, "Europe/Berlin", "America/New_York", "Asia/Tokyo", ""),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				aggregates.PlanSends(at, h.Organization, aggregates.PlanOf{})
			}
		})
	}
}
