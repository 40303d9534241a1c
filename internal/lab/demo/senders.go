package demo

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"

	"outrider/internal/lab/mailserver/zone"
)

// SendingMailbox is a mailbox that writes.
type SendingMailbox struct {
	Address string
	Name    string
	Grid    bool // it sends through SendGrid
}

// perDomain is how many mailboxes share a domain, so that none of them carries a whole campaign.
const perDomain = 5

// Senders are n mailboxes on a few domains under acme.example.
func Senders(n int) (out []SendingMailbox) {
	first := strings.Fields("Jane Marc Lena Owen Ruth Theo Zoe Carl Iris Hank Nina Ralf Tess Milo Faye Kurt Abby Dean Elsa Finn")
	last := strings.Fields("Doe Reed Hart Lund Voss Pike Nash Bell Cole Dunn Ford Gray Holt Knox Lane Moss Page Rowe Shaw Webb Wynn York Frost Stone Marsh")
	for i := range n {
		given, family := first[i%len(first)], last[i/len(first)%len(last)]
		local := strings.ToLower(given + "." + family)
		if again := i / (len(first) * len(last)); again > 0 {
			local += fmt.Sprint(again + 1)
		}
		out = append(out, SendingMailbox{Address: local + "@" + senderDomain(i/perDomain), Name: given + " " + family})
	}
	return out
}

func senderDomain(i int) string {
	for _, name := range []string{"go", "hello", "team", "try", "meet"} {
		if i == 0 {
			return name + ".acme.example"
		}
		i--
	}
	return fmt.Sprintf("m%d.acme.example", i+1)
}

// dkimSelectors are the usual names of DKIM keys; each domain has a key under all of them.
func dkimSelectors() []string {
	return []string{"outrider", "default", "mail", "dkim", "google", "selector1", "selector2", "k1", "s1"}
}

// Records is the DNS of the senders' domains: everything that receivers ask of bulk senders.
func Records(senders []SendingMailbox) zone.Zone {
	// The public half of an Ed25519 key that signs nothing: receivers here don't check signatures.
	const key = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
	z := zone.Zone{TXT: map[string][]string{}, MX: map[string][]string{}, A: map[string][]netip.Addr{}}
	for _, s := range senders {
		_, domain, _ := strings.Cut(s.Address, "@")
		z.TXT[domain] = []string{"v=spf1 mx -all"}
		z.TXT["_dmarc."+domain] = []string{"v=DMARC1; p=none; rua=mailto:dmarc@" + domain}
		for _, selector := range dkimSelectors() {
			z.TXT[selector+"._domainkey."+domain] = []string{key}
		}
		z.MX[domain] = []string{"mail." + domain}
		z.A["mail."+domain] = []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}
	}
	return z
}

// Password of a mailbox follows from a secret of the demonstration, so that it is known again after a restart.
func Password(secret, address string) string {
	sum := hmac.New(sha256.New, []byte(secret))
	sum.Write([]byte(address))
	return hex.EncodeToString(sum.Sum(nil))[:32]
}
