package inbound

import (
	_ "embed" // the phrases
	"net/textproto"
	"regexp"
	"strings"
	"sync"
)

// automaticHeader returns the header that says so: first RFC 3834's own, then what was used before and beside it.
func automaticHeader(m Mail) string {
	if v := firstWord(m.header.Get("Auto-Submitted")); v != "" {
		if v != "no" {
			return "Auto-Submitted: " + v
		}
		return ""
	}
	if m.reportType == "disposition-notification" { // RFC 8098: a receipt
		return "report-type=disposition-notification"
	}
	for fields := m.header.Fields(); fields.Next(); {
		key, value := textproto.CanonicalMIMEHeaderKey(fields.Key()), firstWord(fields.Value())
		if saysAutomatic(key, value) {
			return key + ": " + value
		}
	}
	if strings.Contains(strings.ToLower(m.header.Get("X-Post-Messageclass")), "autorespond") || strings.EqualFold(m.header.Get("Delivered-To"), "autoresponder") {
		return "autoresponder"
	}
	// Not "list": a person's answer may come through one.
	if v := firstWord(m.header.Get("Precedence")); v == "bulk" || v == "junk" || v == "auto_reply" {
		return "Precedence: " + v
	}
	if m.ReturnPath == "<>" {
		return "Return-Path: <>"
	}
	return ""
}

// saysAutomatic reports whether a field says that a program wrote the mail. X-Auto-Response-Suppress asks for no automatic answers: people's
// programs set it too.
func saysAutomatic(key, value string) bool {
	switch value {
	case "", "no", "none", "false", "0":
		return false
	}
	switch key {
	case "X-Auto-Response-Suppress":
		return false
	case "X-Mail-Autoreply", "X-Mail-Auto-Reply", "X-Autoreply-From", "X-Vacation", "X-Vacation-Message", "X-Fc-Machinegenerated", "X-Away", "X-Cmae-Autoreply":
		return true
	case "X-Apple-Action":
		return value == "vacation"
	case "X-Precedence", "Preference":
		return value == "auto_reply" || value == "auto-reply" || value == "bulk"
	}
	return strings.HasPrefix(key, "X-Auto")
}

//go:embed automatic_phrases.txt
var automaticPhrases string

// automaticWords are the sections of the file.
type automaticWords struct{ receipt, challenge, complainer, complaint *regexp.Regexp }

//nolint:gochecknoglobals // a constant that is read from a file
var automatics = sync.OnceValue(func() (w automaticWords) {
	for _, s := range readSections(automaticPhrases) {
		whole := withBlanks(strings.Join(s.phrases, "|"))
		switch s.name {
		case "receipt":
			w.receipt = regexp.MustCompile(`(?i)^\s*(?:` + whole + `)\s*[:：]`)
		case "challenge":
			w.challenge = compilePhrases(s.phrases)
		case "complainer":
			w.complainer = regexp.MustCompile(`(?i)^(?:` + whole + `)$`)
		case "complaint":
			w.complaint = regexp.MustCompile(`(?i)^\W*(?:` + whole + `)`)
		}
	}
	return w
})

var anyLink = regexp.MustCompile(`(?i)https?://|<https?:|mailto:`)

// receiptOrChallenge returns what shows that a mail is a receipt (RFC 8098), whatever its type says, or a program that asks whether a person
// has written to it.
func receiptOrChallenge(m Mail, subject string) string {
	if m.reportType == "disposition-notification" {
		return "message/disposition-notification"
	}
	if words := automatics().receipt.FindString(m.Subject); words != "" && len(m.Text) < 1000 {
		return words
	}
	return challengeWords(m, subject)
}

func challengeWords(m Mail, subject string) string {
	for _, key := range []string{"X-Challenge", "X-Tmda-Fingerprint", "X-Boxbe", "X-Spamarrest", "X-Mailinblack"} {
		if m.header.Get(key) != "" {
			return key
		}
	}
	said := straightenApostrophes(subject + "\n" + cutToBeginning(m.Text))
	if anyLink.MatchString(m.Full) || len(m.links) > 0 {
		return strings.TrimSpace(automatics().challenge.FindString(said))
	}
	return ""
}

// complaintEvidence returns what shows that a mail is a complaint without a report (RFC 5965), as some providers send it: it brings our message.
func complaintEvidence(m Mail, c Context) string {
	if to := m.header.Get("X-Hmxmroriginalrecipient"); to != "" {
		return "X-HmXmrOriginalRecipient"
	}
	if !c.Quoted {
		return ""
	}
	if strings.EqualFold(m.header.Get("X-Loop"), "scomp") {
		return "X-Loop: scomp"
	}
	subject := automatics().complaint.FindString(m.Subject)
	if local, _, _ := strings.Cut(m.From.Address, "@"); subject != "" && !strings.EqualFold(m.From.Address, c.Lead) && (automatics().complainer.MatchString(local) || isMailer(m)) {
		return subject
	}
	return ""
}
