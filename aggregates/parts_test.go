package aggregates_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// TestRate sums seven days, and no eighth.
func TestRate(t *testing.T) {
	t.Parallel()
	about := events.SentMessageRef{CampaignID: spring.CampaignID, MailboxID: box.MailboxID}
	bounce := func(kind string, when time.Time) events.Event {
		return events.MessageBounced{SentMessageRef: about, Kind: kind, ReportedAt: when}
	}
	h := newHouse(all(person("a"), person("b"), sent("a", at), claimed("b", at), one(doubt("b")))...)
	h.apply(bounce(events.BounceHard, at), bounce(events.BounceHard, at.Add(time.Hour)), bounce(events.BounceBlock, at), bounce(events.BounceSoft, at), events.MessageComplained{SentMessageRef: about, ReportedAt: at},
		bounce(events.BounceHard, at.AddDate(0, 0, -1)))
	m, c := h.Mailboxes.Get(box.MailboxID), h.Campaigns[spring.CampaignID]
	for days, want := range map[int]aggregates.Counts{
		0: {Sent: 1, Bounced: 3, Complained: 1, Blocked: 1, Soft: 1},
		5: {Sent: 1, Bounced: 3, Complained: 1, Blocked: 1, Soft: 1},
		6: {Sent: 1, Bounced: 2, Complained: 1, Blocked: 1, Soft: 1},
		7: {},
	} {
		if got := m.Rate.At(at.AddDate(0, 0, days)); got != want {
			t.Errorf("the mailbox has %+v %d days later, want %+v", got, days, want)
		}
		if got := c.Rate.At(at.AddDate(0, 0, days)); got != want {
			t.Errorf("the campaign has %+v %d days later, want %+v", got, days, want)
		}
	}
	h.apply(events.MessageSent{MessageRef: mail("b"), AcceptedAt: at}) // the doubt counts when it was sent after all
	if got := m.Rate.At(at); got.Sent != 2 || c.Rate.At(at).Sent != 2 {
		t.Errorf("a doubt that was sent makes %d sent", got.Sent)
	}
	h.apply(bounce(events.BounceHard, at.AddDate(0, 0, 7))) // the day of the same place
	if got, want := m.Rate.At(at.AddDate(0, 0, 7)), (aggregates.Counts{Bounced: 1}); got != want {
		t.Errorf("a week later the day has %+v, want %+v", got, want)
	}
	h.apply(events.MailboxResumed{MailboxRef: box}, events.CampaignResumed{CampaignRef: spring})
	if got := (aggregates.Counts{}); m.Rate.At(at) != got || c.Rate.At(at.AddDate(0, 0, 7)) != got {
		t.Error("what was counted before a pause counts behind it")
	}
}

// TestMailboxesKeep asks what is known of mailboxes.
func TestMailboxesKeep(t *testing.T) {
	t.Parallel()
	other := events.MailboxRef{MailboxID: name("other")}
	connected := events.MailboxConnected{MailboxRef: box, APIKey: "key"}
	h := newHouse(append(mailboxOf(other, events.MailboxPace{CapPerDay: 1}), connected)...)
	h.apply(events.CampaignMailboxesAssigned{CampaignRef: spring, MailboxIDs: []uuid.UUID{box.MailboxID, other.MailboxID}})
	m := h.Mailboxes.Get(box.MailboxID)
	again := connected
	again.APIKey = "other"
	if !m.ConnectedAs(connected) || m.ConnectedAs(again) || m.Status() != events.MailboxPending || h.Mailboxes.Get(other.MailboxID).ConnectedAs(events.MailboxConnected{}) {
		t.Errorf("it is connected as something else, and %s", m.Status())
	}
	check := events.MailboxChecked{MailboxRef: box, Check: "dns", Outcome: "passed"}
	h.apply(check)
	if m.Check("dns") != "passed" || m.Rechecks("dns") {
		t.Error("the outcome of a check isn't known")
	}
	h.apply(events.MailboxChecksRequested{MailboxRef: box})
	if !m.Rechecks("dns") || m.Check("dns") != "passed" {
		t.Error("a check isn't asked for anew")
	}
	h.apply(check)
	if m.Rechecks("dns") {
		t.Error("a check is asked for though its outcome came")
	}
	h.apply(events.MailboxChecksRequested{MailboxRef: box}, connected)
	if m.Check("dns") != "" || m.Rechecks("dns") {
		t.Error("a mailbox that is connected anew has its old checks")
	}
	h.apply(events.MailboxVerified{MailboxRef: box, Status: events.MailboxWarming, WarmupFrom: at})
	if m.Status() != events.MailboxWarming || !m.WarmupFrom().Equal(at) {
		t.Errorf("it is %s, from %s", m.Status(), m.WarmupFrom())
	}
	h.apply(events.MailboxWarmedUp{MailboxRef: box}, events.MailboxHealthChanged{MailboxRef: box, Health: 70}, events.MailboxRead{MailboxRef: box, Folder: "INBOX", UIDValidity: 3, UID: 4}, events.MailboxRead{MailboxRef: box, Folder: "Sent", UIDValidity: 5, UID: 6})
	if validity, uid := m.ReadTo("INBOX"); m.Status() != events.MailboxActive || m.Health != 70 || validity != 3 || uid != 4 {
		t.Errorf("it is %s at %d, read to %d of %d", m.Status(), m.Health, uid, validity)
	}
	h.apply(events.MailboxPaused{MailboxRef: box, Reason: "manual"})
	if m.Status() != events.MailboxSuspended || m.Sending() {
		t.Errorf("paused, it is %s", m.Status())
	}
	h.apply(events.MailboxResumed{MailboxRef: box})
	if m.Health != 100 || !m.Sending() {
		t.Errorf("resumed, it has a health of %d", m.Health)
	}
	hash, ok := h.Mailboxes.Address(box.MailboxID)
	if id, found := h.Mailboxes.ByAddress(hash); !ok || !found || id != box.MailboxID || h.Mailboxes.Len() != 2 {
		t.Error("a mailbox isn't found by its address")
	}
	h.apply(events.MailboxRemoved{MailboxRef: box})
	if _, found := h.Mailboxes.ByAddress(hash); found || h.Mailboxes.Get(box.MailboxID) != nil || h.Mailboxes.Len() != 1 || m.Sending() {
		t.Error("a removed mailbox is still there")
	}
	if got := h.Campaigns[spring.CampaignID].Mailboxes(); len(got) != 1 || got[0].ID != other.MailboxID {
		t.Errorf("the campaign has %d mailboxes", len(got))
	}
	if _, ok := h.Mailboxes.Address(box.MailboxID); ok {
		t.Error("a removed mailbox has an address")
	}
}

