package inbound

import (
	"regexp"
	"strings"
	"unicode"
)

// How sure it is that the writer wants no more mail.
type optOut int

const (
	noOptOut   optOut = iota
	speaksOfIt        // it is a topic, no demand
	doubtful          // a demand that may not be meant so, or for us
	demanded
)

// Whoever writes more than that doesn't want it above all.
const (
	shortAnswer    = 60 // words
	firstSentences = 3
)

// What is judged of an answer.
const (
	maxSentences = 50
	maxSentence  = 1000 // bytes
)

// findOptOut returns how sure it is that an answer demands no more mail, with the words that say so.
func findOptOut(said string, links map[string]bool) (best optOut, words string) {
	rules := optOuts()
	signed := signedAt(said)
	all := sentencesOf(said)
	short := len(wordsIn(said)) <= shortAnswer
	greeted := 0
	for i, s := range all[:min(len(all), maxSentences)] {
		text := said[s.start:min(s.end, s.start+maxSentence)]
		if i == 0 && len(wordsIn(text)) <= 4 { // "Hi Jane,"
			greeted = 1
		}
		if i > greeted && links[strings.Trim(text, " \t\n|.,-")] {
			continue // what a link below a text says isn't said by who writes
		}
		found, evidence := rules.judge(text, s.question)
		early := i-greeted < firstSentences || short
		if late := i-greeted >= firstSentences; found == demanded && (!early || s.start >= signed || late && rules.isAlone(text)) { // below a signature too
			found = doubtful
		}
		if found == speaksOfIt && s.start >= signed {
			found = noOptOut
		}
		if found > best {
			best, words = found, evidence
		}
	}
	return best, words
}

// judge reads one sentence, and gives the words that it judges by.
func (r optOutRules) judge(said string, question bool) (optOut, string) {
	lower := lowerCase(said)
	text := link.ReplaceAllStringFunc(lower, func(url string) string { return strings.Repeat(" ", len(url)) })
	found, words := r.judgeLower(text, text != lower, question)
	if at := strings.Index(text, words); at >= 0 {
		words = said[at : at+len(words)]
	}
	return found, trimEvidence(words)
}

func (r optOutRules) judgeLower(text string, linked, question bool) (optOut, string) {
	switch alone := r.isAlone(text); {
	case r.footer.MatchString(text), alone && linked: // "Unsubscribe: https://..."
		return noOptOut, ""
	case alone && question:
		return doubtful, text
	case alone:
		return demanded, text
	}
	best, words := noOptOut, ""
	for _, phrases := range []*regexp.Regexp{r.remove, r.noMore} {
		for _, at := range phrases.FindAllStringIndex(text, 5) {
			if found := r.judgePhrase(phrases == r.remove, text, at, question); found > best {
				best, words = found, text[at[0]:at[1]]
			}
		}
	}
	if topic := r.topic.FindString(text); best == noOptOut && topic != "" && !linked {
		return speaksOfIt, topic
	}
	return best, words
}

// judgePhrase reads what stands around a phrase that was found at a place of a sentence.
func (r optOutRules) judgePhrase(positive bool, text string, at []int, question bool) optOut {
	phrase := text[at[0]:at[1]]
	core := strings.TrimFunc(phrase, isGap)
	start := at[0] + strings.Index(phrase, core)
	before, behind := text[:start], text[start+len(core):]
	switch {
	case positive && (r.negated.MatchString(before) || r.postNegated.MatchString(behind) || r.inNegation.MatchString(core)):
		return noOptOut
	case r.condition.MatchString(before), question && !politeAsk.MatchString(text), !positive && r.limit.MatchString(behind) && !forEver.MatchString(core+behind):
		return doubtful
	}
	return demanded
}

func isGap(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }

func trimEvidence(s string) string { return strings.Trim(s, " \t\n.,;:!?()\"") }

// isAlone reports whether a sentence is nothing but a demand, apart from courtesy, a greeting and "not interested".
func (r optOutRules) isAlone(text string) bool {
	text = strings.TrimFunc(strings.ToLower(text), func(c rune) bool { return strings.ContainsRune(" \t\n.,;:!?()\"'*_–—-…。！？、，", c) })
	if len(text) > 200 || text == "" {
		return false
	}
	if r.alone.MatchString(text) {
		return true
	}
	found := false
	for _, clause := range clauseEnd.Split(text, -1) {
		for range 6 {
			shorter := strings.TrimSpace(blanks.ReplaceAllString(r.courtesy.ReplaceAllString(clause, " "), " "))
			if r.alone.MatchString(strings.TrimSpace(clause)) || shorter == clause {
				break
			}
			clause = shorter
		}
		switch clause = strings.Trim(clause, " -–—!."); {
		case clause == "":
		case r.alone.MatchString(clause):
			found = true
		case notInterested.MatchString(clause):
		default:
			return false
		}
	}
	return found
}

// signedAt returns where the writer's signature begins: below a line that ends a letter, unless it is the first.
func signedAt(said string) int {
	at := signOff.FindStringIndex(said)
	if at == nil || strings.TrimSpace(said[:at[0]]) == "" {
		return len(said) + 1
	}
	return at[1]
}
