package sending

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/reactortest"
	"outrider/internal/linktoken"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/worker"
)

// doubting is a resolver with some doubts, before the folders of a mailbox.
type doubting struct {
	*post
	messages, responses []Due
}

func (d *doubting) Doubtful(context.Context, time.Time) ([]Due, error) { return d.messages, nil }
func (d *doubting) DoubtfulResponses(context.Context, time.Time) ([]Due, error) {
	return d.responses, nil
}

// What lies in a folder of sent mail, or where all mail is shown, has left, be it of a campaign or of a member; nothing else is said of the others.
func TestADoubtEndsWithACopyOfWhatHasLeft(t *testing.T) {
	t.Parallel()
	d := &doubting{post: setupPost(t)}
	inSent, nowhere, answer := es.NewID(), es.NewID(), es.NewID()
	for _, m := range []uuid.UUID{inSent, nowhere} {
		d.messages = append(d.messages, Due{d.Org, d.Box.ID, m})
	}
	d.responses = []Due{{d.Org, d.Box.ID, answer}, {d.Org, d.Box.ID, es.NewID()}}
	account := d.Server.Account(reactortest.Jane)
	of := func(m uuid.UUID) string {
		return d.Signer.MessageID(linktoken.Token{Org: d.Org, Message: m}, "acme.test")
	}
	for _, id := range []string{of(inSent), ResponseMessageID(answer, "acme.test")} {
		if err := account.Deliver(mailserver.Sent, []byte("Message-ID: <"+id+">\r\nSubject: x\r\n\r\nx\r\n"), time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	r, err := NewInDoubtResolver(InDoubtConfig{Messages: d, Secrets: d, Commands: d.Boundary, Links: linktoken.Links{Signer: d.Signer, Base: "https://acme.test"},
		Servers: worker.Direct{IMAP: imap.Options{Dialer: d.Dialer}, SMTP: smtp.Options{Dialer: d.Dialer}}, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the next round finds them again
		if err := r.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	left := map[uuid.UUID]bool{}
	for _, c := range reactortest.Of[commands.ResolveMessage](t, d.Boundary) {
		left[c.MessageID] = c.Sent && c.By == events.ResolvedBySent
	}
	if len(left) != 1 || !left[inSent] {
		t.Errorf("resolved %v", left)
	}
	if got := reactortest.Of[commands.ResolveResponse](t, d.Boundary); len(got) != 1 || got[0].ResponseID != answer || !got[0].Sent {
		t.Errorf("resolved %+v", got)
	}
}

// gmail lists folders as that does.
type gmail struct{ worker.Reader }

func (gmail) Folders(context.Context) ([]imap.Folder, error) {
	return []imap.Folder{{Name: "INBOX"}, {Name: "[Gmail]/All Mail", Use: "all"}, {Name: "[Gmail]/Bin", Use: "trash"}, {Name: "[Gmail]/Sent Mail", Use: "sent"}}, nil
}

func (gmail) Has(_ context.Context, folder, _ string) (bool, error) {
	return folder == "[Gmail]/All Mail", nil
}

func TestACopyThatWasMovedIsFoundWhereAllMailIsShown(t *testing.T) {
	t.Parallel()
	names, err := foldersOfSent(t.Context(), gmail{})
	if err != nil || !slices.Equal(names, []string{"[Gmail]/Sent Mail", "[Gmail]/All Mail"}) {
		t.Errorf("looked into %q, %v", names, err)
	}
	if has, err := hasAny(t.Context(), gmail{}, names, "a@acme.test"); err != nil || !has {
		t.Errorf("found %v, %v", has, err)
	}
}
