package aggregates_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// story tells the events of a tick: who is asked for, who gets a slot, what is waited for.
func story(now time.Time, out []events.Event) (told []string) {
	who := func(id uuid.UUID) string {
		for c := 'a'; c <= 'z'; c++ {
			for _, s := range []string{string(c), string(c) + string(c)} {
				if id == name(s) {
					return s
				}
			}
		}
		return id.String()
	}
	for _, e := range out {
		switch e := e.(type) {
		case events.MessageRequested:
			told = append(told, strings.TrimSpace(fmt.Sprintf("ask %s %d %s", who(e.LeadID), e.Step, later(now, e.Earliest))))
		case events.MessageScheduled:
			told = append(told, "slot "+who(e.LeadID))
		case events.MailboxWaited:
			told = append(told, strings.TrimSpace("wait "+e.Rule+" "+later(now, e.Until)))
		case events.EnrollmentDeferred:
			told = append(told, fmt.Sprintf("defer %s %d", who(e.LeadID), e.Active))
		case events.EnrollmentStopped:
			told = append(told, "stop "+who(e.LeadID)+" "+e.Reason)
		case events.EnrollmentResumed:
			told = append(told, "resume "+who(e.LeadID)+" "+e.Reason)
		case events.MessageInDoubt:
			told = append(told, "doubt "+who(e.LeadID))
		case events.CampaignCompleted:
			told = append(told, "complete "+e.Reason)
		default:
			told = append(told, e.EventType())
		}
	}
	return told
}

// later is how long after now a time is; empty = not at all, or no time.
func later(now, t time.Time) string {
	if t.IsZero() || t.Equal(now) {
		return ""
	}
	return t.Sub(now).String()
}

