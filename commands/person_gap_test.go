package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

var autumn = uuid.MustParse("01990000-0000-7000-8000-0000000000c3")

// inAutumn is the first message of a second campaign to somebody.
func inAutumn(address string) events.MessageRef {
	e := commands.EnrollmentID(autumn, leadID(address))
	return events.MessageRef{MessageID: uuid.NewSHA1(e, []byte("message")), EnrollmentID: e, LeadID: leadID(address), CampaignID: autumn}
}

// scheduledInAutumn is a message of the second campaign that has a slot.
func scheduledInAutumn(address string) facts {
	m, s := inAutumn(address), sequence(0, 2)[0]
	return facts{events.MessageRequested{MessageRef: m, StepsVersion: 1, StepID: s.StepID, Step: 1, Steps: 2, VariantID: s.Variants[0].VariantID, MailboxID: boxID(0), Earliest: estest.At},
		events.MessageDrafted{MessageRef: m, Draft: text, Number: 1}, events.MessageApproved{MessageRef: m, By: "policy"}, events.MessageScheduled{MessageRef: m, MailboxID: boxID(0), At: estest.At}}
}

func personGap(minutes int) events.OrganizationPersonGapSet {
	return events.OrganizationPersonGapSet{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Minutes: minutes}
}

func TestPersonGap(t *testing.T) {
	t.Parallel()
	at := estest.At
	launched := events.CampaignLaunched{CampaignRef: events.CampaignRef{CampaignID: autumn}, StepsVersion: 1}
	// Ann is on both campaigns; the second has a slot for her. Before says what the first has done.
	both := func(before ...events.Event) facts {
		return append(append(append(running(before...), alsoOn(autumn, ann)...), launched), scheduledInAutumn(ann)...)
	}
	claim := func(ids ...uuid.UUID) commands.ClaimMessages {
		return commands.ClaimMessages{MailboxID: boxID(0), MessageIDs: ids, InboxReadAt: at.AddDate(1, 0, 0)}
	}
	one := claim(inAutumn(ann).MessageID)
	claimedThen := func(at time.Time) facts {
		return facts{events.MessageClaimed{MessageRef: inAutumn(ann), MailboxID: boxID(0), InboxReadAt: one.InboxReadAt, ClaimedAt: at, LeaseUntil: at.Add(30 * time.Second)}}
	}
	postponed := func(until time.Time) events.MessagePostponed {
		return events.MessagePostponed{MessageRef: inAutumn(ann), MailboxID: boxID(0), Rule: "person_gap", Until: until}
	}
	waits := func(until time.Time) facts {
		return facts{postponed(until), events.ClaimRecorded{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Refused: []events.RefusedClaim{{MessageID: inAutumn(ann).MessageID, Code: "postponed", Rule: "person_gap"}}}}
	}
	sent := both(asked(ann, 0), drafted(ann, 0), approved(ann, 0), scheduled(ann, 0), claimed(ann, 0), sentAt(ann, 0, at))
	away := both(asked(ann, 0), drafted(ann, 0), approved(ann, 0), scheduled(ann, 0), claimed(ann, 0))
	slots := both(asked(ann, 0), drafted(ann, 0), approved(ann, 0), scheduled(ann, 0))
	settings := campaignSettings()
	settings.CompanyGapMinutes = 0
	quiet := func(before facts) facts { // so that it is the person's gap that is seen
		for _, id := range []uuid.UUID{campaign, autumn} {
			before = append(before, events.CampaignSettingsChanged{CampaignRef: events.CampaignRef{CampaignID: id}, CampaignSettings: settings})
		}
		return before
	}
	lease := events.MessageInDoubt{MessageRef: refOf(ann, 0), StepsVersion: 1, StepID: sequence(0, 2)[0].StepID, Step: 1, VariantID: variantOf(ann, 0), MailboxID: boxID(0), ClaimedAt: at}
	kit().Run(t, map[string]estest.Case{
		"another campaign has just written":              {Given: quiet(sent[:len(sent):len(sent)]), At: at.Add(time.Hour), When: one, Then: waits(at.Add(24 * time.Hour)), Again: estest.RefusedAs("not_scheduled")},
		"what is claimed may arrive":                     {Given: quiet(away[:len(away):len(away)]), When: one, Then: waits(at.Add(24 * time.Hour)), Again: estest.RefusedAs("not_scheduled")},
		"so may what is in doubt, to the end of a lease": {Given: quiet(append(away[:len(away):len(away)], lease)), At: at.Add(time.Hour), When: one, Then: waits(at.Add(24*time.Hour + 30*time.Second)), Again: estest.RefusedAs("not_scheduled")},
		"the gap is over at its end":                     {Given: append(quiet(sent[:len(sent):len(sent)]), personGap(60)), At: at.Add(time.Hour), When: one, Then: claimedThen(at.Add(time.Hour)), Again: estest.RefusedAs("claimed")},
		"and not before":                                 {Given: append(quiet(sent[:len(sent):len(sent)]), personGap(60)), At: at.Add(time.Hour - time.Microsecond), When: one, Then: waits(at.Add(time.Hour)), Again: estest.RefusedAs("not_scheduled")},
		"there may be none":                              {Given: append(quiet(sent[:len(sent):len(sent)]), personGap(0)), When: one, Then: claimedThen(at), Again: estest.RefusedAs("claimed")},
		"of two in one claim the second waits": {Given: quiet(slots[:len(slots):len(slots)]), When: claim(msgID(ann, 0), inAutumn(ann).MessageID), Then: facts{
			events.MessageClaimed{MessageRef: refOf(ann, 0), MailboxID: boxID(0), InboxReadAt: one.InboxReadAt, ClaimedAt: at, LeaseUntil: at.Add(30 * time.Second)}, postponed(at.Add(24 * time.Hour)),
			events.ClaimRecorded{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Claimed: []uuid.UUID{msgID(ann, 0)}, Refused: []events.RefusedClaim{{MessageID: inAutumn(ann).MessageID, Code: "postponed", Rule: "person_gap"}}}}, Again: estest.OnceMore()},

		"a gap is set":          {Given: given(), When: commands.SetPersonGap{Minutes: 60}, Then: facts{personGap(60)}, Again: estest.NothingToDo()},
		"the longest":           {Given: given(), When: commands.SetPersonGap{Minutes: 43200}, Then: facts{personGap(43200)}, Again: estest.NothingToDo()},
		"none":                  {Given: given(), When: commands.SetPersonGap{}, Then: facts{personGap(0)}, Again: estest.NothingToDo()},
		"a day is the default":  {Given: given(), When: commands.SetPersonGap{Minutes: 1440}, Noop: true},
		"a gap isn't negative":  {Given: given(), When: commands.SetPersonGap{Minutes: -1}, Refused: "invalid"},
		"nor more than 30 days": {Given: given(), When: commands.SetPersonGap{Minutes: 43201}, Refused: "invalid"},
	})
}

