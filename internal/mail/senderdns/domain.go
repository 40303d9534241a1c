package senderdns

import (
	"context"
	"fmt"
	"net"
	"regexp"
	"strings"

	"github.com/emersion/go-msgauth/dmarc"
)

// Resolver is what is asked; *net.Resolver is one.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupAddr(ctx context.Context, address string) ([]string, error)
	LookupCNAME(ctx context.Context, host string) (string, error)
}

// Names of the checks.
const (
	SPF      = "spf"
	DKIM     = "dkim"
	DMARC    = "dmarc"
	MX       = "mx"
	PTR      = "ptr"
	Signing  = "signing"
	Tracking = "tracking"
)

// Evidence is what was learned from a message as it arrived.
type Evidence struct {
	Signer, Selector string // of an aligned signature that was good
	SenderIP         string // public address that the message came from
}

// Question is what is asked of a domain.
type Question struct {
	Domain   string
	SMTPHost string // that its messages are handed to
	Sample   []byte // a message from it as it arrived; nil = none new, Known holds
	Known    Evidence

	SigningSelector, SigningKey string // of the key that we sign with; empty = none

	TrackingHost, PublicHost string // links lead to TrackingHost, which should lead to PublicHost; empty = none of its own
	// Answers reports whether an installation of this program answers at https://host; nil = that isn't asked.
	Answers func(ctx context.Context, host string) error
}

// Record is the outcome of one check, with what should be published and what is.
type Record struct {
	Check string
	Finding

	Name, Type, Expected string
	Found                []string
}

// Look asks for all that a domain publishes.
func Look(ctx context.Context, r Resolver, q Question) ([]Record, Evidence) {
	known := q.Known
	if len(q.Sample) > 0 {
		if ip := senderIP(q.Sample); ip != "" {
			known.SenderIP = ip
		}
	}
	out := []Record{lookSPF(ctx, r, q, known)}
	policy, found := checkDMARC(ctx, r.LookupTXT, q.Domain)
	sampled := lookDKIM(ctx, r, q, policy, &known)
	out = append(out, sampled, lookDMARC(ctx, r, q.Domain, found), lookMX(ctx, r, q.Domain), lookPTR(ctx, r, known.SenderIP))
	if q.SigningSelector != "" {
		out = append(out, lookSigning(ctx, r, q))
	}
	if q.TrackingHost != "" {
		out = append(out, lookTracking(ctx, r, q))
	}
	return out, known
}

// textsOf returns the texts of a name that are of a kind; addresses of people are left out.
func textsOf(ctx context.Context, r Resolver, name, begins string) (out []string) {
	texts, _ := r.LookupTXT(ctx, name)
	for _, t := range texts {
		if strings.HasPrefix(strings.ToLower(strings.TrimSpace(t)), begins) {
			out = append(out, hideAddresses(t))
		}
	}
	return out
}

var address = regexp.MustCompile(`[^\s:,;@!]+@`)

func hideAddresses(text string) string { return address.ReplaceAllString(cutText(text), "…@") }

