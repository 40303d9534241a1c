package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func TestWhatAnAnswerMeansHasConsequences(t *testing.T) {
	t.Parallel()
	at := estest.At
	sent := running(asked(ann, 0), sentAt(ann, 0, at.AddDate(0, 0, -1)))
	mail := uuid.MustParse("01990000-0000-7000-8000-00000000aaaa")
	sure := func(meaning, day string) (commands.RecordReply, events.MessageReplied) {
		j := events.Judged{Confidence: 90, Source: "words", AskAgain: day}
		return commands.RecordReply{SentMessageRef: about(ann), Mail: events.Mail{MailID: mail}, From: "lead", Meaning: meaning, Judged: j},
			events.MessageReplied{SentMessageRef: about(ann), Mail: events.Mail{MailID: mail}, From: "lead", Meaning: meaning, Judged: j}
	}
	later, hasLater := sure("not_now", "2026-06-01")
	unsure, hasUnsure := sure("not_now", "2026-06-01")
	unsure.Confidence, hasUnsure.Confidence = 60, 60
	whenever, hasWhenever := sure("not_now", "")
	left, hasLeft := sure("left_company", "")
	paused := events.EnrollmentPaused{EnrollmentRef: in(ann), Reason: "not_now", Until: time.Date(2026, 6, 2, 7, 0, 0, 0, time.UTC)}
	correct := func(meaning, day string) commands.ReclassifyReply {
		return commands.ReclassifyReply{SentMessageRef: about(ann), MailID: mail, From: "lead", ReceivedAt: at, Meaning: meaning, AskAgain: day}
	}
	corrected := func(meaning, was, day string) events.ReplyReclassified {
		return events.ReplyReclassified{SentMessageRef: about(ann), MailID: mail, From: "lead", ReceivedAt: at, Meaning: meaning, Was: was, Judged: events.Judged{Confidence: 100, Source: "person", AskAgain: day}}
	}
	away := events.MessageAutoReplied{SentMessageRef: about(ann), Mail: events.Mail{MailID: mail}}
	kit().Run(t, map[string]estest.Case{
		"who names a day is asked again then":     {Given: sent, When: later, Then: facts{hasLater, paused}, Again: estest.NothingToDo()},
		"unless a flag has taken that away":       {Given: with(sent, switchedFlag(events.FeatureAskAgain, false)), When: later, Then: facts{hasLater, stoppedAs(ann, "replied", 1, msgID(ann, 0))}, Again: estest.NothingToDo()},
		"what isn't sure stops":                   {Given: sent, When: unsure, Then: facts{hasUnsure, stoppedAs(ann, "replied", 1, msgID(ann, 0))}, Again: estest.NothingToDo()},
		"not now without a day stops":             {Given: sent, When: whenever, Then: facts{hasWhenever, stoppedAs(ann, "replied", 1, msgID(ann, 0))}, Again: estest.NothingToDo()},
		"who has left is told apart":              {Given: sent, When: left, Then: facts{hasLeft, stoppedAs(ann, "left_company", 1, msgID(ann, 0))}, Again: estest.NothingToDo()},
		"a day is a day":                          {Given: sent, When: commands.RecordReply{SentMessageRef: about(ann), From: "lead", Meaning: "not_now", Judged: events.Judged{AskAgain: "June"}}, Refused: "invalid"},
		"a source is known":                       {Given: sent, When: commands.RecordReply{SentMessageRef: about(ann), From: "lead", Judged: events.Judged{Source: "stars"}}, Refused: "invalid"},
		"nobody is surer than sure":               {Given: sent, When: commands.RecordReply{SentMessageRef: about(ann), From: "lead", Judged: events.Judged{Confidence: 101}}, Refused: "invalid"},
		"a person corrects it":                    {Given: answeredBy(ann, "other"), When: correct("interested", ""), Then: facts{corrected("interested", "other", "")}, Again: estest.NothingToDo()},
		"and confirms it":                         {Given: answeredBy(ann, "interested"), When: correct("interested", ""), Then: facts{corrected("interested", "interested", "")}, Again: estest.NothingToDo()},
		"what pauses stops after all":             {Given: with(sent, hasLater, paused), When: correct("not_interested", ""), Then: facts{corrected("not_interested", "not_now", ""), stoppedAs(ann, "replied", 1, msgID(ann, 0))}, Again: estest.NothingToDo()},
		"an automatic answer pauses after all":    {Given: with(sent, away), When: correct("not_now", "2026-06-01"), Then: facts{corrected("not_now", "automatic", "2026-06-01"), paused}, Again: estest.NothingToDo()},
		"an automatic answer was a person's":      {Given: with(sent, away), When: correct("interested", ""), Then: facts{corrected("interested", "automatic", ""), stoppedAs(ann, "replied", 1, msgID(ann, 0))}, Again: estest.NothingToDo()},
		"what was an automatic answer":            {Given: answeredBy(ann, "other"), When: correct("automatic", ""), Then: facts{corrected("automatic", "other", "")}, Again: estest.NothingToDo()},
		"a correction is of a mail that came":     {Given: sent, When: correct("interested", ""), Refused: "not_found"},
		"and says something":                      {Given: answeredBy(ann, "other"), When: correct("", ""), Refused: "invalid"},
		"that there is":                           {Given: answeredBy(ann, "other"), When: correct("perhaps", ""), Refused: "invalid"},
		"a day is for who is to be asked again":   {Given: answeredBy(ann, "other"), When: correct("interested", "2026-06-01"), Refused: "invalid"},
		"it is of an answer":                      {Given: answeredBy(ann, "other"), When: commands.ReclassifyReply{MailID: mail, Meaning: "interested"}, Refused: "invalid"},
		"somebody whom it names isn't written to": {Given: answeredBy(ann, "referral"), When: commands.SettleReferral{ThreadID: threadOf(ann).ThreadID, MailID: mail}, Then: facts{events.ReferralSettled{ThreadRef: threadOf(ann), MailID: mail}}, Again: estest.OnceMore()},
		"or is a lead by now":                     {Given: answeredBy(ann, "referral"), When: commands.SettleReferral{ThreadID: threadOf(ann).ThreadID, MailID: mail, NewLeadID: leadID(ann)}, Then: facts{events.ReferralSettled{ThreadRef: threadOf(ann), MailID: mail, NewLeadID: leadID(ann)}}, Again: estest.OnceMore()},
		"but not one that there isn't":            {Given: answeredBy(ann, "referral"), When: commands.SettleReferral{ThreadID: threadOf(ann).ThreadID, MailID: mail, NewLeadID: mail}, Refused: "not_found"},
		"nor of a mail that never came":           {Given: answeredBy(ann, "referral"), When: commands.SettleReferral{ThreadID: threadOf(ann).ThreadID, MailID: leadID(ann)}, Refused: "not_found"},
		"nor in a conversation that there isn't":  {Given: sent, When: commands.SettleReferral{ThreadID: threadOf(ann).ThreadID, MailID: mail}, Refused: "not_found"},
	})
}
