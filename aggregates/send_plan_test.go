package aggregates_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// checkSum fails unless the plan adds up.
func checkSum(t *testing.T, now time.Time, p aggregates.SendPlan) {
	t.Helper()
	removed := 0
	for _, r := range p.Removed {
		if r.Count <= 0 {
			t.Errorf("%s: %s takes away %d", now, r.Rule, r.Count)
		}
		removed += r.Count
	}
	if p.Capacity-removed != p.Planned || p.Sent+p.Left != p.Planned || p.Left < 0 || (p.Next != nil) != (p.Left > 0) {
		t.Errorf("%s: doesn't add up: %+v", now, p)
	}
}

// playMinute lets the clock decide, and everybody do at once what it decides. It returns how many were sent, by campaign.
func (h house) playMinute(now time.Time, sent map[uuid.UUID]int) {
	steps := map[uuid.UUID]events.MessageRequested{}
	for range 50 {
		if due := h.Due(); due.IsZero() || due.After(now) {
			return
		}
		out := h.Pace(now)
		h.apply(out...)
		h.Ticked(now)
		for _, e := range out {
			switch e := e.(type) {
			case events.MessageRequested:
				steps[e.MessageID] = e
				h.apply(events.MessageDrafted{MessageRef: e.MessageRef, Number: 1})
				if !e.Approval {
					h.apply(events.MessageApproved{MessageRef: e.MessageRef})
				}
			case events.MessageScheduled:
				sent[e.CampaignID]++
				h.apply(events.MessageClaimed{MessageRef: e.MessageRef, MailboxID: e.MailboxID, ClaimedAt: now, LeaseUntil: now.Add(aggregates.Lease)},
					events.MessageSent{MessageRef: e.MessageRef, MailboxID: e.MailboxID, AcceptedAt: now})
			}
		}
		now = now.Add(time.Microsecond)
	}
}

// bigHouse has four mailboxes with a gap, one of them warming up, and people of several zones and companies.
func bigHouse(people int) house {
	h := newHouse(settingsOf(func(s *events.CampaignSettings) { s.CompanyCap, s.CompanyGapMinutes = 3, 45 }))
	boxes := []uuid.UUID{box.MailboxID}
	h.apply(paceOf(events.MailboxPace{CapPerDay: 30, GapSeconds: 600, JitterFrom: 0, JitterTo: 240}))
	for i := range 3 {
		ref := events.MailboxRef{MailboxID: name(fmt.Sprint("box", i))}
		h.apply(mailboxOf(ref, events.MailboxPace{CapPerDay: 30, GapSeconds: 600, JitterTo: 240, WarmupStart: 5, WarmupPerDay: 5})...)
		if i == 0 {
			h.apply(events.MailboxVerified{MailboxRef: ref, Status: events.MailboxWarming, WarmupFrom: at})
		}
		boxes = append(boxes, ref.MailboxID)
	}
	h.apply(events.CampaignMailboxesAssigned{CampaignRef: spring, MailboxIDs: boxes})
	zones := []string{"Europe/Berlin", "America/New_York", "Asia/Tokyo", ""}
	for i := range people {
		who := fmt.Sprint("p", i)
		l := lead(who, fmt.Sprint("company", i/4))
		l.TimeZone = zones[i%len(zones)]
		h.apply(l, enroll(who))
	}
	return h
}

// TestThePlanAddsUpAndComesTrue asks for the plan over some days, and at the end of each compares what it said in the morning with what was sent.
func TestThePlanAddsUpAndComesTrue(t *testing.T) {
	t.Parallel()
	for _, people := range []int{60, 600} {
		h := bigHouse(people)
		now := time.Date(2026, 3, 30, 22, 0, 0, 0, time.UTC) // midnight in Berlin
		asked := 0
		for day := range 5 {
			plan := aggregates.PlanSends(now, h.Organization, aggregates.PlanOf{})
			sent := map[uuid.UUID]int{}
			for m := range 24 * 60 {
				h.playMinute(now, sent)
				now = now.Add(time.Minute)
				if m%37 == 0 {
					asked++
					checkSum(t, now, aggregates.PlanSends(now, h.Organization, aggregates.PlanOf{}))
					checkSum(t, now, aggregates.PlanSends(now, h.Organization, aggregates.PlanOf{Mailbox: box.MailboxID}))
					checkSum(t, now, aggregates.PlanSends(now, h.Organization, aggregates.PlanOf{Campaign: spring.CampaignID, CampaignSent: 1}))
				}
			}
			got := sent[spring.CampaignID]
			t.Logf("%d people, day %d: planned %d, sent %d: %+v", people, day, plan.Planned, got, plan)
			if off := max(plan.Planned-got, got-plan.Planned); off > 2+got/10 {
				t.Errorf("%d people, day %d: planned %d, sent %d", people, day, plan.Planned, got)
			}
		}
		if asked < 50 {
			t.Errorf("asked %d times", asked)
		}
	}
}

