package inbox

import (
	"context"
	"errors"
	"time"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/mailboxes"
	"outrider/internal/dial"
	"outrider/internal/es"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/transport"
	"outrider/internal/mail/worker"
)

// A mailbox that can't be read is told of after so many tries in a row and so long: a mail server that starts again is no news.
const (
	troubleTries = 3
	troubleLasts = 2 * time.Minute
)

// pollError is what a mail server, or who talks to it, answered instead of mail.
type pollError struct{ error }

func (e *pollError) Unwrap() error { return e.error }

// readingTrouble is what keeps a mailbox from being read, as far as this process has seen; it is the reading one's.
type readingTrouble struct {
	reason   string // of the last try; "" = it was read
	tries    int    // in a row, for this reason
	since    time.Time
	told     string    // the reason that this process has told
	ended    bool      // this process has told that it can be read
	quietTil time.Time // when it may tell again that it can't
}

// noteReading records that a mailbox can't be read, once for each reason, and that it can be again.
func (m *Monitor) noteReading(ctx context.Context, b mailboxes.Mailbox, t *readingTrouble, err error) {
	var failed *pollError
	switch {
	case ctx.Err() != nil:
	case errors.As(err, &failed):
		if reason := readingReason(failed.error); reason != "" || t.reason != "" {
			m.noteFailure(ctx, b, t, reason)
		}
	case err == nil || errors.Is(err, errMore): // other errors are ours
		m.noteRead(ctx, b, t)
	}
}

// noteFailure counts a try; without a reason of its own, as its server wasn't asked, it is as the one before.
func (m *Monitor) noteFailure(ctx context.Context, b mailboxes.Mailbox, t *readingTrouble, reason string) {
	now := m.Now().UTC().Truncate(time.Microsecond)
	if reason != "" && reason != t.reason {
		t.reason, t.tries = reason, 0
	}
	if t.since.IsZero() {
		t.since = now
	}
	t.tries++
	known := t.told
	if known == "" && !t.ended { // before this process had told anything
		known = b.Unread
	}
	if known == t.reason || t.tries < troubleTries || now.Sub(t.since) < troubleLasts || now.Before(t.quietTil) {
		return
	}
	t.quietTil = now.Add(events.ReadingToldApart)
	outcome, err := m.tellReading(ctx, b, commands.RecordReadingFailed{MailboxRef: events.MailboxRef{MailboxID: b.ID}, Reason: t.reason, Since: t.since, TriedAt: now})
	if err != nil {
		m.Log.Warn("that a mailbox can't be read could not be recorded", "mailbox", b.ID, "org", b.Org, "error", err)
		t.quietTil = now
		return
	}
	if outcome == es.Accepted { // else something else was told a short while ago, and this is told later
		t.told, t.ended = t.reason, false
	}
}

func (m *Monitor) noteRead(ctx context.Context, b mailboxes.Mailbox, t *readingTrouble) {
	t.reason, t.tries, t.since = "", 0, time.Time{}
	if t.told == "" && (b.Unread == "" || t.ended) {
		return
	}
	if _, err := m.tellReading(ctx, b, commands.RecordReadingRecovered{MailboxRef: events.MailboxRef{MailboxID: b.ID}, ReadAt: m.Now().UTC().Truncate(time.Microsecond)}); err != nil {
		m.Log.Warn("that a mailbox can be read again could not be recorded", "mailbox", b.ID, "org", b.Org, "error", err)
		return
	}
	t.told, t.ended = "", true
}

func (m *Monitor) tellReading(ctx context.Context, b mailboxes.Mailbox, c commands.Command) (es.Outcome, error) {
	id := es.NewID()
	a, err := reaction.Submit(ctx, m.Commands, m.causeOf(b, id), id, m.Now(), c)
	if err == nil && a.Outcome == es.Refused {
		err = errors.New("refused: " + a.Code)
	}
	return a.Outcome, err
}

// readingReason returns why a mailbox can't be read; "" where its server wasn't asked, or has broken what asks it, which suspends the mailbox.
func readingReason(err error) string {
	if errors.Is(err, worker.ErrResting) || errors.Is(err, worker.ErrCrashed) || errors.Is(err, worker.ErrOverran) {
		return ""
	}
	if errors.Is(err, imap.ErrLogin) {
		return events.ReadingSignIn
	}
	kind := transport.KindOf(err)
	for reason, of := range map[string]error{events.ReadingUnreachable: dial.ErrUnreachable, events.ReadingInsecure: transport.ErrInsecure, events.ReadingNoServer: transport.ErrNoServer,
		events.ReadingSilent: transport.ErrSilent, events.ReadingHungUp: transport.ErrHungUp} {
		if errors.Is(kind, of) {
			return reason
		}
	}
	return events.ReadingOther
}
