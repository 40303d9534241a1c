package inbound

import (
	_ "embed" // the phrases
	"regexp"
	"strings"
	"sync"
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

var wholeAnswer = regexp.MustCompile(`(?i)^\W*(?:stop|unsubscribe|remove|remove me|abmelden|stopp|désabonner|baja)\W*$`)

//go:embed reply_phrases.txt
var replyPhrases string

//nolint:gochecknoglobals // a constant that is read from a file
var replyRules = sync.OnceValue(func() []phraseRule { return readPhrases(replyPhrases) })

func classifyReply(m Mail, received time.Time) Verdict {
	said := straightenApostrophes(cutToBeginning(m.Text))
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
	for _, rule := range replyRules() {
		if found := rule.pattern.FindString(said); found != "" {
			v.Class, v.Evidence = Class(rule.name), strings.Trim(found, " \t\n.,;:!?()\"")
			break
		}
	}
	if v.Class == NotNow {
		until, on := askAgainDate(said, received)
		if v.Until = until; on != "" {
			v.Evidence += "; " + on
		}
	}
	return v
}

// cutToBeginning returns what the rules look at: whoever writes more than that doesn't say yes or no at the end.
func cutToBeginning(s string) string { return strings.ToValidUTF8(s[:min(len(s), 16<<10)], "") }
