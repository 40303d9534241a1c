package inbound_test

import (
	"strings"
	"testing"
	"time"

	"outrider/internal/mail/inbound"
)

func monday() time.Time { return time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC) }

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func TestAutomaticAnswersAreNotReplies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		header, text string
		kind         inbound.MailKind
		until        string
	}{
		"a person":                       {"Auto-Submitted: no", "Yes, tell me more", inbound.Reply, ""},
		"a person who speaks of absence": {"Subject: Re: Out of office hours", "I was out of office, tell me more", inbound.Reply, ""},
		"a person on a list":             {"Precedence: list", "Yes", inbound.Reply, ""},
		"RFC 3834":                       {"Auto-Submitted: auto-replied (vacation)", "We got your mail", inbound.Automatic, ""},
		"RFC 3834, generated":            {"Auto-Submitted: auto-generated", "Ticket 5 was opened", inbound.Automatic, ""},
		"X-Auto":                         {"X-Autoreply: yes", "Thank you", inbound.Automatic, ""},
		"Exchange":                       {"X-Auto-Response-Suppress: All", "I am out of the office until 16 March 2026.", inbound.OutOfOffice, "2026-03-16"},
		"Precedence":                     {"Precedence: bulk", "Newsletter", inbound.Automatic, ""},
		"an empty return path":           {"Return-Path: <>", "Something", inbound.Automatic, ""},
		"a receipt":                      {"Content-Type: multipart/report; report-type=disposition-notification; boundary=x", "", inbound.Automatic, ""},
		"only the subject says so":       {"Subject: Automatic reply: A question", "I will be back on Monday.", inbound.OutOfOffice, "2026-03-09"},
		"only the subject, German":       {"Subject: Abwesenheitsnotiz: A question", "Ich bin ab dem 9.3. wieder im Büro.", inbound.OutOfOffice, "2026-03-09"},
		"only the subject, French":       {"Subject: =?utf-8?Q?R=C3=A9ponse_automatique?=: x", "Je suis absent jusqu'au 13 mars.", inbound.OutOfOffice, "2026-03-13"},
		"absent without a date":          {"Auto-Submitted: auto-replied", "I am on vacation with limited access to email.", inbound.OutOfOffice, ""},
		"the absence and the return":     {"Auto-Submitted: auto-replied", "I am out of office from March 3rd to March 13th, 2026 and back on March 16th. Visit us at the fair on June 30!", inbound.OutOfOffice, "2026-03-16"},
		"a span":                         {"Auto-Submitted: auto-replied", "On leave 03/03/2026 - 13/03/2026.", inbound.OutOfOffice, "2026-03-13"},
		"an American date":               {"Auto-Submitted: auto-replied", "I'll be back 03/16.", inbound.OutOfOffice, "2026-03-16"},
		"ISO":                            {"Auto-Submitted: auto-replied", "Out of office until 2026-04-01", inbound.OutOfOffice, "2026-04-01"},
		"German with dots":               {"Auto-Submitted: auto-replied", "Ich bin vom 02.03.2026 bis zum 13.03.26 im Urlaub.", inbound.OutOfOffice, "2026-03-13"},
		"German with a name":             {"Auto-Submitted: auto-replied", "Ich bin bis einschließlich Freitag, 13. März 2026 abwesend.", inbound.OutOfOffice, "2026-03-13"},
		"French":                         {"Auto-Submitted: auto-replied", "En congés, de retour le 1er avril 2026.", inbound.OutOfOffice, "2026-04-01"},
		"Spanish":                        {"Auto-Submitted: auto-replied", "Estoy de vacaciones hasta el 17 de marzo de 2026.", inbound.OutOfOffice, "2026-03-17"},
		"Spanish, a day of the week":     {"Auto-Submitted: auto-replied", "Estaré fuera. Vuelvo el miércoles.", inbound.OutOfOffice, "2026-03-04"},
		"next year":                      {"Auto-Submitted: auto-replied", "Out of office until January 7, 2027", inbound.OutOfOffice, "2027-01-07"},
		"a note that wasn't taken away":  {"Auto-Submitted: auto-replied", "Out of office until January 7", inbound.OutOfOffice, ""},
		"a date that is over":            {"Auto-Submitted: auto-replied", "I was out of office until 1 March 2025", inbound.OutOfOffice, ""},
		"a day that doesn't exist":       {"Auto-Submitted: auto-replied", "Out of office until 31.02.2026", inbound.OutOfOffice, ""},
		"in the subject":                 {"Auto-Submitted: auto-replied\r\nSubject: Out of office until 16 March", "See subject.", inbound.OutOfOffice, "2026-03-16"},
		"our own words in the subject":   {"Auto-Submitted: auto-replied\r\nSubject: Re: Out of office? A question", "Ticket 5 was opened", inbound.Automatic, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := inbound.Read([]byte("From: li@example.com\r\n" + c.header + "\r\n\r\n" + c.text))
			ours := "A question"
			if strings.Contains(name, "our own") {
				ours = "Out of office? A question"
			} else if strings.Contains(name, "speaks") {
				ours = "Out of office hours"
			}
			v := inbound.Classify(m, inbound.Context{OurSubject: ours, Received: monday()})
			if v.Kind != c.kind || day(v.Until) != c.until || (v.Evidence == "") != (c.kind == inbound.Reply && v.Class == inbound.Other) {
				t.Errorf("got %+v", v)
			}
		})
	}
}

