package prospects

import (
	"bytes"
	"fmt"
	"html"
	"math/rand/v2"
	"mime"
	"mime/quotedprintable"
	"strings"
	"time"
)

// The programs in whose style answers are written.
const (
	mailerGmail       = "gmail"
	mailerApple       = "apple"
	mailerPhone       = "phone"
	mailerOutlook     = "outlook"
	mailerThunderbird = "thunderbird"
)

// replyTexts are what people write.
func replyTexts(how string) []string {
	return map[string][]string{
		outInterested: {
			"Hi,\n\nthis sounds interesting. Could you send me more details, and what it costs?",
			"Thanks for reaching out. We have been looking for something like this. What would it cost for a team of 30?",
			"Das klingt interessant. Schicken Sie mir bitte mehr Informationen.",
			"Interesting! How does it work with what we have? Please send me some information.",
		},
		outNotNow: {
			"Thanks, but not right now. Please get in touch again next quarter.",
			"The timing isn't good, we are in the middle of a migration. Try me again in three months.",
			"Our budget for this year is spent. Feel free to ask again in January.",
		},
		outNotInterested: {
			"Thanks, but we are not interested.",
			"No thank you, we already have a solution that we are happy with.",
			"Not interested. All the best.",
			"We'll pass on this one.",
		},
		outStop: {
			"Unsubscribe",
			"Please remove me from your list.",
			"Please stop emailing me.",
			"unsubscribe me please",
		},
		outMeet: {
			"Can we have a quick call on Thursday? I'll bring my colleague from operations.",
			"Happy to. Please send me your calendar link and I'll pick a slot.",
			"Gerne, haben Sie am Dienstag um 10 Uhr Zeit für ein Gespräch?",
			"Could you give us a demo next week?",
		},
		outRefers: {
			"I'm not the one who decides on this. Please contact Dana Fox, {colleague}, she owns the budget.",
			"Best to email our head of operations, Sam Hill ({colleague}).",
			"Bitte wenden Sie sich an meine Kollegin Anna Kern, {colleague}.",
		},
		outWrongPerson: {
			"I think you have the wrong person, I work in catering.",
			"I'm not responsible for this.",
		},
		outCustomer: {
			"We are already a customer of yours.",
			"We already use your product, and are happy with it.",
		},
		outHostile: {
			"This is harassment, and my lawyer will hear of it.",
			"I have reported you to the authorities.",
		},
		outLeft: {
			"Just so you know, the person you are writing to doesn't work here any more.",
			"She left the company last year. I look after her mail.",
		},
		outUnclear: {
			"Who gave you this address?",
			"Got it.",
		},
	}[how]
}

