package sendgrid_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/emersion/go-message/mail"

	"outrider/internal/lab/mailserver"
	"outrider/internal/mail/smtp"
)

// TestTheStandInsMailIsTheOneThatWasSent: people in simulations read what the stand-in makes of a request.
func TestTheStandInsMailIsTheOneThatWasSent(t *testing.T) {
	t.Parallel()
	s, url := standIn(t)
	sent := letter(t)
	if r := clientOf(url, key).Send(t.Context(), "ann@ours.test", "bob@example.com", sent); r.Outcome != smtp.Accepted {
		t.Fatalf("got %+v", r)
	}
	raw, err := s.Messages()[0].Raw(time.Unix(1_750_000_000, 0))
	if err != nil {
		t.Fatal(err)
	}
	was, err := mail.CreateReader(bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	is, err := mail.CreateReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"From", "Reply-To", "Subject", "Message-Id", "References", "List-Unsubscribe", "List-Unsubscribe-Post", "Date"} {
		want, _ := was.Header.Text(name)
		if got, err := is.Header.Text(name); err != nil || got != want {
			t.Errorf("%s is %q, was %q (%v)", name, got, want, err)
		}
	}
	if !mailserver.BringsAppointment(raw) || !bytes.Contains(raw, []byte("first line")) || !bytes.Contains(raw, []byte("text/html")) {
		t.Errorf("it is\n%s", raw)
	}
}
