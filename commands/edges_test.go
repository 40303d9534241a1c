package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

// TestEdgesOfResults are the cases between two kinds of refusals.
func TestEdgesOfResults(t *testing.T) {
	t.Parallel()
	at := estest.At.Add(2 * time.Second)
	reply := func(stage string, code int, enhanced, text string) commands.SendResult {
		return commands.SendResult{MessageID: msgID(ann, 0), At: at, SMTPReply: events.SMTPReply{Stage: stage, Code: code, Enhanced: enhanced, Text: text}}
	}
	when := func(r commands.SendResult) commands.RecordResults {
		return commands.RecordResults{MailboxID: boxID(0), Results: []commands.SendResult{r}}
	}
	deferred := func(r commands.SendResult, tries int, after time.Duration) events.MessageDeferred {
		return events.MessageDeferred{MessageRef: refOf(ann, 0), MailboxID: boxID(0), SMTPReply: r.SMTPReply, Tries: tries, DeferredAt: at, RetryAt: at.Add(after)}
	}
	failed := func(r commands.SendResult, permanent bool) events.MessageFailed {
		s := sentAt(ann, 0, at)
		return events.MessageFailed{MessageRef: s.MessageRef, StepsVersion: 1, StepID: s.StepID, Step: 1, VariantID: s.VariantID, MailboxID: s.MailboxID, SMTPReply: r.SMTPReply, Permanent: permanent, FailedAt: at}
	}
	bounced := func(r commands.SendResult, kind string) events.MessageBounced {
		return events.MessageBounced{SentMessageRef: about(ann), Report: events.Report{AddressHash: h(ann)}, Kind: kind, Code: r.Code, Enhanced: r.Enhanced, AtRCPT: r.Stage == "rcpt", ReportedAt: at}
	}
	box := events.MailboxRef{MailboxID: boxID(0)}
	signIn := events.MailboxPaused{MailboxRef: box, Reason: "sign_in"}
	weaker := events.MailboxHealthChanged{MailboxRef: box, Health: 90, Reason: "blocked"}
	stopped := stoppedAs(ann, "failed", 0, msgID(ann, 0))
	shutOut, busy, plain500 := reply("auth", 535, "5.7.8", ""), reply("auth", 454, "4.7.0", ""), reply("auth", 500, "", "")
	spam4, spam500, content500 := reply("data", 451, "", "looks like spam"), reply("data", 500, "", "looks like spam"), reply("data", 500, "", "too long")
	notTold, hardAtData, our7 := reply("data", 554, "5.3.4", "looks like spam"), reply("data", 550, "5.1.1", ""), reply("rcpt", 553, "5.1.7", "")
	wait := 15 * time.Minute
	leaving := append(away(), stoppedAs(ann, "unsubscribed", 0, uuid.Nil))
	doubt := append(away(), inDoubt(ann))
	kit().Run(t, map[string]estest.Case{
		"a refused password of 500 is one too":            {Given: away(), When: when(plain500), Then: facts{deferred(plain500, 0, 0), signIn}, Again: estest.NothingToDo()},
		"a busy sign-in is tried again":                   {Given: away(), When: when(busy), Then: facts{deferred(busy, 1, wait)}, Again: estest.NothingToDo()},
		"who is shut out of a paused mailbox pauses none": {Given: append(away(), events.MailboxPaused{MailboxRef: box, Reason: "manual"}), When: when(shutOut), Then: facts{deferred(shutOut, 0, 0)}, Again: estest.NothingToDo()},
		"a refused password ends what was stopped":        {Given: leaving, When: when(shutOut), Then: facts{failed(shutOut, false)}, Again: estest.NothingToDo()},
		"a refused password ends a doubt":                 {Given: doubt, When: when(shutOut), Then: facts{events.MessageResolved{MessageRef: refOf(ann, 0), By: "provider"}}, Again: estest.NothingToDo()},
		"words don't make a refusal for now one for good": {Given: away(), When: when(spam4), Then: facts{deferred(spam4, 1, wait)}, Again: estest.NothingToDo()},
		"they say what a 500 is about":                    {Given: away(), When: when(spam500), Then: facts{failed(spam500, true), bounced(spam500, "block"), weaker, stopped}, Again: estest.NothingToDo()},
		"a code says more than words":                     {Given: away(), When: when(notTold), Then: facts{failed(notTold, true), stopped}, Again: estest.NothingToDo()},
		"a 500 is for good":                               {Given: away(), When: when(content500), Then: facts{failed(content500, true), stopped}, Again: estest.NothingToDo()},
		"nobody there, told late":                         {Given: away(), When: when(hardAtData), Then: facts{failed(hardAtData, true), bounced(hardAtData, "hard"), suppressedAs(ann, "bounce"), stoppedAs(ann, "bounced", 0, msgID(ann, 0))}, Again: estest.NothingToDo()},
		"5.1.7 is about our address":                      {Given: away(), When: when(our7), Then: facts{failed(our7, true), bounced(our7, "other"), stopped}, Again: estest.NothingToDo()},
	})
}

