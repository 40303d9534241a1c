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

func TestADraftIsHeldAgainstFacts(t *testing.T) {
	t.Parallel()
	fact := es.DeriveID(org, "fact")
	found := events.FactFound{FactRef: events.FactRef{FactID: fact, LeadID: leadID(ann)}, Predicate: "uses", Method: events.FactByRule, Content: sealed, FoundAt: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	stale := events.FactStale{FactRef: found.FactRef, Reason: events.FactWithdrawn}
	text, waits := events.Draft{Subject: sealed, Body: sealed, Writer: events.WriterLLM}, asked(ann, 0)
	waits.Approval = true
	template := events.Draft{Subject: sealed, Body: sealed, Writer: events.WriterTemplate}
	person := events.Draft{Subject: sealed, Body: sealed, Writer: events.WriterPerson}
	evidence := func(unsupported int) events.Evidence {
		return events.Evidence{Gate: 1, Sentences: 3, Unsupported: unsupported, FactIDs: []uuid.UUID{fact}, Report: sealed, Model: "m"}
	}
	ref := events.EvidenceRef{MessageID: msgID(ann, 0), LeadID: leadID(ann), CampaignID: campaign}
	written := func(d events.Draft, number int) events.MessageDrafted {
		return events.MessageDrafted{MessageRef: refOf(ann, 0), Draft: d, Number: number}
	}
	judged := func(unsupported, number int) events.EvidenceRecorded {
		return events.EvidenceRecorded{EvidenceRef: ref, Evidence: evidence(unsupported), Number: number}
	}
	draft := func(unsupported int) commands.DraftWithEvidence {
		return commands.DraftWithEvidence{MessageID: msgID(ann, 0), Draft: text, Evidence: evidence(unsupported)}
	}
	edit := commands.EditDraftWithEvidence{MessageID: msgID(ann, 0), Subject: sealed, Body: sealed, IfDraft: 1, Evidence: evidence(0)}
	approve := commands.ApproveMessages{MessageIDs: []uuid.UUID{msgID(ann, 0)}}
	overrule := commands.OverruleEvidence{MessageID: msgID(ann, 0), Draft: 1, Reason: sealed}
	overruled := events.EvidenceOverruled{EvidenceRef: ref, Number: 1, Reason: sealed}
	byPerson := events.MessageApproved{MessageRef: refOf(ann, 0), By: "person"}
	slot := events.MessageScheduled{MessageRef: refOf(ann, 0), MailboxID: boxID(0), At: estest.At.Add(2 * time.Hour)}
	back := events.MessagePostponed{MessageRef: refOf(ann, 0), MailboxID: boxID(0), Rule: "draft"}
	promoted := commands.UpdateLead{LeadID: leadID(ann), Profile: sealed, Filled: []string{"job_title"}}
	title, phone := events.LeadUpdated{LeadRef: events.LeadRef{LeadID: leadID(ann)}, Profile: sealed, Filled: []string{"job_title"}}, events.LeadUpdated{LeadRef: events.LeadRef{LeadID: leadID(ann)}, Profile: sealed, Filled: []string{"phone"}}
	lapsed := events.MessageApprovalLapsed{MessageRef: refOf(ann, 0), Reason: "lead_changed"}
	with := func(more ...es.Payload) facts { return append(running(waits, found), more...) }
	bad := func(change func(*events.Evidence)) commands.DraftWithEvidence {
		c := draft(0)
		change(&c.Evidence)
		return c
	}
	wrong := func(more ...es.Payload) facts { return append(with(written(text, 1), judged(1, 1)), more...) }
	right := func(more ...es.Payload) facts { return append(with(written(text, 1), judged(0, 1)), more...) }
	kit().Run(t, map[string]estest.Case{
		"a supported draft waits for approval":       {Given: with(), When: draft(0), Then: facts{written(text, 1), judged(0, 1)}, Again: estest.OnceMore()},
		"it is approved where no person must see it": {Given: running(asked(ann, 0), found), When: draft(0), Then: facts{written(text, 1), judged(0, 1), approved(ann, 0)}, Again: estest.OnceMore()},
		"an unsupported one is seen all the same":    {Given: running(asked(ann, 0), found), When: draft(1), Then: facts{written(text, 1), judged(1, 1)}, Again: estest.OnceMore()},
		"an unsupported one too":                     {Given: with(), When: draft(1), Then: facts{written(text, 1), judged(1, 1)}, Again: estest.OnceMore()},
		"what says a stale fact is written anew":     {Given: with(stale), When: draft(0), Refused: "version_conflict"},
		"and what says an unknown one":               {Given: running(waits), When: draft(0), Refused: "version_conflict"},
		"rules have a version":                       {Given: with(), When: bad(func(e *events.Evidence) { e.Gate = 0 }), Refused: "invalid"},
		"no more is unsupported than there is":       {Given: with(), When: bad(func(e *events.Evidence) { e.Unsupported = 4 }), Refused: "invalid"},
		"evidence has a report":                      {Given: with(), When: bad(func(e *events.Evidence) { e.Report = events.Sealed{} }), Refused: "invalid"},
		"nothing costs less than nothing":            {Given: with(), When: bad(func(e *events.Evidence) { e.CostMicros = -1 }), Refused: "invalid"},
		"an unsupported one can't be approved":       {Given: wrong(), When: approve, Refused: "unsupported_sentences"},
		"a supported one can":                        {Given: right(), When: approve, Then: facts{byPerson}, Again: estest.NothingToDo()},
		"nor with others":                            {Given: wrong(), When: commands.ApproveMessages{MessageIDs: []uuid.UUID{msgID(ann, 0), es.DeriveID(org, "another")}}, Noop: true},
		"a person answers for it":                    {Given: wrong(), When: overrule, Then: facts{overruled}, Again: estest.NothingToDo()},
		"then it can":                                {Given: wrong(overruled), When: approve, Then: facts{byPerson}, Again: estest.NothingToDo()},
		"only for the draft that they saw":           {Given: wrong(written(text, 2), judged(1, 2)), When: overrule, Refused: "version_conflict"},
		"not for a supported one":                    {Given: right(), When: overrule, Noop: true},
		"with a reason":                              {Given: wrong(), When: commands.OverruleEvidence{MessageID: msgID(ann, 0), Draft: 1}, Refused: "invalid"},
		"another draft isn't answered for":           {Given: wrong(overruled, written(text, 2), judged(1, 2)), When: approve, Refused: "unsupported_sentences"},
		"what a person writes is judged":             {Given: right(), When: edit, Then: facts{written(person, 2), judged(0, 2)}, Again: estest.RefusedAs("version_conflict")},
		"and can't go around it":                     {Given: right(), When: commands.EditDraft{MessageID: msgID(ann, 0), Subject: sealed, Body: sealed, IfDraft: 1}, Refused: "invalid"},
		"nor can a model":                            {Given: right(), When: commands.DraftMessage{MessageID: msgID(ann, 0), Draft: text}, Refused: "invalid"},
		"an edit is of the draft that was seen":      {Given: right(written(text, 2), judged(0, 2)), When: edit, Refused: "version_conflict"},
		"a stale fact asks for another draft":        {Given: right(), When: commands.MarkFactsStale{FactIDs: []uuid.UUID{fact}, Reason: events.FactWithdrawn}, Then: facts{stale, events.MessageRedraftRequested{MessageRef: refOf(ann, 0), Reason: "fact_stale"}}, Again: estest.NothingToDo()},
		"but not of what no longer says it":          {Given: right(written(template, 2)), When: commands.MarkFactsStale{FactIDs: []uuid.UUID{fact}, Reason: events.FactWithdrawn}, Then: facts{stale}, Again: estest.NothingToDo()},
		"a new title takes the slot back":            {Given: right(byPerson, slot), When: promoted, Then: facts{title, back, events.MessageRedraftRequested{MessageRef: refOf(ann, 0), Reason: "lead_changed"}}, Again: estest.OnceMore()},
		"and has a person look who wrote the words":  {Given: right(written(person, 2), judged(0, 2), byPerson), When: promoted, Then: facts{title, lapsed}, Again: estest.OnceMore()},
		"another tag has nobody look":                {Given: right(byPerson, slot), When: commands.UpdateLead{LeadID: leadID(ann), Profile: sealed, Filled: []string{"phone"}}, Then: facts{phone}, Again: estest.OnceMore()},
		"a stale fact takes the slot back":           {Given: right(byPerson, slot), When: commands.MarkFactsStale{FactIDs: []uuid.UUID{fact}, Reason: events.FactWithdrawn}, Then: facts{stale, back, events.MessageRedraftRequested{MessageRef: refOf(ann, 0), Reason: "fact_stale"}}, Again: estest.NothingToDo()},
		"also from what a person wrote":              {Given: right(written(person, 2), judged(0, 2), byPerson, slot), When: commands.MarkFactsStale{FactIDs: []uuid.UUID{fact}, Reason: events.FactWithdrawn}, Then: facts{stale, back, events.MessageApprovalLapsed{MessageRef: refOf(ann, 0), Reason: "fact_stale"}}, Again: estest.NothingToDo()},
		"a template that stands in can be approved":  {Given: wrong(written(template, 2)), When: approve, Then: facts{byPerson}, Again: estest.NothingToDo()},
	})
}
