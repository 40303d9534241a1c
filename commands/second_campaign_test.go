package commands_test

import (
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

// alsoOn puts people on a second campaign.
func alsoOn(id uuid.UUID, addresses ...string) facts {
	c := draftCampaign()
	c.CampaignID = id
	out := facts{c}
	for _, a := range addresses {
		e := enrolled(a)
		e.CampaignID, e.EnrollmentID = id, commands.EnrollmentID(id, leadID(a))
		out = append(out, e)
	}
	return out
}

// TestBothCampaigns asks for what an answer, a bounce or a result does to the other campaign that a person is on.
func TestBothCampaigns(t *testing.T) {
	t.Parallel()
	at := estest.At
	second := uuid.MustParse("01990000-0000-7000-8000-0000000000c2")
	elsewhere := func(reason string) events.EnrollmentStopped {
		return events.EnrollmentStopped{EnrollmentRef: events.EnrollmentRef{EnrollmentID: commands.EnrollmentID(second, leadID(ann)), LeadID: leadID(ann), CampaignID: second}, Reason: reason, MessageID: msgID(ann, 0)}
	}
	both := func(before facts) facts { return append(before, alsoOn(second, ann)...) }
	sent := both(running(asked(ann, 0), sentAt(ann, 0, at.AddDate(0, 0, -1))))
	lastAway := both(running(asked(ann, 0), sentAt(ann, 0, at.AddDate(0, 0, -3)), asked(ann, 1), drafted(ann, 1), approved(ann, 1), scheduled(ann, 1), claimed(ann, 1)))
	s := sentAt(ann, 1, at)
	lastInDoubt := append(lastAway[:len(lastAway):len(lastAway)], events.MessageInDoubt{MessageRef: s.MessageRef, StepsVersion: 1, StepID: s.StepID, Step: 2, VariantID: s.VariantID, MailboxID: s.MailboxID, ClaimedAt: at})
	last := about(ann)
	last.MessageID = msgID(ann, 1)
	otherStop := elsewhere("replied")
	otherStop.MessageID = msgID(ann, 1)
	hard := commands.SendResult{MessageID: msgID(ann, 0), At: at, SMTPReply: events.SMTPReply{Stage: "rcpt", Code: 550, Enhanced: "5.1.1"}}
	f := sentAt(ann, 0, at)
	failed := events.MessageFailed{MessageRef: f.MessageRef, StepsVersion: 1, StepID: f.StepID, Step: 1, VariantID: f.VariantID, MailboxID: boxID(0), SMTPReply: hard.SMTPReply, Permanent: true, FailedAt: at}
	bounced := events.MessageBounced{SentMessageRef: about(ann), Report: events.Report{AddressHash: h(ann)}, Kind: "hard", Code: 550, Enhanced: "5.1.1", AtRCPT: true, ReportedAt: at}
	reply := commands.RecordReply{SentMessageRef: about(ann), From: "lead"}
	kit().Run(t, map[string]estest.Case{
		"a reply stops both": {Given: sent, When: reply, Then: facts{events.MessageReplied{SentMessageRef: about(ann), From: "lead"}, stoppedAs(ann, "replied", 1, msgID(ann, 0)), elsewhere("replied")}, Again: estest.OnceMore()},
		"a reply to the last step, which was in doubt, completes the one and stops the other": {Given: lastInDoubt, When: commands.RecordReply{SentMessageRef: last, From: "lead"}, Then: facts{
			events.MessageResolved{MessageRef: refOf(ann, 1), Sent: true, By: "reply"}, s, events.EnrollmentCompleted{EnrollmentRef: in(ann), Steps: 2}, events.MessageReplied{SentMessageRef: last, From: "lead"}, otherStop}, Again: estest.OnceMore()},
		"nobody there stops both": {Given: both(away()), When: commands.RecordResults{MailboxID: boxID(0), Results: []commands.SendResult{hard}},
			Then: facts{failed, bounced, suppressedAs(ann, "bounce"), elsewhere("bounced"), stoppedAs(ann, "bounced", 0, msgID(ann, 0))}, Again: estest.NothingToDo()},
		"a last step that left before a stop completes nothing": {Given: append(lastAway[:len(lastAway):len(lastAway)], stoppedAs(ann, "unsubscribed", 1, uuid.Nil)), When: commands.RecordResults{MailboxID: boxID(0), Results: []commands.SendResult{{MessageID: msgID(ann, 1), Sent: true, At: at}}},
			Then: facts{s}, Again: estest.NothingToDo()},
	})
}
