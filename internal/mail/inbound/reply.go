package inbound

import (
	_ "embed" // the phrases
	"regexp"
	"strings"
	"sync"
)

// Class is what a person's answer means.
type Class string

// The classes. Other is what the rules can't tell.
const (
	Interested      Class = "interested"
	MeetingRequest  Class = "meeting_request"
	NotNow          Class = "not_now"
	NotInterested   Class = "not_interested"
	Referral        Class = "referral"
	WrongPerson     Class = "wrong_person"
	AlreadyCustomer Class = "already_customer"
	Hostile         Class = "hostile_or_legal"
	PersonLeft      Class = "left_company" // somebody else there says so
	Unsubscribe     Class = "unsubscribe"
	// MaybeUnsubscribe is for a person to decide: a demand with a condition, at the end of a long answer, beside interest.
	MaybeUnsubscribe Class = "maybe_unsubscribe"
	Other            Class = "other"
)

// How sure a judgement is, in percent.
const (
	sureHeader = 99
	sureWords  = 90
	turned     = 85 // what stands behind a "but" counts
	contested  = 60 // words speak for something else too
	perhaps    = 50
	noIdea     = 30
)

//go:embed reply_phrases.txt
var replyPhrases string

const contrastSection = "contrast"

//nolint:gochecknoglobals // a constant that is read from a file
var replyRules = sync.OnceValue(func() (rules []phraseSet) {
	for _, s := range readSections(replyPhrases) {
		if s.name != contrastSection {
			rules = append(rules, newPhraseSet(s.name, s.phrases))
		}
	}
	return rules
})

//nolint:gochecknoglobals // likewise
var contrast = sync.OnceValue(func() *regexp.Regexp {
	for _, s := range readSections(replyPhrases) {
		if s.name == contrastSection {
			return regexp.MustCompile(`(?i)(?:^|[^\pL\pN])(?:` + strings.Join(s.phrases, "|") + `)[^\pL\pN]|[^\s。]が、|ですが|しかし`)
		}
	}
	return nil
})

func classifyReply(m Mail, c Context) Classification {
	said := straightenApostrophes(cutToBeginning(m.Text))
	v := judgeWords(said)
	sure, words := findOptOut(said, m.links)
	if subject, told := optOutOfSubject(m, c); subject > sure {
		sure, words = subject, told
	}
	switch {
	case v.Class == Hostile && !(sure == demanded && strings.Contains(words, v.Evidence)): // "go to hell" is a demand, if that is all
		v.OptsOut = sure == demanded
	case sure == demanded && !speaksFor(strings.Replace(said, words, " ", 1)):
		return Classification{Kind: Reply, Class: Unsubscribe, OptsOut: true, Evidence: words, Source: FromWords, Confidence: sureWords}
	case sure >= doubtful, sure == speaksOfIt && (v.Class == Other || strings.HasPrefix(strings.ToLower(words), "no ")): // "no more e-mails, call me"
		return Classification{Kind: Reply, Class: MaybeUnsubscribe, Evidence: words, Source: FromWords, Confidence: perhaps}
	}
	switch v.Class {
	case NotNow:
		until, on := askAgainDate(said, c.Received)
		if v.Until = until; on != "" {
			v.Evidence += "; " + on
		}
	case Referral, PersonLeft, WrongPerson:
		v.Named = namedContact(said, m.From.Address, c)
	}
	return v
}

// judgeWords returns what the words of a text speak for. What they say behind a "but" is what they mean, unless that is nothing.
func judgeWords(said string) Classification {
	v := Classification{Kind: Reply, Class: Other, Source: FromWords, Confidence: noIdea}
	v.Class, v.Evidence = firstClass(said)
	if v.Class == Other {
		return v
	}
	v.Confidence = sureWords
	if at := contrast().FindAllStringIndex(said, -1); at != nil {
		if class, words := firstClass(said[at[len(at)-1][1]-1:]); class != Other && class != v.Class {
			return Classification{Kind: Reply, Class: class, Evidence: words, Source: FromWords, Confidence: turned}
		}
	}
	if isContested(v.Class, said) {
		v.Confidence = contested
	}
	return v
}

// firstClass returns the first class that words of a text speak for.
func firstClass(said string) (Class, string) {
	lower := strings.ToLower(said)
	for _, rule := range replyRules() {
		if found := rule.find(said, lower); found != "" {
			return Class(rule.name), trimEvidence(found)
		}
	}
	return Other, ""
}

// isContested reports whether a text both declines and wants something.
func isContested(class Class, said string) bool {
	wants, declines := class == Interested || class == MeetingRequest, class == NotInterested || class == NotNow
	lower := strings.ToLower(said)
	for _, rule := range replyRules() {
		switch other := Class(rule.name); {
		case wants && (other == NotInterested || other == NotNow), declines && other == MeetingRequest, class == NotInterested && other == NotNow:
			if rule.find(said, lower) != "" {
				return true
			}
		}
	}
	return false
}

// speaksFor reports whether the rest of an answer wants something, beside a demand.
func speaksFor(rest string) bool {
	class, _ := firstClass(rest)
	return class == Interested || class == MeetingRequest
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
