package prospects

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// Programs that report in words only, or with a part that isn't RFC 3464's.
const (
	byQmail    = "qmail"
	byExim     = "exim"
	byExchange = "exchange"
	byNotes    = "notes"
	byProvider = "provider"
)

func wordyPrograms(action string) []string {
	if action == "delayed" {
		return []string{byExim, byProvider}
	}
	return []string{byQmail, byExim, byExchange, byNotes, byProvider}
}

// encodeInWords writes a report as the program does: one text, with the message or its header below.
func (r report) encodeInWords() []byte {
	domain := domainOf(r.person)
	original := string(r.of.headers)
	if r.whole {
		original = string(r.of.raw)
	}
	var from, subject, text string
	switch r.program {
	case byQmail:
		from, subject = "MAILER-DAEMON@"+domain, "failure notice"
		text = fmt.Sprintf("Hi. This is the qmail-send program at %s.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n"+
			"<%s>:\n%s\n\n--- Below this line is a copy of the message.\n\n%s", domain, r.person, r.inItsWords(), original)
	case byExim:
		from, subject = "Mail Delivery System <Mailer-Daemon@"+domain+">", "Mail delivery failed: returning message to sender"
		text = fmt.Sprintf("This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n"+
			"  %s\n    host mx.%s\n    SMTP error from remote mail server after RCPT TO:<%s>:\n    %s\n\n------ This is a copy of the message's headers. ------\n\n%s", r.person, domain, r.person, r.inItsWords(), original)
		if r.action == "delayed" {
			subject = "Warning: message 1abc-0007 delayed 24 hours"
			text = fmt.Sprintf("This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue on mx.%s.\n\n"+
				"The address to which the message has not yet been delivered is:\n\n  %s\n    Delay reason: %s\n\nNo action is required on your part. Delivery attempts will continue for\nsome time, and this warning may be repeated at intervals if the message\nremains undelivered.\n\n%s",
				domain, r.person, r.said, original)
		}
	case byExchange:
		from, subject = "System Administrator <postmaster@"+domain+">", "Undeliverable: "+r.of.subject
		text = fmt.Sprintf("Your message\n\n  To:      %s\n  Subject: %s\n  Sent:    %s\n\ndid not reach the following recipient(s):\n\n%s on %s\n    %s\n    <mx.%s #%s smtp;%s>\n\n%s",
			r.person, r.of.subject, r.of.date, r.person, r.at.Format("Mon, 2 Jan 2006 15:04:05 -0700"), r.reason(), domain, r.status, r.said, original)
	case byNotes:
		from, subject = "Postmaster@"+domain, "DELIVERY FAILURE: "+r.reason()
		text = fmt.Sprintf("Your message\n\n  Subject: %s\n\nwas not delivered to:\n\n  %s\n\nbecause:\n\n  %s\n\n%s", r.of.subject, r.person, r.said, original)
	default:
		from, subject = "Mail Delivery Service <mailer-daemon@"+domain+">", "Delivery Status Notification (Failure)"
		text = fmt.Sprintf("Delivery to the following recipient failed permanently:\n\n     %s\n\nTechnical details of permanent failure:\nThe server of the recipient's domain said: %s\n\n----- Original message -----\n\n%s", r.person, r.said, original)
		if r.action == "delayed" {
			subject = "Delivery Status Notification (Delay)"
			text = fmt.Sprintf("This is an automatically generated Delivery Status Notification\n\nTHIS IS A WARNING MESSAGE ONLY.\n\nYOU DO NOT NEED TO RESEND YOUR MESSAGE.\n\nDelivery to the following recipient has been delayed:\n\n     %s\n\n"+
				"Message will be retried for 2 more day(s)\n\nThe server said: %s\n\n----- Original message -----\n\n%s", r.person, r.said, original)
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "Date: %s\r\nFrom: %s\r\nTo: <%s>\r\nSubject: %s\r\nMessage-ID: <%s>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
		r.at.Format(time.RFC1123Z), from, r.to, encodeSubject(subject), r.id)
	b.WriteString(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n"))
	b.WriteString("\r\n")
	return b.Bytes()
}

// inItsWords is what the server said, as programs repeat it.
func (r report) inItsWords() string {
	if r.program == byQmail {
		return "192.0.2.10 does not like recipient.\nRemote host said: " + r.said + "\nGiving up on 192.0.2.10."
	}
	return r.said
}

func (r report) reason() string {
	if strings.HasPrefix(r.status, "5.2.2") || strings.HasPrefix(r.status, "4.2.2") {
		return "The recipient's mailbox is full"
	}
	return "The e-mail account does not exist at the organization this message was sent to"
}
