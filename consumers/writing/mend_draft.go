package writing

import (
	"errors"
	"slices"
	"strings"

	"outrider/internal/app/facts"
	"outrider/internal/evidence"
	"outrider/internal/llm"
)

var errTooLittle = errors.New("too little of what it wrote is carried by anything")

// mend leaves the sentences out that nothing carries, or says the fact that such a one cites in the fact's own words. Less than half of what was written, or a
// text that says nothing approved besides a greeting, is no message: then it reports false.
func mend(draft *llm.Draft, report *facts.Report, ids map[string]string, p evidence.Policy, replace bool) bool {
	all, said := report.Verdicts, map[string]bool{}
	for _, v := range all {
		if v.Passed && v.Fact != "" {
			said[v.Fact] = true
		}
	}
	var paragraphs [][]evidence.Sentence
	var kept []evidence.Verdict
	approved := 0
	for _, paragraph := range draft.Paragraphs {
		var sentences []evidence.Sentence
		for _, s := range paragraph {
			v := all[0]
			all = all[1:]
			if !v.Passed {
				own, verdict, ok := ownWords(s, ids, p, said)
				if !replace || !ok {
					report.Dropped = append(report.Dropped, v)
					continue
				}
				report.Replaced = append(report.Replaced, v)
				said[verdict.Fact] = true
				s, v = own, verdict
			}
			if v.Fact == "" {
				approved++
			}
			sentences, kept = append(sentences, s), append(kept, v)
		}
		if len(sentences) > 0 {
			paragraphs = append(paragraphs, sentences)
		}
	}
	if approved < 2 || 2*len(kept) < len(report.Verdicts) {
		return false
	}
	draft.Paragraphs, report.Verdicts, draft.Body = paragraphs, kept, llm.BodyOf(paragraphs)
	return true
}

// ownWords returns the one fact that a sentence cites as the fact says itself, unless the message says it already.
func ownWords(s evidence.Sentence, ids map[string]string, p evidence.Policy, said map[string]bool) (own evidence.Sentence, v evidence.Verdict, ok bool) {
	if len(s.Cites) != 1 {
		return own, v, false
	}
	at := slices.IndexFunc(p.Facts, func(f evidence.Fact) bool { return f.ID == ids[s.Cites[0]] })
	if at < 0 || said[p.Facts[at].ID] {
		return own, v, false
	}
	own = evidence.Sentence{Text: strings.Join(strings.Fields(evidence.Address(p.Facts[at])), " "), Cites: s.Cites, Kind: s.Kind}
	v = evidence.Check(evidence.Sentence{Text: own.Text, Cites: []string{p.Facts[at].ID}}, p)
	return own, v, v.Passed
}
