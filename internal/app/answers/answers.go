// Package answers writes what a program would answer to a mail of a person: approved sentences, facts and claims, and nothing else.
package answers

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"outrider/events"
	"outrider/internal/app/facts"
	"outrider/internal/app/sealedtext"
	"outrider/internal/evidence"
	"outrider/internal/llm"
	"outrider/internal/pii"
	"outrider/projections"
)

// Situation is what an answer is written from.
type Situation struct {
	Meaning     string // of the mail; one of events.Means...
	Question    string // the mail's words
	FirstName   string // of who wrote it; "" = not known
	Sender      string // whose name stands below; "" = nobody's
	BookingLink string // "" = the organisation can't be booked
	Known       []evidence.Fact
}

// Answered reports whether mails that mean this are answered at all.
func Answered(meaning string) bool {
	switch meaning {
	case events.MeansMeetingRequest, events.MeansInterested, events.MeansNotNow, events.MeansReferral, events.MeansWrongPerson, events.MeansOther:
		return true
	}
	return false
}

// mostClaims bounds the claims that are put into an answer by rules.
const mostClaims = 2

// Approved returns the sentences that an answer may say as they are, by paragraphs.
func (s Situation) Approved() (paragraphs [][]string) {
	hello := "Hello,"
	if plainName(s.FirstName) {
		hello = "Hello " + s.FirstName + ","
	}
	paragraphs = [][]string{{hello}}
	switch s.Meaning {
	case events.MeansMeetingRequest:
		if s.BookingLink != "" {
			paragraphs = append(paragraphs, []string{"Thank you for your answer.", "Please choose a time that suits you here: " + s.BookingLink})
		} else {
			paragraphs = append(paragraphs, []string{"Thank you for your answer.", "Which times suit you?"})
		}
	case events.MeansNotNow, events.MeansReferral, events.MeansWrongPerson:
		paragraphs = append(paragraphs, []string{"Thank you for letting me know."})
	default:
		paragraphs = append(paragraphs, []string{"Thank you for your answer."})
		if s.BookingLink != "" {
			paragraphs = append(paragraphs, []string{"If you would like to talk, please choose a time that suits you here: " + s.BookingLink})
		}
	}
	if s.Sender != "" {
		paragraphs = append(paragraphs, []string{s.Sender})
	}
	return paragraphs
}

// plainName reports whether a name can only be one: who fills it in is the person themselves, or a file.
func plainName(name string) bool {
	return name != "" && len(name) <= 40 && len(strings.Fields(name)) <= 3 && !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !strings.ContainsRune(" -'’", r) })
}

// Compose writes an answer by rules: what is approved, and the claims that say most of what was asked.
func Compose(s Situation) (paragraphs [][]evidence.Sentence) {
	for _, p := range s.Approved() {
		var sentences []evidence.Sentence
		for _, text := range p {
			sentences = append(sentences, evidence.Sentence{Text: text, Kind: "approved"})
		}
		paragraphs = append(paragraphs, sentences)
	}
	if s.Meaning != events.MeansInterested && s.Meaning != events.MeansOther {
		return paragraphs
	}
	var said []evidence.Sentence
	for _, f := range nearest(s.Question, s.Known) {
		said = append(said, evidence.Sentence{Text: evidence.Render(f), Cites: []string{f.ID}, Kind: "fact"})
	}
	if len(said) > 0 {
		paragraphs = slices.Insert(paragraphs, 2, said)
	}
	return paragraphs
}

// nearest returns the claims that share most words with a question, at least one that isn't among the commonest.
func nearest(question string, known []evidence.Fact) (out []evidence.Fact) {
	asked := contentWords(question)
	type hit struct {
		evidence.Fact
		shared int
	}
	var hits []hit
	for _, f := range known {
		if f.About != evidence.AboutUs || f.Stale {
			continue
		}
		shared := 0
		for w := range contentWords(f.Object) {
			if asked[w] {
				shared++
			}
		}
		if shared > 0 {
			hits = append(hits, hit{f, shared})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(b.shared, a.shared) })
	for _, h := range hits[:min(len(hits), mostClaims)] {
		out = append(out, h.Fact)
	}
	return out
}

// common are words by which nothing is found.
const common = " about after again also and any are because been before being both but can could did does doing down each for from further had has have having her here hers him his how into its just like " +
	"many may more most much need not now off once only other our ours out over own please same she should some such than thank thanks that the their them then there these they this those through too under until use used uses very want was were what when where which while who whom why will with work works would you your yours send tell let know offer really get got one two see "

