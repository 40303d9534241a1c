package sending

import (
	"context"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/mail/smtp"
	"outrider/internal/retry"
)

// Results travel together: what a mailbox's sends gave within resultWait, at most commands.MaxItems.
const resultWait = 50 * time.Millisecond

type mailboxKey struct{ org, mailbox uuid.UUID }

// sendOutcome is a result, and the claim that it is of.
type sendOutcome struct {
	claim  *es.Event
	result commands.SendResult
}

// recordResults gives results of a mailbox to the log as one command, whose id follows from the first claim.
func (s *SendReactor) recordResults(ctx context.Context, of mailboxKey, results []sendOutcome) ([]struct{}, error) {
	c := commands.RecordResults{MailboxID: of.mailbox}
	for _, r := range results {
		c.Results = append(c.Results, r.result)
	}
	first := results[0].claim
	id := es.DeriveID(first.ID, "react", "send", "results")
	err := retry.Do(ctx, retry.Policy{First: 100 * time.Millisecond, Attempts: 8}, func() error { // what is lost here is in doubt for ever
		_, err := reaction.Submit(ctx, s.Commands, reaction.CausedBy(first, "send"), id, s.Now(), c)
		return err
	})
	return make([]struct{}, len(results)), err
}

// stageOf gives the log's word.
func stageOf(s smtp.Stage) string {
	switch s {
	case smtp.StageAuth:
		return "auth"
	case smtp.StageSender:
		return "mail"
	case smtp.StageRecipient:
		return "rcpt"
	case smtp.StageData:
		return "data"
	}
	return "connect"
}

// resultOf is what the log is told. A refusal of the mailbox, not of the message, must not end the lead's sequence: it has no
// code there, which makes it one for now.
func resultOf(message uuid.UUID, r smtp.Result, now time.Time) commands.SendResult {
	out := commands.SendResult{MessageID: message, Sent: r.Outcome == smtp.Accepted, At: now.UTC().Truncate(time.Microsecond)}
	out.SMTPReply = events.SMTPReply{Stage: stageOf(r.Stage), Code: r.Code, Enhanced: r.Enhanced, Text: reaction.HideAddresses(r.Text)}
	if r.Outcome == smtp.Refused && !r.AboutMessage() && r.Stage != smtp.StageAuth { // what is refused there pauses the mailbox
		out.Code, out.Enhanced = 0, ""
	}
	return out
}
