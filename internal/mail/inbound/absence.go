package inbound

import (
	_ "embed" // the phrases
	"strings"
	"time"
)

//go:embed absence_phrases.txt
var absencePhrases string

// ForGood is why nobody will answer any more.
type ForGood string

// The reasons, as events.StopLeftCompany and events.StopNotMonitored have them.
const (
	LeftCompany  ForGood = "left_company"
	NotMonitored ForGood = "not_monitored"
)

// readAbsence returns what an automatic answer says; why is what shows that it is one.
func readAbsence(m Mail, subject, why string, received time.Time) Classification {
	said := straightenApostrophes(cutToBeginning(m.Text))
	if strings.TrimSpace(said) == "" {
		said = straightenApostrophes(cutToBeginning(m.Full))
	}
	both := straightenApostrophes(subject) + "\n" + said
	absent := strings.TrimSpace(absences().absence.FindString(both))
	until, on := returnDate(said, received)
	if until.IsZero() {
		until, on = returnDate(subject, received)
	}
	if until.IsZero() || absent == "" {
		if reason, words := readForGood(both, absent != ""); reason != "" {
			return Classification{Kind: Automatic, ForGood: reason, Evidence: why + "; " + words}
		}
	}
	if absent == "" {
		return Classification{Kind: Automatic, Evidence: why}
	}
	return Classification{Kind: OutOfOffice, Evidence: strings.TrimSpace(why + "; " + absent + " " + on), Until: until}
}

// readForGood tells whether nobody will answer any more. Whoever is absent may not read the mailbox meanwhile, and a program that has taken
// the message speaks of its own.
func readForGood(said string, absent bool) (ForGood, string) {
	w := absences()
	if words := w.left.FindString(said); words != "" {
		return LeftCompany, trimEvidence(words)
	}
	if words := w.notMonitored.FindString(said); words != "" && !absent && !w.stillRead.MatchString(said) {
		return NotMonitored, trimEvidence(words)
	}
	return "", ""
}

// absenceWithoutHeader returns the words of an absence that a program wrote without saying so: one that begins the answer, with what only
// such an answer has beside it.
func absenceWithoutHeader(m Mail) string {
	said := straightenApostrophes(cutToBeginning(m.Text))
	beginning := strings.ToValidUTF8(said[:min(len(said), 300)], "")
	absent := absences().absence.FindString(beginning)
	if absent == "" || len(said) > 2000 || !absences().marker.MatchString(said) && m.header.Get("X-Auto-Response-Suppress") == "" || strings.Contains(said, "?") {
		return ""
	}
	if class, _ := firstClass(said); class == Interested || class == NotInterested {
		return ""
	}
	return strings.TrimSpace(absent)
}