func cutText(text string) string {
	const most = 900
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

func lookDMARC(ctx context.Context, r Resolver, domain string, f Finding) Record {
	out := Record{Check: DMARC, Finding: f, Name: "_dmarc." + domain, Type: "TXT", Expected: "v=DMARC1; p=none"}
	if f.Outcome == Unknown {
		return out
	}
	for name := domain; ; {
		if found := textsOf(ctx, r, "_dmarc."+name, "v=dmarc1"); len(found) > 0 {
			out.Name, out.Found = "_dmarc."+name, found
			if f.Outcome == Passed {
				out.Expected = found[0]
			}
			return out
		}
		_, parent, more := strings.Cut(name, ".")
		if !more || strings.EqualFold(name, organizationalDomain(domain)) {
			return out
		}
		name = parent
	}
}

// lookDKIM verifies the signatures of a sample. Without one, the key of the signature that was seen last must still be there.
func lookDKIM(ctx context.Context, r Resolver, q Question, policy *dmarc.Record, known *Evidence) Record {
	out := Record{Check: DKIM, Type: "TXT", Finding: checkDKIM(ctx, r.LookupTXT, q.Domain, policy, q.Sample)}
	if out.Outcome == Passed {
		if signer, selector := alignedSignature(ctx, r, q, policy); selector != "" {
			known.Signer, known.Selector = signer, selector
		}
	}
	if known.Selector == "" {
		return out
	}
	out.Name = known.Selector + "._domainkey." + known.Signer
	if out.Outcome != Unknown {
		out.Found = shortKeys(textsOf(ctx, r, out.Name, ""))
		return out
	}
	texts, err := r.LookupTXT(ctx, out.Name)
	switch {
	case err != nil && !isMissing(err):
		out.Detail = "DKIM is not known: the name server didn't answer."
	case len(texts) == 0 || !strings.Contains(strings.Join(texts, " "), "p="):
		out.Finding = Finding{Failed, fmt.Sprintf("the key of the signature that was seen last is gone: no record at %s.", out.Name)}
	default:
		out.Finding, out.Found = Finding{Passed, "Messages are signed with DKIM, and the key is published."}, shortKeys(texts)
	}
	return out
}

// shortKeys leaves of keys what tells them apart.
func shortKeys(texts []string) (out []string) {
	for _, t := range texts {
		if len(t) > 120 {
			t = t[:80] + "…" + t[len(t)-20:]
		}
		out = append(out, strings.ToValidUTF8(t, ""))
	}
	return out
}

// lookMX looks where answers and bounces go.
func lookMX(ctx context.Context, r Resolver, domain string) Record {
	out := Record{Check: MX, Name: domain, Type: "MX"}
	all, err := r.LookupMX(ctx, domain)
	for _, x := range all {
		out.Found = append(out.Found, fmt.Sprintf("%d %s", x.Pref, strings.TrimSuffix(x.Host, ".")))
	}
	switch {
	case err != nil && !isMissing(err):
		out.Finding = Finding{Unknown, "MX is not known: the name server didn't answer."}
	case len(all) == 1 && strings.Trim(all[0].Host, ".") == "":
		out.Finding = Finding{Failed, fmt.Sprintf("%s says that it takes no mail (RFC 7505): answers and bounces can't come back.", domain)}
	case len(all) > 0:
		out.Finding = Finding{Passed, "Answers have somewhere to go."}
	default:
		if hosts, err := r.LookupIPAddr(ctx, domain); err == nil && len(hosts) > 0 {
			out.Finding = Finding{Passed, "There is no MX record; mail goes to the address of the domain itself."}
			break
		}
		out.Finding = Finding{Failed, fmt.Sprintf("%s publishes no MX: answers and bounces can't come back. Add the one that your mail provider names.", domain)}
	}
	return out
}

// lookPTR looks whether the address that mail comes from has a name, and that name this address (RFC 1912, 2.1).
func lookPTR(ctx context.Context, r Resolver, ip string) Record {
	out := Record{Check: PTR, Type: "PTR", Name: ip, Finding: Finding{Unknown, "PTR is not known: it was not seen yet from which address messages leave."}}
	if ip == "" {
		return out
	}
	names, err := r.LookupAddr(ctx, ip)
	if err != nil && !isMissing(err) {
		out.Detail = "PTR is not known: the name server didn't answer."
		return out
	}
	unclear := false
	for _, name := range names {
		out.Found = append(out.Found, strings.TrimSuffix(name, "."))
		back, err := r.LookupIPAddr(ctx, name)
		unclear = unclear || err != nil && !isMissing(err)
		for _, a := range back {
			if a.IP.Equal(net.ParseIP(ip)) {
				out.Finding = Finding{Passed, "The address that messages leave from has a name."}
				return out
			}
		}
	}
	switch {
	case unclear:
		out.Detail = "PTR is not known: the name server didn't answer."
	case len(names) == 0:
		out.Finding = Finding{Failed, fmt.Sprintf("%s, from which messages leave, has no name (PTR): ask whoever runs that server for one.", ip)}
	default:
		out.Finding = Finding{Failed, fmt.Sprintf("the name of %s, from which messages leave, doesn't lead back to it: ask whoever runs that server.", ip)}
	}
	return out
}

// lookSigning looks for the key that we sign with.
func lookSigning(ctx context.Context, r Resolver, q Question) Record {
	out := Record{Check: Signing, Type: "TXT", Name: q.SigningSelector + "._domainkey." + q.Domain, Expected: "v=DKIM1; k=rsa; p=" + q.SigningKey}
	texts, err := r.LookupTXT(ctx, out.Name)
	out.Found = texts
	switch {
	case err != nil && !isMissing(err):
		out.Finding = Finding{Unknown, "The key's record is not known: the name server didn't answer."}
	case len(texts) == 0:
		out.Finding = Finding{Failed, "The key's record isn't published yet. Messages are signed with it once it is."}
	case strings.Contains(withoutSpace(strings.Join(texts, " ")), "p="+q.SigningKey):
		out.Finding = Finding{Passed, "Messages are signed with the key that is published."}
	default:
		out.Finding = Finding{Failed, "Another key is published than the one that we sign with. Messages are signed once it is ours."}
	}
	return out
}

func withoutSpace(s string) string { return strings.Join(strings.Fields(s), "") }

// lookTracking looks whether a host of the domain leads to us, and whether we answer there.
func lookTracking(ctx context.Context, r Resolver, q Question) Record {
	out := Record{Check: Tracking, Type: "CNAME", Name: q.TrackingHost, Expected: q.PublicHost}
	if !strings.Contains(q.PublicHost, ".") || net.ParseIP(q.PublicHost) != nil {
		out.Expected, out.Finding = "", Finding{Unknown, "This installation has no public name that a host could lead to (--public-url)."}
		return out
	}
	name, err := r.LookupCNAME(ctx, q.TrackingHost)
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	if err == nil && name != "" && name != q.TrackingHost {
		out.Found = []string{name}
	}
	switch {
	case err != nil && !isMissing(err):
		out.Finding = Finding{Unknown, "It is not known where the host leads: the name server didn't answer."}
	case name != strings.ToLower(q.PublicHost) && !sameAddresses(ctx, r, q.TrackingHost, q.PublicHost):
		out.Finding = Finding{Failed, fmt.Sprintf("%s doesn't lead to %s yet: add a CNAME record. Links lead to %[2]s until it does.", q.TrackingHost, q.PublicHost)}
	default:
		out.Finding = Finding{Passed, "Links in messages lead to this host."}
		if q.Answers == nil {
			break
		}
		if err := q.Answers(ctx, q.TrackingHost); err != nil {
			out.Finding = Finding{Failed, fmt.Sprintf("%s leads here, but https://%[1]s doesn't answer with a certificate that browsers trust: whoever runs this installation adds one. Links lead to %s until then.", q.TrackingHost, q.PublicHost)}
		}
	}
	return out
}

// sameAddresses reports whether all addresses of a host are those of another, as a name at the top of a zone can have no CNAME.
func sameAddresses(ctx context.Context, r Resolver, host, other string) bool {
	a, err := r.LookupIPAddr(ctx, host)
	b, err2 := r.LookupIPAddr(ctx, other)
	if err != nil || err2 != nil || len(a) == 0 {
		return false
	}
	for _, x := range a {
		found := false
		for _, y := range b {
			found = found || x.IP.Equal(y.IP)
		}
		if !found {
			return false
		}
	}
	return true
}
