package commands_test

import (
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

// TestAMailCountsOnce records mails that the log shows already: their folder was numbered anew, or they were delivered twice.
func TestAMailCountsOnce(t *testing.T) {
	t.Parallel()
	at := estest.At
	mail, another := uuid.MustParse("01990000-0000-7000-8000-00000000aaaa"), uuid.MustParse("01990000-0000-7000-8000-00000000bbbb")
	sent := running(asked(ann, 0), sentAt(ann, 0, at.AddDate(0, 0, -1)))
	told, said := events.Mail{MailID: mail}, events.Report{MailID: mail}
	reply := commands.RecordReply{SentMessageRef: about(ann), Mail: told, From: "lead"}
	auto := commands.RecordAutoReply{SentMessageRef: about(ann), Mail: told}
	full := commands.RecordBounce{SentMessageRef: about(ann), Report: said, SMTPReply: events.SMTPReply{Code: 552, Enhanced: "5.2.2"}, Class: "full", ReportedAt: at}
	soft := events.MessageBounced{SentMessageRef: about(ann), Report: said, Kind: "soft", Class: "full", Code: 552, Enhanced: "5.2.2", ReportedAt: at}
	complaint := commands.RecordComplaint{SentMessageRef: about(ann), Report: said, Kind: "abuse", ReportedAt: at}
	leave := commands.Unsubscribe{SentMessageRef: about(ann), Report: said, How: "reply", At: at}
	stopped := func(reason string) events.EnrollmentStopped { return stoppedAs(ann, reason, 1, msgID(ann, 0)) }
	other := reply
	other.MailID = another
	lifted := events.SuppressionRemoved{SuppressionRef: suppressedAs(ann, "unsubscribe").SuppressionRef, Kind: "address", Hash: h(ann)}
	wrong := leave
	wrong.AddressHash = "me"
	kit().Run(t, map[string]estest.Case{
		"a reply":                       {Given: sent, When: reply, Then: facts{events.MessageReplied(reply), stopped("replied")}, Again: estest.NothingToDo()},
		"an automatic answer":           {Given: sent, When: auto, Then: facts{events.MessageAutoReplied(auto)}, Again: estest.NothingToDo()},
		"a bounce":                      {Given: sent, When: full, Then: facts{soft}, Again: estest.NothingToDo()},
		"a complaint":                   {Given: sent, When: complaint, Then: facts{events.MessageComplained(complaint), suppressedAs(ann, "complaint"), stopped("complained")}, Again: estest.NothingToDo()},
		"an opt-out":                    {Given: sent, When: leave, Then: facts{events.LeadUnsubscribed(leave), suppressedAs(ann, "unsubscribe"), stopped("unsubscribed")}, Again: estest.NothingToDo()},
		"though it was lifted since":    {Given: append(sent[:len(sent):len(sent)], events.LeadUnsubscribed(leave), suppressedAs(ann, "unsubscribe"), stopped("unsubscribed"), lifted), When: leave, Noop: true, Again: estest.NothingToDo()},
		"a reply that opts out is both": {Given: append(sent[:len(sent):len(sent)], events.MessageReplied(reply), stopped("replied")), When: leave, Then: facts{events.LeadUnsubscribed(leave), suppressedAs(ann, "unsubscribe")}, Again: estest.NothingToDo()},
		"another mail counts":           {Given: append(sent[:len(sent):len(sent)], events.MessageReplied(reply), stopped("replied")), When: other, Then: facts{events.MessageReplied(other)}, Again: estest.NothingToDo()},
		"an address is known by a hash": {Given: sent, When: wrong, Refused: "invalid"},
		"so it is in a bounce":          {Given: sent, When: commands.RecordBounce{SentMessageRef: about(ann), Report: events.Report{AddressHash: "me"}, ReportedAt: at}, Refused: "invalid"},
		"so it is in a complaint":       {Given: sent, When: commands.RecordComplaint{SentMessageRef: about(ann), Report: events.Report{AddressHash: "me"}, Kind: "abuse", ReportedAt: at}, Refused: "invalid"},
	})
}
