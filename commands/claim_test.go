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

var ours = uuid.MustParse("01990000-0000-7000-8000-0000000000c1")

func versionOf(claim uuid.UUID, n string) uuid.UUID { return es.DeriveID(claim, "version", n) }

// saidOfUs is a version of the claim.
func saidOfUs(n int, text string, until time.Time) events.ClaimApproved {
	return events.ClaimApproved{ClaimRef: events.ClaimRef{ClaimID: ours}, Version: n, VersionID: versionOf(ours, string(rune('0'+n))), Text: text, Source: "a page", ValidUntil: until}
}

func TestClaimAboutUs(t *testing.T) {
	t.Parallel()
	at := estest.At
	item := commands.ClaimItem{ClaimID: ours, Text: "We serve 800 bakeries.", Source: "a page"}
	first, second := saidOfUs(1, "We serve 800 bakeries.", time.Time{}), saidOfUs(2, "We serve 900 bakeries.", time.Time{})
	retired := events.ClaimRetired{ClaimRef: first.ClaimRef, Version: 1, Reason: events.ClaimWithdrawn}
	approve := func(items ...commands.ClaimItem) commands.ApproveClaims { return commands.ApproveClaims{Claims: items} }
	of := func(change func(*commands.ClaimItem)) commands.ApproveClaims {
		x := item
		change(&x)
		return approve(x)
	}
	again := saidOfUs(2, "We serve 800 bakeries.", time.Time{})
	moved := first
	moved.Version, moved.Source = 2, "another page"
	another := commands.ClaimItem{ClaimID: es.DeriveID(org, "another"), Text: "We are ten.", Source: "a page"}
	edit := func(text, source string) commands.EditClaim {
		return commands.EditClaim{ClaimID: ours, Text: text, Source: source}
	}
	kit().Run(t, map[string]estest.Case{
		"a sentence is approved":                {Given: running(), When: approve(item), Then: facts{first}, Again: estest.NothingToDo()},
		"it has words":                          {Given: running(), When: of(func(c *commands.ClaimItem) { c.Text = " " }), Refused: "invalid"},
		"and a source":                          {Given: running(), When: of(func(c *commands.ClaimItem) { c.Source = "" }), Refused: "invalid"},
		"it may be said for a while":            {Given: running(), When: of(func(c *commands.ClaimItem) { c.ValidUntil = at }), Refused: "invalid"},
		"its campaign is known":                 {Given: running(), When: of(func(c *commands.ClaimItem) { c.CampaignID = ours }), Refused: "not_found"},
		"none is none":                          {Given: running(), When: approve(), Refused: "invalid"},
		"from elsewhere it is another":          {Given: running(first), When: of(func(c *commands.ClaimItem) { c.Source = "elsewhere" }), Refused: "already_exists"},
		"among several it stays":                {Given: running(first), When: approve(item, commands.ClaimItem{ClaimID: ours, Text: item.Text, Source: "elsewhere"}), Noop: true},
		"what is new among several is approved": {Given: running(first), When: approve(item, another), Then: facts{events.ClaimApproved{ClaimRef: events.ClaimRef{ClaimID: another.ClaimID}, Version: 1, VersionID: versionOf(another.ClaimID, "1"), Text: another.Text, Source: another.Source}}, Again: estest.NothingToDo()},
		"a retired one is approved again":       {Given: running(first, retired), When: approve(item), Then: facts{again}, Again: estest.NothingToDo()},
		"it is said otherwise":                  {Given: running(first), When: edit("We serve 900 bakeries.", "a page"), Then: facts{second}, Again: estest.NothingToDo()},
		"the words stay the same":               {Given: running(first), When: edit("We serve 800 bakeries.", "another page"), Then: facts{moved}, Again: estest.NothingToDo()},
		"of the version that was seen":          {Given: running(first), When: commands.EditClaim{ClaimID: ours, Text: "We.", Source: "a page", IfVersion: ptr(7)}, Refused: "version_conflict"},
		"a retired one isn't changed":           {Given: running(first, retired), When: edit("We.", "a page"), Refused: "wrong_status"},
		"nor what isn't there":                  {Given: running(), When: edit("We.", "a page"), Refused: "not_found"},
		"it is retired":                         {Given: running(first), When: commands.RetireClaim{ClaimID: ours}, Then: facts{retired}, Again: estest.NothingToDo()},
		"what isn't there isn't":                {Given: running(), When: commands.RetireClaim{ClaimID: ours}, Refused: "not_found"},
	})
}

