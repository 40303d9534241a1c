package inbound_test

import (
	"fmt"
	"strings"
	"testing"

	"outrider/internal/mail/inbound"
)

// ourLetter is what we sent, with all that must not count as an answer.
const ourLetter = `Hello Bob,

we help support teams answer faster, and bring unsubscribe rates down. Would ten minutes on Thursday suit you?
If you would rather not hear from me, say so and I stop emailing you.
Please remove me from your calendar if not. Reply STOP to opt out.

Jane

-- 
Acme GmbH, 1 Main Street, 10115 Berlin
Unsubscribe: https://go.sender.test/u/AbC123xyz`

// headerBlocks are what Outlook and its like write above a quotation: from, sent, to, subject.
func headerBlocks() map[string][4]string {
	return map[string][4]string{
		"English": {"From:", "Sent:", "To:", "Subject:"}, "German": {"Von:", "Gesendet:", "An:", "Betreff:"}, "French": {"De :", "Envoyé :", "À :", "Objet :"},
		"Spanish": {"De:", "Enviado el:", "Para:", "Asunto:"}, "Italian": {"Da:", "Inviato:", "A:", "Oggetto:"}, "Portuguese": {"De:", "Enviada em:", "Para:", "Assunto:"},
		"Dutch": {"Van:", "Verzonden:", "Aan:", "Onderwerp:"}, "Danish": {"Fra:", "Sendt:", "Til:", "Emne:"}, "Norwegian": {"Fra:", "Sendt:", "Til:", "Emne:"},
		"Swedish": {"Från:", "Skickat:", "Till:", "Ämne:"}, "Finnish": {"Lähettäjä:", "Lähetetty:", "Vastaanottaja:", "Aihe:"}, "Polish": {"Od:", "Wysłano:", "Do:", "Temat:"},
		"Czech": {"Od:", "Odesláno:", "Komu:", "Předmět:"}, "Hungarian": {"Feladó:", "Elküldve:", "Címzett:", "Tárgy:"}, "Russian": {"От:", "Отправлено:", "Кому:", "Тема:"},
		"Turkish": {"Kimden:", "Gönderildi:", "Kime:", "Konu:"}, "Chinese": {"发件人:", "发送时间:", "收件人:", "主题:"}, "Chinese, wide": {"寄件者：", "寄件日期：", "收件者：", "主旨："},
		"Japanese": {"差出人:", "送信日時:", "宛先:", "件名:"}, "Korean": {"보낸 사람:", "보낸 날짜:", "받는 사람:", "제목:"}, "Greek": {"Από:", "Στάλθηκε:", "Προς:", "Θέμα:"},
	}
}

func quoted(text string) string { return "> " + strings.ReplaceAll(text, "\n", "\n> ") }

// wrap breaks lines as programs do, with the mark in front of each.
func wrap(text, mark string, width int) string {
	var out strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		n := 0
		out.WriteString(mark)
		for _, w := range strings.Fields(line) {
			if n > 0 && n+len(w) > width {
				out.WriteString("\n" + mark)
				n = 0
			}
			out.WriteString(w + " ")
			n += len(w) + 1
		}
		out.WriteString("\n")
	}
	return out.String()
}

// asHTML is our letter as programs carry it in HTML.
func asHTML() string {
	return "<p>" + strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(ourLetter, "https://go.sender.test/u/AbC123xyz", `<a href="https://safelinks.example/?url=x">https://go.sender.test/u/AbC123xyz</a>`), "\n\n", "</p><p>"), "\n", "<br>") + "</p>"
}

