package evidence

import (
	"slices"
	"strings"
)

// match is a sentence beside the rendering of a fact that is nearest to it.
type match struct {
	difference

	said, fact []token
	whole      bool // the subject is one of the words that are compared
}

func matchFact(parts sentenceParts, f Fact) (best match) {
	for i, r := range renderings(f) {
		own := parts.said()
		if r.whole {
			own = append(slices.Clone(parts.subject), own...)
		}
		for j, form := range verbForms(r, f) {
			if d := compare(own, form); i+j == 0 || d.size() < best.size() {
				best = match{d, own, form, r.whole}
			}
		}
	}
	return best
}

// verbForms returns a rendering, and of a statement whose subject is replaced the form without the verb's s: "Example uses Go", "you use Go".
func verbForms(r rendering, f Fact) [][]token {
	out := [][]token{r.tokens}
	if f.Predicate != Statement || r.whole || len(r.tokens) == 0 || f.About == AboutUs {
		return out
	}
	if base, ok := strings.CutSuffix(r.tokens[0].is, "s"); ok && r.tokens[0].class == wordClass && len(base) > 2 && !strings.HasSuffix(base, "s") {
		other := slices.Clone(r.tokens)
		other[0].is = base
		out = append(out, other)
	}
	return out
}

// explain names each word of the sentence that the fact doesn't have there, and each of the fact's that it leaves out.
func (m match) explain() (reasons []Reason, words []Word) {
	var left []token
	for _, at := range m.missing {
		left = append(left, m.fact[at])
	}
	for i, t := range m.said {
		from := FromFact
		if slices.Contains(m.extra, i) {
			from = codeOf(t, NotInFact)
			if slices.ContainsFunc(left, func(l token) bool {
				return l.is == t.is && l.class == t.class && l.article == t.article && sameCase(t, l)
			}) {
				from = Order
			}
			reasons = append(reasons, Reason{from, t.text})
		}
		words = append(words, wordsFrom([]token{t}, from)...)
	}
	for _, t := range left {
		reasons = append(reasons, Reason{codeOf(t, LeftOut), t.text})
	}
	return reasons, words
}
