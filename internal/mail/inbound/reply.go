package inbound

import (
	_ "embed" // the phrases
	"strings"
	"sync"
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
	// MaybeUnsubscribe is for a person to decide: a demand with a condition, at the end of a long answer, beside interest.
	MaybeUnsubscribe Class = "maybe_unsubscribe"
	WrongPerson      Class = "wrong_person"
	Other            Class = "other"
)

//go:embed reply_phrases.txt
var replyPhrases string

//nolint:gochecknoglobals // a constant that is read from a file
var replyRules = sync.OnceValue(func() []phraseRule { return readPhrases(replyPhrases) })

func classifyReply(m Mail, c Context) Classification {
	said := straightenApostrophes(cutToBeginning(m.Text))
	v := Classification{Kind: Reply, Class: Other}
	v.Class, v.Evidence = firstClass(said)
	sure, words := findOptOut(said, m.links)
	if subject, told := optOutOfSubject(m, c); subject > sure {
		sure, words = subject, told
	}
	switch {
	case sure == demanded && !isInterested(strings.Replace(said, words, " ", 1)):
		return Classification{Kind: Reply, Class: Unsubscribe, Evidence: words}
	case sure >= doubtful, sure == speaksOfIt && v.Class == Other:
		return Classification{Kind: Reply, Class: MaybeUnsubscribe, Evidence: words}
	}
	if v.Class == NotNow {
		until, on := askAgainDate(said, c.Received)
		if v.Until = until; on != "" {
			v.Evidence += "; " + on
		}
	}
	return v
}

// firstClass returns the first class that words of a text speak for.
func firstClass(said string) (Class, string) {
	for _, rule := range replyRules() {
		if found := rule.pattern.FindString(said); found != "" {
			return Class(rule.name), trimEvidence(found)
		}
	}
	return Other, ""
}

// isInterested reports whether that is what the rest of an answer says, beside a demand.
func isInterested(rest string) bool {
	class, _ := firstClass(rest)
	return class == Interested
}

// optOutOfSubject reads what the writer put into the subject; what stands in ours says nothing.
func optOutOfSubject(m Mail, c Context) (optOut, string) {
	own := straightenApostrophes(ownWords(m.Subject, c.OurSubject))
	if own == "" || strings.Contains(strings.ToLower(c.OurSubject), strings.ToLower(own)) {
		return noOptOut, ""
	}
	found, words := optOuts().judge(own, strings.HasSuffix(own, "?"))
	if found == speaksOfIt {
		found = noOptOut
	}
	return found, words
}

// cutToBeginning returns what the rules look at: whoever writes more than that doesn't say yes or no at the end.
func cutToBeginning(s string) string { return strings.ToValidUTF8(s[:min(len(s), 16<<10)], "") }
