package aggregates_test

import (
	"testing"
	"time"

	"outrider/aggregates"
	"outrider/events"
)

var demands = events.CampaignEntrySet{CampaignRef: spring, CampaignEntry: events.CampaignEntry{MinLeadScore: 60}}

func scored(who string, n int) events.LeadScored {
	return events.LeadScored{ScoredRef: events.ScoredRef{LeadID: name(who)}, Version: 1, LeadScore: n, IntentScore: 100, Qualification: events.LeadQualified}
}

func scoreInputs(n int) map[string]any {
	return map[string]any{"lead_score": n, "intent_score": 100, "qualification": "qualified", "min_lead_score": 60, "min_intent_score": 0, "qualifications": []string(nil)}
}

// askedFor returns to whom a tick asks for messages.
func (h house) askedFor(now time.Time) (who map[string]bool) {
	who = map[string]bool{}
	for _, e := range h.Pace(now) {
		if r, ok := e.(events.MessageRequested); ok {
			for _, n := range []string{"ann", "bob", "cyd"} {
				if r.LeadID == name(n) {
					who[n] = true
				}
			}
		}
	}
	return who
}

// TestWhoIsHeldByTheirScore follows people in and out of their campaign's line, whichever comes first: enrollment, score, or what is demanded.
func TestWhoIsHeldByTheirScore(t *testing.T) {
	t.Parallel()
	everybody := all(person("ann"), person("bob"))
	for sentence, x := range map[string]struct {
		given    []events.Event
		ann, bob bool
	}{
		"nothing is demanded":                   {everybody, true, true},
		"nobody has a score":                    {all(everybody, one(demands)), false, false},
		"a score comes":                         {all(everybody, one(demands, scored("ann", 70), scored("bob", 50))), true, false},
		"a score falls":                         {all(everybody, one(demands, scored("ann", 70), scored("bob", 70), scored("bob", 50))), true, false},
		"a score was there before":              {all(everybody, one(scored("ann", 70), scored("bob", 50), demands)), true, false},
		"and before the enrollment":             {all(one(lead("ann", "at ann"), lead("bob", "at bob"), scored("ann", 70), demands, enroll("ann"), enroll("bob"))), true, false},
		"less is demanded":                      {all(everybody, one(demands, scored("bob", 50), events.CampaignEntrySet{CampaignRef: spring, CampaignEntry: events.CampaignEntry{MinLeadScore: 50}})), false, true},
		"no longer anything is":                 {all(everybody, one(demands, events.CampaignEntrySet{CampaignRef: spring})), true, true},
		"other qualifications":                  {all(everybody, one(scored("ann", 70), events.CampaignEntrySet{CampaignRef: spring, CampaignEntry: events.CampaignEntry{Qualifications: []string{events.LeadNeedsReview}}})), false, false},
		"who comes back has lost their score":   {all(everybody, one(demands, scored("ann", 70), events.LeadRemoved{LeadRef: events.LeadRef{LeadID: name("ann")}}), person("ann")), false, false},
		"a pause that ends doesn't let them in": {all(everybody, one(demands, events.EnrollmentPaused{EnrollmentRef: enrollment("bob")}, events.EnrollmentResumed{EnrollmentRef: enrollment("bob")})), false, false},
	} {
		h := newHouse(x.given...)
		if got := h.askedFor(at); got["ann"] != x.ann || got["bob"] != x.bob {
			t.Errorf("%s: asked for %v", sentence, got)
		}
	}
}

// TestASlotIsTakenBack from whose score falls, and nothing is claimed for them.
func TestASlotIsTakenBack(t *testing.T) {
	t.Parallel()
	h := newHouse(all(person("ann"), one(demands, scored("ann", 70)), scheduled("ann"))...)
	msg := h.Messages[mail("ann").MessageID]
	if !msg.Scheduled() {
		t.Fatal("it has no slot to begin with")
	}
	h.apply(scored("ann", 10))
	if msg.Scheduled() {
		t.Error("the slot is kept")
	}
	if ok, rule, until := h.Claims(at, h.Mailboxes.Get(box.MailboxID)).Claim(msg); ok || rule != aggregates.RuleScore || !until.IsZero() {
		t.Errorf("claimed: %v, by %s until %s", ok, rule, until)
	}
	h.apply(scored("ann", 60))
	if ok, rule, _ := h.Claims(at, h.Mailboxes.Get(box.MailboxID)).Claim(msg); !ok {
		t.Errorf("held by %s though the score is enough again", rule)
	}
}

// TestScoresArePacked keeps all that fits.
func TestScoresArePacked(t *testing.T) {
	t.Parallel()
	h := newHouse(person("ann")...)
	for _, s := range []aggregates.LeadScore{{1, 0, 0, events.LeadUnqualified}, {65_535, 100, 100, events.LeadQualified}, {7, 1, 99, events.LeadNeedsReview}} {
		h.apply(events.LeadScored{ScoredRef: events.ScoredRef{LeadID: name("ann")}, Version: s.Version, LeadScore: s.Lead, IntentScore: s.Intent, Qualification: s.Qualification})
		if got := h.Leads.Get(name("ann")); got.Score() != s || !got.HasScore(s) {
			t.Errorf("got %+v, want %+v", got.Score(), s)
		}
	}
}
