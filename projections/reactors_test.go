package projections_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/projections"
)

// Mailboxes are read once they are verified; before that, as soon as they can be: the message to themselves may be late.
func TestMailboxesThatCanBeReadAreRead(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var want []uuid.UUID
	for _, x := range []struct {
		reads bool
		then  func(events.MailboxRef) []events.Event
	}{
		{false, func(events.MailboxRef) []events.Event { return nil }},
		{false, func(m events.MailboxRef) []events.Event {
			return []events.Event{events.MailboxChecked{MailboxRef: m, Check: events.CheckIMAPAuth, Outcome: events.CheckFailed}}
		}},
		{true, func(m events.MailboxRef) []events.Event {
			return []events.Event{events.MailboxChecked{MailboxRef: m, Check: events.CheckIMAPAuth, Outcome: events.CheckPassed}}
		}},
		{true, func(m events.MailboxRef) []events.Event {
			return []events.Event{events.MailboxVerified{MailboxRef: m, Status: events.MailboxActive}}
		}},
		{true, func(m events.MailboxRef) []events.Event {
			return []events.Event{events.MailboxVerified{MailboxRef: m, Status: events.MailboxActive}, events.MailboxPaused{MailboxRef: m, Reason: events.PausedManual}}
		}},
		{false, func(m events.MailboxRef) []events.Event {
			return []events.Event{events.MailboxVerified{MailboxRef: m, Status: events.MailboxActive}, events.MailboxPaused{MailboxRef: m, Reason: events.PausedMailServer, Count: 3}}
		}},
		{false, func(m events.MailboxRef) []events.Event {
			return []events.Event{events.MailboxVerified{MailboxRef: m, Status: events.MailboxActive}, events.MailboxRemoved{MailboxRef: m}}
		}},
	} {
		o := newOutreach(t, f)
		ref := events.MailboxRef{MailboxID: o.mailbox}
		o.add(o.org, events.MailboxConnected{MailboxRef: ref, IMAP: events.MailServer{Host: "imap.example.com", Port: 993, Security: "tls"}})
		for _, e := range x.then(ref) {
			o.add(o.org, e)
		}
		f.store(t, o.events)
		if x.reads {
			want = append(want, o.mailbox)
		}
	}
	rows, err := projections.ConnectedMailboxes(t.Context(), f.Pools.Projector)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(want) {
		t.Errorf("%d mailboxes are read, want %d", len(rows), len(want))
	}
	for _, r := range rows {
		if !slices.Contains(want, r.MailboxID) {
			t.Errorf("%+v is read", r)
		}
	}
}