// TestDraftsThatSayWhatDoesNotHold takes a claim and a fact away from drafts in each of their states.
func TestDraftsThatSayWhatDoesNotHold(t *testing.T) {
	t.Parallel()
	at := estest.At
	waits := asked(ann, 0)
	waits.Approval = true
	first := saidOfUs(1, "We serve 800 bakeries.", time.Time{})
	soon := saidOfUs(1, "We serve 800 bakeries.", at.Add(time.Hour))
	ref := events.EvidenceRef{MessageID: msgID(ann, 0), LeadID: leadID(ann), CampaignID: campaign}
	judged := func(number, unsupported int) events.EvidenceRecorded {
		return events.EvidenceRecorded{EvidenceRef: ref, Number: number, Evidence: events.Evidence{Gate: 1, Sentences: 3, Unsupported: unsupported, FactIDs: []uuid.UUID{first.VersionID}, Report: sealed}}
	}
	written := func(writer string, number int) events.MessageDrafted {
		return events.MessageDrafted{MessageRef: refOf(ann, 0), Draft: events.Draft{Subject: sealed, Body: sealed, Writer: writer}, Number: number}
	}
	byModel := []events.Event{first, waits, written(events.WriterLLM, 1), judged(1, 0)}
	byPerson := append(byModel[:len(byModel):len(byModel)], written(events.WriterPerson, 2), judged(2, 0))
	yes := events.MessageApproved{MessageRef: refOf(ann, 0), By: "person"}
	slot := events.MessageScheduled{MessageRef: refOf(ann, 0), MailboxID: boxID(0), At: at.Add(2 * time.Hour)}
	back := events.MessagePostponed{MessageRef: refOf(ann, 0), MailboxID: boxID(0), Rule: "draft"}
	lapsed := func(reason string) events.MessageApprovalLapsed {
		return events.MessageApprovalLapsed{MessageRef: refOf(ann, 0), Reason: reason}
	}
	anew := func(reason string) events.MessageRedraftRequested {
		return events.MessageRedraftRequested{MessageRef: refOf(ann, 0), Reason: reason}
	}
	retired := events.ClaimRetired{ClaimRef: first.ClaimRef, Version: 1, Reason: events.ClaimWithdrawn}
	other := saidOfUs(2, "We serve 900 bakeries.", time.Time{})
	retire, edit := commands.RetireClaim{ClaimID: ours}, commands.EditClaim{ClaimID: ours, Text: "We serve 900 bakeries.", Source: "a page"}
	approve := commands.ApproveMessages{MessageIDs: []uuid.UUID{msgID(ann, 0)}}
	claim := commands.ClaimMessages{MailboxID: boxID(0), MessageIDs: []uuid.UUID{msgID(ann, 0)}, InboxReadAt: at.Add(2 * time.Hour)}
	refused := events.ClaimRecorded{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Refused: []events.RefusedClaim{{MessageID: msgID(ann, 0), Code: "postponed", Rule: "draft"}}}
	given := func(before []events.Event, more ...events.Event) facts {
		return append(running(before...), more...)
	}
	expiring := []events.Event{soon, waits, written(events.WriterLLM, 1), judged(1, 0)}
	overrule := commands.OverruleEvidence{MessageID: msgID(ann, 0), Draft: 2, Reason: sealed}
	overruled := events.EvidenceOverruled{EvidenceRef: ref, Number: 2, Reason: sealed}
	kit().Run(t, map[string]estest.Case{
		"a model's draft is written again":            {Given: given(byModel), When: retire, Then: facts{retired, anew("claim_retired")}, Again: estest.NothingToDo()},
		"an approved one too":                         {Given: given(byModel, yes), When: retire, Then: facts{retired, anew("claim_retired")}, Again: estest.NothingToDo()},
		"one with a slot gives it back":               {Given: given(byModel, yes, slot), When: retire, Then: facts{retired, back, anew("claim_retired")}, Again: estest.NothingToDo()},
		"what a person wrote waits for a person":      {Given: given(byPerson), When: retire, Then: facts{retired, lapsed("claim_retired")}, Again: estest.NothingToDo()},
		"though it was approved":                      {Given: given(byPerson, yes), When: retire, Then: facts{retired, lapsed("claim_retired")}, Again: estest.NothingToDo()},
		"or has a slot":                               {Given: given(byPerson, yes, slot), When: retire, Then: facts{retired, back, lapsed("claim_retired")}, Again: estest.NothingToDo()},
		"other words are another claim":               {Given: given(byPerson, yes), When: edit, Then: facts{other, lapsed("claim_changed")}, Again: estest.NothingToDo()},
		"it can't be approved as it is":               {Given: given(byPerson, retired, lapsed("claim_retired")), When: approve, Refused: "unsupported_sentences"},
		"until somebody answers for it":               {Given: given(byPerson, retired, lapsed("claim_retired")), When: overrule, Then: facts{overruled}, Again: estest.NothingToDo()},
		"then it can":                                 {Given: given(byPerson, retired, lapsed("claim_retired"), overruled), When: approve, Then: facts{yes}, Again: estest.NothingToDo()},
		"what is away is away":                        {Given: given(byModel, yes, slot, events.MessageClaimed{MessageRef: refOf(ann, 0), MailboxID: boxID(0), ClaimedAt: at, LeaseUntil: at.Add(time.Minute)}), When: retire, Then: facts{retired}, Again: estest.NothingToDo()},
		"a draft of what was retired meanwhile isn't": {Given: running(first, retired, waits), When: commands.DraftWithEvidence{MessageID: msgID(ann, 0), Draft: written(events.WriterLLM, 1).Draft, Evidence: judged(1, 0).Evidence}, Refused: "version_conflict"},
		"one whose time is over can't be approved":    {Given: given(expiring), At: at.Add(time.Hour), When: approve, Refused: "unsupported_sentences"},
		"nor leave":                                   {Given: given(expiring, yes, slot), At: at.Add(2 * time.Hour), When: claim, Then: facts{back, anew("claim_expired"), refused}, Again: estest.RefusedAs("not_scheduled")},
	})
}

