package inbound

import (
	"regexp"
	"strings"
	"time"
)

// Class is what a person's answer means.
type Class string

// The classes. Other is what the rules can't tell.
const (
	Interested    Class = "interested"
	NotNow        Class = "not_now"
	NotInterested Class = "not_interested"
	Referral      Class = "referral"
	Unsubscribe   Class = "unsubscribe"
	WrongPerson   Class = "wrong_person"
	Other         Class = "other"
)

// The rules, in the order in which they count: whoever wants no more mail wants that above all, and "not interested right
// now, ask me in May" is a date, not a no. English, German, French, Spanish.
//
//nolint:gochecknoglobals // constants
var (
	wholeAnswer = regexp.MustCompile(`(?i)^\W*(?:stop|unsubscribe|remove|remove me|abmelden|stopp|désabonner|baja)\W*$`)
	unsubscribe = words(
		`unsubscribe(?: me)?`, `(?:remove|delete|take) (?:me|my (?:email|e-mail|address|name|details))(?: off| from)?`, `opt[- ]?out`, `stop (?:e-?mailing|contacting|messaging|sending|writing)(?: me| us)?`,
		`(?:don't|do not|never) (?:e-?mail|contact|write to|message) (?:me|us)(?: again| anymore)?`, `no more e-?mails?`, `cease and desist`,
		`(?:mich|uns) (?:bitte )?(?:austragen|abmelden|aus (?:dem|ihrem) verteiler)`, `aus (?:dem|ihrem) verteiler`, `keine (?:weiteren )?(?:e-?)?mails(?: mehr)?`, `nicht mehr (?:kontaktieren|anschreiben)`, `löschen sie (?:bitte )?meine (?:daten|adresse)`, `(?:schicken|senden|schreiben) sie (?:mir|uns)(?: bitte)? nichts? mehr`,
		`(?:me |nous )?(?:désinscrire|désabonner|désabonnez-moi|désinscrivez-moi)`, `ne (?:plus|me) (?:me )?(?:contacter|contactez plus|écrire)`, `retirez-moi`,
		`(?:dar(?:me)?|denme|deme) de baja`, `no me (?:escriban|contacten|escriba|contacte) más`, `dejen de (?:escribir|enviar)(?:me)?`,
	)
	referral = words(
		`(?:please )?(?:contact|reach out to|speak (?:to|with)|talk to|get in touch with|e-?mail|write to|ask) (?:my (?:colleague|boss|manager|coworker)|our \pL+|[\pL.]+@[\pL\pN.-]+)`,
		`(?:right|best|better|correct) (?:person|contact)(?: \pL+){0,6} (?:is|would be|will be)`, `(?:looping|looped) in \pL+`, `(?:copying|cc'?ing|cc'd) (?:in )?\pL+`, `(?:adding|added|copied) (?:in )?my \pL+`, `i(?:'ve| have)? forward(?:ed|ing)`, `forwarding (?:this|your)`,
		`wenden sie sich (?:bitte )?an`, `(?:ist|wäre) (?:mein|unser)e?(?: \pL+){1,4} zuständig`, `(?:zuständig|ansprechpartner(?:in)?)(?: \pL+){0,3} ist`, `(?:habe|leite) (?:ihre|die|diese)(?: \pL+){0,3} (?:weitergeleitet|weiter)`,
		`(?:adressez-vous|veuillez contacter|contactez)(?: à)?`, `je (?:transmets|transfère)`, `la (?:bonne )?personne(?: \pL+){0,4} est`,
		`(?:póngase|ponte) en contacto con`, `(?:contacte|contacta|hable|habla) (?:a|con)`, `le(?:s)? reenvío`, `la persona(?: \pL+){0,4} es`,
	)
	wrongPerson = words(
		`wrong (?:person|contact|address|guy|company)`, `not (?:the )?(?:right|correct|best) (?:person|contact)`, `(?:no longer|don't|do not) work (?:here|there|at|for|with)`, `(?:has |have )?left (?:the|this|our) (?:company|organi[sz]ation)`, `not responsible for`, `not my (?:area|department|responsibility)`,
		`(?:falsche[rn]?|nicht der richtige) (?:ansprechpartner|person|kontakt|adresse)`, `nicht (?:dafür |hierfür )?zuständig`, `nicht mehr (?:im unternehmen|bei uns|hier)`,
		`pas la bonne personne`, `ne travaille plus`, `pas (?:le |la )?responsable`, `mauvaise personne`, //nolint:misspell // French
		`no soy la persona(?: \pL+)?`, `persona equivocada`, `ya no trabaj[ao]`, `no me encargo`,
	)
	notNow = words(
		`not (?:(?:interested|looking|ready|needed|a priority|a fit|the (?:right|best) time|a good time) )?(?:right now|now|at (?:the|this) (?:moment|time)|at present|currently|yet|this (?:month|quarter|year))`,
		`not (?:the (?:right|best)|a good) (?:time|moment)`, `(?:bad|wrong|poor) tim(?:e|ing)`, `maybe (?:later|next (?:month|quarter|year)|in (?:a few|a couple|\d+|two|three|six))`, `(?:can't|cannot|can not)(?: \pL+){0,6} (?:at the moment|right now|at this time|for now)`,
		`(?:check|circle|come|follow|get|reach|touch|try|ping|write|contact|email|ask|talk|connect)(?: \pL+){0,3} (?:back|again|out|base|up|in touch)(?: \pL+){0,4} (?:in|next|after|later|once|around|towards)`,
		`(?:try|ping|ask|contact|e-?mail|revisit)(?: me| us| this| it)? (?:in \d+|in an? few|in a couple|in (?:`+monthPattern+`)|next (?:month|quarter|year)|after|later)`,
		`(?:too|very|really|super) busy`, `next (?:quarter|year)`, `later this year`, `budgets? (?:is|are) (?:frozen|closed|spent)`, `no budget(?: \pL+)?`,
		`(?:zur ?zeit|derzeit|momentan|im moment|aktuell|gerade)(?: \pL+){0,2} (?:nicht|kein(?:en?)?)`, `(?:später|nächstes (?:jahr|quartal)|nächsten monat)`, `(?:im|in|ab|nach|später)(?: \pL+){0,5} auf (?:mich|uns) zu`, `melden sie sich (?:\pL+ ){0,4}(?:wieder|nochmal|erneut|im|ab|nach)`,
		`pas le bon moment`, `pas (?:pour le moment|maintenant|en ce moment|pour l'instant)`, `(?:revenez|recontactez|reprenez contact)(?:-moi|-nous)?`, `plus tard`, `l'année prochaine`,
		`(?:ahora|por ahora|por el momento|de momento|en este momento) no`, `no (?:por ahora|en este momento|ahora|por el momento)`, `más adelante`, `el próximo (?:año|mes|trimestre)`, //nolint:misspell // Spanish
	)
	notInterested = words(
		`not (?:really |currently |at all )?interested`, `no interest`, `no(?:,)? (?:thanks|thank you|thx)`, `(?:we're|we are|i'm|i am) (?:all )?(?:set|good|fine|happy with)`, `not (?:for us|for me|a (?:good )?fit|relevant|something (?:we|i) need)`, `(?:i'll|we'll|going to|have to) pass`, `(?:don't|do not) need (?:this|it|that|any)`, `already (?:have|use|using|work with)`, `(?:don't|do not) think(?: \pL+){0,4} (?:fit|for us|relevant)`, `please don't`,
		`kein(?:erlei)? interesse`, `nicht interessiert`, `nein(?:,)? danke`, `kein(?:en)? bedarf`, `passt (?:für uns )?nicht`, `nicht relevant`, `bereits (?:versorgt|einen (?:anbieter|partner|dienstleister))`, `nichts für uns`,
		`pas (?:du tout )?intéressée?s?`, `non(?:,)? merci`, `pas besoin`, `(?:ai|avons) déjà`, `aucun intérêt`,
		`no (?:me|nos) interesa`, `no (?:estoy|estamos) interesad[oa]s?`, `no(?:,)? gracias`, `sin interés`, `no (?:lo )?necesit(?:o|amos)`,
	)
	interested = words(
		`(?:i'm|i am|we're|we are|would be|very|definitely|quite)(?: \pL+)? interested`, `interested`, `(?:sounds|looks) (?:good|great|interesting|promising|fun)`, `tell me more`, `(?:send|share)(?: \pL+){0,2} (?:more|details|info|information|pricing|deck|calendar|invite|times|slots|link)`, `(?:like|love|happy|keen|open|glad|want) to (?:know|learn|hear|chat|talk|see|connect|meet|discuss|schedule|try|explore)(?: more)?`, `let(?:'s| us) (?:talk|speak|chat|discuss|do it|connect|meet|schedule|set|find)`, `(?:can|could|shall) we(?: \pL+)? (?:talk|speak|chat|discuss|meet|connect|have)`, `(?:give me|up for|open to) a(?: \pL+)? (?:call|ring|chat)`, `looking forward to (?:hearing|learning|seeing|talking|speaking|meeting)`, `(?:book|schedule|set up|arrange|grab|jump on|hop on)(?: \pL+){0,3} (?:call|meeting|demo|time|chat|slot)`, `(?:when|what time|which day)(?: \pL+){0,4} (?:work|works|suit|suits|free|available)`, `how much (?:does|is|would|do)`, `what (?:does|would|will) (?:it|this|that) cost`, `what(?:'s| is) (?:the |your )?(?:price|pricing|cost)`, `yes(?:,)? please`, `count me in`, `(?:i'm|i am) free`,
		`(?:lassen sie uns|können wir|wollen wir)(?: \pL+){0,4} (?:sprechen|telefonieren|reden|austauschen|treffen)`, `rufen sie (?:mich|uns)(?: \pL+){0,3} an`, `(?:schicken|senden) sie (?:mir|uns)`, `was kostet`,
		`interessiert`, `klingt (?:gut|interessant|spannend|super)`, `hört sich (?:gut|interessant) an`, `(?:sehr )?gerne?`, `(?:mehr|weitere) (?:informationen|infos|details)`, `termin(?:e|vorschlag|vorschläge)?`,
		`intéressée?s?`, `(?:ça|cela) m'intéresse`, `parlons-en`, `appelez-moi`, `plus d'info(?:s|rmations?)`, `combien (?:ça|cela) coûte`, `avec plaisir`, `(?:en savoir|dites-m'en) plus`, `bonne idée`, `oui(?:,)? (?:volontiers|merci|bien sûr)`,
		`(?:me|nos) interesa(?:ría)?`, `interesad[oa]s?`, `suena (?:bien|interesante)`, `cuénteme más`, `cuéntame más`, `más información`, `con gusto`, `me gustaría`,
	)
)

