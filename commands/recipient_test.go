package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
)

const robert = "robert@acme.test"

// attemptID of a message of Ann's.
func attemptID(step, attempt int) uuid.UUID {
	return es.DeriveID(in(ann).EnrollmentID, "message", sequence(0, 2)[step].StepID.String(), string('0'+rune(attempt)))
}

func removedLead(address string) events.LeadRemoved {
	return events.LeadRemoved{LeadRef: events.LeadRef{LeadID: leadID(address)}, Reason: "deleted"}
}

func continued(address string, step, attempt int, previous uuid.UUID, due time.Time) events.EnrollmentContinued {
	return events.EnrollmentContinued{EnrollmentRef: in(address), Step: step, Attempt: attempt, PreviousID: previous, DueAt: due}
}

// movedTo gives Ann another address.
func movedTo(address string) events.LeadUpdated {
	return events.LeadUpdated{LeadRef: events.LeadRef{LeadID: leadID(ann)}, AddressHash: h(address), DomainHash: h(domainOf(address)), FreeMail: ptr(false)}
}

func with(before facts, more ...events.Event) facts {
	return append(before[:len(before):len(before)], more...)
}

// TestAnAddressRemembers removes leads that were written to and lets their address come again.
func TestAnAddressRemembers(t *testing.T) {
	t.Parallel()
	at := estest.At
	sent := running(asked(ann, 0), sentAt(ann, 0, at.AddDate(0, 0, -1)))
	due := time.Date(2026, 4, 1, 7, 0, 0, 0, time.UTC) // two days behind Monday's message, as the window opens
	removed := with(sent, stoppedAs(ann, "lead_removed", 1, uuid.Nil), removedLead(ann))
	back := with(removed, leadCreated(ann))
	enroll := commands.EnrollLeads{CampaignID: campaign, LeadIDs: []uuid.UUID{leadID(ann)}}
	again := started(ann, false)
	carol := commands.EnrollLeads{CampaignID: campaign, LeadIDs: []uuid.UUID{leadID(ann), leadID("carol@acme.test")}}
	replied := events.MessageReplied{SentMessageRef: about(ann), From: "lead"}
	ended := func(reason string) map[string]any { return map[string]any{"id": leadID(ann), "reason": reason} }
	second := asked(ann, 1)
	second.Attempt, second.MessageID = 1, attemptID(1, 1)
	claimedAway := with(away(), stoppedAs(ann, "lead_removed", 0, uuid.Nil), removedLead(ann))
	failed := events.MessageFailed{MessageRef: refOf(ann, 0), StepsVersion: 1, StepID: sequence(0, 2)[0].StepID, Step: 1, VariantID: variantOf(ann, 0), MailboxID: boxID(0), Permanent: true, FailedAt: at}
	fromClaim := time.Date(2026, 4, 2, 7, 0, 0, 0, time.UTC)
	unwritten := running(stoppedAs(ann, "lead_removed", 0, uuid.Nil), removedLead(ann), leadCreated(ann))
	kit().Run(t, map[string]estest.Case{
		"it goes on behind what it was sent":       {Given: back, When: enroll, Then: facts{again, continued(ann, 1, 1, msgID(ann, 0), due)}, Again: estest.NothingToDo()},
		"so it does as one of several":             {Given: with(back, leadCreated("carol@acme.test")), When: carol, Then: facts{again, continued(ann, 1, 1, msgID(ann, 0), due), started("carol@acme.test", true), events.EnrollmentBatchRecorded{CampaignRef: events.CampaignRef{CampaignID: campaign}, Enrolled: 2}}, Again: estest.NothingToDo()},
		"after a removal the second time, too":     {Given: with(back, again, continued(ann, 1, 1, msgID(ann, 0), due), stoppedAs(ann, "lead_removed", 1, uuid.Nil), removedLead(ann), leadCreated(ann)), When: enroll, Then: facts{again, continued(ann, 1, 1, msgID(ann, 0), due)}, Again: estest.NothingToDo()},
		"what was asked for has its id for good":   {Given: running(asked(ann, 0), cancelled(ann, "lead_removed"), stoppedAs(ann, "lead_removed", 0, uuid.Nil), removedLead(ann), leadCreated(ann)), When: enroll, Then: facts{again, continued(ann, 0, 1, uuid.Nil, time.Time{})}, Again: estest.NothingToDo()},
		"what may have left counts as sent":        {Given: with(claimedAway, leadCreated(ann)), When: enroll, Then: facts{again, continued(ann, 1, 1, msgID(ann, 0), fromClaim)}, Again: estest.NothingToDo()},
		"until it is known that it didn't":         {Given: with(claimedAway, failed, leadCreated(ann)), When: enroll, Then: facts{again, continued(ann, 0, 1, uuid.Nil, time.Time{})}, Again: estest.NothingToDo()},
		"or that it did":                           {Given: with(claimedAway, sentAt(ann, 0, at), leadCreated(ann)), When: enroll, Then: facts{again, continued(ann, 1, 1, msgID(ann, 0), fromClaim)}, Again: estest.NothingToDo()},
		"who was never written to begins":          {Given: unwritten, When: enroll, Then: facts{again}, Again: estest.NothingToDo()},
		"who has answered isn't written to again":  {Given: with(sent, replied, stoppedAs(ann, "replied", 1, msgID(ann, 0)), removedLead(ann), leadCreated(ann)), When: enroll, Refused: "sequence_ended", Detail: ended("replied")},
		"nor who has since they were removed":      {Given: with(removed, replied, leadCreated(ann)), When: enroll, Refused: "sequence_ended", Detail: ended("replied")},
		"nor who booked since":                     {Given: with(removed, events.MeetingBooked{SentMessageRef: about(ann), StartsAt: at, EndsAt: at}, leadCreated(ann)), When: enroll, Refused: "sequence_ended", Detail: ended("meeting_booked")},
		"nor who has left":                         {Given: with(removed, events.MessageAutoReplied{SentMessageRef: about(ann), ForGood: "left_company"}, leadCreated(ann)), When: enroll, Refused: "sequence_ended", Detail: ended("left_company")},
		"nor who got all of it":                    {Given: with(sent, asked(ann, 1), sentAt(ann, 1, at), events.EnrollmentCompleted{EnrollmentRef: in(ann), Steps: 2}, removedLead(ann), leadCreated(ann)), When: enroll, Refused: "sequence_ended", Detail: ended("completed")},
		"nor who has opted out since":              {Given: with(removed, events.LeadUnsubscribed{SentMessageRef: about(ann), How: "one_click"}, suppressedAs(ann, "unsubscribe"), leadCreated(ann)), When: enroll, Refused: "suppressed"},
		"though that was lifted":                   {Given: with(removed, events.LeadUnsubscribed{SentMessageRef: about(ann), How: "one_click"}, leadCreated(ann)), When: enroll, Refused: "sequence_ended", Detail: ended("unsubscribed")},
		"nor who has complained":                   {Given: with(removed, events.MessageComplained{SentMessageRef: about(ann)}, leadCreated(ann)), When: enroll, Refused: "sequence_ended", Detail: ended("complained")},
		"another campaign begins":                  {Given: with(back, secondCampaign()), When: commands.EnrollLeads{CampaignID: other, LeadIDs: []uuid.UUID{leadID(ann)}}, Then: facts{events.EnrollmentStarted{EnrollmentRef: events.EnrollmentRef{EnrollmentID: commands.EnrollmentID(other, leadID(ann)), LeadID: leadID(ann), CampaignID: other}, PeriodFrom: anchor}}, Again: estest.NothingToDo()},
		"an erased address is written to no more":  {Given: with(sent, stoppedAs(ann, "lead_removed", 1, uuid.Nil), events.LeadErased{LeadRef: events.LeadRef{LeadID: leadID(ann)}}, suppressedAs(ann, "erasure"), leadCreated(ann)), When: enroll, Refused: "suppressed"},
		"the next message is another, and answers": {Given: with(back, again, continued(ann, 1, 1, msgID(ann, 0), due), events.CampaignPaused{CampaignRef: events.CampaignRef{CampaignID: campaign}, Reason: "manual"}, events.CampaignResumed{CampaignRef: events.CampaignRef{CampaignID: campaign}}), At: due, When: commands.AdvanceClock{}, Then: facts{asksBob(due), asks(second, msgID(ann, 0), due), events.MailboxWaited{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Rule: "nobody"}}, Again: estest.NothingToDo()},
	})
}