// quotations are an answer's text below what its writer wrote, by who makes it so. Those that begin with < are HTML.
func quotations() map[string]string {
	all := map[string]string{
		"Outlook, a line below":   "________________________________\nFrom: Jane <jane@sender.test>\nSent: Monday, March 2, 2026 9:00\nTo: Bob <bob@example.com>\nSubject: A question\n\n" + ourLetter,
		"QQ":                      "------------------ 原始邮件 ------------------\n发件人: \"Jane\" <jane@sender.test>;\n发送时间: 2026年3月2日(星期一) 下午4:00\n收件人: \"bob\"<bob@example.com>;\n主题: A question\n\n" + ourLetter,
		"NetEase":                 "在 2026-03-02 16:00:00，\"Jane\" <jane@sender.test> 写道：\n\n" + ourLetter,
		"GMX":                     "Gesendet: Montag, 02. März 2026 um 09:00 Uhr\nVon: \"Jane\" <jane@sender.test>\nAn: bob@example.com\nBetreff: A question\n" + ourLetter,
		"GMX, HTML":               `<div>TEXT</div><div name="quote"><div><b>Gesendet:</b>&nbsp;Montag, 02. März 2026 um 09:00 Uhr<br><b>Von:</b>&nbsp;"Jane" &lt;jane@sender.test&gt;<br><b>An:</b>&nbsp;bob@example.com</div><div>` + asHTML() + `</div></div>`,
		"Zoho":                    "---- On Mon, 02 Mar 2026 08:00:00 +0000 Jane <jane@sender.test> wrote ----\n\n" + ourLetter,
		"Zoho, quoted":            " ---- On Mon, 02 Mar 2026 08:00:00 +0000 Jane <jane@sender.test> wrote ----\n" + quoted(ourLetter),
		"Yahoo, one line":         " On Monday, March 2, 2026 at 09:00:00 AM GMT+1, Jane <jane@sender.test> wrote:   " + ourLetter,
		"Yahoo, German":           " Am Montag, 2. März 2026 um 09:00:00 MEZ hat Jane <jane@sender.test> Folgendes geschrieben:   " + ourLetter,
		"Yahoo, HTML":             `<div>TEXT</div><div class="yahoo_quoted"><div>On Monday, March 2, 2026, Jane &lt;jane@sender.test&gt; wrote:</div>` + asHTML() + `</div>`,
		"Samsung":                 "-------- Original message --------\nFrom: Jane <jane@sender.test>\nDate: 02.03.2026 09:00 (GMT+01:00)\nTo: bob@example.com\nSubject: A question\n\n" + ourLetter,
		"Samsung, Polish":         "-------- Oryginalna wiadomość --------\nOd: Jane <jane@sender.test>\nData: 02.03.2026 09:00 (GMT+01:00)\nDo: bob@example.com\nTemat: A question\n\n" + ourLetter,
		"Samsung, HTML":           `<div>TEXT</div><div>-------- Oprindelig meddelelse --------</div><div>Fra: Jane &lt;jane@sender.test&gt;</div><div>Dato: 02.03.2026 09.00</div><div>Til: bob@example.com</div>` + asHTML(),
		"Apple":                   "On 2 Mar 2026, at 09:00, Jane <jane@sender.test> wrote:\n\n" + quoted(ourLetter),
		"Apple, Spanish":          "El 2 mar 2026, a las 9:00, Jane <jane@sender.test> escribió:\n\n" + ourLetter,
		"Apple, Russian":          "2 марта 2026 г., в 09:00, Jane <jane@sender.test> написал(а):\n\n" + ourLetter,
		"Apple, HTML":             `<div>TEXT</div><blockquote type="cite"><div>On 2 Mar 2026, at 09:00, Jane &lt;jane@sender.test&gt; wrote:</div><br><div>` + asHTML() + `</div></blockquote>`,
		"Apple, forwarded":        "Begin forwarded message:\n\nFrom: Jane <jane@sender.test>\nSubject: A question\nDate: 2 March 2026 at 09:00:00 CET\nTo: bob@example.com\n\n" + ourLetter,
		"Thunderbird":             "Am 02.03.26 um 09:00 schrieb Jane:\n" + wrap(ourLetter, "> ", 72),
		"Thunderbird, Finnish":    "Jane kirjoitti 2.3.2026 klo 9.00:\n" + wrap(ourLetter, "> ", 72),
		"Thunderbird, HTML":       `<p>TEXT</p><div class="moz-cite-prefix">Op 02-03-2026 om 09:00 schreef Jane:<br></div><blockquote type="cite">` + asHTML() + `</blockquote>`,
		"Thunderbird, no marks":   "Dne 02. 03. 26 v 9:00 Jane <jane@sender.test> napsal(a):\n" + wrap(ourLetter, "", 60),
		"Gmail":                   "On Mon, Mar 2, 2026 at 9:00 AM Jane <jane@sender.test> wrote:\n\n" + quoted(ourLetter),
		"Gmail, Japanese":         "2026年3月2日(月) 17:00 Jane <jane@sender.test>:\n\n" + ourLetter,
		"Gmail, wrapped, no mark": "pon., 2 mar 2026 o 09:00 Jane Very Long Name Of A Person\n<jane@sender.test> napisał(a):\n\n" + wrap(ourLetter, "", 76),
		"Gmail, HTML":             `<div dir="ltr">TEXT</div><div class="gmail_quote"><div class="gmail_attr">på mån 2 mars 2026 kl. 09:00 skrev Jane &lt;jane@sender.test&gt;:<br></div><blockquote class="gmail_quote">` + asHTML() + `</blockquote></div>`,
		"Proton":                  "On Monday, March 2nd, 2026 at 9:00 AM, Jane <jane@sender.test> wrote:\n\n" + quoted(ourLetter),
		"Lotus Notes":             "Jane <jane@sender.test> schrieb am 02.03.2026 09:00:00:\n\n> Von: Jane <jane@sender.test>\n> An: bob@example.com\n" + ourLetter,
		"Mail.ru":                 "Понедельник, 2 марта 2026, 12:00 +03:00 от Jane <jane@sender.test>:\n\n" + ourLetter,
		"nothing above it":        ourLetter,
		"bars":                    "| " + strings.ReplaceAll(ourLetter, "\n", "\n| "),
		"without blank lines":     strings.ReplaceAll(strings.ReplaceAll(ourLetter, "\n\n", "\n"), ".", ". "),
		"a banner of a gateway":   "CAUTION: This email originated from outside of the organization.\n\n" + ourLetter,
		"links rewritten":         strings.ReplaceAll(ourLetter, "https://go.sender.test/u/AbC123xyz", "https://eur01.safelinks.protection.example/?url=https%3A%2F%2Fgo.sender.test <https://eur01.safelinks.protection.example/?url=https%3A%2F%2Fgo>"),
	}
	for language, h := range headerBlocks() {
		block := fmt.Sprintf("%s Jane <jane@sender.test>\n%s 2. 3. 2026 09:00\n%s Bob Miller <bob@example.com>\n%s A question\n\n", h[0], h[1], h[2], h[3])
		all["Outlook, "+language] = block + ourLetter
		all["Outlook, marked, "+language] = quoted(block + ourLetter)
		all["Outlook, HTML, "+language] = fmt.Sprintf(`<div class=WordSection1><p class=MsoNormal>TEXT</p><div style='border-top:solid #E1E1E1 1.0pt'><p><b>%s</b> Jane &lt;jane@sender.test&gt; <br><b>%s</b> 2. 3. 2026 09:00<br><b>%s</b> bob@example.com<br><b>%s</b> A question</p></div>%s</div>`,
			h[0], h[1], h[2], h[3], asHTML())
	}
	return all
}

