package inbound

import (
	"regexp"
	"strings"
	"time"
)

// MailKind is what a message is.
type MailKind string

// The kinds. Only Reply and Complaint come from a person's will.
const (
	Reply          MailKind = "reply"
	OutOfOffice    MailKind = "out_of_office"   // pauses
	Automatic      MailKind = "automatic"       // changes nothing
	DeliveryReport MailKind = "delivery_report" // see Failure: only that is final
	Complaint      MailKind = "complaint"
	OwnCopy        MailKind = "own_copy"       // of what left this mailbox: no answer
	FromColleague  MailKind = "from_colleague" // neither is what our own people write
)

// Where evidence comes from.
const (
	FromHeader = "header"
	FromWords  = "words"
)

// Classification is the kind with what it rests on.
type Classification struct {
	Kind       MailKind
	Evidence   string // the words or the header that decided
	Source     string // FromHeader or FromWords
	Confidence int    // percent
	// Until is the day (midnight UTC) on which an absent person is back, or to ask again a person who says not now; zero when
	// none is stated.
	Until     time.Time
	Class     Class            // of a Reply
	OptsOut   bool             // of a Reply: it also demands no more mail, whatever its class
	Named     Contact          // of a Referral: whom it names, if it gives an address
	ForGood   ForGood          // of Automatic: nobody will answer any more
	Failure   *RecipientReport // of a DeliveryReport: what is final about our recipient; nil = nothing is
	Complaint string           // of a Complaint: its type, as RFC 5965 has them
}

// Context is what Classify can't read in the message.
type Context struct {
	Mailbox     string    // the address that it came to
	MailboxName string    // that stands beside it in what we send
	Lead        string    // the address that our message went to, or ""
	Colleague   bool      // it comes from our own organisation
	Quoted      bool      // our message, or the header of it, stands in it
	OurSubject  string    // of the message that it answers, or ""; its words prove nothing
	Sent        []string  // the texts of that message and of those before it; their words aren't the writer's
	Received    time.Time // dates without a year are the next ones after it
}

// Classify returns what kind of message m is.
func Classify(m Mail, c Context) Classification {
	if len(c.Sent) > 0 {
		m.Text = stripQuotes(quoteSent(m.Full, c.Sent, c))
	}
	if v, ok := classifyReport(m, c); ok {
		return v
	}
	if own := withoutTag(c.Mailbox); own != "" && withoutTag(m.From.Address) == own {
		return Classification{Kind: OwnCopy, Evidence: "From: " + own}
	}
	if c.Colleague {
		return Classification{Kind: FromColleague, Evidence: "From: " + m.From.Address}
	}
	subject := ownWords(m.Subject, c.OurSubject)
	why, source := automaticHeader(m), FromHeader
	if why == "" {
		source = FromWords
		why = strings.TrimSpace(absences().subject.FindString(straightenApostrophes(subject)))
	}
	if words := receiptOrChallenge(m, subject); words != "" {
		return Classification{Kind: Automatic, Evidence: words, Source: FromWords, Confidence: sureWords}
	}
	if why == "" {
		why = absenceWithoutHeader(m)
	}
	if why == "" {
		return classifyReply(m, c)
	}
	v := readAbsence(m, subject, why, c.Received)
	if v.Source, v.Confidence = source, sureWords; source == FromHeader {
		v.Confidence = sureHeader
	}
	return v
}

// classifyReport is for what programs report of a message of ours.
func classifyReport(m Mail, c Context) (Classification, bool) {
	if m.Feedback != nil {
		switch m.Feedback.Type {
		case "not-spam", "auth-failure", "dkim", "dmarc", "spf": // someone took it out of the junk folder; someone's check of a signature failed
			return Classification{Kind: Automatic, Evidence: m.Feedback.Type}, true
		}
		return Classification{Kind: Complaint, Evidence: m.Feedback.Type, Complaint: m.Feedback.Type}, true
	}
	if words := complaintEvidence(m, c); words != "" {
		return Classification{Kind: Complaint, Evidence: words, Complaint: "abuse"}, true
	}
	if words := reportEvidence(m, c); words != "" {
		v := Classification{Kind: DeliveryReport, Evidence: words, Failure: failureOf(m, c)}
		m.Text = aboveOriginal(m.Full)
		if asks := challengeWords(m, ""); asks != "" && v.Failure != nil && v.Failure.kindIsUnknown() {
			return Classification{Kind: Automatic, Evidence: asks}, true
		}
		return v, true
	}
	return Classification{}, false
}

// withoutTag returns an address in lower case without what stands behind a +.
func withoutTag(address string) string {
	local, domain, _ := strings.Cut(strings.ToLower(address), "@")
	local, _, _ = strings.Cut(local, "+")
	return strings.TrimSuffix(local+"@"+domain, "@")
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
