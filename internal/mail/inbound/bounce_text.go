package inbound

import (
	_ "embed" // the phrases
	"regexp"
	"strings"
	"sync"
)

//go:embed bounce_programs.txt
var bouncePhrases string

// bouncePrograms are the sections of the file.
type bouncePrograms struct{ sender, service, subject, opening, delayed, retried, final, original *regexp.Regexp }

//nolint:gochecknoglobals // a constant that is read from a file
var programs = sync.OnceValue(func() (p bouncePrograms) {
	anchors := map[string][2]string{"sender": {`(?i)^(?:`, `)$`}, "service": {`(?i)^(?:`, `)$`}, "subject": {`(?i)^\W*(?:`, `)`}, "original": {`(?i)^(?:`, `)$`}}
	for _, s := range readSections(bouncePhrases) {
		pattern := map[string]**regexp.Regexp{"sender": &p.sender, "service": &p.service, "subject": &p.subject, "opening": &p.opening, "delayed": &p.delayed, "retried": &p.retried, "final": &p.final, "original": &p.original}[s.name]
		if whole, ok := anchors[s.name]; ok {
			*pattern = regexp.MustCompile(whole[0] + withBlanks(strings.Join(s.phrases, "|")) + whole[1])
			continue
		}
		*pattern = compilePhrases(s.phrases)
	}
	return p
})

// maxReport is how much of a report in words is looked at.
const maxReport = 8 << 10

// reportEvidence returns what shows that a mail reports about a message of ours, or "".
func reportEvidence(m Mail, c Context) string {
	switch {
	case len(m.Reports) > 0 || m.reportType == "delivery-status":
		return "message/delivery-status"
	case m.header.Get("X-Failed-Recipients") != "":
		return "X-Failed-Recipients"
	}
	subject := programs().subject.FindString(straightenApostrophes(m.Subject))
	if m.reportType == "disposition-notification" && (!isMailer(m) || subject == "") { // of a program that throws a message away
		return ""
	}
	if subject == "" {
		subject = programs().subject.FindString(straightenApostrophes(ownWords(m.Subject, c.OurSubject)))
	}
	text := aboveOriginal(m.Full)
	opening := programs().opening.FindString(text)
	answers := m.header.Get("In-Reply-To") != ""
	if subject == "" && opening == "" && (!c.Quoted || !isMailer(m) || answers) {
		return ""
	}
	evidence := strings.TrimSpace(subject + " " + strings.TrimSpace(opening))
	switch {
	case strings.EqualFold(m.From.Address, c.Lead): // who hands a report on says something of their own
		return ""
	case isMailer(m), subject != "" && (opening != "" && !answers || isService(m) || isFromNobody(m)), isService(m) && opening != "" && c.Quoted && !answers && automaticHeader(m) == "":
		return strings.TrimSpace("From: " + m.From.Address + "; " + evidence)
	case isFromNobody(m) && !isAbsence(m, c): // programs that answer for absent people send so too
		return evidence
	case !answers && len(text) < 1000 && namedRecipients(m, text)[strings.ToLower(c.Lead)]: // nobody else puts the address there
		return evidence
	}
	return ""
}

func isFromNobody(m Mail) bool { return m.ReturnPath == "<>" || m.From.Address == "" }

// isAbsence reports whether a mail tells of an absence.
func isAbsence(m Mail, c Context) bool {
	return absences().absence.MatchString(straightenApostrophes(ownWords(m.Subject, c.OurSubject) + "\n" + cutToBeginning(m.Text)))
}

// isService reports whether the sender is a program of any kind, or who looks after one.
func isService(m Mail) bool {
	local, _, _ := strings.Cut(m.From.Address, "@")
	return programs().service.MatchString(local)
}

