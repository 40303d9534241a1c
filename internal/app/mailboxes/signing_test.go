package mailboxes_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/google/uuid"

	"outrider/internal/app/mailboxes"
)

type oneSecret []byte

func (s oneSecret) Secret(context.Context, uuid.UUID, string) ([]byte, error) { return s, nil }

func TestWhatIsSignedIsVerifiedByItsRecord(t *testing.T) {
	t.Parallel()
	private, public, err := mailboxes.NewSigningKey()
	if err != nil {
		t.Fatal(err)
	}
	message := []byte("From: Ann <ann@acme.test>\r\nTo: bo@example.com\r\nSubject: Hello\r\nList-Unsubscribe: <https://acme.test/u/1>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nHello\r\n.\r\n")
	s := mailboxes.Signing{Domain: "acme.test", Selector: "or1", Secret: "x"}
	signed, err := s.Sign(context.Background(), oneSecret(private), uuid.Nil, message)
	if err != nil {
		t.Fatal(err)
	}
	lookup := func(name string) ([]string, error) {
		if name != "or1._domainkey.acme.test" {
			t.Errorf("asked for %s", name)
		}
		return []string{"v=DKIM1; k=rsa; p=" + public}, nil
	}
	for name, c := range map[string]struct {
		change func([]byte) []byte
		good   bool
	}{
		"as it was sent":          {func(b []byte) []byte { return b }, true},
		"with another text":       {func(b []byte) []byte { return bytes.Replace(b, []byte("Hello\r\n."), []byte("Hallo\r\n."), 1) }, false},
		"with another way out":    {func(b []byte) []byte { return bytes.Replace(b, []byte("/u/1"), []byte("/u/2"), 1) }, false},
		"without the one click":   {func(b []byte) []byte { return bytes.Replace(b, []byte("One-Click"), []byte("Two"), 1) }, false},
		"with a line of a relay":  {func(b []byte) []byte { return append([]byte("Received: by relay.test\r\n"), b...) }, true},
		"with a field of a relay": {func(b []byte) []byte { return append([]byte("X-Relay: yes\r\n"), b...) }, true},
	} {
		found, err := dkim.VerifyWithOptions(bytes.NewReader(c.change(bytes.Clone(signed))), &dkim.VerifyOptions{LookupTXT: lookup})
		if err != nil || len(found) != 1 {
			t.Fatalf("%s: %v, %v", name, found, err)
		}
		if (found[0].Err == nil) != c.good {
			t.Errorf("%s: %v", name, found[0].Err)
		}
	}
	if out, err := (mailboxes.Signing{}).Sign(context.Background(), oneSecret(nil), uuid.Nil, message); err != nil || !bytes.Equal(out, message) {
		t.Errorf("without a key: %q, %v", out, err)
	}
}