func asks(e events.MessageRequested, previous uuid.UUID, at time.Time) events.MessageRequested {
	e.PreviousID, e.Earliest = previous, at
	return e
}

func asksBob(at time.Time) events.MessageRequested { return asks(asked(bob, 0), uuid.Nil, at) }

func secondCampaign() events.CampaignCreated {
	c := draftCampaign()
	c.CampaignID = other
	return c
}

// anns is a suppression that is there for Ann, whose address it is or becomes.
func anns(e events.SuppressionAdded) events.SuppressionAdded {
	e.LeadID = leadID(ann)
	return e
}

// TestAStopIsThePersons changes addresses between what is said of them.
func TestAStopIsThePersons(t *testing.T) {
	t.Parallel()
	at := estest.At
	sent := running(asked(ann, 0), sentAt(ann, 0, at.AddDate(0, 0, -1)))
	to := func(address string) commands.UpdateLead {
		return commands.UpdateLead{LeadID: leadID(ann), AddressHash: h(address), DomainHash: h(domainOf(address)), FreeMail: ptr(false)}
	}
	stopped := func(reason string) events.EnrollmentStopped { return stoppedAs(ann, reason, 1, msgID(ann, 0)) }
	said := events.Report{AddressHash: h(ann)}
	leave := commands.Unsubscribe{SentMessageRef: about(ann), Report: said, How: "one_click", At: at}
	complaint := commands.RecordComplaint{SentMessageRef: about(ann), Report: said, Kind: "abuse", ReportedAt: at}
	bounce := commands.RecordBounce{SentMessageRef: about(ann), Report: said, SMTPReply: events.SMTPReply{Code: 550, Enhanced: "5.1.1"}, ReportedAt: at}
	bounced := events.MessageBounced{SentMessageRef: about(ann), Report: said, Kind: "hard", Code: 550, Enhanced: "5.1.1", ReportedAt: at}
	moved := with(sent, movedTo(robert))
	another := item(ann)
	another.LeadID = other
	created := leadCreated(ann)
	created.LeadID = other
	held := with(moved, created)
	otherIn := events.EnrollmentRef{EnrollmentID: commands.EnrollmentID(campaign, other), LeadID: other, CampaignID: campaign}
	due := time.Date(2026, 4, 1, 7, 0, 0, 0, time.UTC)
	gone := with(held, stoppedAs(ann, "lead_removed", 1, uuid.Nil), removedLead(ann))
	kit().Run(t, map[string]estest.Case{
		"who opted out stays so at another address":    {Given: with(sent, events.LeadUnsubscribed(leave), suppressedAs(ann, "unsubscribe"), stopped("unsubscribed")), When: to(robert), Then: facts{movedTo(robert), anns(suppressedAs(robert, "unsubscribe"))}, Again: estest.OnceMore()},
		"and is stopped where they are on a campaign":  {Given: with(sent, suppressedAs(ann, "manual")), When: to(robert), Then: facts{movedTo(robert), anns(suppressedAs(robert, "unsubscribe")), stoppedAs(ann, "suppressed", 1, uuid.Nil)}, Again: estest.OnceMore()},
		"a bounce says nothing of another address":     {Given: with(sent, bounced, suppressedAs(ann, "bounce"), stopped("bounced")), When: to(robert), Then: facts{movedTo(robert)}, Again: estest.OnceMore()},
		"an address that wants no mail stops who gets": {Given: with(sent, suppressedAs(robert, "unsubscribe")), When: to(robert), Then: facts{movedTo(robert), stoppedAs(ann, "suppressed", 1, uuid.Nil)}, Again: estest.OnceMore()},
		"an opt-out is from both addresses":            {Given: moved, When: leave, Then: facts{events.LeadUnsubscribed(leave), suppressedAs(ann, "unsubscribe"), anns(suppressedAs(robert, "unsubscribe")), stopped("unsubscribed")}, Again: estest.NothingToDo()},
		"so is a complaint":                            {Given: moved, When: complaint, Then: facts{events.MessageComplained(complaint), suppressedAs(ann, "complaint"), anns(suppressedAs(robert, "complaint")), stopped("complained")}, Again: estest.OnceMore()},
		"a bounce is of the address that it went to":   {Given: moved, When: bounce, Then: facts{bounced, suppressedAs(ann, "bounce")}, Again: estest.OnceMore()},
		"an address that nobody has is free":           {Given: moved, When: commands.CreateLead{LeadItem: another}, Then: facts{created}, Again: estest.RefusedAs("already_exists")},
		"who has it now was sent what it was":          {Given: held, When: commands.EnrollLeads{CampaignID: campaign, LeadIDs: []uuid.UUID{other}}, Then: facts{events.EnrollmentStarted{EnrollmentRef: otherIn, Counted: true, PeriodFrom: anchor}, events.EnrollmentContinued{EnrollmentRef: otherIn, Step: 1, Attempt: 1, PreviousID: msgID(ann, 0), DueAt: due}}, Again: estest.NothingToDo()},
		"an opt-out there stops them too":              {Given: with(held, events.EnrollmentStarted{EnrollmentRef: otherIn, Counted: true, PeriodFrom: anchor}), When: leave, Then: facts{events.LeadUnsubscribed(leave), suppressedAs(ann, "unsubscribe"), events.EnrollmentStopped{EnrollmentRef: otherIn, Reason: "suppressed"}, anns(suppressedAs(robert, "unsubscribe")), stopped("unsubscribed")}, Again: estest.NothingToDo()},
		"who was sent more goes on behind it": {Given: with(gone, events.EnrollmentStarted{EnrollmentRef: otherIn, Counted: true, PeriodFrom: anchor}), When: commands.UpdateLead{LeadID: other, AddressHash: h(robert), DomainHash: h(domainOf(robert)), FreeMail: ptr(false)}, Then: facts{
			events.LeadUpdated{LeadRef: events.LeadRef{LeadID: other}, AddressHash: h(robert), DomainHash: h(domainOf(robert)), FreeMail: ptr(false)}, events.EnrollmentContinued{EnrollmentRef: otherIn, Step: 1, Attempt: 1, PreviousID: msgID(ann, 0), DueAt: due}}, Again: estest.OnceMore()},
		"who had an end there has it": {Given: with(moved, events.MessageReplied{SentMessageRef: about(ann), From: "lead"}, stopped("replied"), removedLead(ann), created, events.EnrollmentStarted{EnrollmentRef: otherIn, Counted: true, PeriodFrom: anchor}), When: commands.UpdateLead{LeadID: other, AddressHash: h(robert), DomainHash: h(domainOf(robert)), FreeMail: ptr(false)}, Then: facts{
			events.LeadUpdated{LeadRef: events.LeadRef{LeadID: other}, AddressHash: h(robert), DomainHash: h(domainOf(robert)), FreeMail: ptr(false)}, events.EnrollmentStopped{EnrollmentRef: otherIn, Reason: "replied"}}, Again: estest.OnceMore()},
		"a removed person is who has the address": {Given: with(sent, stoppedAs(ann, "lead_removed", 1, uuid.Nil), removedLead(ann), created, events.EnrollmentStarted{EnrollmentRef: otherIn, Counted: true, PeriodFrom: anchor}), When: commands.RecordReply{SentMessageRef: about(ann), From: "lead"}, Then: facts{events.MessageReplied{SentMessageRef: about(ann), From: "lead"}, events.EnrollmentStopped{EnrollmentRef: otherIn, Reason: "replied", MessageID: msgID(ann, 0)}}, Again: estest.OnceMore()},
		"a report of who was removed suppresses":  {Given: with(sent, stoppedAs(ann, "lead_removed", 1, uuid.Nil), removedLead(ann)), When: complaint, Then: facts{events.MessageComplained(complaint), suppressedAs(ann, "complaint")}, Again: estest.OnceMore()},
		"so does a bounce":                        {Given: with(sent, stoppedAs(ann, "lead_removed", 1, uuid.Nil), removedLead(ann)), When: bounce, Then: facts{bounced, suppressedAs(ann, "bounce")}, Again: estest.OnceMore()},
		"an opt-out of who nobody knows any more": {Given: given(), When: leave, Then: facts{events.LeadUnsubscribed(leave), suppressedAs(ann, "unsubscribe")}, Again: estest.NothingToDo()},
	})
}
