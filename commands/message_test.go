package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func TestDraft(t *testing.T) {
	t.Parallel()
	draft := commands.DraftMessage{MessageID: msgID(ann, 0), Draft: text, LeadVersion: 1}
	but := func(change func(*commands.DraftMessage)) commands.DraftMessage {
		c := draft
		change(&c)
		return c
	}
	second := drafted(ann, 0)
	second.Number = 2
	person := asked(ann, 0)
	person.Approval = true
	held := events.MessageHeld{MessageRef: refOf(ann, 0), Reason: "missing_variable", Missing: []string{"first_name"}}
	hold := commands.HoldMessage{MessageID: msgID(ann, 0), Reason: "missing_variable", Missing: []string{"first_name"}}
	redraft := events.MessageRedraftRequested{MessageRef: refOf(ann, 0), Reason: "asked"}
	updated := events.LeadUpdated{LeadRef: events.LeadRef{LeadID: leadID(ann)}, Profile: sealed, Filled: []string{"first_name"}}
	ids := func(addresses ...string) (out []uuid.UUID) {
		for _, a := range addresses {
			out = append(out, msgID(a, 0))
		}
		return out
	}
	edit := commands.EditDraft{MessageID: msgID(ann, 0), Subject: sealed, Body: sealed, IfDraft: 1}
	edited := events.MessageDrafted{MessageRef: refOf(ann, 0), Draft: events.Draft{Subject: sealed, Body: sealed, Writer: "person"}, Number: 2}
	fromNothing, written := edit, edited
	fromNothing.IfDraft, written.Number = 0, 1
	blank := edit
	blank.Subject = events.Sealed{}
	reject := func(then string, ids ...string) commands.RejectDrafts {
		c := commands.RejectDrafts{Then: then}
		for _, a := range ids {
			c.Drafts = append(c.Drafts, commands.RejectedDraft{MessageID: msgID(a, 0), Note: sealed})
		}
		return c
	}
	rejected := func(then string) events.MessageRejected {
		return events.MessageRejected{MessageRef: refOf(ann, 0), Note: sealed, Then: then}
	}
	longNote := reject("stop", ann)
	longNote.Drafts[0].Note.C = make([]byte, 5<<10)
	byPerson := approved(ann, 0)
	byPerson.By = "person"
	kit().Run(t, map[string]estest.Case{
		"a draft that no person must see is approved":          {Given: running(asked(ann, 0)), When: draft, Then: facts{drafted(ann, 0), approved(ann, 0)}, Again: estest.OnceMore()},
		"a draft that a person must see waits":                 {Given: running(person), When: draft, Then: facts{drafted(ann, 0)}, Again: estest.OnceMore()},
		"a better draft replaces one":                          {Given: running(asked(ann, 0), drafted(ann, 0), approved(ann, 0)), When: draft, Then: facts{second, approved(ann, 0)}, Again: estest.OnceMore()},
		"a message that has a slot is not rewritten":           {Given: slotted(), When: draft, Refused: "wrong_status"},
		"a message that is claimed is not rewritten":           {Given: away(), When: draft, Refused: "claimed"},
		"an unknown message":                                   {Given: running(), When: draft, Refused: "not_found"},
		"a message of who has left is gone":                    {Given: running(asked(ann, 0), cancelled(ann, "replied"), stoppedAs(ann, "replied", 0, uuid.Nil)), When: draft, Refused: "not_found"},
		"a draft from what the lead was before is refused":     {Given: running(asked(ann, 0), updated), When: draft, Refused: "version_conflict"},
		"a draft has a subject":                                {Given: running(asked(ann, 0)), When: but(func(c *commands.DraftMessage) { c.Subject = events.Sealed{} }), Refused: "invalid"},
		"a draft has a body":                                   {Given: running(asked(ann, 0)), When: but(func(c *commands.DraftMessage) { c.Body = events.Sealed{} }), Refused: "invalid"},
		"a draft has one body":                                 {Given: running(asked(ann, 0)), When: but(func(c *commands.DraftMessage) { c.BodyRef = "blob" }), Refused: "invalid"},
		"a long body goes elsewhere":                           {Given: running(asked(ann, 0)), When: but(func(c *commands.DraftMessage) { c.Body.C = make([]byte, 49<<10) }), Refused: "invalid"},
		"a draft has a writer":                                 {Given: running(asked(ann, 0)), When: but(func(c *commands.DraftMessage) { c.Writer = "monkey" }), Refused: "invalid"},
		"a draft costs nothing or more":                        {Given: running(asked(ann, 0)), When: but(func(c *commands.DraftMessage) { c.CostMicros = -1 }), Refused: "invalid"},
		"a message that lacks a value is held":                 {Given: running(asked(ann, 0)), When: hold, Then: facts{held}, Again: estest.NothingToDo()},
		"what is held has a reason":                            {Given: running(asked(ann, 0)), When: commands.HoldMessage{MessageID: msgID(ann, 0)}, Refused: "invalid"},
		"an unknown message isn't held":                        {Given: running(), When: hold, Refused: "not_found"},
		"a changed lead brings a held message back":            {Given: running(asked(ann, 0), held), When: commands.UpdateLead{LeadID: leadID(ann), Profile: sealed, Filled: []string{"first_name"}}, Then: facts{updated, events.MessageRedraftRequested{MessageRef: refOf(ann, 0), Reason: "lead_changed"}}, Again: estest.OnceMore()},
		"another draft is asked for":                           {Given: running(asked(ann, 0), drafted(ann, 0), approved(ann, 0)), When: commands.RedraftMessage{MessageID: msgID(ann, 0)}, Then: facts{redraft}, Again: estest.NothingToDo()},
		"no other draft of an unknown message":                 {Given: running(), When: commands.RedraftMessage{MessageID: msgID(ann, 0)}, Refused: "not_found"},
		"a person approves":                                    {Given: running(person, drafted(ann, 0)), When: commands.ApproveMessages{MessageIDs: ids(ann, ann, bob)}, Then: facts{byPerson}, Again: estest.NothingToDo()},
		"nothing to approve":                                   {Given: running(asked(ann, 0)), When: commands.ApproveMessages{MessageIDs: ids(ann)}, Noop: true},
		"an unknown message isn't approved":                    {Given: running(), When: commands.ApproveMessages{MessageIDs: ids(ann)}, Refused: "not_found"},
		"somebody is approved":                                 {Given: running(), When: commands.ApproveMessages{}, Refused: "invalid"},
		"a person rejects, and the sequence ends":              {Given: running(person, drafted(ann, 0)), When: commands.RejectMessages{MessageIDs: ids(ann)}, Then: facts{cancelled(ann, "rejected"), stoppedAs(ann, "rejected", 0, msgID(ann, 0))}, Again: estest.RefusedAs("not_found")},
		"it is rejected with a reason, and the sequence ends":  {Given: running(person, drafted(ann, 0)), When: reject("stop", ann, ann, bob), Then: facts{rejected("stop"), cancelled(ann, "rejected"), stoppedAs(ann, "rejected", 0, msgID(ann, 0))}, Again: estest.NothingToDo()},
		"or another draft is written":                          {Given: running(person, drafted(ann, 0)), When: reject("redraft", ann), Then: facts{rejected("redraft"), events.MessageRedraftRequested{MessageRef: refOf(ann, 0), Reason: "rejected"}}, Again: estest.NothingToDo()},
		"what follows a rejection is one of two":               {Given: running(person, drafted(ann, 0)), When: reject("perhaps", ann), Refused: "invalid"},
		"a reason isn't a book":                                {Given: running(person, drafted(ann, 0)), When: longNote, Refused: "invalid"},
		"somebody is rejected":                                 {Given: running(), When: reject("stop"), Refused: "invalid"},
		"no reason makes an unknown message known":             {Given: running(), When: reject("stop", ann), Refused: "not_found"},
		"a person writes, and it waits still":                  {Given: running(person, drafted(ann, 0)), When: edit, Then: facts{edited}, Again: estest.RefusedAs("version_conflict")},
		"a person writes what needs no approval":               {Given: running(asked(ann, 0), drafted(ann, 0), approved(ann, 0)), When: edit, Then: facts{edited, approved(ann, 0)}, Again: estest.RefusedAs("version_conflict")},
		"a person writes what a template couldn't":             {Given: running(person, held), When: fromNothing, Then: facts{written}, Again: estest.RefusedAs("version_conflict")},
		"what a person wrote stays when the lead changes":      {Given: running(person, drafted(ann, 0), edited), When: commands.UpdateLead{LeadID: leadID(ann), Profile: sealed, Filled: []string{"first_name"}}, Then: facts{updated}, Again: estest.OnceMore()},
		"nobody writes what is being written":                  {Given: running(person), When: fromNothing, Refused: "wrong_status"},
		"nobody writes over a draft that they haven't seen":    {Given: running(person, drafted(ann, 0), second), When: edit, Refused: "version_conflict"},
		"nobody writes what has a slot":                        {Given: slotted(), When: edit, Refused: "wrong_status"},
		"nobody writes what may have left":                     {Given: away(), When: edit, Refused: "claimed"},
		"what a person writes has a subject":                   {Given: running(person, drafted(ann, 0)), When: blank, Refused: "invalid"},
		"nobody writes to who is unknown":                      {Given: running(), When: edit, Refused: "not_found"},
		"an unknown message isn't rejected":                    {Given: running(), When: commands.RejectMessages{MessageIDs: ids(ann)}, Refused: "not_found"},
		"a removed mailbox's message is asked for from others": {Given: slotted(), When: commands.RemoveMailbox{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}}, Then: facts{cancelled(ann, "mailbox_removed"), events.CampaignMailboxesAssigned{CampaignRef: events.CampaignRef{CampaignID: campaign}, MailboxIDs: []uuid.UUID{}}, events.MailboxRemoved{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}}}, Again: estest.RefusedAs("not_found")},
	})
}