// TestEdgesOfClaims asks for what isn't the mailbox's, or isn't there any more.
func TestEdgesOfClaims(t *testing.T) {
	t.Parallel()
	at := estest.At
	second := boxAdded()
	second.MailboxID, second.AddressHash = boxID(1), h("box1")
	claim := func(box int, ids ...uuid.UUID) commands.ClaimMessages {
		return commands.ClaimMessages{MailboxID: boxID(box), MessageIDs: ids, InboxReadAt: at}
	}
	byAPI := slotted()
	for i, e := range byAPI {
		if added, ok := e.(events.MailboxAdded); ok {
			added.Transport = "sendgrid"
			byAPI[i] = added
		}
	}
	unread := claim(0, msgID(ann, 0))
	unread.InboxReadAt = time.Time{}
	claimedUnread := claimed(ann, 0)
	claimedUnread.InboxReadAt = time.Time{}
	free := func(address string) events.LeadCreated {
		l := leadCreated(address)
		l.LeadID, l.AddressHash, l.FreeMail = leadID(address), h(address), true
		return l
	}
	atProvider := append(given(draftCampaign()), boxFacts()...)
	atProvider = append(atProvider, events.CampaignMailboxesAssigned{CampaignRef: events.CampaignRef{CampaignID: campaign}, MailboxIDs: []uuid.UUID{boxID(0)}}, free(ann), free(bob), enrolled(ann), enrolled(bob),
		events.CampaignLaunched{CampaignRef: events.CampaignRef{CampaignID: campaign}, StepsVersion: 1}, asked(ann, 0), drafted(ann, 0), approved(ann, 0), scheduled(ann, 0), asked(bob, 0), drafted(bob, 0), approved(bob, 0), scheduled(bob, 0))
	record := events.ClaimRecorded{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Claimed: []uuid.UUID{msgID(ann, 0), msgID(bob, 0)}}
	oneADay := quick
	oneADay.CapPerDay = 1
	strict := append(append(facts{}, atProvider...), events.MailboxPaceSet{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, MailboxPace: oneADay})
	waits := events.MessagePostponed{MessageRef: refOf(bob, 0), MailboxID: boxID(0), Rule: "cap_day"} // until the result of the first
	halfRecord := events.ClaimRecorded{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Claimed: []uuid.UUID{msgID(ann, 0)}, Refused: []events.RefusedClaim{{MessageID: msgID(bob, 0), Code: "postponed", Rule: "cap_day"}}}
	kit().Run(t, map[string]estest.Case{
		"another mailbox's message isn't there":        {Given: append(slotted(), second), When: claim(1, msgID(ann, 0)), Refused: "not_found"},
		"what was claimed before a stop stays claimed": {Given: append(away(), stoppedAs(ann, "manual", 0, uuid.Nil)), When: claim(0, msgID(ann, 0)), Refused: "claimed"},
		"who sends by an API has no inbox to read":     {Given: byAPI, When: unread, Then: facts{claimedUnread}, Again: estest.RefusedAs("claimed")},
		"people of one mail provider are no company":   {Given: atProvider, When: claim(0, msgID(ann, 0), msgID(bob, 0)), Then: facts{claimed(ann, 0), claimed(bob, 0), record}, Again: estest.OnceMore()},
		"what one claim takes counts for the next":     {Given: strict, When: claim(0, msgID(ann, 0), msgID(bob, 0)), Then: facts{claimed(ann, 0), waits, halfRecord}, Again: estest.OnceMore()},
	})
}