// TestAClaimExpires has the clock retire a claim at its end, and take up the draft that says it; nothing is approved by waiting.
func TestAClaimExpires(t *testing.T) {
	t.Parallel()
	at := estest.At
	o := commands.OrganizationOf(kit().Domain.New(org))
	waits := asked(ann, 0)
	waits.Approval = true
	soon := saidOfUs(1, "We serve 800 bakeries.", at.Add(time.Hour))
	ref := events.EvidenceRef{MessageID: msgID(ann, 0), LeadID: leadID(ann), CampaignID: campaign}
	for _, e := range running(soon, waits, events.MessageDrafted{MessageRef: refOf(ann, 0), Draft: events.Draft{Subject: sealed, Body: sealed, Writer: events.WriterPerson}, Number: 1},
		events.EvidenceRecorded{EvidenceRef: ref, Number: 1, Evidence: events.Evidence{Gate: 1, Sentences: 1, FactIDs: []uuid.UUID{soon.VersionID}, Report: sealed}}) {
		o.Apply(e)
	}
	if due := o.Due(); due.After(at.Add(time.Hour)) {
		t.Errorf("the clock comes at %s", due)
	}
	retired, lapsed := 0, 0
	for now := at; now.Before(at.AddDate(0, 0, 20)); now = now.Add(time.Hour) {
		out, err := commands.AdvanceClock{}.Decide(now, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range out {
			o.Apply(e)
			switch e := e.(type) {
			case events.ClaimRetired:
				if retired++; now.Before(at.Add(time.Hour)) || e.Reason != events.ClaimExpired {
					t.Errorf("at %s: %+v", now, e)
				}
			case events.MessageApprovalLapsed:
				if lapsed++; e.Reason != events.LapsedClaimExpired {
					t.Errorf("it waits for %s", e.Reason)
				}
			case events.MessageApproved:
				t.Errorf("approved by waiting until %s", now)
			}
		}
	}
	if retired != 1 || lapsed != 1 {
		t.Errorf("%d retired, %d lapsed", retired, lapsed)
	}
}