func TestSkipActiveElsewhere(t *testing.T) {
	t.Parallel()
	second := func(address string) events.EnrollmentStarted {
		e := enrolled(address)
		e.CampaignID, e.EnrollmentID, e.Counted = autumn, commands.EnrollmentID(autumn, leadID(address)), false
		return e
	}
	const eve = "eve@other.test"
	here := append(running(leadCreated(eve)), alsoOn(autumn)...)
	enroll := func(addresses ...string) commands.EnrollLeads {
		c := commands.EnrollLeads{CampaignID: autumn, SkipActiveElsewhere: true}
		for _, a := range addresses {
			c.LeadIDs = append(c.LeadIDs, leadID(a))
		}
		return c
	}
	stopped := append(here[:len(here):len(here)], stoppedAs(ann, "replied", 1, uuid.Nil))
	fresh := second(eve)
	fresh.Counted = true
	everybody := enroll(ann)
	everybody.SkipActiveElsewhere = false
	kit().Run(t, map[string]estest.Case{
		"who is on another campaign is left out": {Given: here, When: enroll(ann, eve), Then: facts{fresh, events.EnrollmentBatchRecorded{CampaignRef: events.CampaignRef{CampaignID: autumn}, Enrolled: 1, Refused: []events.RefusedLead{{LeadID: leadID(ann), Code: "active_elsewhere"}}}}, Again: estest.OnceMore()},
		"one alone is refused":                   {Given: here, When: enroll(ann), Refused: "active_elsewhere", Detail: map[string]uuid.UUID{"id": leadID(ann)}},
		"not unless that is asked for":           {Given: here, When: everybody, Then: facts{second(ann)}, Again: estest.NothingToDo()},
		"not who is at the end there":            {Given: stopped, When: enroll(ann), Then: facts{second(ann)}, Again: estest.NothingToDo()},
		"who is on this one already is so":       {Given: append(here[:len(here):len(here)], second(ann)), When: enroll(ann), Noop: true},
		"what an older program asks for":         {Given: here, When: commands.EnrollLeadsV1{CampaignID: autumn, LeadIDs: []uuid.UUID{leadID(ann)}}, Then: facts{second(ann)}, Again: estest.NothingToDo()},
	})
}
