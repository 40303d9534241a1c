package mailboxes

import (
	"context"
	"testing"

	"outrider/consumers/reaction"
	"outrider/internal/dial"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/transport"
)

// Whoever names a host must not learn from the answer what is behind it in our network.
func TestAServerThatCannotBeReachedIsToldInOneSentence(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		dialer transport.Dialer
		host   string
		port   int
	}{
		"a private address":     {transport.Dialer{}, "10.0.0.1", 993},
		"ourselves":             {transport.Dialer{}, "127.0.0.1", 993},
		"the metadata":          {transport.Dialer{}, "169.254.169.254", 993},
		"a port that isn't one": {transport.Dialer{}, "8.8.8.8", 9092},
		"a closed port":         {transport.Dialer{LoopbackOnly: true}, "127.0.0.1", 1},
		"no such name":          {transport.Dialer{}, "mail.invalid", 993},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := transport.ServerLogin{Host: c.host, Port: c.port}
			sent := smtp.New(at, smtp.Options{Dialer: c.dialer}).Send(context.Background(), "a@example.com", "b@example.com", []byte("x"))
			if got := resultText(sent); got != dial.Unreachable {
				t.Errorf("sending: %q", got)
			}
			if got := reaction.ErrorText(imap.New(at, imap.Options{Dialer: c.dialer}).Verify(context.Background())); got != dial.Unreachable {
				t.Errorf("reading: %q", got)
			}
		})
	}
}