// TestARemovedMailboxLeavesItsPeopleToOthers asks who writes to them then.
func TestARemovedMailboxLeavesItsPeopleToOthers(t *testing.T) {
	t.Parallel()
	other := events.MailboxRef{MailboxID: name("other")}
	h := newHouse(all(mailboxOf(other, events.MailboxPace{CapPerDay: 9}), one(events.CampaignMailboxesAssigned{CampaignRef: spring, MailboxIDs: []uuid.UUID{box.MailboxID, other.MailboxID}}),
		person("a"), sent("a", at.AddDate(0, 0, -5)), person("b"), scheduled("b"), person("c"), claimed("c", at))...)
	m := h.Mailboxes.Get(box.MailboxID)
	if got := m.Open(); !slices.Equal(got, []uuid.UUID{mail("b").MessageID}) {
		t.Errorf("%d of its messages can be taken back", len(got))
	}
	h.apply(events.MessageCancelled{MessageRef: mail("b"), Reason: events.CancelledMailboxRemoved}, events.MailboxRemoved{MailboxRef: box})
	if got := h.Mailboxes.Get(box.MailboxID); got != nil {
		t.Error("it is still there")
	}
	var asked []events.MessageRequested
	for _, e := range h.Pace(at) {
		if r, ok := e.(events.MessageRequested); ok {
			asked = append(asked, r)
		}
	}
	if len(asked) != 2 || asked[0].MailboxID != other.MailboxID || asked[1].MailboxID != other.MailboxID {
		t.Fatalf("asked for %+v", asked)
	}
	for _, r := range asked {
		switch r.LeadID {
		case name("a"):
			if r.Step != 2 || r.Attempt != 0 || r.PreviousID == uuid.Nil {
				t.Errorf("the follow-up is %+v", r)
			}
		case name("b"):
			if r.Step != 1 || r.Attempt != 1 || r.PreviousID != uuid.Nil {
				t.Errorf("the second attempt is %+v", r)
			}
		}
	}
}

// TestAnotherAttempt is asked for after a doubt that was not sent, under another id.
func TestAnotherAttempt(t *testing.T) {
	t.Parallel()
	h := newHouse(all(person("a"), claimed("a", at), one(doubt("a"), events.MessageResolved{MessageRef: mail("a"), By: "person"}))...)
	first, ok := h.Pace(at)[0].(events.MessageRequested)
	if !ok || first.Attempt != 1 || first.Step != 1 {
		t.Fatalf("asked for %+v", first)
	}
	h.apply(first, events.MessageApproved{MessageRef: first.MessageRef}, events.MessageScheduled{MessageRef: first.MessageRef}, events.MessageClaimed{MessageRef: first.MessageRef, ClaimedAt: at}, events.MessageSent{MessageRef: first.MessageRef, AcceptedAt: at})
	now := at.AddDate(0, 0, 2)
	second, ok := h.Pace(now)[0].(events.MessageRequested)
	if !ok || second.Attempt != 0 || second.Step != 2 || second.PreviousID != first.MessageID {
		t.Errorf("the follow-up is %+v, behind %s", second, first.MessageID)
	}
	doubted := newHouse(all(person("a"), claimed("a", at), one(doubt("a"), events.MessageResolved{MessageRef: mail("a"), By: "person", Sent: true}))...)
	if msg := doubted.Messages[mail("a").MessageID]; msg == nil || !msg.InDoubt() {
		t.Error("a doubt that was sent is over before that is recorded")
	}
}

