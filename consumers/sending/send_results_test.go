package sending

import (
	"testing"
	"time"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/lab/reactortest"
	"outrider/internal/mail/smtp"
)

func TestWhatTheServerSaidBecomesTheResult(t *testing.T) {
	t.Parallel()
	message, at := es.NewID(), reactortest.Noon()
	for name, c := range map[string]struct {
		said smtp.Result
		want events.SMTPReply
		sent bool
	}{
		"accepted": {smtp.Result{Outcome: smtp.Accepted, Stage: smtp.StageData, Code: 250, Enhanced: "2.0.0", Text: "queued as 7"},
			events.SMTPReply{Stage: "data", Code: 250, Enhanced: "2.0.0", Text: "queued as 7"}, true},
		"nobody there": {smtp.Result{Outcome: smtp.Refused, Stage: smtp.StageRecipient, Code: 550, Enhanced: "5.1.1", Text: "no <bob@acme.test> here"},
			events.SMTPReply{Stage: "rcpt", Code: 550, Enhanced: "5.1.1", Text: "no <address> here"}, false},
		"for its content": {smtp.Result{Outcome: smtp.Refused, Stage: smtp.StageData, Code: 554, Enhanced: "5.7.1"},
			events.SMTPReply{Stage: "data", Code: 554, Enhanced: "5.7.1"}, false},
		"for now": {smtp.Result{Outcome: smtp.Temporary, Stage: smtp.StageRecipient, Code: 451, Enhanced: "4.7.1"},
			events.SMTPReply{Stage: "rcpt", Code: 451, Enhanced: "4.7.1"}, false},
		"the mailbox's password is no fault of the lead": {smtp.Result{Outcome: smtp.Refused, Stage: smtp.StageAuth, Code: 535, Enhanced: "5.7.8"},
			events.SMTPReply{Stage: "auth", Code: 535, Enhanced: "5.7.8"}, false},
		"nor is the mailbox's address": {smtp.Result{Outcome: smtp.Refused, Stage: smtp.StageSender, Code: 550, Enhanced: "5.1.8"},
			events.SMTPReply{Stage: "mail"}, false},
		"nor that nobody answers": {smtp.Result{Outcome: smtp.Temporary, Stage: smtp.StageConnect}, events.SMTPReply{Stage: "connect"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := resultOf(message, c.said, at.Add(1500*time.Nanosecond))
			if want := (commands.SendResult{MessageID: message, Sent: c.sent, At: at.Add(time.Microsecond), SMTPReply: c.want}); got != want {
				t.Errorf("\n got %+v\nwant %+v", got, want)
			}
		})
	}
}
