package inbound_test

import (
	"strings"
	"testing"

	"outrider/internal/mail/inbound"
)

// What people really write, short; it came on Monday, 2 March 2026.
func TestShortAnswersAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]struct {
		class inbound.Class
		until string
	}{
		"Let us talk next week.":                                    {inbound.Interested, ""},
		"Let's discuss next week, I have time on Tuesday.":          {inbound.Interested, ""},
		"Can we talk next week?":                                    {inbound.Interested, ""},
		"Sure, give me a call tomorrow.":                            {inbound.Interested, ""},
		"Happy to chat. Does Thursday 3pm work?":                    {inbound.Interested, ""},
		"Sure, what does it cost?":                                  {inbound.Interested, ""},
		"Please send over some info.":                               {inbound.Interested, ""},
		"I'd be up for a quick call.":                               {inbound.Interested, ""},
		"Looking forward to hearing more!":                          {inbound.Interested, ""},
		"Lassen Sie uns nächste Woche sprechen.":                    {inbound.Interested, ""},
		"Können wir nächste Woche telefonieren?":                    {inbound.Interested, ""},
		"Gern, rufen Sie mich morgen an.":                           {inbound.Interested, ""},
		"Schicken Sie mir bitte Unterlagen.":                        {inbound.Interested, ""},
		"Was kostet das?":                                           {inbound.Interested, ""},
		"Parlons-en la semaine prochaine.":                          {inbound.Interested, ""},
		"Pouvez-vous m'envoyer plus d'informations ?":               {inbound.Interested, ""},
		"Appelez-moi mardi.":                                        {inbound.Interested, ""},
		"Maybe in a few months.":                                    {inbound.NotNow, "2026-06-02"},
		"Reach back out to me in May 2027 please":                   {inbound.NotNow, "2027-05-01"},
		"Let's revisit this in September.":                          {inbound.NotNow, "2026-09-01"},
		"Let us talk again in the summer, swamped right now":        {inbound.NotNow, ""},
		"Now is not a good time, let's talk in Q3.":                 {inbound.NotNow, "2026-07-01"},
		"We can't take this on at the moment.":                      {inbound.NotNow, ""},
		"Kommen Sie im Mai noch einmal auf mich zu.":                {inbound.NotNow, "2026-05-01"},
		"Aktuell haben wir keine Kapazität, gerne in drei Monaten.": {inbound.NotNow, "2026-06-02"},
		"Revenez vers moi en septembre.":                            {inbound.NotNow, "2026-09-01"},
		"Ce n'est pas le bon moment.":                               {inbound.NotNow, ""},
		"Thanks but no thanks.":                                     {inbound.NotInterested, ""},
		"I don't think this is a fit for us.":                       {inbound.NotInterested, ""},
		"We are happy with our current provider.":                   {inbound.NotInterested, ""},
		"Danke, aber wir sind bereits versorgt.":                    {inbound.NotInterested, ""},
		"Das ist für uns nicht relevant.":                           {inbound.NotInterested, ""},
		"Merci, mais nous ne sommes pas intéressés.":                {inbound.NotInterested, ""},
		"Nous avons déjà un prestataire.":                           {inbound.NotInterested, ""},
		"Take me off your list.":                                    {inbound.Unsubscribe, ""},
		"Please don't contact me again.":                            {inbound.Unsubscribe, ""},
		"Bitte keine weiteren E-Mails.":                             {inbound.Unsubscribe, ""},
		"Löschen Sie bitte meine Daten.":                            {inbound.Unsubscribe, ""},
		"Merci de ne plus me contacter.":                            {inbound.Unsubscribe, ""},
		"You should speak with our CTO about this.":                 {inbound.Referral, ""},
		"Dafür ist meine Kollegin Frau Weber zuständig.":            {inbound.Referral, ""},
		"Veuillez contacter mon collègue Paul.":                     {inbound.Referral, ""},
		"I no longer work there.":                                   {inbound.WrongPerson, ""},
		"Je ne suis pas la bonne personne.":                         {inbound.WrongPerson, ""},
		"Who gave you my address?":                                  {inbound.Other, ""},
		"Is this a newsletter?":                                     {inbound.Other, ""},
		"Wer sind Sie?":                                             {inbound.Other, ""},
	} {
		t.Run(said, func(t *testing.T) {
			t.Parallel()
			v := inbound.Classify(inbound.Read([]byte("From: li@example.com\r\n\r\n"+said)), inbound.Context{Received: monday()})
			if v.Kind != inbound.Reply || v.Class != want.class || day(v.Until) != want.until {
				t.Errorf("got %+v", v)
			}
		})
	}
}

func TestOutOfOfficeNotesAsProgramsSendThem(t *testing.T) {
	t.Parallel()
	for said, until := range map[string]string{
		"I was out of the office until 2025-03-16.":                   "",
		"I was out of office until 2025/03/16 and now I am on leave.": "",
		"Out of office until 16 March '25":                            "",
		"On vacation, back 16/03/2025":                                "",
		"Ich war bis 16.03.2025 im Urlaub.":                           "",
		"Ich war bis 16.3.25 abwesend.":                               "",
		"Je suis absent jusqu'au 16 mars 2025.":                       "",
		"I am out of the office until 2026/03/16.":                    "2026-03-16",
		"I am out of the office and will be back on 2027-01-04.":      "2027-01-04",
		"I am on leave and return on 16-Mar-2026.":                    "2026-03-16",
		"Thank you for your email. I am currently out of the office with no access to email, returning Monday, March 16th.": "2026-03-16",
		"I'm on PTO from 3/2 through 3/13. For urgent matters call +1 555-0100.":                                            "2026-03-13",
		"I am on parental leave until 1 September 2026. In urgent cases contact the team at 08:00-17:00.":                   "2026-09-01",
		"Hello, I am away until next week.":     "2026-03-09",
		"I will be out of the office tomorrow.": "",
		"Vielen Dank für Ihre Nachricht. Ich bin bis zum 13. März nicht im Büro und ab dem 16. März wieder erreichbar.": "2026-03-16",
		"Ich bin im Urlaub und ab Montag, den 16.03., wieder für Sie da.":                                               "2026-03-16",
		"Ich befinde mich bis 01.09.2026 in Elternzeit.":                                                                "2026-09-01",
		"Bonjour, je suis en congés du 2 au 13 mars et serai de retour le 16 mars.":                                     "2026-03-16",
		"Actuellement absente, je serai de retour lundi.":                                                               "2026-03-09",
	} {
		t.Run(said, func(t *testing.T) {
			t.Parallel()
			m := inbound.Read([]byte("From: li@example.com\r\nAuto-Submitted: auto-replied\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + strings.ReplaceAll(said, "\n", "\r\n")))
			v := inbound.Classify(m, inbound.Context{Received: monday()})
			if v.Kind != inbound.OutOfOffice || day(v.Until) != until {
				t.Errorf("got %+v", v)
			}
		})
	}
}