// TestMessageStates asks what can be done with a message in each state.
func TestMessageStates(t *testing.T) {
	t.Parallel()
	ann := person("a")
	deferred := events.MessageDeferred{MessageRef: mail("a"), DeferredAt: at, RetryAt: at.Add(time.Hour)}
	for sentence, c := range map[string]struct {
		given                                       []events.Event
		state                                       string
		writable, waiting, scheduled, claimed, away bool
		drafts, tries                               int
	}{
		"requested":    {given: one(requested("a")), state: "requested", writable: true},
		"held":         {given: one(requested("a"), events.MessageHeld{MessageRef: mail("a")}), state: "held", writable: true},
		"drafted":      {given: one(requested("a"), events.MessageDrafted{MessageRef: mail("a"), Number: 2}), state: "drafted", writable: true, waiting: true, drafts: 2},
		"many drafts":  {given: one(requested("a"), events.MessageDrafted{MessageRef: mail("a"), Number: 300}), state: "drafted", writable: true, waiting: true, drafts: 255},
		"asked anew":   {given: append(ready("a"), events.MessageRedraftRequested{MessageRef: mail("a")}), state: "requested", writable: true, drafts: 1},
		"approved":     {given: ready("a"), state: "approved", writable: true, drafts: 1},
		"scheduled":    {given: scheduled("a"), state: "scheduled", scheduled: true, drafts: 1},
		"taken back":   {given: append(scheduled("a"), events.CampaignPaused{CampaignRef: spring}), state: "approved", writable: true, drafts: 1},
		"put off":      {given: append(scheduled("a"), events.MessagePostponed{MessageRef: mail("a"), Until: at}), state: "approved", writable: true, drafts: 1},
		"claimed":      {given: claimed("a", at), state: "claimed", claimed: true, away: true, drafts: 1},
		"still so":     {given: append(claimed("a", at), events.CampaignPaused{CampaignRef: spring}, events.MailboxPaused{MailboxRef: box, Reason: "manual"}), state: "claimed", claimed: true, away: true, drafts: 1},
		"in doubt":     {given: append(claimed("a", at), doubt("a")), state: "in_doubt", away: true, drafts: 1},
		"deferred":     {given: append(claimed("a", at), deferred), state: "approved", writable: true, drafts: 1, tries: 1},
		"and again":    {given: append(claimed("a", at), deferred, deferred), state: "approved", writable: true, drafts: 1, tries: 2},
		"of who left":  {given: append(claimed("a", at), events.EnrollmentStopped{EnrollmentRef: enrollment("a")}), state: "claimed", claimed: true, away: true, drafts: 1},
		"a pause away": {given: append(scheduled("a"), events.EnrollmentPaused{EnrollmentRef: enrollment("a")}), state: "approved", writable: true, drafts: 1},
	} {
		h := newHouse(all(ann, c.given)...)
		m := h.Messages[mail("a").MessageID]
		if m == nil {
			t.Errorf("%s: there is none", sentence)
			continue
		}
		if m.State() != c.state || m.Writable() != c.writable || m.Waiting() != c.waiting || m.Scheduled() != c.scheduled || m.Claimed() != c.claimed || m.Away() != c.away || m.Drafts() != c.drafts || m.Tries() != c.tries {
			t.Errorf("%s: it is %s, writable %v, waiting %v, scheduled %v, claimed %v, away %v, of %d drafts and %d tries", sentence, m.State(), m.Writable(), m.Waiting(), m.Scheduled(), m.Claimed(), m.Away(), m.Drafts(), m.Tries())
		}
	}
}

// TestVariants are drawn by weight, and always the same for one person.
func TestVariants(t *testing.T) {
	t.Parallel()
	weighted := []events.Step{{StepID: name("one"), Variants: []events.Variant{{VariantID: name("never")}, {VariantID: name("often"), Weight: 3}, {VariantID: name("seldom"), Weight: 1}}}}
	unweighted := []events.Step{{StepID: name("one"), Variants: []events.Variant{{VariantID: name("first")}, {VariantID: name("second")}}}}
	draw := func(steps []events.Step) map[uuid.UUID]int {
		var people []events.Event
		for i := range 300 {
			who := at.Add(time.Duration(i)).String()
			people = append(people, person(who)...)
		}
		h := newHouse(append(one(campaignOf(spring, steps), events.CampaignMailboxesAssigned{CampaignRef: spring, MailboxIDs: []uuid.UUID{box.MailboxID}}, events.CampaignLaunched{CampaignRef: spring}, paceOf(events.MailboxPace{CapPerDay: 1000})), people...)...)
		drawn := map[uuid.UUID]int{}
		for _, e := range h.Pace(at) {
			if r, ok := e.(events.MessageRequested); ok {
				drawn[r.VariantID]++
			}
		}
		return drawn
	}
	got := draw(weighted)
	if often, seldom := got[name("often")], got[name("seldom")]; got[name("never")] != 0 || often+seldom != 300 || often < 200 || seldom < 50 {
		t.Errorf("drawn %d often and %d seldom of 300", often, seldom)
	}
	if got := draw(unweighted); got[name("first")] != 300 {
		t.Errorf("without weights the first is drawn %d times of 300", got[name("first")])
	}
}
