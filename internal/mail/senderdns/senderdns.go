// Package senderdns looks at what a sender's domain publishes, as the large mail providers ask for it of whoever sends to
// many: SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489).
// https://support.google.com/a/answer/81126
package senderdns

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/emersion/go-msgauth/dmarc"
	"golang.org/x/net/publicsuffix"
)

// CheckOutcome of a check.
type CheckOutcome string

// The outcomes. Unknown is not failing: a resolver may be broken for a while.
const (
	Passed  CheckOutcome = "passed"
	Failed  CheckOutcome = "failed"
	Unknown CheckOutcome = "unknown"
)

// Finding is the outcome and a sentence for people, which says what to do when it failed.
type Finding struct {
	Outcome CheckOutcome
	Detail  string
}

// LookupTXT finds the TXT records of a name; *net.Resolver has it.
type LookupTXT func(ctx context.Context, name string) ([]string, error)

// Check looks at a domain. sample is a message that was sent from it as it arrived, whose DKIM signatures are verified;
// nil, or one without a signature, says nothing of DKIM.
func Check(ctx context.Context, lookup LookupTXT, domain string, sample []byte) Finding {
	policy, found := checkDMARC(ctx, lookup, domain)
	return sumOf([]Finding{checkSPF(ctx, lookup, domain), found, checkDKIM(ctx, lookup, domain, policy, sample)})
}

// Sum returns the outcome of a domain: what the large mail providers ask of a sender are SPF, DKIM and DMARC.
func Sum(of []Record) Finding {
	var all []Finding
	for _, name := range []string{SPF, DMARC, DKIM} {
		for _, r := range of {
			if r.Check == name {
				all = append(all, r.Finding)
			}
		}
	}
	return sumOf(all)
}

func sumOf(all []Finding) Finding {
	var failed, unknown, passed []string
	for _, f := range all {
		switch f.Outcome {
		case Failed:
			failed = append(failed, f.Detail)
		case Unknown:
			unknown = append(unknown, f.Detail)
		default:
			passed = append(passed, f.Detail)
		}
	}
	out := Finding{Passed, strings.Join(append(failed, append(unknown, passed...)...), " ")}
	switch {
	case len(failed) > 0:
		out.Outcome = Failed
	case len(unknown) > 0 && len(passed) == 0:
		out.Outcome = Unknown
	}
	return out
}

func checkSPF(ctx context.Context, lookup LookupTXT, domain string) Finding {
	texts, err := lookup(ctx, domain)
	if err != nil && !isMissing(err) {
		return Finding{Unknown, "SPF is not known: the name server didn't answer."}
	}
	n := 0
	for _, t := range texts {
		if strings.EqualFold(strings.TrimSpace(strings.SplitN(t, " ", 2)[0]), "v=spf1") {
			n++
		}
	}
	switch n {
	case 0:
		return Finding{Failed, fmt.Sprintf("%s publishes no SPF: add a TXT record that begins with v=spf1 and names your mail provider.", domain)}
	case 1:
		return Finding{Passed, "SPF is published."}
	}
	return Finding{Failed, fmt.Sprintf("%s publishes %d SPF records, which counts as none (RFC 7208, 4.5): keep one.", domain, n)}
}

// checkDMARC also returns the record that holds for the domain; nil when there is none.
func checkDMARC(ctx context.Context, lookup LookupTXT, domain string) (*dmarc.Record, Finding) {
	options := &dmarc.LookupOptions{LookupTXT: func(n string) ([]string, error) { return lookup(ctx, n) }}
	for name := domain; ; {
		r, err := dmarc.LookupWithOptions(name, options)
		switch {
		case err == nil:
			return r, Finding{Passed, fmt.Sprintf("DMARC is published (p=%s).", r.Policy)}
		case !errors.Is(err, dmarc.ErrNoPolicy) && !isMissing(err):
			if dmarc.IsTempFail(err) {
				return nil, Finding{Unknown, "DMARC is not known: the name server didn't answer."}
			}
			return nil, Finding{Failed, fmt.Sprintf("the DMARC record of %s can't be read: %s.", name, err)}
		}
		_, parent, found := strings.Cut(name, ".")
		if !found || strings.EqualFold(name, organizationalDomain(domain)) {
			return nil, Finding{Failed, fmt.Sprintf("%s publishes no DMARC: add a TXT record at _dmarc.%s, at least \"v=DMARC1; p=none\".", domain, domain)}
		}
		name = parent // the policy of the organisation's domain covers what lies below it
	}
}

// organizationalDomain returns the domain that was registered, by the Public Suffix List (RFC 7489, 3.2): example.co.uk of
// mail.example.co.uk. A public suffix stands for itself.
func organizationalDomain(domain string) string {
	domain = strings.ToLower(domain)
	if registered, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		return registered
	}
	return domain
}

// isAligned reports whether a signature's domain speaks for the sender's (RFC 7489, 3.1.1).
func isAligned(signer, domain string, policy *dmarc.Record) bool {
	if policy != nil && policy.DKIMAlignment == dmarc.AlignmentStrict {
		return strings.EqualFold(signer, domain)
	}
	return organizationalDomain(signer) == organizationalDomain(domain)
}

func checkDKIM(ctx context.Context, lookup LookupTXT, domain string, policy *dmarc.Record, sample []byte) Finding {
	const none = "DKIM is not known: no signed message was seen yet."
	if len(sample) == 0 {
		return Finding{Unknown, none}
	}
	all, err := dkim.VerifyWithOptions(bytes.NewReader(sample), &dkim.VerifyOptions{MaxVerifications: 5, LookupTXT: func(n string) ([]string, error) { return lookup(ctx, n) }})
	if err != nil && !errors.Is(err, dkim.ErrTooManySignatures) {
		return Finding{Unknown, "DKIM is not known: the message to itself can't be read."}
	}
	why := ""
	for _, v := range all {
		switch {
		case v.Err == nil && isAligned(v.Domain, domain, policy):
			return Finding{Passed, "Messages are signed with DKIM."}
		case v.Err == nil:
			why = fmt.Sprintf("messages are signed with DKIM, but for %s instead of %s: set up DKIM for your own domain.", v.Domain, domain)
		case dkim.IsTempFail(v.Err):
			return Finding{Unknown, "DKIM is not known: the name server didn't answer."}
		default:
			why = fmt.Sprintf("the DKIM signature of %s is not good: %s.", v.Domain, v.Err)
		}
	}
	if why == "" {
		return Finding{Unknown, none} // many servers don't sign what stays inside
	}
	return Finding{Failed, why}
}

// isMissing reports whether a name doesn't exist, which is an answer.
func isMissing(err error) bool {
	var d *net.DNSError
	return errors.As(err, &d) && d.IsNotFound
}
