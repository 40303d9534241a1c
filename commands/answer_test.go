package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func TestAnswer(t *testing.T) {
	t.Parallel()
	at := estest.At
	mail, id := uuid.MustParse("01990000-0000-7000-8000-00000000aaaa"), uuid.MustParse("01990000-0000-7000-8000-00000000dddd")
	thread := threadOf(ann)
	claim := saidOfUs(1, "We serve 800 bakeries.", time.Time{})
	evidence := func(unsupported int) events.Evidence {
		return events.Evidence{Gate: 1, Sentences: 3, Unsupported: unsupported, FactIDs: []uuid.UUID{claim.VersionID}, Report: sealed}
	}
	draft := func(meaning string, unsupported int, send bool) commands.DraftAnswer {
		c := commands.DraftAnswer{ThreadID: thread.ThreadID, MailID: mail, Meaning: meaning, Writer: events.WriterTemplate, Body: sealed, Evidence: evidence(unsupported)}
		if send {
			c.Send = &commands.WriteResponse{ResponseID: id, MailboxID: boxID(0), To: sealed, AddressHash: h(ann), DomainHash: h(domainOf(ann)), Subject: sealed, Body: sealed, UndoSeconds: 120}
		}
		return c
	}
	ref := events.AnswerRef{ThreadID: thread.ThreadID, LeadID: thread.LeadID, CampaignID: thread.CampaignID, MailID: mail}
	drafted := func(meaning string, unsupported int) events.AnswerDrafted {
		return events.AnswerDrafted{AnswerRef: ref, Meaning: meaning, Writer: events.WriterTemplate, Body: sealed, Evidence: evidence(unsupported)}
	}
	const meeting = events.MeansMeetingRequest
	on := events.AnswerAutomationSet{AutomationRef: events.AutomationRef{OrganizationID: org}, Meanings: []string{meeting}}
	written := events.ResponseWritten{ResponseRef: events.ResponseRef{ResponseID: id, ThreadRef: thread}, MailboxID: boxID(0), MailID: mail, To: sealed, AddressHash: h(ann), DomainHash: h(domainOf(ann)), Subject: sealed, Body: sealed, SendAt: at.Add(2 * time.Minute)}
	byItself := events.AnswerSentByItself{AnswerRef: ref, ResponseID: id, Meaning: meeting}
	before := func(n string) events.AnswerSentByItself {
		other := byItself
		other.MailID = uuid.MustParse("01990000-0000-7000-8000-0000000000" + n)
		return other
	}
	given := func(meaning string, more ...events.Event) facts {
		return append(append(running(claim), answeredBy(ann, meaning)[len(running()):]...), more...)
	}
	only := facts{drafted(meeting, 0)}
	kit().Run(t, map[string]estest.Case{
		"an answer is drafted and not sent":             {Given: given("interested", on), When: draft("interested", 0, true), Then: facts{drafted("interested", 0)}, Again: estest.OnceMore()},
		"nor where nobody has switched that on":         {Given: given(meeting), When: draft(meeting, 0, true), Then: only, Again: estest.OnceMore()},
		"one to a request for a meeting is sent":        {Given: given(meeting, on), When: draft(meeting, 0, true), Then: facts{drafted(meeting, 0), written, byItself}, Again: estest.NothingToDo()},
		"not with a sentence that nothing carries":      {Given: given(meeting, on), When: draft(meeting, 1, true), Then: facts{drafted(meeting, 1)}, Again: estest.OnceMore()},
		"not where a person has said that it is none":   {Given: given("interested", on), When: draft(meeting, 0, true), Then: only, Again: estest.OnceMore()},
		"not to automatic mail":                         {Given: given(meeting, on, events.MessageAutoReplied{SentMessageRef: about(ann), Mail: events.Mail{MailID: mail}}), When: draft(meeting, 0, true), Then: only, Again: estest.OnceMore()},
		"not twice to one mail":                         {Given: given(meeting, on, byItself), When: draft(meeting, 0, true), Noop: true},
		"once more in a thread":                         {Given: given(meeting, on, before("11")), When: draft(meeting, 0, false), Then: only, Again: estest.OnceMore()},
		"not three times in a thread":                   {Given: given(meeting, on, before("11"), before("12")), When: draft(meeting, 0, true), Then: only, Again: estest.OnceMore()},
		"not once a person is done with it":             {Given: given(meeting, on, events.ThreadStatusSet{ThreadRef: thread, Status: "done"}), When: draft(meeting, 0, true), Then: only, Again: estest.OnceMore()},
		"what may not be said any more is written anew": {Given: given(meeting, on, events.ClaimRetired{ClaimRef: claim.ClaimRef, Version: 1, Reason: events.ClaimWithdrawn}), When: draft(meeting, 0, true), Refused: "version_conflict"},
		"to a mail that came":                           {Given: running(claim), When: draft(meeting, 0, false), Refused: "not_found"},
		"requests for a meeting may be answered so":     {Given: running(), When: commands.SetAnswerAutomation{Meanings: []string{meeting}}, Then: facts{on}, Again: estest.NothingToDo()},
		"nothing else may":                              {Given: running(), When: commands.SetAnswerAutomation{Meanings: []string{"interested"}}, Refused: "invalid"},
		"and no longer":                                 {Given: running(on), When: commands.SetAnswerAutomation{}, Then: facts{events.AnswerAutomationSet{AutomationRef: on.AutomationRef}}, Again: estest.NothingToDo()},
	})
}