func TestClaim(t *testing.T) {
	t.Parallel()
	at := estest.At
	claim := func(read time.Time, ids ...uuid.UUID) commands.ClaimMessages {
		return commands.ClaimMessages{MailboxID: boxID(0), MessageIDs: ids, InboxReadAt: read}
	}
	one := claim(at, msgID(ann, 0))
	record := func(claimed []uuid.UUID, refused ...events.RefusedClaim) events.ClaimRecorded {
		return events.ClaimRecorded{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Claimed: claimed, Refused: refused}
	}
	no := func(id uuid.UUID, code, rule string) events.RefusedClaim {
		return events.RefusedClaim{MessageID: id, Code: code, Rule: rule}
	}
	put := func(rule string, until time.Time) events.MessagePostponed {
		return events.MessagePostponed{MessageRef: refOf(ann, 0), MailboxID: boxID(0), Rule: rule, Until: until}
	}
	with := func(before facts, more ...events.Event) facts {
		return append(before[:len(before):len(before)], more...)
	}
	postponed := func(rule string, until time.Time) facts {
		return facts{put(rule, until), record(nil, no(msgID(ann, 0), "postponed", rule))}
	}
	capped := quick
	capped.CapPerDay = 1
	gap := quick
	gap.GapSeconds = 600
	bobSent := facts{asked(bob, 0), drafted(bob, 0), approved(bob, 0), scheduled(bob, 0), claimed(bob, 0), sentAt(bob, 0, at.Add(-time.Hour))}
	both := append(slotted(), asked(bob, 0), drafted(bob, 0), approved(bob, 0), scheduled(bob, 0))
	without := campaignSettings()
	without.CompanyGapMinutes = 0
	noGap := with(both, events.CampaignSettingsChanged{CampaignRef: events.CampaignRef{CampaignID: campaign}, CampaignSettings: without})
	bobWaits := func(until time.Time) events.MessagePostponed {
		return events.MessagePostponed{MessageRef: refOf(bob, 0), MailboxID: boxID(0), Rule: "company_gap", Until: until}
	}
	followUp := withEarliest(asked(ann, 1), at.AddDate(0, 0, 2))
	followUp.PreviousID = msgID(ann, 0)
	const cat = "cat@acme.test"
	roomAgain := with(running(), asked(ann, 0), asked(bob, 0), cancelled(ann, "manual"), stoppedAs(ann, "manual", 0, uuid.Nil), events.MessageCancelled{MessageRef: refOf(bob, 0), Reason: "manual"}, stoppedAs(bob, "manual", 0, uuid.Nil), leadCreated(cat), enrolled(cat),
		events.QuotaWarned{OrganizationRef: organizationRef, Limit: events.LimitLeads, Used: 3, Max: 3, Percent: 100})
	askedCat := asked(cat, 0)
	late := time.Date(2026, 3, 31, 14, 59, 45, 0, time.UTC) // 16:59:45 in Berlin
	kit().Run(t, map[string]estest.Case{
		"a scheduled message is claimed":       {Given: slotted(), When: one, Then: facts{claimed(ann, 0)}, Again: estest.RefusedAs("claimed")},
		"who asks for several is told of each": {Given: slotted(), When: claim(at, msgID(ann, 0), msgID(ann, 0), msgID(bob, 0)), Then: facts{claimed(ann, 0), record([]uuid.UUID{msgID(ann, 0)}, no(msgID(ann, 0), "claimed", ""), no(msgID(bob, 0), "not_found", ""))}, Again: estest.OnceMore()},
		"a stale inbox is read first":          {Given: slotted(), When: claim(at.Add(-aggregates.Freshness-1), msgID(ann, 0)), Refused: "inbox_stale"},
		"an inbox of ten minutes ago is fresh": {Given: slotted(), When: claim(at.Add(-aggregates.Freshness), msgID(ann, 0)), Then: facts{func() events.MessageClaimed {
			c := claimed(ann, 0)
			c.InboxReadAt = at.Add(-aggregates.Freshness)
			return c
		}()}, Again: estest.RefusedAs("claimed")},
		"a message without a slot isn't claimed":              {Given: running(asked(ann, 0), drafted(ann, 0), approved(ann, 0)), When: one, Refused: "not_scheduled"},
		"a stopped one isn't there":                           {Given: with(slotted(), cancelled(ann, "replied"), stoppedAs(ann, "replied", 0, uuid.Nil)), When: one, Refused: "not_found"},
		"an unknown mailbox claims nothing":                   {Given: given(), When: one, Refused: "not_found"},
		"a claim is of something":                             {Given: slotted(), When: claim(at), Refused: "invalid"},
		"a suppression that came in between stops it":         {Given: with(slotted(), events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: other}, Kind: "domain", Hash: h("acme.test"), Reason: "manual"}), When: one, Then: facts{cancelled(ann, "suppressed"), stoppedAs(ann, "suppressed", 0, uuid.Nil), record(nil, no(msgID(ann, 0), "suppressed", ""))}, Again: estest.RefusedAs("not_found")},
		"a paused campaign takes the slot back":               {Given: with(slotted(), events.CampaignPaused{CampaignRef: events.CampaignRef{CampaignID: campaign}}), When: one, Refused: "not_scheduled"},
		"a paused mailbox takes the slot back":                {Given: with(slotted(), events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Reason: "manual"}), When: one, Refused: "not_scheduled"},
		"a paused enrollment takes the slot back":             {Given: with(slotted(), events.EnrollmentPaused{EnrollmentRef: in(ann), Reason: "manual"}), When: one, Refused: "not_scheduled"},
		"what would arrive behind the window waits":           {Given: slotted(), At: late, When: claim(late, msgID(ann, 0)), Then: postponed("window", time.Date(2026, 4, 1, 7, 0, 0, 0, time.UTC)), Again: estest.RefusedAs("not_scheduled")},
		"a cap that was lowered in between holds":             {Given: with(with(running(bobSent...), asked(ann, 0), drafted(ann, 0), approved(ann, 0), scheduled(ann, 0)), events.MailboxPaceSet{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, MailboxPace: capped}), When: one, Then: postponed("cap_24h", time.Date(2026, 4, 1, 8, 30, 0, 0, time.UTC)), Again: estest.RefusedAs("not_scheduled")},
		"a gap that was raised in between holds":              {Given: with(with(slotted(), asked(bob, 0), drafted(bob, 0), approved(bob, 0), scheduled(bob, 0), claimed(bob, 0)), events.MailboxPaceSet{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, MailboxPace: gap}), When: one, Then: facts{put("in_flight", time.Time{}), record(nil, no(msgID(ann, 0), "postponed", "in_flight"))}, Again: estest.RefusedAs("not_scheduled")},
		"a company that got one just now waits":               {Given: with(with(slotted(), asked(bob, 0), drafted(bob, 0), approved(bob, 0), scheduled(bob, 0), claimed(bob, 0)), sentAt(bob, 0, at.Add(-10*time.Minute))), When: one, Then: postponed("company_gap", at.Add(30*time.Minute)), Again: estest.RefusedAs("not_scheduled")},
		"two of one company are claimed without a gap":        {Given: noGap, When: claim(at, msgID(ann, 0), msgID(bob, 0)), Then: facts{claimed(ann, 0), claimed(bob, 0), record([]uuid.UUID{msgID(ann, 0), msgID(bob, 0)})}, Again: estest.OnceMore()},
		"and with one the second waits":                       {Given: both, When: claim(at, msgID(ann, 0), msgID(bob, 0)), Then: facts{claimed(ann, 0), bobWaits(at.Add(30 * time.Minute)), record([]uuid.UUID{msgID(ann, 0)}, no(msgID(bob, 0), "postponed", "company_gap"))}, Again: estest.OnceMore()},
		"a doubt keeps its company waiting from its lease on": {Given: with(both, claimed(ann, 0), inDoubt(ann)), At: at.Add(30*time.Minute + 10*time.Second), When: claim(at.Add(30*time.Minute), msgID(bob, 0)), Then: facts{bobWaits(at.Add(aggregates.Lease + 30*time.Minute)), record(nil, no(msgID(bob, 0), "postponed", "company_gap"))}, Again: estest.RefusedAs("not_scheduled")},
		"a follow-up names what it follows":                   {Given: with(running(stoppedAs(bob, "manual", 0, uuid.Nil)), asked(ann, 0), drafted(ann, 0), approved(ann, 0), scheduled(ann, 0), claimed(ann, 0), sentAt(ann, 0, at)), At: at.AddDate(0, 0, 2), When: commands.AdvanceClock{}, Then: facts{followUp, events.MailboxWaited{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Rule: "nobody"}}, Again: estest.NothingToDo()},
		"who left makes room at their company":                {Given: roomAgain, When: commands.AdvanceClock{}, Then: facts{askedCat, events.MailboxWaited{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Rule: "nobody"}}, Again: estest.NothingToDo()},
		"a lease that is over leaves a doubt":                 {Given: away(), At: at.Add(aggregates.Lease), When: commands.AdvanceClock{}, Then: facts{inDoubt(ann), withEarliest(asked(bob, 0), at.Add(30*time.Minute)), events.MailboxWaited{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Rule: "nobody"}}, Again: estest.NothingToDo()},
	})
}

func withEarliest(e events.MessageRequested, at time.Time) events.MessageRequested {
	e.Earliest = at
	return e
}