func classifyReply(m Mail, received time.Time) Verdict {
	said := plain(beginning(m.Text))
	v := Verdict{Kind: Reply, Class: Other}
	if whole := wholeAnswer.FindString(said); whole != "" {
		v.Class, v.Evidence = Unsubscribe, strings.TrimSpace(whole)
		return v
	}
	if strings.TrimSpace(said) == "" { // a mail program's answer to the unsubscribe address has a subject only
		if whole := wholeAnswer.FindString(ownWords(m.Subject, "")); whole != "" {
			v.Class, v.Evidence = Unsubscribe, strings.TrimSpace(whole)
		}
		return v
	}
	for _, rule := range []struct {
		class   Class
		pattern *regexp.Regexp
	}{{Unsubscribe, unsubscribe}, {Referral, referral}, {WrongPerson, wrongPerson}, {NotNow, notNow}, {NotInterested, notInterested}, {Interested, interested}} {
		if found := rule.pattern.FindString(said); found != "" {
			v.Class, v.Evidence = rule.class, strings.Trim(found, " \t\n.,;:!?()\"")
			break
		}
	}
	if v.Class == NotNow {
		until, on := askAgain(said, received)
		if v.Until = until; on != "" {
			v.Evidence += "; " + on
		}
	}
	return v
}

// beginning is what the rules look at: whoever writes more than that doesn't say yes or no at the end.
func beginning(s string) string { return strings.ToValidUTF8(s[:min(len(s), 16<<10)], "") }