// askAgain is the day from which on somebody who said not now may be written to again; zero where their words name none.
func askAgain(words string, at time.Time) time.Time {
	day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	switch {
	case strings.Contains(words, "next quarter"):
		return time.Date(at.Year(), (at.Month()-1)/3*3+4, 1, 0, 0, 0, 0, time.UTC)
	case strings.Contains(words, "in three months"):
		return day.AddDate(0, 3, 0)
	case strings.Contains(words, "in January"):
		return time.Date(at.Year()+1, time.January, 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Time{}
}

// draft is an answer that is being written.
type draft struct {
	who     Prospect
	from    string // the address that answers
	to      string
	subject string
	id      string // Message-ID, without brackets
	at      time.Time
	of      *receivedMail
	words   string
	quote   bool
	headers [][2]string // further ones
}

// writeHead writes the header lines that every answer has, as each program orders and names them.
func (d *draft) writeHead(b *bytes.Buffer, contentType string) {
	field := func(name, value string) { fmt.Fprintf(b, "%s: %s\r\n", name, value) }
	if d.who.Mailer == mailerOutlook {
		field("Thread-Topic", mime.QEncoding.Encode("utf-8", strings.TrimPrefix(d.subject, "Re: ")))
		field("Accept-Language", "en-US")
	}
	field("MIME-Version", "1.0")
	field("Date", d.at.Format(time.RFC1123Z))
	field("From", fmt.Sprintf("%s <%s>", mime.QEncoding.Encode("utf-8", quoteName(d.who.Name)), d.from))
	field("To", "<"+d.to+">")
	field("Subject", mime.QEncoding.Encode("utf-8", d.subject))
	field("Message-ID", "<"+d.id+">")
	if d.of != nil && d.of.messageID != "" {
		field("In-Reply-To", "<"+d.of.messageID+">")
		var refs []string
		for _, r := range append(d.of.references, d.of.messageID) {
			refs = append(refs, "<"+r+">")
		}
		field("References", strings.Join(refs, "\r\n "))
	}
	switch d.who.Mailer {
	case mailerApple:
		field("X-Mailer", "Apple Mail (2.3826.200.121)")
	case mailerPhone:
		field("X-Mailer", "iPhone Mail (22B91)")
	case mailerThunderbird:
		field("User-Agent", "Mozilla Thunderbird")
	}
	for _, h := range d.headers {
		field(h[0], h[1])
	}
	field("Content-Type", contentType)
}

func quoteName(name string) string {
	return strings.NewReplacer(`"`, "", "<", "", ">", "", ",", "").Replace(name)
}

// encodeMail writes the answer as the person's program would.
func (d *draft) encodeMail() []byte {
	var b bytes.Buffer
	plain, rich := d.encodeBodies()
	if d.who.Mailer == mailerPhone || d.who.Mailer == mailerThunderbird || !d.quote {
		d.writeHead(&b, "text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable")
		b.WriteString("\r\n")
		quotedPrintable(&b, plain)
		return b.Bytes()
	}
	boundary := "=_" + strings.NewReplacer("@", "", ".", "").Replace(d.id)
	d.writeHead(&b, `multipart/alternative; boundary="`+boundary+`"`)
	b.WriteString("\r\n")
	for _, part := range [][2]string{{"text/plain", plain}, {"text/html", rich}} {
		fmt.Fprintf(&b, "--%s\r\nContent-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", boundary, part[0])
		quotedPrintable(&b, part[1])
		b.WriteString("\r\n")
	}
	fmt.Fprintf(&b, "--%s--\r\n", boundary)
	return b.Bytes()
}

func quotedPrintable(b *bytes.Buffer, text string) {
	w := quotedprintable.NewWriter(b)
	_, _ = w.Write([]byte(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n"))) // to memory
	_ = w.Close()
	b.WriteString("\r\n")
}

// encodeBodies gives the answer as text and as HTML, with what it answers below.
func (d *draft) encodeBodies() (plain, rich string) {
	plain = d.words + "\n"
	rich = "<div>" + strings.ReplaceAll(html.EscapeString(d.words), "\n", "<br>\n") + "</div>\n"
	if d.who.Mailer == mailerPhone {
		plain += "\nSent from my iPhone\n"
	} else if d.quote {
		plain += "\nBest regards\n" + d.who.Name + "\n"
	}
	if !d.quote || d.of == nil {
		return plain, rich
	}
	original := strings.TrimSpace(d.of.text)
	quoted := "> " + strings.ReplaceAll(strings.ReplaceAll(original, "\r\n", "\n"), "\n", "\n> ") + "\n"
	writer := d.of.from.Address
	asHTML := strings.ReplaceAll(html.EscapeString(original), "\n", "<br>\n")
	switch d.who.Mailer {
	case mailerOutlook:
		plain += fmt.Sprintf("\n________________________________\nFrom: %s\nSent: %s\nTo: %s\nSubject: %s\n\n%s\n", writer, d.of.date, d.who.Address, d.of.subject, original)
		rich += fmt.Sprintf(`<hr><div id="divRplyFwdMsg"><b>From:</b> %s<br><b>Sent:</b> %s<br><b>To:</b> %s<br><b>Subject:</b> %s</div><div>%s</div>`,
			html.EscapeString(writer), html.EscapeString(d.of.date), d.who.Address, html.EscapeString(d.of.subject), asHTML)
	case mailerGmail:
		line := fmt.Sprintf("On %s <%s> wrote:", d.at.Format("Mon, Jan 2, 2006 at 3:04 PM"), writer)
		plain += "\n" + line + "\n\n" + quoted
		rich += `<div class="gmail_quote"><div class="gmail_attr">` + html.EscapeString(line) + `</div><blockquote class="gmail_quote">` + asHTML + `</blockquote></div>`
	default:
		line := fmt.Sprintf("On %s, <%s> wrote:", d.at.Format("2 Jan 2006, at 15:04"), writer)
		plain += "\n" + line + "\n\n" + quoted
		rich += `<div><br><blockquote type="cite"><div>` + html.EscapeString(line) + `</div>` + asHTML + `</blockquote></div>`
	}
	return plain, rich
}

func reSubject(subject string) string {
	if len(subject) >= 3 && strings.EqualFold(subject[:3], "re:") {
		return subject
	}
	return "Re: " + subject
}

// awayNote is an automatic answer as different programs send it (RFC 3834), which names the first day back.
func awayNote(d *draft, back time.Time, r *rand.Rand) {
	day := pickOne(r, []string{"Monday, January 2, 2006", "January 2, 2006", "2 January 2006", "2006-01-02"})
	day = strings.Replace(day, "Monday", back.Weekday().String(), 1)
	date := back.Format(day)
	texts := []string{
		"Thank you for your message. I am out of the office and will be back on %s. I will answer your e-mail then.",
		"Hello,\n\nI'm away on vacation with limited access to e-mail. I return on %s.",
		"I am currently out of office until %s. In urgent cases please call our main number.",
	}
	if away, ok := foreignAway()[d.who.Language]; ok {
		date, texts = away.dateOf(back), []string{away.text}
	}
	d.words = fmt.Sprintf(pickOne(r, texts), date)
	d.markAutomatic()
}

// markAutomatic gives an answer the marks of a program.
func (d *draft) markAutomatic() {
	d.quote = false
	switch d.who.Mailer {
	case mailerOutlook:
		d.subject = "Automatic reply: " + d.of.subject
		d.headers = [][2]string{{"Auto-Submitted", "auto-generated"}, {"X-Auto-Response-Suppress", "All"}}
	case mailerGmail:
		d.subject = "Out of office " + reSubject(d.of.subject)
		d.headers = [][2]string{{"Auto-Submitted", "auto-replied"}, {"Precedence", "bulk"}, {"X-Autoreply", "yes"}}
	default:
		d.subject = "Out of office: " + d.of.subject
		d.headers = [][2]string{{"Auto-Submitted", "auto-replied (vacation)"}}
	}
}