// isMailer reports whether the sender is a mail program.
func isMailer(m Mail) bool {
	local, _, _ := strings.Cut(m.From.Address, "@")
	local = strings.TrimRight(local, `\`)
	return programs().sender.MatchString(local) || programs().sender.MatchString(strings.TrimSpace(m.From.Name))
}

// FromMailer reports whether a mail is what programs write about others: it comes from one, or from nobody, or says that it is a report.
func (m Mail) FromMailer() bool {
	return isMailer(m) || m.ReturnPath == "<>" || len(m.Reports) > 0 || m.Feedback != nil || m.Original.MessageID != "" || m.header.Get("X-Failed-Recipients") != ""
}

// aboveOriginal returns what a report says before it quotes the message.
func aboveOriginal(full string) string {
	full = straightenApostrophes(full[:min(len(full), 2*maxReport)])
	lines := strings.Split(strings.ToValidUTF8(full, ""), "\n")
	for i, line := range lines {
		trimmed := strings.TrimSpace(line)
		if i > 0 && (programs().original.MatchString(trimmed) || beginsQuotedHeader(lines[i:])) {
			lines = lines[:i]
			break
		}
	}
	text := strings.Join(lines, "\n")
	return strings.ToValidUTF8(text[:min(len(text), maxReport)], "")
}

var (
	anyField    = regexp.MustCompile(`^(?:[>|] ?)*[A-Za-z][A-Za-z-]{1,40}:(?:\s|$)`)
	neverInText = regexp.MustCompile(`(?i)^(?:[>|] ?)*(?:received: (?:from|by|\()|return-path:|message-id:|mime-version:|content-type:|dkim-signature:|x-[a-z-]+:|list-unsubscribe)`)
)

// beginsQuotedHeader reports whether fields of a header stand below each other, among them one that only a message has.
func beginsQuotedHeader(lines []string) bool {
	if !anyField.MatchString(lines[0]) {
		return false
	}
	fields, sure := 0, false
	for _, line := range lines[:min(len(lines), 12)] {
		if line != "" && (line[0] == ' ' || line[0] == '\t') {
			continue
		}
		if !anyField.MatchString(line) {
			break
		}
		fields++
		sure = sure || neverInText.MatchString(line)
	}
	return sure && fields >= 2
}

// textFailure reads a report in words. It is no failure while the message is still tried, nor where it is about other addresses.
func textFailure(m Mail, c Context) *RecipientReport {
	text := aboveOriginal(m.Full)
	subject := straightenApostrophes(m.Subject)
	if own := strings.ToLower(c.OurSubject); own != "" {
		subject = strings.ReplaceAll(strings.ToLower(subject), own, "")
	}
	both := subject + "\n" + text
	if programs().delayed.MatchString(both) || programs().retried.MatchString(both) && !programs().final.MatchString(both) {
		return nil
	}
	named := namedRecipients(m, text)
	if len(named) > 0 && c.Lead != "" && !named[strings.ToLower(c.Lead)] && !mentions(both, c.Lead) {
		return nil
	}
	d := RecipientReport{Recipient: c.Lead, Action: "failed", Diagnostic: strings.TrimSpace(text)}
	if len(named) > 1 {
		if about := (RecipientReport{Diagnostic: aboutRecipient(text, c.Lead)}); !about.kindIsUnknown() {
			d.Diagnostic = about.Diagnostic
		}
	}
	if subject = strings.TrimSpace(subject); d.kindIsUnknown() && subject != "" {
		d.Diagnostic = strings.TrimSpace(d.Diagnostic + "\n" + subject)
	}
	if d.kindIsUnknown() && !isMailer(m) && !programs().subject.MatchString(subject) && !programs().opening.MatchString(text) {
		return nil // it says so only in its type
	}
	return &d
}

// mentions reports whether a text names an address, or its local part as a word.
func mentions(text, address string) bool {
	text, address = strings.ToLower(text), strings.ToLower(address)
	local, _, _ := strings.Cut(address, "@")
	return strings.Contains(text, address) || len(local) > 3 && regexp.MustCompile(`(?:^|[\s"'<(:])`+regexp.QuoteMeta(local)+`(?:$|[\s"'>):,;])`).MatchString(text)
}

// recipientLine is where an address stands that a report says something of: a line begins with it, or a command has it.
var recipientLine = regexp.MustCompile(`(?im)(?:^[^\pL\pN\n]*(?:mailto:|(?:final-|original-)?recipient:\s*(?:\S+;)?\s*)?|rcpt to:\s*<?)([^\s<>,;:"()=/]{1,64}@[^\s<>,;:"()/]{1,255})`)

// namedRecipients returns the addresses, in lower case, that a report says something of.
func namedRecipients(m Mail, text string) map[string]bool {
	all := map[string]bool{}
	add := func(address string) {
		address = strings.ToLower(strings.Trim(address, `.'*[]`))
		if local, _, _ := strings.Cut(address, "@"); !programs().sender.MatchString(local) && !programs().service.MatchString(local) {
			all[address] = true
		}
	}
	if failed := bareAddress.FindAllString(m.header.Get("X-Failed-Recipients"), maxParts); failed != nil {
		for _, address := range failed {
			add(address)
		}
		return all
	}
	for _, found := range recipientLine.FindAllStringSubmatch(text, maxParts) {
		add(found[1])
	}
	return all
}

// aboutRecipient returns the lines that name an address, and those below them up to the next address.
func aboutRecipient(text, address string) string {
	var kept []string
	about := false
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case strings.Contains(strings.ToLower(line), strings.ToLower(address)):
			about = true
		case bareAddress.MatchString(line):
			about = false
		}
		if about {
			kept = append(kept, line)
		}
	}
	return strings.TrimSpace(strings.Join(kept, "\n"))
}