// nothingSaysSo are quotations that only who knows what we sent can tell from an answer.
var nothingSaysSo = map[string]bool{"nothing above it": true, "without blank lines": true, "links rewritten": true, "Lotus Notes": true}

// mailWith is an answer with a text above a quotation.
func mailWith(text, quotation string) []byte {
	kind, body := "text/plain", text+"\n\n"+quotation
	if strings.HasPrefix(quotation, "<") {
		kind, body = "text/html", strings.Replace(quotation, "TEXT", text, 1)
	}
	return []byte("From: bob@example.com\r\nSubject: Re: A question\r\nContent-Type: " + kind + "; charset=utf-8\r\n\r\n" + body)
}

func TestNoQuotationCountsAsTheWritersWords(t *testing.T) {
	t.Parallel()
	for program, quotation := range quotations() {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			known := inbound.Context{Mailbox: "jane@sender.test", MailboxName: "Jane", OurSubject: "A question", Sent: []string{ourLetter}, Received: monday()}
			for _, said := range []string{"Yes, Thursday is fine, sounds good.", "Not interested, thanks.", "Who takes this?"} {
				want := inbound.Classify(inbound.Read(mailWith(said, "")), known)
				if got := inbound.Classify(inbound.Read(mailWith(said, quotation)), known); got.Class != want.Class || got.Evidence != want.Evidence {
					t.Errorf("above %q: got %+v", said, got)
				}
				unknown := known
				unknown.Sent = nil
				if got := inbound.Classify(inbound.Read(mailWith(said, quotation)), unknown); got.Class == inbound.Unsubscribe && !nothingSaysSo[program] {
					t.Errorf("not known what we sent, above %q: got %+v", said, got)
				}
			}
			for _, said := range []string{"Please remove me from your list.", "STOP", "Unsubscribe"} {
				if got := inbound.Classify(inbound.Read(mailWith(said, quotation)), known); got.Class != inbound.Unsubscribe {
					t.Errorf("above %q: got %+v", said, got)
				}
			}
			if strings.HasPrefix(quotation, "<") {
				return
			}
			below := []byte("From: bob@example.com\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + quotation + "\n\nPlease take me off your list, thank you.\n")
			if got := inbound.Classify(inbound.Read(below), known); got.Class != inbound.Unsubscribe {
				t.Errorf("an answer below it: got %+v", got)
			}
		})
	}
}

// FuzzOwnWords looks for an answer that is lost: a demand stands above whatever may be quoted, and its last line is ours or not.
func FuzzOwnWords(f *testing.F) {
	f.Add("On Monday, Jane wrote:\n> Hello Bob,\nwe help", ourLetter)
	f.Add("Fra: Jane <jane@sender.test>\nSendt: 2. 3. 2026 09:00\nTil: b@x\n\n"+ourLetter, ourLetter)
	f.Add("| a\n| b\n-- \nhttps://x\n\u00ad你好", "你好 a b c d e f g h i j k l m n o p")
	f.Fuzz(func(t *testing.T, quotation, sent string) {
		raw := []byte("From: bob@example.com\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nPlease remove me from your list.\n\n" + quotation)
		v := inbound.Classify(inbound.Read(raw), inbound.Context{Mailbox: "jane@sender.test", MailboxName: "Jane", OurSubject: "A question", Sent: []string{sent}, Received: monday()})
		if v.Kind == inbound.Reply && v.Class == inbound.Other && !strings.Contains(strings.ToLower(sent), "remove") && !strings.Contains(quotation, "\r") {
			t.Errorf("lost above %q, of %q", quotation, sent)
		}
	})
}