func TestACopyOfOursIsNoReply(t *testing.T) {
	t.Parallel()
	m := inbound.Read([]byte("From: Zoe <Zoe@Sender.test>\r\nSubject: x\r\n\r\nI am interested"))
	if v := inbound.Classify(m, inbound.Context{Mailbox: "zoe+tag@sender.test", Received: monday()}); v.Kind != inbound.OwnCopy {
		t.Errorf("got %+v", v)
	}
	if v := inbound.Classify(m, inbound.Context{Mailbox: "joe@sender.test", Received: monday()}); v.Kind != inbound.Reply {
		t.Errorf("a colleague: got %+v", v)
	}
}

func TestRepliesAreClassed(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]struct {
		class    inbound.Class
		until    string
		evidence string
	}{
		"Sounds good, let's talk on Thursday.":                        {inbound.Interested, "", "Sounds good"},
		"Yes please":                                                  {inbound.Interested, "", "Yes please"},
		"Could you send me more details?":                             {inbound.Interested, "", "send me more"},
		"I’m interested. How about next week?":                        {inbound.MeetingRequest, "", "How about next"},
		"Klingt spannend, haben Sie Dienstag Zeit?":                   {inbound.MeetingRequest, "", "haben Sie Dienstag"},
		"Oui, ça m'intéresse":                                         {inbound.Interested, "", "ça m'intéresse"},
		"Me interesa, gracias":                                        {inbound.Interested, "", "Me interesa"},
		"Not interested.":                                             {inbound.NotInterested, "", "Not interested"},
		"No, thanks!":                                                 {inbound.NotInterested, "", "No, thanks"},
		"We're all set, we already use something":                     {inbound.NotInterested, "", "We're all set"},
		"Kein Interesse, danke.":                                      {inbound.NotInterested, "", "Kein Interesse"},
		"Wir sind nicht interessiert":                                 {inbound.NotInterested, "", "nicht interessiert"},
		"Non merci":                                                   {inbound.NotInterested, "", "Non merci"},
		"No estamos interesados":                                      {inbound.NotInterested, "", "No estamos interesados"},
		"Not right now, maybe check back in June.":                    {inbound.NotNow, "2026-06-01", "Not right now"},
		"We're not interested at the moment.":                         {inbound.NotNow, "", "not interested at the moment"},
		"Please reach out again in 3 months":                          {inbound.NotNow, "2026-06-02", "reach out again in"},
		"Bad timing. Try me next quarter.":                            {inbound.NotNow, "2026-04-01", "Bad timing"},
		"Budget is spent, follow up with us in Q3":                    {inbound.NotNow, "2026-07-01", "Budget is spent"},
		"Bitte melden Sie sich im Herbst wieder, zurzeit kein Bedarf": {inbound.NotNow, "", "melden Sie sich im Herbst wieder"},
		"Derzeit nicht, gerne ab September.":                          {inbound.NotNow, "2026-09-01", "Derzeit nicht"},
		"Pas pour le moment, recontactez-moi le 15 mai":               {inbound.NotNow, "2026-05-15", "Pas pour le moment"},
		"Por ahora no, más adelante":                                  {inbound.NotNow, "", "Por ahora no"},
		"Please unsubscribe me":                                       {inbound.Unsubscribe, "", "Please unsubscribe me"},
		"STOP":                                                        {inbound.Unsubscribe, "", "STOP"},
		"Not interested, remove me from your list":                    {inbound.Unsubscribe, "", "remove me from"},
		"Bitte nehmen Sie mich aus dem Verteiler":                     {inbound.Unsubscribe, "", "nehmen Sie mich aus dem Verteiler"},
		"Merci de me désabonner":                                      {inbound.Unsubscribe, "", "Merci de me désabonner"},
		"Quiero darme de baja":                                        {inbound.Unsubscribe, "", "darme de baja"},
		"I'm not the right person, please contact bob@example.com":    {inbound.Referral, "", "please contact bob@example.com"},
		"Looping in Sarah, who runs this":                             {inbound.Referral, "", "Looping in Sarah"},
		"Wenden Sie sich bitte an Frau Maier":                         {inbound.Referral, "", "Wenden Sie sich bitte an"},
		"You have the wrong person.":                                  {inbound.WrongPerson, "", "wrong person"},
		"Dafür bin ich nicht zuständig":                               {inbound.WrongPerson, "", "nicht zuständig"},
		"No soy la persona indicada":                                  {inbound.WrongPerson, "", "No soy la persona indicada"},
		"Please contact me on 555-0100, adding value is my thing":     {inbound.Other, "", ""},
		"Let us set up a call next week, I'm free on Tuesday":         {inbound.MeetingRequest, "", "set up a call"},
		"What do you mean?":                                           {inbound.Other, "", ""},
		"Who are you? Nonstop bus to Disinterestedville":              {inbound.Other, "", ""},
		"": {inbound.Other, "", ""},
		"Thanks!\n\nOn Monday, Zoe wrote:\n> Are you interested? Unsubscribe": {inbound.Other, "", ""},
	} {
		t.Run(said, func(t *testing.T) {
			t.Parallel()
			v := inbound.Classify(inbound.Read([]byte("From: li@example.com\r\n\r\n"+said)), inbound.Context{Received: monday()})
			if v.Kind != inbound.Reply || v.Class != want.class || day(v.Until) != want.until || !strings.HasPrefix(v.Evidence, want.evidence) || (want.evidence == "") != (v.Evidence == "") {
				t.Errorf("got %+v", v)
			}
		})
	}
	if v := inbound.Classify(inbound.Read([]byte("From: li@example.com\r\nSubject: unsubscribe\r\n\r\n")), inbound.Context{Received: monday()}); v.Class != inbound.Unsubscribe {
		t.Errorf("the answer to List-Unsubscribe: %+v", v)
	}
}

func BenchmarkReadAndClassify(b *testing.B) {
	in := []byte("From: li@example.com\r\nTo: zoe+tag@sender.test\r\nSubject: Re: A question\r\nIn-Reply-To: <token@sender.test>\r\n\r\n" + strings.Repeat("Thank you for your message about this and that.\r\n", 10) + "\r\nOn Monday, Zoe wrote:\r\n" + strings.Repeat("> Hello, are you interested?\r\n", 20))
	for b.Loop() {
		inbound.Classify(inbound.Read(in), inbound.Context{OurSubject: "A question", Received: monday()})
	}
}