// contentWords returns the words of a text by their stems: without an s at the end.
func contentWords(text string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(w) < 3 || strings.Contains(common, " "+w+" ") {
			continue
		}
		out[strings.TrimSuffix(w, "s")] = true
	}
	return out
}

// Request is what a language model is asked for an answer, with the ids of facts by what it calls them.
func Request(s Situation, seed int) (r llm.Request, ids map[string]string) {
	ids = map[string]string{}
	for i, f := range s.Known {
		if f.Stale {
			continue
		}
		name := fmt.Sprint("f", i+1)
		if f.About == evidence.AboutUs {
			name = fmt.Sprint("claim", i+1)
		}
		ids[name] = f.ID
		r.Facts = append(r.Facts, llm.Fact{ID: name, Text: evidence.Address(f)})
	}
	var body []string
	for _, p := range s.Approved() {
		r.Approved = append(r.Approved, p...)
		body = append(body, strings.Join(p, " "))
	}
	r.Instructions = "Write an answer to the last of the previous messages, which the recipient wrote. Answer what it asks with claims and facts, as far as they say it; else leave it open."
	r.Subject, r.Body, r.Previous, r.Seed = "Re: your message", strings.Join(body, "\n\n"), []string{s.Question}, seed
	return r, ids
}

// Report is the sealed value of what an answer was judged by.
type Report struct {
	Paragraphs [][]Judged `json:"paragraphs"`
	Approved   []string   `json:"approved"`
	Links      []string   `json:"links"`
	Answer     string     `json:"answer,omitzero"` // of the model, as it came
}

// Judged is a sentence with what is said of it.
type Judged struct {
	Said    evidence.Sentence `json:"said"`
	Verdict evidence.Verdict  `json:"verdict"`
}

// Judge holds sentences against facts; ids are theirs by what the writer calls them, nil = their own.
func Judge(s Situation, paragraphs [][]evidence.Sentence, ids map[string]string) (r Report) {
	for _, p := range s.Approved() {
		r.Approved = append(r.Approved, p...)
	}
	if s.BookingLink != "" {
		r.Links = []string{s.BookingLink}
	}
	for _, p := range paragraphs {
		var out []Judged
		for _, sentence := range p {
			sentence.Text = strings.Join(strings.Fields(sentence.Text), " ")
			if ids != nil {
				cites := make([]string, len(sentence.Cites))
				for i, c := range sentence.Cites {
					cites[i] = ids[c]
				}
				sentence.Cites = cites
			}
			out = append(out, Judged{Said: sentence})
		}
		r.Paragraphs = append(r.Paragraphs, out)
	}
	return r.Again(s.Known)
}

// Again judges the same sentences by what is known now.
func (r Report) Again(known []evidence.Fact) Report {
	out := r
	out.Paragraphs = nil
	policy := evidence.Policy{Approved: r.Approved, Links: r.Links, Facts: known}
	for _, p := range r.Paragraphs {
		var judged []Judged
		for _, j := range p {
			judged = append(judged, Judged{j.Said, evidence.Check(j.Said, policy)})
		}
		out.Paragraphs = append(out.Paragraphs, judged)
	}
	return out
}

// Text is the sentences that something carries.
func (r Report) Text() string {
	var paragraphs []string
	for _, p := range r.Paragraphs {
		var said []string
		for _, j := range p {
			if j.Verdict.Passed {
				said = append(said, j.Said.Text)
			}
		}
		if len(said) > 0 {
			paragraphs = append(paragraphs, strings.Join(said, " "))
		}
	}
	return strings.Join(paragraphs, "\n\n")
}

// Verdicts lists what is said of each sentence, in order.
func (r Report) Verdicts() (out []evidence.Verdict) {
	for _, p := range r.Paragraphs {
		for _, j := range p {
			out = append(out, j.Verdict)
		}
	}
	return out
}

// Evidence is a report as the log keeps it, sealed under the lead's key.
func (r Report) Evidence(key pii.Key) (e events.Evidence, err error) {
	all := r.Verdicts()
	e = events.Evidence{Gate: evidence.Version, Sentences: len(all), FactIDs: facts.IDs(all)}
	for _, v := range all {
		if !v.Passed {
			e.Unsupported++
		}
	}
	plain, err := json.Marshal(r)
	if err != nil {
		return e, fmt.Errorf("encode report: %w", err)
	}
	e.Report, err = sealedtext.Seal(key, projections.AnswerReportField, string(plain))
	return e, err
}
