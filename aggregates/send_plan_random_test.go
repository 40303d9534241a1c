package aggregates_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// TestPlansOfAnyDayAddUp plans days of organisations of any kind, some hours into their sending.
func TestPlansOfAnyDayAddUp(t *testing.T) {
	t.Parallel()
	first := uint64(time.Now().UnixNano())
	for seed := first; seed < first+25; seed++ {
		r := rand.New(rand.NewPCG(seed, 1))
		h := randomHouse(r)
		now := at.Add(time.Duration(r.IntN(48*60)-24*60) * time.Minute)
		for range r.IntN(40) {
			h.sendSome(r, now)
			now = now.Add(time.Duration(1+r.IntN(40)) * time.Minute)
		}
		for _, of := range []aggregates.PlanOf{{}, {Date: now.AddDate(0, 0, 1).Format(time.DateOnly)}, {Campaign: spring.CampaignID}, {Mailbox: name("box0")}} {
			checkSum(t, now, aggregates.PlanSends(now, h.Organization, of))
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// sendSome lets the clock decide; of what is to be written, approved and sent, some is.
func (h house) sendSome(r *rand.Rand, now time.Time) {
	out := h.Pace(now)
	h.apply(out...)
	h.Ticked(now)
	for _, e := range out {
		switch e := e.(type) {
		case events.MessageRequested:
			if r.IntN(4) > 0 {
				h.apply(events.MessageDrafted{MessageRef: e.MessageRef, Number: 1})
				if !e.Approval || r.IntN(2) == 0 {
					h.apply(events.MessageApproved{MessageRef: e.MessageRef})
				}
			}
		case events.MessageScheduled:
			if r.IntN(10) > 0 {
				h.apply(events.MessageClaimed{MessageRef: e.MessageRef, MailboxID: e.MailboxID, ClaimedAt: now, LeaseUntil: now.Add(aggregates.Lease)})
				if r.IntN(10) > 0 {
					h.apply(events.MessageSent{MessageRef: e.MessageRef, MailboxID: e.MailboxID, AcceptedAt: now})
				}
			}
		}
	}
}

// randomHouse has mailboxes, campaigns and people of many kinds.
func randomHouse(r *rand.Rand) house {
	pick := func(xs ...int) int { return xs[r.IntN(len(xs))] }
	h := newHouse()
	camps := []events.CampaignRef{spring, {CampaignID: name("b")}, {CampaignID: name("c")}}
	var boxes []uuid.UUID
	for i := range 1 + r.IntN(5) {
		ref := events.MailboxRef{MailboxID: name(fmt.Sprint("box", i))}
		pace := events.MailboxPace{CapPerDay: pick(3, 10, 30, 200, 100000), CapPerHour: pick(0, 0, 2, 20), GapSeconds: pick(0, 0, 60, 600, 7200), JitterTo: pick(0, 0, 240)}
		if pace.JitterTo > 0 && r.IntN(2) == 0 {
			pace.JitterFrom = 30
		}
		if r.IntN(4) == 0 {
			pace.WarmupStart, pace.WarmupPerDay = 2, 2
		}
		h.apply(mailboxOf(ref, pace)...)
		if r.IntN(4) == 0 {
			h.apply(events.MailboxVerified{MailboxRef: ref, Status: events.MailboxWarming, WarmupFrom: at})
		}
		if r.IntN(8) == 0 {
			h.apply(events.MailboxPaused{MailboxRef: ref, Reason: "user"})
		}
		boxes = append(boxes, ref.MailboxID)
	}
	steps := []events.Step{}
	for i := range 1 + r.IntN(4) {
		steps = append(steps, events.Step{StepID: name(fmt.Sprint("step", i)), DelayDays: pick(0, 0, 1, 2), Variants: []events.Variant{{VariantID: name(fmt.Sprint("v", i)), Weight: 1}}})
	}
	for i, c := range camps {
		if i > 0 {
			x := campaignOf(c, steps)
			switch r.IntN(4) {
			case 0:
				x.Approval = events.ApproveAll
			case 1:
				x.Approval = events.ApproveFirst
			}
			h.apply(x)
		}
		s := aggregates.DefaultSettings()
		s.CompanyCap, s.CompanyGapMinutes = pick(0, 1, 3), pick(0, 45, 600)
		if r.IntN(3) == 0 {
			s.Window = events.Window{Days: []int{1, 2, 3, 4, 5, 6, 7}, From: "00:00", To: "24:00"}
		}
		if r.IntN(4) == 0 {
			s.Holidays = []string{"2026-03-31"}
		}
		h.apply(events.CampaignSettingsChanged{CampaignRef: c, CampaignSettings: s})
		some := boxes[:1+r.IntN(len(boxes))]
		h.apply(events.CampaignMailboxesAssigned{CampaignRef: c, MailboxIDs: some}, events.CampaignLaunched{CampaignRef: c})
	}
	zones := []string{"Europe/Berlin", "America/New_York", "Asia/Tokyo", ""}
	people := pick(3, 30, 200, 600)
	for i := range people {
		who := fmt.Sprint("p", i)
		l := lead(who, fmt.Sprint("company", i/pick(1, 3, 10)))
		l.TimeZone = zones[r.IntN(4)]
		l.FreeMail = r.IntN(5) == 0
		h.apply(l)
		for j, c := range camps {
			if r.IntN(3) > j {
				e := events.EnrollmentRef{EnrollmentID: aggregates.EnrollmentID(c.CampaignID, name(who)), LeadID: name(who), CampaignID: c.CampaignID}
				h.apply(events.EnrollmentStarted{EnrollmentRef: e, Counted: true, PeriodFrom: at})
			}
		}
		if r.IntN(40) == 0 {
			h.apply(events.SuppressionAdded{Kind: "address", Hash: hash(who)})
		}
	}
	return h
}
