package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func TestDeliveries(t *testing.T) {
	t.Parallel()
	at := estest.At
	sent := running(asked(ann, 0), sentAt(ann, 0, at.AddDate(0, 0, -1)))
	with := func(before facts, more ...events.Event) facts {
		return append(before[:len(before):len(before)], more...)
	}
	first, second := uuid.MustParse("01990000-0000-7000-8000-00000000aaaa"), uuid.MustParse("02990000-0000-7000-8000-00000000bbbb")
	report := func(kind string, id uuid.UUID) commands.DeliveryReport {
		return commands.DeliveryReport{SentMessageRef: about(ann), Kind: kind, ReportID: id, ProviderID: "m1", At: at}
	}
	say := func(all ...commands.DeliveryReport) commands.RecordDeliveries {
		return commands.RecordDeliveries{Reports: all, ToldAt: at}
	}
	delivered := events.MessageDelivered{SentMessageRef: about(ann), ReportID: first, DeliveredAt: at, ToldAt: at}
	put := report("delayed", second)
	put.SMTPReply, put.Tries = events.SMTPReply{Code: 451, Enhanced: "4.7.1"}, 2
	delayed := events.MessageDelayed{SentMessageRef: about(ann), SMTPReply: put.SMTPReply, ReportID: second, Tries: 2, DelayedAt: at, ToldAt: at}
	resolved := events.MessageResolved{MessageRef: refOf(ann, 0), Sent: true, By: "provider"}
	known := sentAt(ann, 0, at)
	known.ProviderID = "m1"
	weekAgo := delivered
	weekAgo.ToldAt = at.AddDate(0, 0, -7)
	long := delivered
	long.ToldAt = at.AddDate(0, 0, -9)
	later := say(report("delivered", first))
	later.ToldAt = at.AddDate(0, 0, 1)
	laterDelivered := delivered
	laterDelivered.ToldAt = later.ToldAt
	bad := report("delivered", first)
	bad.At = time.Time{}
	kit().Run(t, map[string]estest.Case{
		"a message is delivered":                        {Given: sent, When: say(report("delivered", first)), Then: facts{delivered}, Again: estest.NothingToDo()},
		"it was put off before, and that is told later": {Given: with(sent, delivered), When: say(put), Then: facts{delayed}, Again: estest.NothingToDo()},
		"what stands twice in a post counts once":       {Given: sent, When: say(report("delivered", first), put, report("delivered", first)), Then: facts{delivered, delayed}, Again: estest.NothingToDo()},
		"and what comes again in a week":                {Given: with(sent, weekAgo), When: say(report("delivered", first)), Noop: true, Again: estest.NothingToDo()},
		"nobody remembers longer":                       {Given: with(sent, long, laterDelivered), When: commands.RecordDeliveries{Reports: []commands.DeliveryReport{put}, ToldAt: at}, Then: facts{delayed}, Again: estest.NothingToDo()},
		"that it is with the provider ends a doubt":     {Given: with(away(), inDoubt(ann)), When: say(report("processed", first)), Then: facts{resolved, known}, Again: estest.NothingToDo()},
		"so does anything else, once":                   {Given: with(away(), inDoubt(ann)), When: say(put, report("delivered", first)), Then: facts{resolved, known, delayed, delivered}, Again: estest.NothingToDo()},
		"it may come before the result of the claim":    {Given: away(), When: say(report("delivered", first)), Then: facts{known, delivered}, Again: estest.NothingToDo()},
		"which changes nothing then":                    {Given: with(away(), known, delivered), When: commands.RecordResults{MailboxID: boxID(0), Results: []commands.SendResult{{MessageID: msgID(ann, 0), Sent: true, At: at}}}, Noop: true, Again: estest.NothingToDo()},
		"what is told of a message of long ago is kept": {Given: given(), When: say(report("delivered", first)), Then: facts{delivered}, Again: estest.NothingToDo()},
		"a report is of a kind":                         {Given: sent, When: say(report("opened", first)), Refused: "invalid"},
		"a report has an id":                            {Given: sent, When: say(report("delivered", uuid.Nil)), Refused: "invalid"},
		"a report has a time":                           {Given: sent, When: say(bad), Refused: "invalid"},
		"a report is about a message":                   {Given: sent, When: say(commands.DeliveryReport{Kind: "delivered", ReportID: first, At: at}), Refused: "invalid"},
		"there is a report":                             {Given: sent, When: say(), Refused: "invalid"},
		"it came at some time":                          {Given: sent, When: commands.RecordDeliveries{Reports: []commands.DeliveryReport{report("delivered", first)}}, Refused: "invalid"},
	})
}

