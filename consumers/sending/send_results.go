package sending

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/mail/compose"
	"outrider/internal/mail/smtp"
	"outrider/internal/retry"
)

// Results of a mailbox's sends are recorded together: those of resultWait, at most commands.MaxItems.
const resultWait = 50 * time.Millisecond

type mailboxKey struct{ org, mailbox uuid.UUID }

// sendOutcome is a result with the claim that it belongs to.
type sendOutcome struct {
	claim  *es.Event
	result commands.SendResult
}

// recordResults records results of a mailbox with one command, whose id follows from the first claim.
func (s *SendReactor) recordResults(ctx context.Context, of mailboxKey, results []sendOutcome) ([]struct{}, error) {
	c := commands.RecordResults{MailboxID: of.mailbox}
	for _, r := range results {
		c.Results = append(c.Results, r.result)
	}
	first := results[0].claim
	id := es.DeriveID(first.ID, "react", "send", "results")
	err := retry.Do(ctx, retry.Policy{First: 100 * time.Millisecond, Attempts: 8}, func() error { // a result that is lost here leaves its message in doubt for ever
		_, err := reaction.Submit(ctx, s.Commands, reaction.CausedBy(first, "send"), id, s.Now(), c)
		return err
	})
	return make([]struct{}, len(results)), err
}

// stageOf returns the stage as events name it.
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

// unsendable is the result for a message that can't be composed, with the reason.
func unsendable(message uuid.UUID, err error, now time.Time) commands.SendResult {
	why, _ := invalidText(err)
	return commands.SendResult{MessageID: message, At: now.UTC().Truncate(time.Microsecond), SMTPReply: events.SMTPReply{Stage: events.StageCompose, Text: why}}
}

// resultOf returns the result as it is recorded. A refusal of the mailbox, not of the message, must not end the lead's sequence: it gets no
// code, which makes it a temporary one.
func resultOf(message uuid.UUID, r smtp.Result, now time.Time) commands.SendResult {
	out := commands.SendResult{MessageID: message, Sent: r.Outcome == smtp.Accepted, ProviderID: r.ProviderID, At: now.UTC().Truncate(time.Microsecond)}
	out.SMTPReply = events.SMTPReply{Stage: stageOf(r.Stage), Code: r.Code, Enhanced: r.Enhanced, Text: reaction.HideAddresses(r.Text)}
	if r.Outcome == smtp.Refused && !r.AboutMessage() && r.Stage != smtp.StageAuth { // a refusal at sign-in pauses the mailbox
		out.Code, out.Enhanced = 0, ""
	}
	return out
}

// invalidText returns what is wrong with a message by compose.ErrInvalid, and reports whether that is said.
func invalidText(err error) (why string, ok bool) {
	_, why, ok = strings.Cut(err.Error(), compose.ErrInvalid.Error()+": ")
	return why, ok
}