// TestTicks asks for all that a tick decides.
func TestTicks(t *testing.T) {
	t.Parallel()
	a, b, c := person("a"), person("b"), person("c")
	pace := func(p events.MailboxPace) []events.Event { return one(paceOf(p)) }
	oneADay := pace(events.MailboxPace{CapPerDay: 1})
	gap := pace(events.MailboxPace{CapPerDay: 90, GapSeconds: 600})
	jitter := pace(events.MailboxPace{CapPerDay: 90, GapSeconds: 600, JitterFrom: 600, JitterTo: 900})
	always := one(settingsOf(func(s *events.CampaignSettings) {
		s.Window = events.Window{Days: []int{1, 2, 3, 4, 5, 6, 7}, From: "00:00", To: "24:00"}
	}))
	in := func(zone, who string) []events.Event {
		l := lead(who, "at "+who)
		l.TimeZone = zone
		return one(l, enroll(who))
	}
	held := events.MessageHeld{MessageRef: mail("a"), Reason: "missing_variable"}
	personal := func(who string) events.MessageRequested {
		r := requested(who)
		r.Approval = true
		return r
	}
	approval := func(how string) []events.Event {
		c := campaignOf(spring, twoDays)
		c.Approval = how
		return one(c, events.CampaignMailboxesAssigned{CampaignRef: spring, MailboxIDs: []uuid.UUID{box.MailboxID}}, events.CampaignLaunched{CampaignRef: spring})
	}
	paused := func(who string, until time.Time) events.EnrollmentPaused {
		return events.EnrollmentPaused{EnrollmentRef: enrollment(who), Until: until}
	}
	company := func(whos ...string) (out []events.Event) {
		for _, w := range whos {
			out = append(out, lead(w, "acme"), enroll(w))
		}
		return out
	}
	letters := func(n int) (whos []string) {
		for i := range n {
			whos = append(whos, strings.Repeat(string(rune('a'+i%26)), 1+i/26))
		}
		return whos
	}
	each := func(whos []string, do func(string) []events.Event) (out []events.Event) {
		for _, w := range whos {
			out = append(out, do(w)...)
		}
		return out
	}
	asks := func(whos ...string) (out []string) {
		for _, w := range whos {
			out = append(out, "ask "+w+" 1")
		}
		return out
	}
	capped := func(n int) []events.Event {
		return one(settingsOf(func(s *events.CampaignSettings) { s.CompanyCap = n }))
	}
	companyGap := func(n int) []events.Event {
		return one(settingsOf(func(s *events.CampaignSettings) { s.CompanyGapMinutes = n }))
	}
	earliest := func(who string, when time.Time) []events.Event {
		r := requested(who)
		r.Earliest = when
		return one(r, events.MessageApproved{MessageRef: mail(who)})
	}
	second := func(who string) []events.Event { // the follow-up, ready
		r := requested(who)
		r.MessageID, r.StepID, r.Step, r.VariantID = name("second "+who), name("two"), 2, name("two a")
		return one(r, events.MessageApproved{MessageRef: r.MessageRef})
	}
	suppressed := one(events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: name("s")}, Kind: "address", Hash: hash("a")})
	before := func(days int) time.Time { return at.AddDate(0, 0, -days) }
	evening := time.Date(2026, 3, 31, 18, 0, 0, 0, time.UTC)
	five := time.Date(2026, 4, 1, 5, 0, 0, 0, time.UTC) // two hours before the window opens
	another := events.MailboxRef{MailboxID: name("another")}
	warm := one(events.MailboxPaceSet{MailboxRef: box, MailboxPace: events.MailboxPace{CapPerDay: 3, WarmupStart: 1, WarmupPerDay: 1}},
		events.MailboxVerified{MailboxRef: box, Status: events.MailboxWarming, WarmupFrom: at})
	ended := func(day string) []events.Event {
		c := campaignOf(spring, twoDays)
		c.EndDate = day
		return one(c, events.CampaignLaunched{CampaignRef: spring})
	}
	waits := func(rule string) events.MailboxWaited { return events.MailboxWaited{MailboxRef: box, Rule: rule} }
	for sentence, c := range map[string]struct {
		given []events.Event
		now   time.Time
		then  []string
	}{
		"who was enrolled first is asked for first":       {all(a, b), at, []string{"ask a 1", "ask b 1", "wait nobody"}},
		"as many as the cap allows":                       {all(oneADay, a, b), at, []string{"ask a 1", "wait in_flight"}},
		"less those that were sent":                       {all(pace(events.MailboxPace{CapPerDay: 3}), c, sent("c", before(1).Add(3*time.Hour)), a, b, person("d")), at, []string{"ask a 1", "ask b 1", "wait in_flight"}},
		"less those of the day":                           {all(pace(events.MailboxPace{CapPerDay: 2}), a, b, c, sent("c", at.Add(-time.Hour))), at, []string{"ask a 1", "wait in_flight"}},
		"less those that are claimed":                     {all(pace(events.MailboxPace{CapPerDay: 2}), a, b, c, claimed("c", at)), at, []string{"ask a 1", "wait in_flight"}},
		"less those that are asked for":                   {all(pace(events.MailboxPace{CapPerDay: 2}), a, b, c, one(requested("c"))), at, []string{"ask a 1", "wait in_flight"}},
		"but not those that are held":                     {all(oneADay, a, b, one(requested("a"), held)), at, []string{"ask b 1", "wait in_flight"}},
		"nor those that may leave too late":               {all(oneADay, a, b, earliest("a", at.Add(2*time.Hour+1000))), at, []string{"ask b 1", "wait retry 2h0m0.000001s"}},
		"those that may leave in time count":              {all(oneADay, a, b, earliest("a", at.Add(2*time.Hour))), at, []string{"wait retry 2h0m0s"}},
		"as many as the gap leaves room for in two hours": {all(gap, each(letters(15), person)), at, append(asks(letters(13)...), "wait in_flight")},
		"its jitter is part of it":                        {all(jitter, each(letters(15), person)), at, append(asks(letters(7)...), "wait in_flight")},

		"who waits longest for the next step is first":         {all(oneADay, a, sent("a", before(5)), b, sent("b", before(6))), at, []string{"ask b 2", "wait in_flight"}},
		"of those the first enrolled":                          {all(oneADay, a, b, sent("b", before(5)), sent("a", before(5))), at, []string{"ask a 2", "wait in_flight"}},
		"a follow-up is before a first message":                {all(oneADay, a, b, sent("b", before(5))), at, []string{"ask b 2", "wait in_flight"}},
		"a follow-up is asked for in time":                     {all(a, sent("a", before(1))), time.Date(2026, 4, 1, 5, 0, 0, 0, time.UTC), []string{"ask a 2 2h0m0s", "wait nobody"}},
		"and not before":                                       {all(a, sent("a", before(1))), time.Date(2026, 4, 1, 4, 59, 59, 0, time.UTC), []string{"wait delay 1s"}},
		"the first enrolled, whatever their clock":             {all(always, oneADay, in("Asia/Tokyo", "c"), b, in("Asia/Tokyo", "a"), one(paused("c", time.Time{}))), at, []string{"ask b 1", "wait in_flight"}},
		"also where their clock comes first":                   {all(always, oneADay, in("Asia/Tokyo", "a"), b), at, []string{"ask a 1", "wait in_flight"}},
		"the longest due, whatever their clock":                {all(always, oneADay, in("Asia/Tokyo", "a"), in("Europe/Paris", "b"), sent("a", before(5)), sent("b", before(6))), at, []string{"ask b 2", "wait in_flight"}},
		"also where they come first":                           {all(always, oneADay, in("Asia/Tokyo", "a"), in("Europe/Paris", "b"), sent("b", before(5)), sent("a", before(6))), at, []string{"ask a 2", "wait in_flight"}},
		"of one time the first enrolled, whatever their clock": {all(always, oneADay, in("Europe/Berlin", "a"), in("Europe/Paris", "b"), sent("b", before(5)), sent("a", before(5))), at, []string{"ask a 2", "wait in_flight"}},

		"nobody is asked for long before their window":   {a, evening, []string{"wait window 11h0m0s"}},
		"but two hours before":                           {a, five, []string{"ask a 1 2h0m0s", "wait nobody"}},
		"and not a second sooner":                        {a, five.Add(-time.Second), []string{"wait window 1s"}},
		"whose window is open is asked for":              {all(in("Asia/Tokyo", "a"), b), at, []string{"ask b 1", "wait window 12h30m0s"}},
		"who must wait for their company is passed over": {all(companyGap(180), company("c", "a"), b, sent("c", at.Add(-10*time.Minute))), at, []string{"ask b 1", "..."}},
		"who need not wait long is not":                  {all(companyGap(180), company("c", "a"), sent("c", at.Add(-60*time.Minute))), at, []string{"ask a 1 2h0m0s", "wait delay 43h30m0s"}},
		"twenty are passed over":                         {all(companyGap(180), capped0(), company(append([]string{"z"}, letters(20)...)...), person("y"), sent("z", at.Add(-time.Minute))), at, []string{"ask y 1", "..."}},
		"and not more":                                   {all(companyGap(180), capped0(), company(append([]string{"z"}, letters(21)...)...), person("y"), sent("z", at.Add(-time.Minute))), at, []string{"wait company_gap 59m0s"}},
		"who is suppressed is stopped":                   {all(oneADay, a, b, suppressed), at, []string{"stop a suppressed", "ask b 1", "wait in_flight"}},
		"a company has so many places":                   {all(capped(2), company("a", "b", "c")), at, []string{"ask a 1", "ask b 1", "defer c 2", "wait nobody"}},
		"who has one keeps it":                           {all(capped(1), company("a"), sent("a", before(5))), at, []string{"ask a 2", "wait nobody"}},

		"a person sees a day's messages":       {all(approval("all"), oneADay, a, b, one(personal("a"), events.MessageDrafted{MessageRef: mail("a"), Number: 1})), at, []string{"wait nobody"}},
		"not those that are held":              {all(approval("all"), oneADay, a, b, one(personal("a"), held)), at, []string{"ask b 1", "wait in_flight"}},
		"not those that were seen":             {all(approval("all"), pace(events.MailboxPace{CapPerDay: 2}), a, b, one(personal("a"), events.MessageApproved{MessageRef: mail("a")})), at, []string{"slot a", "ask b 1", "wait in_flight"}},
		"not those that nobody must see":       {all(approval("first"), oneADay, a, b, one(requested("a"), events.MessageDrafted{MessageRef: mail("a"), Number: 1})), at, []string{"ask b 1", "wait in_flight"}},
		"where nobody sees them all are asked": {all(oneADay, a, b, one(personal("a"), events.MessageDrafted{MessageRef: mail("a"), Number: 1})), at, []string{"ask b 1", "wait in_flight"}},

		"what is ready gets a slot":                        {all(a, ready("a")), at, []string{"slot a", "wait nobody"}},
		"all of it where there is no gap":                  {all(a, b, ready("a"), ready("b")), at, []string{"slot a", "slot b", "wait nobody"}},
		"follow-ups first":                                 {all(a, b, sent("b", before(5)), ready("a"), second("b")), at, []string{"slot b", "slot a", "wait nobody"}},
		"with a gap the first":                             {all(gap, a, b, ready("a"), ready("b")), at, []string{"slot a", "wait nobody"}},
		"a follow-up is before it":                         {all(gap, a, b, sent("b", before(5)), ready("a"), second("b")), at, []string{"slot b", "wait nobody"}},
		"no two of a company at once":                      {all(company("a", "b"), ready("a"), ready("b")), at, []string{"slot a", "wait gap 1m0s"}},
		"unless they keep no gap":                          {all(companyGap(0), company("a", "b"), ready("a"), ready("b")), at, []string{"slot a", "slot b", "wait nobody"}},
		"what may leave later waits until then":            {all(a, earliest("a", at.Add(10*time.Minute))), at, []string{"wait retry 10m0s"}},
		"the soonest of them":                              {all(a, b, earliest("b", at.Add(10*time.Minute)), earliest("a", at.Add(20*time.Minute))), at, []string{"wait retry 10m0s"}},
		"a slot that is taken is waited for":               {all(gap, a, b, sent("b", at.Add(-time.Minute)), ready("a")), at, []string{"wait gap 9m0s"}},
		"a cap is waited for":                              {all(oneADay, a, b, sent("b", at.Add(-time.Hour)), ready("a")), at, []string{"wait cap_24h 21h0m0s"}},
		"a cap that one fills makes the next wait":         {all(oneADay, a, b, ready("a"), ready("b")), at, []string{"slot a", "wait cap_day"}},
		"what waits for a hand isn't waited for":           {all(a, ready("a"), one(paused("a", time.Time{}))), at, []string{"wait nobody"}},
		"in flight, the gap behind it is where more begin": {all(gap, a, b, scheduled("a")), at, []string{"ask b 1 10m0s", "wait nobody"}},

		"a pause that is over ends":                  {all(a, one(paused("a", at))), at, []string{"resume a clock", "wait nobody"}},
		"and no other":                               {all(a, one(paused("a", at.Add(time.Microsecond)))), at, []string{"wait nobody"}},
		"the first that is over is first":            {all(a, b, one(paused("a", at), paused("b", at.Add(-time.Hour)))), at, []string{"resume b clock", "resume a clock", "wait nobody"}},
		"a lease that is over leaves a doubt":        {all(a, claimed("a", at.Add(-30*time.Second))), at, []string{"doubt a", "wait nobody"}},
		"what was held behind its claim leaves none": {all(a, claimed("a", at.Add(-time.Minute)), one(held)), at, []string{"wait nobody"}},
		"and its place to the next":                  {all(pace(events.MailboxPace{CapPerDay: 2, GapSeconds: 600}), a, b, claimed("a", at), one(held)), at, []string{"ask b 1", "wait nobody"}},
		"and no other does":                          {all(a, claimed("a", at.Add(-30*time.Second+time.Microsecond))), at, []string{"wait nobody"}},
		"a doubt is one though nothing is sent":      {all(a, claimed("a", at.Add(-time.Minute)), one(events.OrganizationStatusChanged{Status: "suspended"})), at, []string{"doubt a"}},
		"nothing is sent then":                       {all(a, ready("a"), one(events.OrganizationStatusChanged{Status: "suspended"})), at, nil},
		"a campaign of nobody is idle":               {all(a, one(events.EnrollmentStopped{EnrollmentRef: enrollment("a")}, waits("nobody"))), at, []string{"campaign.idled.v1"}},
		"once":                                       {all(a, one(events.EnrollmentStopped{EnrollmentRef: enrollment("a")}, events.CampaignIdled{CampaignRef: spring}, waits("nobody"))), at, nil},
		"one that nobody is left in ends, too":       {all(ended("2026-03-30"), a, one(events.EnrollmentStopped{EnrollmentRef: enrollment("a")}, waits("nobody"))), at, []string{"complete ended"}},
		"a campaign says that it has no mailbox":     {all(a, one(events.MailboxRemoved{MailboxRef: box})), at, []string{"campaign.readiness_changed.v1"}},
		"a campaign ends with its day":               {all(ended("2026-03-30"), a), at, []string{"complete ended", "wait nobody"}},
		"not with the day before":                    {all(ended("2026-03-31"), a), at, []string{"wait nobody"}},
		"who is left is stopped":                     {all(a, b, one(events.CampaignCompleted{CampaignRef: spring}, waits("nobody"))), at, []string{"stop a campaign_completed", "stop b campaign_completed"}},
		"a warm-up goes on":                          {all(warm, a), at.AddDate(0, 0, 1), []string{"ask a 1", "wait nobody"}},
		"and is over":                                {all(warm, a), at.AddDate(0, 0, 2), []string{"mailbox.warmed_up.v1", "ask a 1", "wait nobody"}},
		"a warm-up's cap is that of its day":         {all(warm, a, b, c2(), person("d")), at.AddDate(0, 0, 1), []string{"ask a 1", "ask b 1", "wait in_flight"}},
		"the earliest mailbox is first": {all(mailboxOf(another, events.MailboxPace{CapPerDay: 1}), one(events.CampaignMailboxesAssigned{CampaignRef: spring, MailboxIDs: []uuid.UUID{another.MailboxID, box.MailboxID}}, waits("gap")),
			one(events.MailboxWaited{MailboxRef: box, Rule: "gap", Until: at}, events.MailboxWaited{MailboxRef: another, Rule: "cap_24h", Until: at.Add(-time.Minute)}), oneADay[:0], a), at, []string{"ask a 1", "wait in_flight", "wait nobody"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			got := story(c.now, newHouse(c.given...).Pace(c.now))
			if n := len(c.then) - 1; n >= 0 && c.then[n] == "..." { // whatever it waits for then
				got, c.then = got[:min(n, len(got))], c.then[:n]
			}
			if !slices.Equal(got, c.then) {
				t.Errorf("got  %q\nwant %q", got, c.then)
			}
		})
	}
}

func c2() []events.Event { return person("c") }

// capped0 lifts the cap of a company, and leaves it a gap of three hours.
func capped0() []events.Event {
	return one(settingsOf(func(s *events.CampaignSettings) { s.CompanyCap, s.CompanyGapMinutes = 0, 180 }))
}
