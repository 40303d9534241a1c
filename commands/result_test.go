package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func TestResult(t *testing.T) {
	t.Parallel()
	at := estest.At.Add(2 * time.Second)
	result := func(r ...commands.SendResult) commands.RecordResults {
		return commands.RecordResults{MailboxID: boxID(0), Results: r}
	}
	ok := commands.SendResult{MessageID: msgID(ann, 0), Sent: true, At: at}
	refusedAs := func(stage string, code int, enhanced string) commands.SendResult {
		return commands.SendResult{MessageID: msgID(ann, 0), At: at, SMTPReply: events.SMTPReply{Stage: stage, Code: code, Enhanced: enhanced}}
	}
	failed := func(r commands.SendResult) events.MessageFailed {
		s := sentAt(ann, 0, at)
		return events.MessageFailed{Ref: s.Ref, StepsVersion: 1, StepID: s.StepID, Step: 1, VariantID: s.VariantID, MailboxID: s.MailboxID, SMTPReply: r.SMTPReply, Permanent: true, FailedAt: at}
	}
	bounced := func(r commands.SendResult, kind string, rcpt bool) events.MessageBounced {
		return events.MessageBounced{Answered: about(ann), Kind: kind, Code: r.Code, Enhanced: r.Enhanced, AtRCPT: rcpt, ReportedAt: at}
	}
	deferred := func(r commands.SendResult, tries int, after time.Duration) events.MessageDeferred {
		return events.MessageDeferred{Ref: refOf(ann, 0), MailboxID: boxID(0), SMTPReply: r.SMTPReply, Tries: tries, DeferredAt: at, RetryAt: at.Add(after)}
	}
	unknown, full, blocked, content, grey := refusedAs("rcpt", 550, "5.1.1"), refusedAs("rcpt", 552, "5.2.2"), refusedAs("data", 550, "5.7.1"), refusedAs("data", 554, "5.6.0"), refusedAs("rcpt", 451, "4.7.1")
	plain := refusedAs("rcpt", 550, "")
	lowered := events.MailboxHealthChanged{MailboxID: boxID(0), Health: 90, Reason: "blocked"}
	last := running(asked(ann, 0), sentAt(ann, 0, estest.At.AddDate(0, 0, -3)), asked(ann, 1), drafted(ann, 1), approved(ann, 1), scheduled(ann, 1), claimed(ann, 1))
	completed := events.EnrollmentCompleted{InCampaign: in(ann), Steps: 2}
	doubt := append(away(), inDoubt(ann))
	resolved := func(sent bool, by string) events.MessageResolved {
		return events.MessageResolved{Ref: refOf(ann, 0), Sent: sent, By: by}
	}
	leaving := append(away(), stoppedAs(ann, "unsubscribed", 0, uuid.Nil))
	kit().Run(t, map[string]estest.Case{
		"an accepted message is sent":                        {Given: away(), When: result(ok), Then: facts{sentAt(ann, 0, at)}, Again: estest.NothingToDo()},
		"the last step completes the sequence":               {Given: last, When: result(commands.SendResult{MessageID: msgID(ann, 1), Sent: true, At: at}), Then: facts{sentAt(ann, 1, at), completed}, Again: estest.NothingToDo()},
		"a result is told once":                              {Given: away(), When: result(ok, ok), Then: facts{sentAt(ann, 0, at)}, Again: estest.NothingToDo()},
		"what left before a stop was sent":                   {Given: leaving, When: result(ok), Then: facts{sentAt(ann, 0, at)}, Again: estest.NothingToDo()},
		"what wasn't claimed has no result":                  {Given: slotted(), When: result(ok), Noop: true},
		"another mailbox's result is none":                   {Given: away(), When: commands.RecordResults{MailboxID: other, Results: []commands.SendResult{ok}}, Noop: true},
		"a result has a time":                                {Given: away(), When: result(commands.SendResult{MessageID: msgID(ann, 0), Sent: true}), Refused: "invalid"},
		"there is a result":                                  {Given: away(), When: result(), Refused: "invalid"},
		"nobody there: failed, bounced, suppressed":          {Given: away(), When: result(unknown), Then: facts{failed(unknown), bounced(unknown, "hard", true), suppressedAs(ann, "bounce"), stoppedAs(ann, "bounced", 0, msgID(ann, 0))}, Again: estest.NothingToDo()},
		"a plain 550 to RCPT says so too":                    {Given: away(), When: result(plain), Then: facts{failed(plain), bounced(plain, "hard", true), suppressedAs(ann, "bounce"), stoppedAs(ann, "bounced", 0, msgID(ann, 0))}, Again: estest.NothingToDo()},
		"a full mailbox is tried again":                      {Given: away(), When: result(full), Then: facts{deferred(full, 1, 15*time.Minute)}, Again: estest.NothingToDo()},
		"what is refused for now is tried again":             {Given: away(), When: result(grey), Then: facts{deferred(grey, 1, 15*time.Minute)}, Again: estest.NothingToDo()},
		"the next wait is longer":                            {Given: append(away(), deferred(grey, 1, 0), approved(ann, 0), scheduled(ann, 0), claimed(ann, 0)), When: result(grey), Then: facts{deferred(grey, 2, time.Hour)}, Again: estest.NothingToDo()},
		"our reputation is no fault of the address":          {Given: away(), When: result(blocked), Then: facts{failed(blocked), bounced(blocked, "block", false), lowered, stoppedAs(ann, "failed", 0, msgID(ann, 0))}, Again: estest.NothingToDo()},
		"what is refused for its content fails":              {Given: away(), When: result(content), Then: facts{failed(content), stoppedAs(ann, "failed", 0, msgID(ann, 0))}, Again: estest.NothingToDo()},
		"a late result ends the doubt":                       {Given: doubt, When: result(ok), Then: facts{sentAt(ann, 0, at)}, Again: estest.NothingToDo()},
		"a late refusal for now ends it too":                 {Given: doubt, When: result(grey), Then: facts{resolved(false, "provider")}, Again: estest.NothingToDo()},
		"a person says that it was sent":                     {Given: doubt, When: commands.ResolveMessage{MessageID: msgID(ann, 0), Sent: true, By: "person"}, Then: facts{resolved(true, "person"), sentAt(ann, 0, estest.At)}, Again: estest.RefusedAs("not_found")},
		"a person says that it wasn't":                       {Given: doubt, When: commands.ResolveMessage{MessageID: msgID(ann, 0), By: "person"}, Then: facts{resolved(false, "person")}, Again: estest.RefusedAs("not_found")},
		"somebody says so":                                   {Given: doubt, When: commands.ResolveMessage{MessageID: msgID(ann, 0), By: "gut"}, Refused: "invalid"},
		"what isn't in doubt isn't resolved":                 {Given: away(), When: commands.ResolveMessage{MessageID: msgID(ann, 0), By: "person"}, Refused: "not_in_doubt"},
		"an unknown message isn't resolved":                  {Given: running(), When: commands.ResolveMessage{MessageID: msgID(ann, 0), By: "person"}, Refused: "not_found"},
		"a reply to what was in doubt shows that it arrived": {Given: doubt, When: commands.RecordReply{Answered: about(ann), From: "lead"}, Then: facts{resolved(true, "reply"), sentAt(ann, 0, estest.At), events.MessageReplied{Answered: about(ann), From: "lead"}, stoppedAs(ann, "replied", 0, msgID(ann, 0))}, Again: estest.OnceMore()},
	})
}
