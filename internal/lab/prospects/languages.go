package prospects

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

func foreignLanguages() []string { return []string{"fr", "es", "it", "nl", "pt", "pl", "sv", "ja"} }

// textsFor are what a person may write for an outcome, in their language where there is something in it.
func (p Prospect) textsFor(how string) []string {
	if how == outStop && p.Angry {
		if texts := angryTexts()[p.Language]; len(texts) > 0 {
			return texts
		}
		return angryTexts()[""]
	}
	if texts := foreignTexts()[p.Language][how]; len(texts) > 0 {
		return texts
	}
	return replyTexts(how)
}

// foreignTexts are by language and outcome. None of them names a day on which to ask again.
func foreignTexts() map[string]map[string][]string {
	return map[string]map[string][]string{
		"fr": {
			outInterested:    {"Bonjour,\n\ncela m'intéresse. Pouvez-vous m'envoyer vos tarifs ?", "Votre proposition tombe bien, j'aimerais en savoir plus."},
			outNotInterested: {"Merci, mais cela ne nous intéresse pas.", "Non merci, nous avons déjà ce qu'il nous faut."},
			outStop:          {"Merci de me retirer de votre liste.", "Désinscription", "Veuillez ne plus m'écrire."},
			outMeet:          {"Avec plaisir. Pouvons-nous en parler par téléphone jeudi ?"},
			outWrongPerson:   {"Je ne suis pas la bonne personne pour ce sujet."},
			outLeft:          {"Pour information, elle ne travaille plus chez nous depuis l'an dernier."},
		},
		"es": {
			outInterested:    {"Me interesa. ¿Me puede enviar más información y los precios?", "Suena bien, cuénteme más por favor."},
			outNotInterested: {"Gracias, pero no nos interesa.", "No, gracias. Ya tenemos proveedor."},
			outStop:          {"Por favor, elimíneme de su lista.", "Baja", "No me envíen más correos, por favor."},
			outMeet:          {"Encantado. ¿Podemos hablar el jueves por teléfono?"},
			outWrongPerson:   {"No soy la persona adecuada para este tema."},
			outLeft:          {"Le informo de que ya no trabaja en la empresa."},
		},
		"it": {
			outInterested:    {"Mi interessa, può mandarmi maggiori informazioni e i prezzi?"},
			outNotInterested: {"Grazie, ma non siamo interessati.", "No grazie, abbiamo già una soluzione."},
			outStop:          {"Vi prego di cancellarmi dalla vostra lista.", "Cancellami", "Non scrivetemi più, per favore."},
			outMeet:          {"Volentieri. Possiamo sentirci giovedì per una chiamata?"},
			outWrongPerson:   {"Non sono la persona giusta per questo argomento."},
			outLeft:          {"La informo che non lavora più qui."},
		},
		"nl": {
			outInterested:    {"Klinkt interessant. Kunt u mij meer details en de prijzen sturen?"},
			outNotInterested: {"Bedankt, maar we hebben geen interesse.", "Nee dank u, wij zijn al voorzien."},
			outStop:          {"Verwijder mij alstublieft van uw lijst.", "Uitschrijven", "Graag geen e-mails meer sturen."},
			outMeet:          {"Graag. Kunnen we donderdag even bellen?"},
			outWrongPerson:   {"Ik ben hiervoor niet de juiste persoon."},
			outLeft:          {"Ter info: zij werkt hier niet meer."},
		},
		"pt": {
			outInterested:    {"Tenho interesse. Pode enviar mais informações e os preços?"},
			outNotInterested: {"Obrigado, mas não temos interesse.", "Não, obrigado, já temos uma solução."},
			outStop:          {"Por favor, remova-me da sua lista.", "Descadastrar", "Não me enviem mais e-mails, por favor."},
			outMeet:          {"Com prazer. Podemos falar na quinta-feira por telefone?"},
			outWrongPerson:   {"Não sou a pessoa certa para este assunto."},
			outLeft:          {"Informo que ela já não trabalha aqui."},
		},
		"pl": {
			outInterested:    {"Brzmi ciekawie. Proszę o więcej informacji i cennik."},
			outNotInterested: {"Dziękuję, nie jesteśmy zainteresowani."},
			outStop:          {"Proszę o usunięcie mnie z listy.", "Wypisz mnie", "Proszę nie wysyłać mi więcej wiadomości."},
			outMeet:          {"Chętnie. Czy możemy porozmawiać w czwartek?"},
			outWrongPerson:   {"Nie jestem właściwą osobą w tej sprawie."},
			outLeft:          {"Informuję, że ta osoba już u nas nie pracuje."},
		},
		"sv": {
			outInterested:    {"Låter intressant. Kan du skicka mer information och priser?"},
			outNotInterested: {"Tack, men vi är inte intresserade."},
			outStop:          {"Ta bort mig från er lista, tack.", "Avregistrera", "Skicka inga fler mejl, tack."},
			outMeet:          {"Gärna. Kan vi ta ett samtal på torsdag?"},
			outWrongPerson:   {"Jag är inte rätt person för det här."},
			outLeft:          {"För kännedom: hon arbetar inte kvar hos oss."},
		},
		"ja": {
			outInterested:    {"興味があります。資料と価格を送っていただけますか。"},
			outNotInterested: {"申し訳ありませんが、興味はありません。", "今回は見送らせていただきます。"},
			outStop:          {"配信停止をお願いします。", "今後メールを送らないでください。"},
			outMeet:          {"ぜひお話を伺いたいです。木曜日に打ち合わせできますか。"},
			outWrongPerson:   {"私は担当者ではありません。"},
			outLeft:          {"担当の者はすでに退職しております。"},
		},
	}
}

