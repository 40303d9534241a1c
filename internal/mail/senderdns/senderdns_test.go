package senderdns_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"outrider/internal/mail/senderdns"
)

// zone answers as a name server with these TXT records would, and notes what it was asked.
type zone struct {
	records map[string]string
	mu      sync.Mutex
	asked   []string
}

func (z *zone) lookup(_ context.Context, name string) ([]string, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	name = strings.TrimSuffix(name, ".")
	z.asked = append(z.asked, name)
	if r, ok := z.records[name]; ok {
		return []string{r}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// signedMessage returns a message that is signed for a domain, and the record of its key.
func signedMessage(t *testing.T, from, signer string) (message []byte, record string) {
	t.Helper()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	var out bytes.Buffer
	err := dkim.Sign(&out, strings.NewReader("From: ann@"+from+"\r\nTo: ann@"+from+"\r\nSubject: x\r\n\r\nHello\r\n"), &dkim.SignOptions{
		Domain: signer, Selector: "s", Signer: key, HeaderKeys: []string{"From", "To", "Subject"},
	})
	if err != nil {
		t.Fatal(err)
	}
	public, _ := key.Public().(ed25519.PublicKey)
	return out.Bytes(), "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
}

func TestSignaturesAreAlignedByTheOrganisationalDomain(t *testing.T) {
	t.Parallel()
	const relaxed, strict = "v=DMARC1; p=none", "v=DMARC1; p=none; adkim=s"
	for name, c := range map[string]struct {
		from, signer string
		policyAt     string
		policy       string
		outcome      senderdns.CheckOutcome
	}{
		"the same domain":                          {"example.com", "example.com", "example.com", relaxed, senderdns.Passed},
		"the same domain, strict":                  {"example.com", "example.com", "example.com", strict, senderdns.Passed},
		"the same domain, in capitals":             {"Example.com", "EXAMPLE.com", "Example.com", strict, senderdns.Passed},
		"signed by a domain below it":              {"example.com", "mail.example.com", "example.com", relaxed, senderdns.Passed},
		"signed by a domain below it, strict":      {"example.com", "mail.example.com", "example.com", strict, senderdns.Failed},
		"signed by the domain above":               {"news.example.com", "example.com", "example.com", relaxed, senderdns.Passed},
		"signed by the domain above, strict":       {"news.example.com", "example.com", "example.com", strict, senderdns.Failed},
		"signed by a sister":                       {"news.example.co.uk", "mail.example.co.uk", "example.co.uk", relaxed, senderdns.Passed},
		"signed by a neighbour in co.uk":           {"example.co.uk", "other.co.uk", "example.co.uk", relaxed, senderdns.Failed},
		"signed by co.uk":                          {"example.co.uk", "co.uk", "example.co.uk", relaxed, senderdns.Failed},
		"signed by the provider":                   {"example.com", "provider.example", "example.com", relaxed, senderdns.Failed},
		"the name only ends alike":                 {"example.com", "notexample.com", "example.com", relaxed, senderdns.Failed},
		"by a sister, strict at the domain itself": {"news.example.com", "mail.example.com", "news.example.com", strict, senderdns.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sample, key := signedMessage(t, c.from, c.signer)
			z := zone{records: map[string]string{c.from: "v=spf1 -all", "_dmarc." + c.policyAt: c.policy, "s._domainkey." + c.signer: key}}
			if got := senderdns.Check(t.Context(), z.lookup, c.from, sample); got.Outcome != c.outcome {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestTheSearchForAPolicyEndsAtTheOrganisationalDomain(t *testing.T) {
	t.Parallel()
	for domain, want := range map[string][]string{
		"a.b.example.co.uk": {"_dmarc.a.b.example.co.uk", "_dmarc.b.example.co.uk", "_dmarc.example.co.uk"},
		"example.co.uk":     {"_dmarc.example.co.uk"},
		"mail.example.com":  {"_dmarc.mail.example.com", "_dmarc.example.com"},
		"mail.sender.test":  {"_dmarc.mail.sender.test", "_dmarc.sender.test"},
		"co.uk":             {"_dmarc.co.uk"},
		"localhost":         {"_dmarc.localhost"},
	} {
		t.Run(domain, func(t *testing.T) {
			t.Parallel()
			z := zone{records: map[string]string{domain: "v=spf1 -all"}}
			got := senderdns.Check(t.Context(), z.lookup, domain, nil)
			asked := slices.DeleteFunc(z.asked, func(n string) bool { return !strings.HasPrefix(n, "_dmarc.") })
			if got.Outcome != senderdns.Failed || !slices.Equal(asked, want) {
				t.Errorf("got %+v, asked %v", got, asked)
			}
		})
	}
}