func TestBlocksAndDrops(t *testing.T) {
	t.Parallel()
	at := estest.At
	sent := running(asked(ann, 0), sentAt(ann, 0, at.AddDate(0, 0, -1)))
	with := func(before facts, more ...events.Event) facts {
		return append(before[:len(before):len(before)], more...)
	}
	id := uuid.MustParse("01990000-0000-7000-8000-00000000aaaa")
	box := events.MailboxRef{MailboxID: boxID(0)}
	block := commands.RecordBlock{SentMessageRef: about(ann), Report: events.Report{MailID: id}, SMTPReply: events.SMTPReply{Code: 550, Enhanced: "5.1.1", Text: "no such user"}, ReportedAt: at}
	full := block
	full.SMTPReply = events.SMTPReply{Code: 552, Enhanced: "5.2.2"}
	blocked := events.MessageBounced{SentMessageRef: about(ann), Report: block.Report, Kind: "block", Code: 550, Enhanced: "5.1.1", Detail: "no such user", ReportedAt: at}
	soft := events.MessageBounced{SentMessageRef: about(ann), Report: block.Report, Kind: "soft", Code: 552, Enhanced: "5.2.2", ReportedAt: at}
	drop := func(reason string) commands.RecordDrop {
		return commands.RecordDrop{SentMessageRef: about(ann), ReportID: id, Reason: reason, Detail: "why", At: at, ToldAt: at}
	}
	dropped := func(reason, kind string) facts {
		return facts{events.MessageDropped{SentMessageRef: about(ann), ReportID: id, Reason: reason, Detail: "why", DroppedAt: at, ToldAt: at},
			events.MessageBounced{SentMessageRef: about(ann), Kind: kind, Detail: "dropped by the provider: why", ReportedAt: at}}
	}
	untimed, unnamed := drop("bounced"), drop("bounced")
	untimed.At, unnamed.ReportID = time.Time{}, uuid.Nil
	kit().Run(t, map[string]estest.Case{
		"a block suppresses nobody, whatever its code":  {Given: sent, When: block, Then: facts{blocked, events.MailboxHealthChanged{MailboxRef: box, Health: 90, Reason: "blocked"}}, Again: estest.NothingToDo()},
		"what is full is full":                          {Given: sent, When: full, Then: facts{soft}, Again: estest.NothingToDo()},
		"a block is of a message":                       {Given: sent, When: commands.RecordBlock{ReportedAt: at}, Refused: "invalid"},
		"a block has a time":                            {Given: sent, When: commands.RecordBlock{SentMessageRef: about(ann)}, Refused: "invalid"},
		"who bounced before is suppressed":              {Given: sent, When: drop("bounced"), Then: append(dropped("bounced", "hard"), suppressedAs(ann, "bounce"), stoppedAs(ann, "bounced", 1, msgID(ann, 0))), Again: estest.NothingToDo()},
		"who unsubscribed there wants no mail here":     {Given: sent, When: drop("unsubscribed"), Then: append(dropped("unsubscribed", "other"), suppressedAs(ann, "unsubscribe"), stoppedAs(ann, "unsubscribed", 1, msgID(ann, 0))), Again: estest.NothingToDo()},
		"nor does who complained":                       {Given: sent, When: drop("complained"), Then: append(dropped("complained", "other"), suppressedAs(ann, "complaint"), stoppedAs(ann, "complained", 1, msgID(ann, 0))), Again: estest.NothingToDo()},
		"an account that is used up pauses the mailbox": {Given: sent, When: drop("quota"), Then: append(dropped("quota", "other"), events.MailboxPaused{MailboxRef: box, Reason: "provider_quota"}), Again: estest.NothingToDo()},
		"what is taken for spam stops nobody":           {Given: sent, When: drop("content"), Then: dropped("content", "other"), Again: estest.NothingToDo()},
		"what is dropped was taken: it isn't in doubt":  {Given: with(away(), inDoubt(ann)), When: drop("other"), Then: append(facts{events.MessageResolved{MessageRef: refOf(ann, 0), Sent: true, By: "provider"}, sentAt(ann, 0, at)}, dropped("other", "other")...), Again: estest.NothingToDo()},
		"a drop has a reason":                           {Given: sent, When: drop(""), Refused: "invalid"},
		"a drop has a time":                             {Given: sent, When: untimed, Refused: "invalid"},
		"a drop has an id":                              {Given: sent, When: unnamed, Refused: "invalid"},
		"a drop is of a message":                        {Given: sent, When: commands.RecordDrop{ReportID: id, Reason: "other", At: at, ToldAt: at}, Refused: "invalid"},
	})
}

func TestWebhookKeys(t *testing.T) {
	t.Parallel()
	box := events.MailboxRef{MailboxID: boxID(0)}
	grid := boxAdded()
	grid.Transport = "sendgrid"
	set := commands.SetMailboxWebhookKeys{MailboxRef: box, Reports: []string{"new", "old"}, Mail: []string{"mail"}}
	kit().Run(t, map[string]estest.Case{
		"keys are set":               {Given: given(grid), When: set, Then: facts{events.MailboxWebhookKeysSet(set)}, Again: estest.NothingToDo()},
		"keys are taken away":        {Given: given(grid, events.MailboxWebhookKeysSet(set)), When: commands.SetMailboxWebhookKeys{MailboxRef: box}, Then: facts{events.MailboxWebhookKeysSet{MailboxRef: box}}, Again: estest.NothingToDo()},
		"a mail server reports none": {Given: given(boxAdded()), When: set, Refused: "invalid"},
		"three keys at most":         {Given: given(grid), When: commands.SetMailboxWebhookKeys{MailboxRef: box, Reports: []string{"1", "2", "3", "4"}}, Refused: "invalid"},
		"a key is something":         {Given: given(grid), When: commands.SetMailboxWebhookKeys{MailboxRef: box, Mail: []string{""}}, Refused: "invalid"},
		"there is a mailbox":         {Given: given(), When: set, Refused: "not_found"},
	})
}
