package prospects

import (
	"bytes"
	"fmt"
	"mime"
	"regexp"
	"time"
)

// complaint is a feedback report (RFC 5965) of a provider whose user called a message spam.
type complaint struct {
	of          *receivedMail
	to, person  string
	at, arrived time.Time
	form        int
}

// The forms: with the whole message; with its header, the recipient taken out; with the whole message and all addresses taken out.
const complaintForms = 3

var anyRecipient = regexp.MustCompile(`(?im)^(to|delivered-to): .*$`)

func (c complaint) encodeComplaint() []byte {
	domain := domainOf(c.person)
	original, kind, about := c.of.raw, "message/rfc822", "Original-Rcpt-To: <"+c.person+">\r\n"
	if c.form == 1 {
		original, kind = c.of.headers, "text/rfc822-headers"
	}
	if c.form > 0 {
		about = ""
		original = anyRecipient.ReplaceAll(original, []byte("$1: <redacted@"+domain+">"))
	}
	var b bytes.Buffer
	const boundary = "=_feedback-boundary"
	fmt.Fprintf(&b, "Date: %s\r\nFrom: Feedback loop <feedback@fbl.%s>\r\nTo: <%s>\r\nSubject: %s\r\nMessage-ID: <%x@fbl.%s>\r\nMIME-Version: 1.0\r\n",
		c.at.Format(time.RFC1123Z), domain, c.to, encodeSubject("FW: "+c.of.subject), c.at.UnixNano(), domain)
	fmt.Fprintf(&b, "Content-Type: multipart/report; report-type=feedback-report;\r\n\tboundary=\"%s\"\r\n\r\n--%s\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"+
		"This is an email abuse report for an email message received from IP 192.0.2.1 on %s.\r\nFor more information about this format please see RFC 5965.\r\n\r\n", boundary, boundary, c.arrived.Format(time.RFC1123Z))
	fmt.Fprintf(&b, "--%s\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: Feedback/1.0\r\nVersion: 1\r\nOriginal-Mail-From: <%s>\r\n%sArrival-Date: %s\r\nSource-IP: 192.0.2.1\r\nReported-Domain: %s\r\n\r\n",
		boundary, c.of.from.Address, about, c.arrived.Format(time.RFC1123Z), domainOf(c.of.from.Address))
	fmt.Fprintf(&b, "--%s\r\nContent-Type: %s\r\nContent-Disposition: inline\r\n\r\n", boundary, kind)
	b.Write(original)
	fmt.Fprintf(&b, "\r\n--%s--\r\n", boundary)
	return b.Bytes()
}

func encodeSubject(s string) string { return mime.QEncoding.Encode("utf-8", s) }
