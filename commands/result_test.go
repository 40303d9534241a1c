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
		return events.MessageFailed{MessageRef: s.MessageRef, StepsVersion: 1, StepID: s.StepID, Step: 1, VariantID: s.VariantID, MailboxID: s.MailboxID, SMTPReply: r.SMTPReply, Permanent: true, FailedAt: at}
	}
	bounced := func(r commands.SendResult, kind string, rcpt bool) events.MessageBounced {
		return events.MessageBounced{SentMessageRef: about(ann), Report: events.Report{AddressHash: h(ann)}, Kind: kind, Code: r.Code, Enhanced: r.Enhanced, AtRCPT: rcpt, ReportedAt: at}
	}
	deferred := func(r commands.SendResult, tries int, after time.Duration) events.MessageDeferred {
		return events.MessageDeferred{MessageRef: refOf(ann, 0), MailboxID: boxID(0), SMTPReply: r.SMTPReply, Tries: tries, DeferredAt: at, RetryAt: at.Add(after)}
	}
	unknown, full, blocked, content, grey := refusedAs("rcpt", 550, "5.1.1"), refusedAs("rcpt", 552, "5.2.2"), refusedAs("data", 550, "5.7.1"), refusedAs("data", 554, "5.6.0"), refusedAs("rcpt", 451, "4.7.1")
	plain := refusedAs("rcpt", 550, "")
	saying := func(r commands.SendResult, text string) commands.SendResult {
		r.Text = text
		return r
	}
	blockedAtRCPT, spam := refusedAs("rcpt", 550, "5.7.515"), saying(refusedAs("rcpt", 550, ""), "rejected: listed at a blocklist")
	untold, zeros, ours, sender := refusedAs("rcpt", 550, "5.1.0"), refusedAs("rcpt", 550, "5.0.0"), refusedAs("rcpt", 550, "5.7.1"), refusedAs("rcpt", 553, "5.1.8")
	disabled, moved, fullMail, tooBig, nowhere := refusedAs("rcpt", 550, "5.2.1"), refusedAs("rcpt", 551, "5.1.6"), refusedAs("data", 552, ""), refusedAs("data", 552, "5.3.4"), refusedAs("connect", 0, "")
	shutOut := refusedAs("auth", 535, "5.7.8")
	bobShutOut := shutOut
	bobShutOut.MessageID = msgID(bob, 0)
	bobDeferred := deferred(shutOut, 0, 0)
	bobDeferred.MessageRef = refOf(bob, 0)
	bothAway := append(away(), asked(bob, 0), drafted(bob, 0), approved(bob, 0), scheduled(bob, 0), claimed(bob, 0))
	odd := refusedAs("rcpt", 550, "4.2.2")
	given5 := func(r commands.SendResult) facts {
		return append(away(), deferred(r, 1, 0), deferred(r, 2, 0), deferred(r, 3, 0), deferred(r, 4, 0), deferred(r, 5, 0), approved(ann, 0), scheduled(ann, 0), claimed(ann, 0))
	}
	spent := func(r commands.SendResult) events.MessageFailed {
		f := failed(r)
		f.Permanent = false
		return f
	}
	on := func(r commands.SendResult, kind string) facts { // what doesn't speak against the address
		out := facts{failed(r), bounced(r, kind, true)}
		if kind == "block" {
			out = append(out, events.MailboxHealthChanged{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Health: 90, Reason: "blocked"})
		}
		return append(out, stoppedAs(ann, "failed", 0, msgID(ann, 0)))
	}
	gone := func(r commands.SendResult) facts {
		return facts{failed(r), bounced(r, "hard", true), suppressedAs(ann, "bounce"), stoppedAs(ann, "bounced", 0, msgID(ann, 0))}
	}
	lowered := events.MailboxHealthChanged{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Health: 90, Reason: "blocked"}
	last := running(asked(ann, 0), sentAt(ann, 0, estest.At.AddDate(0, 0, -3)), asked(ann, 1), drafted(ann, 1), approved(ann, 1), scheduled(ann, 1), claimed(ann, 1))
	completed := events.EnrollmentCompleted{EnrollmentRef: in(ann), Steps: 2}
	doubt := append(away(), inDoubt(ann))
	resolved := func(sent bool, by string) events.MessageResolved {
		return events.MessageResolved{MessageRef: refOf(ann, 0), Sent: sent, By: by}
	}
	leaving := append(away(), stoppedAs(ann, "unsubscribed", 0, uuid.Nil))
	wrong := events.SMTPReply{Stage: "auth", Code: 535, Enhanced: "5.7.8"}
	unmade := saying(refusedAs("compose", 0, ""), "the text is blank")
	held := events.MessageHeld{MessageRef: refOf(ann, 0), Reason: "unsendable: the text is blank"}
	okBob := ok
	okBob.MessageID = msgID(bob, 0)
	kit().Run(t, map[string]estest.Case{
		"an accepted message is sent":          {Given: away(), When: result(ok), Then: facts{sentAt(ann, 0, at)}, Again: estest.NothingToDo()},
		"the last step completes the sequence": {Given: last, When: result(commands.SendResult{MessageID: msgID(ann, 1), Sent: true, At: at}), Then: facts{sentAt(ann, 1, at), completed}, Again: estest.NothingToDo()},
		"a refused password pauses the mailbox, and is no try": {Given: away(), When: result(commands.SendResult{MessageID: msgID(ann, 0), At: at, SMTPReply: wrong}),
			Then: facts{events.MessageDeferred{MessageRef: refOf(ann, 0), MailboxID: boxID(0), SMTPReply: wrong, DeferredAt: at, RetryAt: at}, events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Reason: "sign_in"}}, Again: estest.NothingToDo()},
		"a result is told once":                                 {Given: away(), When: result(ok, ok), Then: facts{sentAt(ann, 0, at)}, Again: estest.NothingToDo()},
		"what left before a stop was sent":                      {Given: leaving, When: result(ok), Then: facts{sentAt(ann, 0, at)}, Again: estest.NothingToDo()},
		"what wasn't claimed has no result":                     {Given: slotted(), When: result(ok), Noop: true},
		"another mailbox's result is none":                      {Given: away(), When: commands.RecordResults{MailboxID: other, Results: []commands.SendResult{ok}}, Noop: true},
		"a result has a time":                                   {Given: away(), When: result(commands.SendResult{MessageID: msgID(ann, 0), Sent: true}), Refused: "invalid"},
		"there is a result":                                     {Given: away(), When: result(), Refused: "invalid"},
		"nobody there: failed, bounced, suppressed":             {Given: away(), When: result(unknown), Then: facts{failed(unknown), bounced(unknown, "hard", true), suppressedAs(ann, "bounce"), stoppedAs(ann, "bounced", 0, msgID(ann, 0))}, Again: estest.NothingToDo()},
		"a plain 550 to RCPT says so too":                       {Given: away(), When: result(plain), Then: facts{failed(plain), bounced(plain, "hard", true), suppressedAs(ann, "bounce"), stoppedAs(ann, "bounced", 0, msgID(ann, 0))}, Again: estest.NothingToDo()},
		"a full mailbox is tried again":                         {Given: away(), When: result(full), Then: facts{deferred(full, 1, 15*time.Minute)}, Again: estest.NothingToDo()},
		"what is refused for now is tried again":                {Given: away(), When: result(grey), Then: facts{deferred(grey, 1, 15*time.Minute)}, Again: estest.NothingToDo()},
		"the next wait is longer":                               {Given: append(away(), deferred(grey, 1, 0), approved(ann, 0), scheduled(ann, 0), claimed(ann, 0)), When: result(grey), Then: facts{deferred(grey, 2, time.Hour)}, Again: estest.NothingToDo()},
		"our reputation is no fault of the address":             {Given: away(), When: result(blocked), Then: facts{failed(blocked), bounced(blocked, "block", false), lowered, stoppedAs(ann, "failed", 0, msgID(ann, 0))}, Again: estest.NothingToDo()},
		"nor is it at RCPT":                                     {Given: away(), When: result(ours), Then: on(ours, "block"), Again: estest.NothingToDo()},
		"nor where a large receiver asks for DMARC":             {Given: away(), When: result(blockedAtRCPT), Then: on(blockedAtRCPT, "block"), Again: estest.NothingToDo()},
		"nor where only the words say so":                       {Given: away(), When: result(spam), Then: on(spam, "block"), Again: estest.NothingToDo()},
		"our own address is no fault of theirs":                 {Given: away(), When: result(sender), Then: on(sender, "other"), Again: estest.NothingToDo()},
		"5.1.0 to RCPT says no more than a plain 550":           {Given: away(), When: result(untold), Then: gone(untold), Again: estest.NothingToDo()},
		"nor does 5.0.0":                                        {Given: away(), When: result(zeros), Then: gone(zeros), Again: estest.NothingToDo()},
		"a disabled mailbox is gone":                            {Given: away(), When: result(disabled), Then: gone(disabled), Again: estest.NothingToDo()},
		"so is who has moved":                                   {Given: away(), When: result(moved), Then: gone(moved), Again: estest.NothingToDo()},
		"552 without a code is a full mailbox":                  {Given: away(), When: result(fullMail), Then: facts{deferred(fullMail, 1, 15*time.Minute)}, Again: estest.NothingToDo()},
		"552 for a size isn't":                                  {Given: away(), When: result(tooBig), Then: facts{failed(tooBig), stoppedAs(ann, "failed", 0, msgID(ann, 0))}, Again: estest.NothingToDo()},
		"the enhanced code wins":                                {Given: away(), When: result(odd), Then: facts{deferred(odd, 1, 15*time.Minute)}, Again: estest.NothingToDo()},
		"a server out of reach is tried again":                  {Given: away(), When: result(nowhere), Then: facts{deferred(nowhere, 1, 15*time.Minute)}, Again: estest.NothingToDo()},
		"the sixth refusal for now fails, and blames nobody":    {Given: given5(grey), When: result(grey), Then: facts{spent(grey), stoppedAs(ann, "failed", 0, msgID(ann, 0))}, Again: estest.NothingToDo()},
		"a mailbox that stays full fails likewise":              {Given: given5(full), When: result(full), Then: facts{spent(full), stoppedAs(ann, "failed", 0, msgID(ann, 0))}, Again: estest.NothingToDo()},
		"what can't be made a mail is held, with what is wrong": {Given: away(), When: result(unmade), Then: facts{held}, Again: estest.NothingToDo()},
		"behind its lease too, it isn't sent again by itself":   {Given: doubt, When: result(unmade), Then: facts{resolved(false, "provider")}, Again: estest.NothingToDo()},
		"what had come to its end fails":                        {Given: leaving, When: result(unmade), Then: facts{spent(unmade)}, Again: estest.NothingToDo()},
		"a held one is written anew when asked":                 {Given: append(away(), held), When: commands.RedraftMessage{MessageID: msgID(ann, 0)}, Then: facts{events.MessageRedraftRequested{MessageRef: refOf(ann, 0), Reason: "asked"}}, Again: estest.NothingToDo()},
		"what was held leaves its mailbox to others":            {Given: append(bothAway, held), When: result(okBob), Then: facts{sentAt(bob, 0, at)}, Again: estest.NothingToDo()},
		"what left before a stop isn't tried again":             {Given: leaving, When: result(grey), Then: facts{spent(grey)}, Again: estest.NothingToDo()},
		"a late refusal for good ends the doubt":                {Given: doubt, When: result(unknown), Then: gone(unknown), Again: estest.NothingToDo()},
		"what is refused for its content fails":                 {Given: away(), When: result(content), Then: facts{failed(content), stoppedAs(ann, "failed", 0, msgID(ann, 0))}, Again: estest.NothingToDo()},
		"a mailbox that is shut out of several pauses once":     {Given: bothAway, When: result(shutOut, bobShutOut), Then: facts{deferred(shutOut, 0, 0), events.MailboxPaused{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Reason: "sign_in"}, bobDeferred}, Again: estest.NothingToDo()},
		"a late result ends the doubt":                          {Given: doubt, When: result(ok), Then: facts{sentAt(ann, 0, at)}, Again: estest.NothingToDo()},
		"a late refusal for now ends it too":                    {Given: doubt, When: result(grey), Then: facts{resolved(false, "provider")}, Again: estest.NothingToDo()},
		"a person says that it was sent":                        {Given: doubt, When: commands.ResolveMessage{MessageID: msgID(ann, 0), Sent: true, By: "person"}, Then: facts{resolved(true, "person"), sentAt(ann, 0, estest.At)}, Again: estest.RefusedAs("not_found")},
		"a person says that it wasn't":                          {Given: doubt, When: commands.ResolveMessage{MessageID: msgID(ann, 0), By: "person"}, Then: facts{resolved(false, "person")}, Again: estest.RefusedAs("not_found")},
		"somebody says so":                                      {Given: doubt, When: commands.ResolveMessage{MessageID: msgID(ann, 0), By: "gut"}, Refused: "invalid"},
		"what isn't in doubt isn't resolved":                    {Given: away(), When: commands.ResolveMessage{MessageID: msgID(ann, 0), By: "person"}, Refused: "not_in_doubt"},
		"an unknown message isn't resolved":                     {Given: running(), When: commands.ResolveMessage{MessageID: msgID(ann, 0), By: "person"}, Refused: "not_found"},
		"a reply to what was in doubt shows that it arrived":    {Given: doubt, When: commands.RecordReply{SentMessageRef: about(ann), From: "lead"}, Then: facts{resolved(true, "reply"), sentAt(ann, 0, estest.At), events.MessageReplied{SentMessageRef: about(ann), From: "lead"}, stoppedAs(ann, "replied", 0, msgID(ann, 0))}, Again: estest.OnceMore()},
	})
}
