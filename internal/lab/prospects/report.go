package prospects

import (
	"bytes"
	"fmt"
	"time"
)

// report is a delivery status notification (RFC 3464, 6522) to the return path of a message.
type report struct {
	of      *receivedMail
	to      string // the return path
	person  string
	id      string
	at      time.Time
	arrived time.Time
	action  string // failed | delayed
	status  string // 5.1.1
	said    string // what the server that knows said
	whole   bool   // the original comes back whole, else its headers
	program string // that reports in words; "" = one that has a part for programs
}

func (r report) encodeReport() []byte {
	if r.program != "" {
		return r.encodeInWords()
	}
	var b bytes.Buffer
	const boundary = "=_report-boundary"
	domain := domainOf(r.person)
	subject, intro := "Undelivered Mail Returned to Sender", "I'm sorry to have to inform you that your message could not\r\nbe delivered to one or more recipients. It's attached below."
	if r.action == "delayed" {
		subject, intro = "Delayed Mail (still being retried)", "THIS IS A WARNING ONLY. YOU DO NOT NEED TO RESEND YOUR MESSAGE.\r\n\r\nYour message could not be delivered for some hours. It will be retried."
	}
	fmt.Fprintf(&b, "Date: %s\r\nFrom: Mail Delivery System <MAILER-DAEMON@%s>\r\nTo: <%s>\r\nSubject: %s\r\nAuto-Submitted: auto-replied\r\nMessage-ID: <%s>\r\nMIME-Version: 1.0\r\n",
		r.at.Format(time.RFC1123Z), domain, r.to, subject, r.id)
	fmt.Fprintf(&b, "Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"%s\"\r\n\r\nThis is a MIME-encapsulated message.\r\n\r\n", boundary)
	fmt.Fprintf(&b, "--%s\r\nContent-Description: Notification\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nThis is the mail system at host mx.%s.\r\n\r\n%s\r\n\r\n<%s>: host mx.%s said: %s\r\n\r\n",
		boundary, domain, intro, r.person, domain, r.said)
	fmt.Fprintf(&b, "--%s\r\nContent-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.%s\r\nArrival-Date: %s\r\n\r\n",
		boundary, domain, r.arrived.Format(time.RFC1123Z))
	fmt.Fprintf(&b, "Final-Recipient: rfc822; %s\r\nOriginal-Recipient: rfc822;%s\r\nAction: %s\r\nStatus: %s\r\nRemote-MTA: dns; mx.%s\r\nDiagnostic-Code: smtp; %s\r\n\r\n",
		r.person, r.person, r.action, r.status, domain, r.said)
	kind, original := "text/rfc822-headers", r.of.headers
	if r.whole {
		kind, original = "message/rfc822", r.of.raw
	}
	fmt.Fprintf(&b, "--%s\r\nContent-Description: Undelivered Message\r\nContent-Type: %s\r\n\r\n", boundary, kind)
	b.Write(original)
	fmt.Fprintf(&b, "\r\n--%s--\r\n", boundary)
	return b.Bytes()
}
