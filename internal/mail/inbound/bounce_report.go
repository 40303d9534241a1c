package inbound

import (
	"encoding/hex"
	"regexp"
	"strings"

	"outrider/internal/bounce"
)

// RecipientReport is what a delivery report says about one recipient (RFC 3464, 2.3).
type RecipientReport struct {
	Recipient  string // the one we sent to, where the report tells (Original-Recipient), else the last one known
	Final      string // the last one known (Final-Recipient), where it isn't the same
	Action     string // failed, delayed, delivered, relayed, expanded
	Status     string // RFC 3463: "5.1.1"
	Diagnostic string // the server's words
}

// Failed reports whether this is final. Of all actions only "failed" is (RFC 3464, 2.3.3).
func (d RecipientReport) Failed() bool { return d.Action == "failed" }

// Names reports whether it is about an address, as it stands there, without its tag or as xtext (RFC 3461, 4).
func (d RecipientReport) Names(address string) bool {
	for _, named := range []string{d.Recipient, d.Final} {
		if named != "" && (strings.EqualFold(named, address) || strings.EqualFold(named, withoutTag(address)) || strings.EqualFold(decodeXtext(named), address)) {
			return true
		}
	}
	return false
}

// Reply returns the server's answer that it is about.
func (d RecipientReport) Reply() bounce.ServerReply {
	r := bounce.ReadReply(d.Diagnostic)
	if d.Status != "" && (r.Enhanced == "" || !strings.HasSuffix(d.Status, ".0")) { // many programs write 5.0.0 whatever the server said
		r.Enhanced = d.Status
	}
	return r
}

func (d RecipientReport) kindIsUnknown() bool { return bounce.KindOf(d.Reply()) == bounce.Other }

// failureOf returns what a report says of the address that we sent to, nil where it says nothing of it or nothing final.
func failureOf(m Mail, c Context) *RecipientReport {
	if len(m.Reports) == 0 {
		return textFailure(m, c)
	}
	for _, d := range m.Reports {
		if !d.Failed() || c.Lead != "" && d.Recipient+d.Final != "" && !d.Names(c.Lead) {
			continue
		}
		if d.kindIsUnknown() {
			if words := textFailure(m, c); words != nil && !words.kindIsUnknown() {
				d.Diagnostic = strings.TrimSpace(d.Diagnostic + "\n" + words.Diagnostic)
			}
		}
		return &d
	}
	return nil
}

var xtextByte = regexp.MustCompile(`\+[0-9A-F]{2}`)

// decodeXtext reads an address that is written as xtext; one that isn't stays as it is.
func decodeXtext(s string) string {
	return xtextByte.ReplaceAllStringFunc(s, func(hexed string) string {
		b, _ := hex.DecodeString(hexed[1:])
		return string(b)
	})
}

// Feedback is a feedback report (RFC 5965).
type Feedback struct {
	Type       string   // abuse, fraud, virus, other, not-spam
	Recipients []string // often redacted: then only the original's Message-ID tells
}

var statusCode = regexp.MustCompile(`\b[245]\.\d{1,3}\.\d{1,3}\b`)

// readDeliveries reads a message/delivery-status: groups of fields with blank lines between them, the first about the message.
func readDeliveries(body string) []RecipientReport {
	var all []RecipientReport
	for _, group := range readFieldGroups(body) {
		d := RecipientReport{
			Recipient:  recipientAddress(firstValue(group, "original-recipient")),
			Final:      recipientAddress(firstValue(group, "final-recipient")),
			Action:     firstWord(firstValue(group, "action")),
			Status:     statusCode.FindString(firstValue(group, "status")),
			Diagnostic: withoutType(firstValue(group, "diagnostic-code")),
		}
		if d.Recipient == "" || strings.EqualFold(d.Recipient, d.Final) {
			d.Recipient, d.Final = d.Final, ""
		}
		if !isAction(d.Action) && d.Recipient != "" && (strings.HasPrefix(d.Status, "5") || strings.HasPrefix(d.Action, "fail") || d.Action == "error") {
			d.Action = "failed" // what is meant by what RFC 3464 doesn't know
		}
		if d.Diagnostic == "" && d.Status == "" {
			d.Diagnostic = firstValue(group, "status")
		}
		d.Status = d.Reply().Enhanced
		if d.Action != "" { // the fields about the whole message have none
			all = append(all, d)
		}
	}
	return all
}

func isAction(s string) bool {
	return s == "failed" || s == "delayed" || s == "delivered" || s == "relayed" || s == "expanded"
}

func readFeedback(body string) *Feedback {
	var c Feedback
	for _, group := range readFieldGroups(body) {
		if c.Type == "" {
			c.Type = firstWord(firstValue(group, "feedback-type"))
		}
		for _, to := range group["original-rcpt-to"] {
			c.Recipients = append(c.Recipients, strings.Trim(recipientAddress(to), "<>"))
		}
	}
	if c.Type == "" {
		return nil // the field is required
	}
	return &c
}

// readFieldGroups reads fields, unfolded, by their lower-case names. What isn't a field is skipped.
func readFieldGroups(body string) []map[string][]string {
	var all []map[string][]string
	current, key := map[string][]string{}, ""
	flush := func() {
		if len(current) > 0 && len(all) < maxParts {
			all = append(all, current)
		}
		current, key = map[string][]string{}, ""
	}
	for line := range strings.SplitSeq(cleanText(body), "\n") {
		if strings.TrimSpace(line) == "" {
			flush()
			continue
		}
		if line[0] == ' ' || line[0] == '\t' {
			if values := current[key]; len(values) > 0 {
				values[len(values)-1] += " " + strings.TrimSpace(line)
			}
			continue
		}
		name, value, found := strings.Cut(line, ":")
		if key = ""; found {
			key = strings.ToLower(strings.TrimSpace(name))
			current[key] = append(current[key], strings.TrimSpace(value))
		}
	}
	flush()
	return all
}

func firstValue(group map[string][]string, key string) string { return firstOrEmpty(group[key]) }

// firstWord returns the value without comments: "failed (5.1.1)" is failed.
func firstWord(s string) string {
	fields := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == ' ' || r == '(' || r == ';' || r == '\t' })
	return firstOrEmpty(fields)
}

// withoutType leaves the type out: "rfc822; a@example.com", "smtp; 550 ...".
func withoutType(s string) string {
	if kind, rest, found := strings.Cut(s, ";"); found && !strings.ContainsAny(strings.TrimSpace(kind), " @") {
		return strings.TrimSpace(rest)
	}
	return strings.TrimSpace(s)
}

func recipientAddress(s string) string { return strings.Trim(withoutType(s), "<> ") }
