package aggregates_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

var autumn = events.CampaignRef{CampaignID: name("autumn")}

// inAutumn is what a second campaign has sent to somebody, from a mailbox of its own.
func inAutumn(who string, when time.Time) []events.Event {
	second := events.MailboxRef{MailboxID: name("autumn's box")}
	e := enroll(who)
	e.CampaignID, e.EnrollmentID = autumn.CampaignID, aggregates.EnrollmentID(autumn.CampaignID, name(who))
	m := events.MessageRef{MessageID: name("autumn's mail " + who), EnrollmentID: e.EnrollmentID, LeadID: e.LeadID, CampaignID: autumn.CampaignID}
	return all(mailboxOf(second, events.MailboxPace{CapPerDay: 100}), one(campaignOf(autumn, twoDays), events.CampaignMailboxesAssigned{CampaignRef: autumn, MailboxIDs: []uuid.UUID{second.MailboxID}}, events.CampaignLaunched{CampaignRef: autumn}, e,
		events.MessageRequested{MessageRef: m, StepsVersion: 1, StepID: name("one"), Step: 1, Steps: 2, VariantID: name("one a"), MailboxID: second.MailboxID, Earliest: at}, events.MessageDrafted{MessageRef: m, Number: 1}, events.MessageApproved{MessageRef: m},
		events.MessageScheduled{MessageRef: m, MailboxID: second.MailboxID, At: when}, events.MessageClaimed{MessageRef: m, MailboxID: second.MailboxID, ClaimedAt: when, LeaseUntil: when.Add(aggregates.Lease)},
		events.MessageSent{MessageRef: m, StepID: name("one"), Step: 1, VariantID: name("one a"), MailboxID: second.MailboxID, AcceptedAt: when}))
}

// asked are the people of the first campaign for whom a tick asks for a message.
func (h house) asked(now time.Time) (who []string) {
	for _, e := range h.Pace(now) {
		if r, ok := e.(events.MessageRequested); ok && r.CampaignID == spring.CampaignID {
			for _, n := range []string{"ann", "bob", "eve"} {
				if r.LeadID == name(n) {
					who = append(who, n)
				}
			}
		}
	}
	return who
}

// TestWhoIsHeldHoldsNobodyBack: people whom another campaign has written to stand behind those whom it hasn't.
func TestWhoIsHeldHoldsNobodyBack(t *testing.T) {
	t.Parallel()
	gap := func(minutes int) events.Event { return events.OrganizationPersonGapSet{Minutes: minutes} }
	both := all(person("ann"), person("bob"), inAutumn("ann", at))
	for sentence, c := range map[string]struct {
		given []events.Event
		now   time.Time
		want  []string
	}{
		"who was enrolled before":              {both, at, []string{"bob"}},
		"and who is enrolled then":             {all(one(lead("ann", "at ann")), inAutumn("ann", at), one(enroll("ann")), person("bob")), at, []string{"bob"}},
		"both, a day later":                    {both, at.Add(24 * time.Hour), []string{"bob", "ann"}},
		"at once where the gap is taken away":  {all(both, one(gap(0))), at, []string{"ann", "bob"}},
		"in time for a gap that is made short": {all(both, one(gap(60))), at, []string{"bob", "ann"}},
		"not in one that is made long":         {all(one(gap(60)), both, one(gap(3*24*60))), at.Add(48 * time.Hour), []string{"bob"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if got := newHouse(c.given...).asked(c.now); !slices.Equal(got, c.want) {
				t.Errorf("asked for %v, want %v", got, c.want)
			}
		})
	}
}

// TestChangesReachWhoWaits: a removed mailbox, a larger cap and another zone leave nobody waiting for what is no longer so.
func TestChangesReachWhoWaits(t *testing.T) {
	t.Parallel()
	second := events.MailboxRef{MailboxID: name("second")}
	twoBoxes := all(mailboxOf(second, events.MailboxPace{CapPerDay: 100}), one(events.CampaignMailboxesAssigned{CampaignRef: spring, MailboxIDs: []uuid.UUID{box.MailboxID, second.MailboxID}}))
	removed := events.MailboxRemoved{MailboxRef: box}
	paused, resumed := events.EnrollmentPaused{EnrollmentRef: enrollment("ann")}, events.EnrollmentResumed{EnrollmentRef: enrollment("ann")}
	capped := func(n int) events.Event { return settingsOf(func(s *events.CampaignSettings) { s.CompanyCap = n }) }
	colleagues := one(capped(1), lead("ann", "acme"), lead("bob", "acme"), lead("eve", "acme"), enroll("ann"), enroll("bob"), enroll("eve"), requested("ann"), events.EnrollmentDeferred{EnrollmentRef: enrollment("bob")}, events.EnrollmentDeferred{EnrollmentRef: enrollment("eve")})
	later := at.AddDate(0, 0, 7)
	for sentence, c := range map[string]struct {
		given []events.Event
		now   time.Time
		want  []string
	}{
		"who is paused goes on from another mailbox":  {all(twoBoxes, person("ann"), sent("ann", at), one(paused, removed, resumed)), later, []string{"ann"}},
		"so does whose message was claimed meanwhile": {all(twoBoxes, person("ann"), claimed("ann", at), one(removed, events.MessageSent{MessageRef: mail("ann"), StepID: name("one"), Step: 1, VariantID: name("one a"), MailboxID: box.MailboxID, AcceptedAt: at})), later, []string{"ann"}},
		"a company's cap that is raised lets one in":  {all(colleagues, one(capped(2))), at, []string{"bob"}},
		"one that is raised more, both":               {all(colleagues, one(capped(3))), at, []string{"bob", "eve"}},
		"one that is taken away, too":                 {all(colleagues, one(capped(0))), at, []string{"bob", "eve"}},
		"other settings let nobody in":                {all(colleagues, one(settingsOf(func(s *events.CampaignSettings) { s.CompanyCap, s.TrackOpens = 1, true }))), at, nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if got := newHouse(c.given...).asked(c.now); !slices.Equal(got, c.want) {
				t.Errorf("asked for %v, want %v", got, c.want)
			}
		})
	}
}
