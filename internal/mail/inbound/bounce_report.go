package inbound

import (
	"regexp"
	"strings"
)

// Delivery is what a delivery report says about one recipient (RFC 3464, 2.3).
type Delivery struct {
	Recipient  string // the one we sent to, where the report tells (Original-Recipient), else the last one known
	Action     string // failed, delayed, delivered, relayed, expanded
	Status     string // RFC 3463: "5.1.1"
	Diagnostic string // the server's words
}

// Failed reports whether this is final. Of all actions only "failed" is (RFC 3464, 2.3.3).
func (d Delivery) Failed() bool { return d.Action == "failed" }

// Feedback is a feedback report (RFC 5965).
type Feedback struct {
	Type       string   // abuse, fraud, virus, other, not-spam
	Recipients []string // often redacted: then only the original's Message-ID tells
}

var statusCode = regexp.MustCompile(`\b[245]\.\d{1,3}\.\d{1,3}\b`)

// readDeliveries reads a message/delivery-status: groups of fields with blank lines between them, the first about the message.
func readDeliveries(body string) []Delivery {
	var all []Delivery
	for _, group := range readFieldGroups(body) {
		d := Delivery{
			Recipient:  recipientAddress(firstValue(group, "original-recipient")),
			Action:     firstWord(firstValue(group, "action")),
			Status:     statusCode.FindString(firstValue(group, "status")),
			Diagnostic: withoutType(firstValue(group, "diagnostic-code")),
		}
		if d.Recipient == "" {
			d.Recipient = recipientAddress(firstValue(group, "final-recipient"))
		}
		if said := statusCode.FindString(d.Diagnostic); d.Status == "" || strings.HasSuffix(d.Status, ".0.0") && said != "" {
			d.Status = said // many programs write 5.0.0 whatever the server said
		}
		if d.Action != "" { // the fields about the whole message have none
			all = append(all, d)
		}
	}
	return all
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
