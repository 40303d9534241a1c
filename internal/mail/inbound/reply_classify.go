package inbound

import (
	_ "embed" // the phrases
	"net/textproto"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Kind is what a message is.
type Kind string

// The kinds. Only Reply and Complaint come from a person's will.
const (
	Reply          Kind = "reply"
	OutOfOffice    Kind = "out_of_office"   // pauses
	Automatic      Kind = "automatic"       // changes nothing
	DeliveryReport Kind = "delivery_report" // see Reports: only those that Failed are final
	Complaint      Kind = "complaint"
	OwnCopy        Kind = "own_copy" // of what left this mailbox: no answer
)

// Verdict is the kind with what it rests on.
type Verdict struct {
	Kind     Kind
	Evidence string // the words or the header that decided
	// Until is the day (midnight UTC) on which an absent person is back, or to ask again a person who says not now; zero when
	// none is stated.
	Until time.Time
	Class Class // of a Reply
}

// Context is what Classify can't read in the message.
type Context struct {
	Mailbox    string    // the address that it came to
	OurSubject string    // of the message that it answers, or ""; its words prove nothing
	Received   time.Time // dates without a year are the next ones after it
}

// Classify returns what kind of message m is.
func Classify(m Mail, c Context) Verdict {
	if m.Feedback != nil {
		if m.Feedback.Type == "not-spam" { // someone took it out of the junk folder
			return Verdict{Kind: Automatic, Evidence: m.Feedback.Type}
		}
		return Verdict{Kind: Complaint, Evidence: m.Feedback.Type}
	}
	if len(m.Reports) > 0 || m.reportType == "delivery-status" {
		return Verdict{Kind: DeliveryReport, Evidence: "message/delivery-status"}
	}
	if own := withoutTag(c.Mailbox); own != "" && withoutTag(m.From.Address) == own {
		return Verdict{Kind: OwnCopy, Evidence: "From: " + own}
	}
	subject := ownWords(m.Subject, c.OurSubject)
	why := automaticHeader(m)
	if why == "" {
		why = autoSubject.FindString(subject)
	}
	if why == "" {
		return classifyReply(m, c.Received)
	}
	if absent := absencePattern().FindString(straightenApostrophes(subject + "\n" + cutToBeginning(m.Text))); absent != "" {
		until, on := returnDate(cutToBeginning(m.Text), c.Received)
		if until.IsZero() {
			until, on = returnDate(subject, c.Received)
		}
		return Verdict{Kind: OutOfOffice, Evidence: strings.TrimSpace(why + "; " + strings.TrimSpace(absent) + " " + on), Until: until}
	}
	return Verdict{Kind: Automatic, Evidence: why}
}

// withoutTag returns an address in lower case without what stands behind a +.
func withoutTag(address string) string {
	local, domain, _ := strings.Cut(strings.ToLower(address), "@")
	local, _, _ = strings.Cut(local, "+")
	return strings.TrimSuffix(local+"@"+domain, "@")
}

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
		if (strings.HasPrefix(key, "X-Auto") || key == "X-Mail-Autoreply" || key == "X-Mail-Auto-Reply") && value != "" && value != "no" && value != "none" && value != "false" {
			return key + ": " + value
		}
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

var replyPrefix = regexp.MustCompile(`(?i)^\s*(?:re|aw|fwd?|wg|sv|antw|rv|tr|ref|rif|res|enc)\s*(?:\[\d+\])?\s*:\s*`)

// ownWords are what the subject says beyond Re: and the subject of ours.
func ownWords(subject, ours string) string {
	strip := func(s string) string {
		for {
			short := replyPrefix.ReplaceAllString(s, "")
			if short == s {
				return strings.TrimSpace(s)
			}
			s = short
		}
	}
	subject = strip(subject)
	if ours = strip(ours); ours != "" {
		if at := strings.Index(strings.ToLower(subject), strings.ToLower(ours)); at >= 0 && at+len(ours) <= len(subject) {
			subject = subject[:at] + subject[at+len(ours):]
		}
	}
	return strings.TrimSpace(subject)
}

func straightenApostrophes(s string) string {
	return strings.NewReplacer("’", "'", "`", "'", "´", "'").Replace(s)
}

var autoSubject = regexp.MustCompile(`(?i)^(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response|antwort)|automatische antwort|out of (?:the )?office|` +
	`abwesenheits(?:notiz|nachricht)|abwesend|abwesenheit|réponse automatique|absence|absent|respuesta automática|fuera de (?:la )?oficina)(?:$|\PL)`)

//go:embed absence_phrases.txt
var absencePhrases string

//nolint:gochecknoglobals // a constant that is read from a file
var absencePattern = sync.OnceValue(func() *regexp.Regexp { return readPhrases(absencePhrases)[0].pattern })