// TestWhatTakesSendsAway has one thing in the way at a time.
func TestWhatTakesSendsAway(t *testing.T) {
	t.Parallel()
	people := func(n int) (out []events.Event) {
		for i := range n {
			out = append(out, person(fmt.Sprint("p", i))...)
		}
		return out
	}
	pace := func(p events.MailboxPace) []events.Event { return one(paceOf(p)) }
	capped := pace(events.MailboxPace{CapPerDay: 10})
	saturday := time.Date(2026, 4, 4, 8, 0, 0, 0, time.UTC)
	night := time.Date(2026, 3, 31, 21, 30, 0, 0, time.UTC)
	approved := campaignOf(spring, twoDays)
	approved.Approval = events.ApproveAll
	for sentence, c := range map[string]struct {
		given []events.Event
		now   time.Time
		want  string
	}{
		"nothing":                  {all(capped, people(20)), at, "10 = 0 + 10"},
		"too few people":           {all(capped, people(3)), at, "10 - nobody 7 = 0 + 3"},
		"nobody at all":            {capped, at, "10 - nobody 10 = 0 + 0"},
		"a stopped mailbox":        {all(capped, people(20), one(events.MailboxPaused{MailboxRef: box, Reason: "user"})), at, "10 - mailbox 10 = 0 + 0"},
		"a suspension":             {all(capped, people(20), one(events.OrganizationStatusChanged{Status: "suspended"})), at, "10 - organization 10 = 0 + 0"},
		"a warm-up":                {all(pace(events.MailboxPace{CapPerDay: 10, WarmupStart: 2, WarmupPerDay: 1}), one(events.MailboxVerified{MailboxRef: box, Status: events.MailboxWarming, WarmupFrom: at}), people(20)), at, "10 - warmup 8 = 0 + 2"},
		"a paused campaign":        {all(capped, people(20), one(events.CampaignPaused{CampaignRef: spring})), at, "10 - campaign 10 = 0 + 0"},
		"a weekend":                {all(capped, people(20)), saturday, "10 - window 10 = 0 + 0"},
		"a holiday":                {all(capped, people(20), one(settingsOf(func(s *events.CampaignSettings) { s.Holidays = []string{"2026-03-31"} }))), at, "10 - holiday 10 = 0 + 0"},
		"the evening":              {all(capped, people(20)), night, "10 - window 10 = 0 + 0"},
		"the gap":                  {all(pace(events.MailboxPace{CapPerDay: 10, GapSeconds: 4 * 3600}), people(20)), at.Add(-3 * time.Hour), "10 - gap 4 - elapsed 2 - window 2 = 0 + 2"},
		"the last 24 hours":        {all(pace(events.MailboxPace{CapPerDay: 2}), people(5), sent("p0", at.AddDate(0, 0, -1).Add(12*time.Hour))), at, "2 - window 1 = 0 + 1"},
		"drafts":                   {all(one(approved, events.CampaignMailboxesAssigned{CampaignRef: spring, MailboxIDs: []uuid.UUID{box.MailboxID}}, events.CampaignLaunched{CampaignRef: spring}), capped, people(20)), at, "10 - draft 10 = 0 + 0"},
		"what was sent counts":     {all(capped, people(20), sent("p0", at.Add(-time.Hour))), at, "10 = 1 + 9"},
		"the next step":            {all(capped, people(1), sent("p0", at.Add(-time.Hour))), at, "10 - nobody 8 - delay 1 = 1 + 0"},
		"a company's cap":          {all(capped, one(settingsOf(func(s *events.CampaignSettings) { s.CompanyCap, s.CompanyGapMinutes = 1, 0 })), one(lead("a", "x"), enroll("a"), lead("b", "x"), enroll("b"))), at, "10 - nobody 8 - company_cap 1 = 0 + 1"},
		"the organisation's limit": {all(capped, people(20), one(pacingOf(func(p *events.OrganizationPacing) { p.Organization.PerDay = 4 }))), at, "10 - organization_cap 6 = 0 + 4"},
		"new people a day":         {all(capped, people(20), one(sharingOf(events.CampaignPacing{NewPeoplePerDay: 3}))), at, "10 - campaign_new_people 7 = 0 + 3"},
		"the campaign's hours":     {all(capped, people(20), one(sharingOf(events.CampaignPacing{CampaignWindows: []events.Window{{Days: []int{6}, From: "09:00", To: "10:00"}}}))), at, "10 - campaign_window 10 = 0 + 0"},
		"the mailbox's hours":      {all(capped, people(20), one(events.MailboxHoursSet{MailboxRef: box, Windows: []events.Window{{Days: []int{6}, From: "09:00", To: "10:00"}}})), at, "10 - mailbox_window 10 = 0 + 0"},
		"a public holiday":         {all(capped, people(20), one(events.OrganizationHolidaysSet{Country: "DE", Zones: []string{"Europe/Berlin"}, Days: []events.Holiday{{Date: "2026-03-31", Name: "x"}}})), at, "10 - public_holiday 10 = 0 + 0"},
		"a company's gap":          {all(capped, one(settingsOf(func(s *events.CampaignSettings) { s.CompanyGapMinutes = 600 })), one(lead("a", "x"), enroll("a"), lead("b", "x"), enroll("b"))), at, "10 - nobody 8 - company_gap 1 = 0 + 1"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			p := aggregates.PlanSends(c.now, newHouse(c.given...).Organization, aggregates.PlanOf{})
			checkSum(t, c.now, p)
			got := fmt.Sprint(p.Capacity)
			for _, r := range p.Removed {
				got += fmt.Sprintf(" - %s %d", r.Rule, r.Count)
			}
			if got += fmt.Sprintf(" = %d + %d", p.Sent, p.Left); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