// TestOneOfSeveral passes over those of several that can't be acted on.
func TestOneOfSeveral(t *testing.T) {
	t.Parallel()
	paused := events.EnrollmentPaused{EnrollmentRef: in(ann), Reason: "manual"}
	created0 := created()
	plan := commands.ChangePlan{Plan: "starter", Limits: events.Limits{LeadsPerMonth: 9}}
	read := func(validity, uid int64) events.MailboxRead {
		return events.MailboxRead{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Folder: "INBOX", UIDValidity: validity, UID: uid}
	}
	only := func(change func(*commands.UpdateLead)) (commands.UpdateLead, facts) {
		c := commands.UpdateLead{LeadID: leadID(ann)}
		change(&c)
		if c.Tags != nil || c.LawfulBasis != nil || c.CRMID != nil { // of an older program
			return c, facts{events.LeadUpdatedV1{LeadID: leadID(ann), Tags: c.Tags, LawfulBasis: c.LawfulBasis, CRMID: c.CRMID}}
		}
		return c, facts{events.LeadUpdated{LeadRef: events.LeadRef{LeadID: leadID(ann)}, Profile: c.Profile, Filled: c.Filled, AddressHash: c.AddressHash, DomainHash: c.DomainHash, FreeMail: c.FreeMail, TimeZone: c.TimeZone}}
	}
	cases := map[string]estest.Case{
		"who isn't on it is passed over":            {Given: running(), When: commands.PauseEnrollments{CampaignID: campaign, LeadIDs: []uuid.UUID{other, leadID(ann)}}, Then: facts{paused}, Again: estest.NothingToDo()},
		"messages that aren't there too":            {Given: running(), When: commands.ApproveMessages{MessageIDs: []uuid.UUID{msgID(ann, 0), msgID(bob, 0)}}, Noop: true},
		"a plan of the same name with other limits": {Given: facts{created0}, When: plan, Then: facts{events.OrganizationPlanChanged{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Plan: "starter", Limits: plan.Limits}}, Again: estest.NothingToDo()},
		"a folder that was numbered anew":           {Given: append(given(), append(boxFacts(), read(1, 7))...), When: commands.RecordMailboxRead(read(2, 3)), Then: facts{read(2, 3)}, Again: estest.NothingToDo()},
		"an organisation without a trial has no end of one": {Given: facts{}, At: anchor, When: commands.CreateOrganization{OrganizationID: org, Slug: "acme", Name: "Acme", Plan: "starter", Limits: limits, TimeZone: "Europe/Berlin", PostalAddress: "1 Main St"},
			Then: facts{func() events.OrganizationCreated { c := created(); c.TrialEndsAt = time.Time{}; return c }()}, Again: estest.NothingToDo()},
	}
	for name, change := range map[string]func(*commands.UpdateLead){
		"a profile":      func(c *commands.UpdateLead) { c.Profile = sealed },
		"a zone":         func(c *commands.UpdateLead) { c.TimeZone = ptr("") },
		"tags":           func(c *commands.UpdateLead) { c.Tags = []string{"x"} },
		"a lawful basis": func(c *commands.UpdateLead) { c.LawfulBasis = ptr("consent") },
		"a crm id":       func(c *commands.UpdateLead) { c.CRMID = ptr("7") },
		"an address":     func(c *commands.UpdateLead) { c.AddressHash, c.DomainHash, c.FreeMail = h("b"), h("c"), ptr(true) },
	} {
		c, then := only(change)
		cases[name+" alone is a change"] = estest.Case{Given: given(leadCreated(ann)), When: c, Then: then, Again: estest.OnceMore()}
	}
	kit().Run(t, cases)
}

// TestEdgesOfMeetings asks for the outermost slots, and for a meeting of the same name.
func TestEdgesOfMeetings(t *testing.T) {
	t.Parallel()
	set := events.BookingHoursSet{OrganizationRef: events.OrganizationRef{OrganizationID: org}, BookingHours: bookable(func(*events.BookingHours) {}).(commands.SetBookingHours).BookingHours}
	slot := time.Date(2026, 4, 1, 8, 30, 0, 0, time.UTC)
	book := func(at time.Time) commands.BookMeeting {
		return commands.BookMeeting{SentMessageRef: about(ann), MeetingID: other, StartsAt: at}
	}
	booked := events.MeetingBooked{SentMessageRef: about(ann), MeetingID: other, StartsAt: slot, EndsAt: slot.Add(30 * time.Minute), BookedAt: slot.Add(-time.Hour)}
	far := booked
	far.BookedAt = slot.AddDate(0, 0, -14)
	taken := booked
	taken.LeadID = leadID(bob)
	next := slot.AddDate(0, 0, 1)
	nextBooked := booked
	nextBooked.MeetingID, nextBooked.StartsAt, nextBooked.EndsAt, nextBooked.BookedAt = upload, next, next.Add(30*time.Minute), slot.Add(31*time.Minute)
	over := func(e events.MeetingBooked) commands.CancelMeeting {
		return commands.CancelMeeting{MeetingID: e.MeetingID}
	}
	kit().Run(t, map[string]estest.Case{
		"the soonest slot is an hour ahead":   {Given: given(set), At: slot.Add(-time.Hour), When: book(slot), Then: facts{booked}, Again: estest.NothingToDo()},
		"the furthest is two weeks ahead":     {Given: given(set), At: slot.AddDate(0, 0, -14), When: book(slot), Then: facts{far}, Again: estest.NothingToDo()},
		"another lead's meeting isn't theirs": {Given: given(set, taken), When: book(slot), Refused: "already_exists"},
		"a meeting that is over is forgotten": {Given: given(set, booked, nextBooked), When: over(booked), Refused: "not_found"},
		"and one that isn't is not":           {Given: given(set, booked, nextBooked), When: over(nextBooked), Then: facts{events.MeetingCancelled{MeetingRef: events.MeetingRef{MeetingID: upload, LeadID: leadID(ann)}}}, Again: estest.RefusedAs("not_found")},
		"what ends where another begins isn't in its way": {Given: given(set, booked), When: func() commands.BookMeeting { b := book(slot.Add(-30 * time.Minute)); b.MeetingID = upload; return b }(),
			Then: facts{func() events.MeetingBooked {
				b := booked
				b.MeetingID, b.StartsAt, b.EndsAt, b.BookedAt = upload, slot.Add(-30*time.Minute), slot, estest.At
				return b
			}()}, Again: estest.NothingToDo()},
	})
}