// angryTexts are demands for no more mail, by language.
func angryTexts() map[string][]string {
	return map[string][]string{
		"": {
			"STOP SENDING ME THIS GARBAGE!!! Take me off your list NOW.",
			"How many times do I have to tell you people? Remove me from whatever list you bought. I'm sick of this spam.",
			"Enough. Do not contact me again. Ever.",
			"Hören Sie endlich auf, mir diesen Müll zu schicken! Streichen Sie mich sofort aus Ihrem Verteiler!",
		},
		"fr": {"ARRÊTEZ de m'envoyer vos pubs ! Retirez-moi immédiatement de votre liste !"},
		"es": {"¡Dejen de mandarme esta basura! Bórrenme de su lista AHORA."},
		"it": {"Basta con questa spazzatura! Cancellatemi subito dalla vostra lista!"},
		"nl": {"Hou op met deze troep! Haal mij onmiddellijk van jullie lijst!"},
		"pt": {"Parem de me mandar este lixo! Tirem-me da vossa lista imediatamente!"},
		"pl": {"Przestańcie przysyłać mi te śmieci! Natychmiast usuńcie mnie z listy!"},
		"sv": {"Sluta skicka den här skräpen! Ta bort mig från listan omedelbart!"},
		"ja": {"いい加減にしてください!二度とメールを送らないでください。"},
	}
}

// absenceText is an automatic answer of a language.
type absenceText struct {
	text   string // with the day back as %s
	dateOf func(time.Time) string
}

func foreignAway() map[string]absenceText {
	named := func(months, between string) func(time.Time) string {
		return func(t time.Time) string {
			return fmt.Sprintf("%d%s%s%s%d", t.Day(), between, strings.Fields(months)[t.Month()-1], between, t.Year())
		}
	}
	return map[string]absenceText{
		"fr": {"Bonjour,\n\nje suis absent du bureau et serai de retour le %s. En cas d'urgence, merci de contacter l'accueil.", named("janvier février mars avril mai juin juillet août septembre octobre novembre décembre", " ")},
		"es": {"Gracias por su mensaje. Estoy fuera de la oficina y estaré de vuelta el %s.", named("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre", " de ")},
		"it": {"Grazie per il messaggio. Sono fuori ufficio e sarò di ritorno il %s.", named("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre", " ")},
		"nl": {"Bedankt voor uw bericht. Ik ben afwezig en op %s weer terug op kantoor.", named("januari februari maart april mei juni juli augustus september oktober november december", " ")},
		"pt": {"Obrigado pela sua mensagem. Estou fora do escritório e estarei de volta em %s.", named("janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro", " de ")},
		"pl": {"Dziękuję za wiadomość. Jestem na urlopie, wracam %s.", named("stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia", " ")},
		"sv": {"Tack för ditt mejl. Jag är på semester och är tillbaka den %s.", named("januari februari mars april maj juni juli augusti september oktober november december", " ")},
		"ja": {"お問い合わせありがとうございます。現在休暇をいただいております。%sに出社いたします。", func(t time.Time) string { return fmt.Sprintf("%d年%d月%d日", t.Year(), int(t.Month()), t.Day()) }},
	}
}

// goneNote is the automatic answer for somebody who has left.
func goneNote(d *draft, r *rand.Rand) {
	texts := map[string]string{
		"fr": "Bonjour, je ne travaille plus pour cette société. Merci de contacter l'accueil.", "es": "Ya no trabajo en esta empresa. Por favor, diríjase a la centralita.", "nl": "Ik ben niet meer werkzaam bij dit bedrijf.",
		"pl": "Już nie pracuję w tej firmie.", "it": "Non lavoro più in questa azienda.", "ja": "私は先月末をもって退職いたしました。",
	}
	d.words = pickOne(r, []string{"I have left the company. Please contact our main office.", "Thank you for your message. I no longer work here, and this mailbox isn't read.", "Ich bin nicht mehr im Unternehmen tätig. Bitte wenden Sie sich an die Zentrale."})
	if text := texts[d.who.Language]; text != "" {
		d.words = text
	}
	d.markAutomatic()
	if d.who.Mailer == mailerGmail {
		d.subject = "Auto reply: " + d.of.subject
	}
	if subject, ok := strings.CutPrefix(d.subject, "Out of office"); ok {
		d.subject = "Automatic reply" + subject
	}
}
