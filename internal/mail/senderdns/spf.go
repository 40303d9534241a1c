package senderdns

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"regexp"
	"strings"

	"blitiri.com.ar/go/spf"
	"github.com/emersion/go-msgauth/dkim"
	"github.com/emersion/go-msgauth/dmarc"

	"outrider/internal/dial"
)

// include is what large providers ask their customers to include, by the end of the host that mail is handed to.
var includes = []struct{ host, include string }{ //nolint:gochecknoglobals // a constant table
	{"gmail.com", "_spf.google.com"},
	{"googlemail.com", "_spf.google.com"},
	{"google.com", "_spf.google.com"},
	{"office365.com", "spf.protection.outlook.com"},
	{"outlook.com", "spf.protection.outlook.com"},
	{"sendgrid.net", "sendgrid.net"},
	{"amazonaws.com", "amazonses.com"},
	{"mailgun.org", "mailgun.org"},
	{"postmarkapp.com", "spf.mtasv.net"},
	{"zoho.com", "zohomail.com"},
	{"zoho.eu", "zohomail.eu"},
	{"fastmail.com", "spf.messagingengine.com"},
	{"messagingengine.com", "spf.messagingengine.com"},
	{"mailjet.com", "spf.mailjet.com"},
	{"brevo.com", "spf.brevo.com"},
}

func includeOf(smtpHost string) string {
	host := strings.ToLower(strings.TrimSuffix(smtpHost, "."))
	for _, x := range includes {
		if host == x.host || strings.HasSuffix(host, "."+x.host) {
			return x.include
		}
	}
	return ""
}

// lookSPF evaluates the record for an address that messages are known to leave from: one that a message was seen to come from, or one of the
// provider's. Where none is known, the record is only read.
func lookSPF(ctx context.Context, r Resolver, q Question, known Evidence) Record {
	out := Record{Check: SPF, Name: q.Domain, Type: "TXT", Finding: checkSPF(ctx, r.LookupTXT, q.Domain)}
	include := includeOf(q.SMTPHost)
	if include != "" {
		out.Expected = "v=spf1 include:" + include + " ~all"
	}
	if out.Outcome == Unknown {
		return out
	}
	out.Found = textsOf(ctx, r, q.Domain, "v=spf1")
	if out.Outcome == Failed {
		return out
	}
	ip, whose := net.ParseIP(known.SenderIP), "from which messages leave"
	if ip == nil && include != "" {
		if ip = firstAddress(ctx, r, include, 0); ip != nil {
			whose = "one of your provider's"
		}
	}
	seen := ip != nil
	if !seen {
		ip = net.IPv4(192, 0, 2, 1) // for documentation: nobody's
	}
	result, err := spf.CheckHostWithSender(ip, q.Domain, "postmaster@"+q.Domain, spf.WithContext(ctx), spf.WithResolver(r))
	switch {
	case result == spf.TempError:
		out.Finding = Finding{Unknown, "SPF is not known: the name server didn't answer."}
	case result == spf.PermError:
		out.Finding = Finding{Failed, fmt.Sprintf("the SPF record of %s counts as none: %s.", q.Domain, spfReason(err))}
	case !seen:
		out.Detail = "SPF is published; it was not seen yet from which address messages leave."
	case result == spf.Pass:
		out.Detail = fmt.Sprintf("SPF allows %s, %s.", ip, whose)
	default:
		out.Finding = Finding{Failed, fmt.Sprintf("SPF of %s doesn't allow %s, %s (%s): name your mail provider in it.", q.Domain, ip, whose, result)}
	}
	if out.Outcome == Passed && len(out.Found) > 0 {
		out.Expected = out.Found[0]
	}
	return out
}

func spfReason(err error) string {
	switch {
	case errors.Is(err, spf.ErrLookupLimitReached), errors.Is(err, spf.ErrVoidLookupLimitReached):
		return "it needs more than 10 lookups"
	case err != nil:
		return hideAddresses(err.Error())
	}
	return "it can't be read"
}

// firstAddress finds an address in the record of a provider.
func firstAddress(ctx context.Context, r Resolver, name string, depth int) net.IP {
	const deepest = 3
	texts, err := r.LookupTXT(ctx, name)
	if err != nil || depth > deepest {
		return nil
	}
	var below []string
	for _, t := range texts {
		for _, term := range strings.Fields(t) {
			if network, ok := strings.CutPrefix(strings.ToLower(term), "ip4:"); ok {
				if p, err := netip.ParsePrefix(network); err == nil {
					return net.IP(p.Addr().AsSlice())
				}
				if ip := net.ParseIP(network); ip != nil {
					return ip
				}
			}
			if more, ok := strings.CutPrefix(strings.ToLower(term), "include:"); ok {
				below = append(below, more)
			}
		}
	}
	for _, more := range below {
		if ip := firstAddress(ctx, r, more, depth+1); ip != nil {
			return ip
		}
	}
	return nil
}

var (
	bracketed  = regexp.MustCompile(`\[(?:IPv6:)?([0-9a-fA-F.:]+)\]`)
	authorised = regexp.MustCompile(`(?i)\bwith\s+(?:utf8)?e?smtps?a\b`)
)

// senderIP returns the public address that a message came from, by the newest Received line that tells of one. Lines of a signed-in client say
// who handed the message in, which is us.
func senderIP(raw []byte) string {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return ""
	}
	for _, line := range m.Header["Received"] {
		line, _, _ = strings.Cut(line, ";")
		if authorised.MatchString(line) {
			continue
		}
		from, _, _ := strings.Cut(line, " by ")
		for _, found := range bracketed.FindAllStringSubmatch(from, -1) {
			if ip, err := netip.ParseAddr(found[1]); err == nil && dial.Public.Allows(ip) {
				return ip.String()
			}
		}
	}
	return ""
}

// alignedSignature returns the signer and the selector of a good signature that speaks for the domain.
func alignedSignature(ctx context.Context, r Resolver, q Question, policy *dmarc.Record) (signer, selector string) {
	all, err := dkim.VerifyWithOptions(bytes.NewReader(q.Sample), &dkim.VerifyOptions{MaxVerifications: 5, LookupTXT: func(n string) ([]string, error) { return r.LookupTXT(ctx, n) }})
	if err != nil && !errors.Is(err, dkim.ErrTooManySignatures) {
		return "", ""
	}
	for _, v := range all {
		if v.Err == nil && isAligned(v.Domain, q.Domain, policy) {
			return v.Domain, selectorOf(q.Sample, v.Domain)
		}
	}
	return "", ""
}

var signatureTag = regexp.MustCompile(`(?:^|;)\s*([a-z]+)\s*=\s*([^;]*)`)

// selectorOf returns s= of the first signature of a domain.
func selectorOf(raw []byte, domain string) string {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return ""
	}
	for _, line := range m.Header["Dkim-Signature"] {
		tags := map[string]string{}
		for _, t := range signatureTag.FindAllStringSubmatch(line, -1) {
			tags[t[1]] = withoutSpace(t[2])
		}
		if strings.EqualFold(tags["d"], domain) {
			return tags["s"]
		}
	}
	return ""
}
