package consumers

import (
	"context"
	"regexp"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/mail/smtp"
)

// Results travel together: what a mailbox's sends gave within resultWait, at most commands.MaxItems.
const resultWait = 50 * time.Millisecond

type box struct{ org, mailbox uuid.UUID }

// batch is results of a mailbox that wait to be recorded.
type batch struct {
	id      uuid.UUID
	why     cause
	results []commands.SendResult
	done    chan struct{}
	err     error
}

// record puts a result to the others of its mailbox and waits until they are recorded.
func (s *Send) record(ctx context.Context, e *es.Event, mailbox uuid.UUID, r commands.SendResult) error {
	at := box{e.Org, mailbox}
	s.mu.Lock()
	b := s.batches[at]
	if b == nil {
		b = &batch{id: es.DeriveID(e.ID, "react", "send", "results"), why: causedBy(e, "send"), done: make(chan struct{})}
		if s.batches == nil {
			s.batches = map[box]*batch{}
		}
		s.batches[at] = b
		time.AfterFunc(resultWait, func() { s.flush(context.WithoutCancel(ctx), at, b) })
	}
	b.results = append(b.results, r)
	if len(b.results) == commands.MaxItems { // the next result begins another batch
		delete(s.batches, at)
	}
	s.mu.Unlock()
	<-b.done
	return b.err
}

func (s *Send) flush(ctx context.Context, at box, b *batch) {
	s.mu.Lock()
	if s.batches[at] == b {
		delete(s.batches, at)
	}
	s.mu.Unlock()
	for wait := 100 * time.Millisecond; ; wait *= 2 { // what is lost here is in doubt for ever
		_, b.err = submit(ctx, s.Commands, b.why, b.id, s.Now(), commands.RecordResults{MailboxID: at.mailbox, Results: b.results})
		if b.err == nil || wait > 10*time.Second {
			break
		}
		time.Sleep(wait)
	}
	close(b.done)
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

var anyAddress = regexp.MustCompile(`\S+@\S+`)

// resultOf is what the log is told. A refusal of the mailbox, not of the message, must not end the lead's sequence: it has no
// code there, which makes it one for now.
func resultOf(message uuid.UUID, r smtp.Result, now time.Time) commands.SendResult {
	out := commands.SendResult{MessageID: message, Sent: r.Outcome == smtp.Accepted, At: now.UTC().Truncate(time.Microsecond)}
	out.SMTPReply = events.SMTPReply{Stage: stageOf(r.Stage), Code: r.Code, Enhanced: r.Enhanced, Text: anyAddress.ReplaceAllString(r.Text, "<address>")}
	if r.Outcome == smtp.Refused && !r.AboutMessage() {
		out.Code, out.Enhanced = 0, ""
	}
	return out
}
