package evidence

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSentence is how many bytes a sentence may have.
const maxSentence = 1000

// Check judges one sentence.
func Check(s Sentence, p Policy) Verdict {
	v := Verdict{Text: s.Text}
	if v.Reasons = formReasons(s.Text, p); len(v.Reasons) > 0 {
		v.Words = refusedWords(s.Text, v.Reasons)
		return v
	}
	tokens := read(s.Text)
	if p.approves(tokens, s.Text) {
		v.Passed, v.Words = true, wordsFrom(tokens, FromApproved)
		return v
	}
	cited := p.cited(s.Cites)
	if len(s.Cites) == 0 && p.Search {
		cited = p.Facts
	}
	switch {
	case strings.Contains(s.Text, "?"):
		v.refuse(tokens, Question)
	case len(s.Cites) == 0 && !p.Search:
		v.refuse(tokens, NotCited)
	case len(s.Cites) > 1:
		v.refuse(tokens, SeveralFacts)
	case len(cited) == 0 && p.Search:
		v.refuse(tokens, NotCited)
	case len(cited) == 0:
		v.refuse(tokens, UnknownFact)
	default:
		v = nearest(s.Text, tokens, cited)
	}
	return v
}

// CheckText judges each sentence of a text that cites nothing, as a person writes it.
func CheckText(text string, p Policy) []Verdict {
	p.Search = true
	var out []Verdict
	for _, s := range Split(text) {
		out = append(out, Check(Sentence{Text: s}, p))
	}
	return out
}

// Passed reports whether all of them did.
func Passed(all []Verdict) bool {
	return !slices.ContainsFunc(all, func(v Verdict) bool { return !v.Passed })
}

func (v *Verdict) refuse(tokens []token, code string) {
	v.Reasons, v.Words = []Reason{{Code: code}}, wordsFrom(tokens, code)
}

// cited returns the facts that are cited, none if one of them isn't known.
func (p Policy) cited(ids []string) (out []Fact) {
	for _, id := range ids {
		at := slices.IndexFunc(p.Facts, func(f Fact) bool { return f.ID == id })
		if at < 0 {
			return nil
		}
		out = append(out, p.Facts[at])
	}
	return out
}

// approves reports whether a sentence is one of the approved texts' sentences, word for word. A question is one only as a question.
func (p Policy) approves(tokens []token, text string) bool {
	for _, approved := range p.Approved {
		for _, sentence := range Split(approved) {
			same := slices.EqualFunc(tokens, read(sentence), func(a, b token) bool {
				return a.is == b.is && a.class == b.class && a.article == b.article && sameCase(a, b)
			})
			if same && sameQuotations(text, sentence) {
				return true
			}
		}
	}
	return false
}

// nearest judges a sentence by the one of the facts that is nearest to it.
func nearest(text string, tokens []token, facts []Fact) (best Verdict) {
	for i, f := range facts {
		v := against(text, tokens, f)
		if v.Passed {
			return v
		}
		if i == 0 || len(v.Reasons) < len(best.Reasons) {
			best = v
		}
	}
	return best
}

// against judges a sentence by one fact.
func against(text string, tokens []token, f Fact) Verdict {
	v := Verdict{Text: text, Fact: f.ID}
	if f.Stale {
		v.refuse(tokens, StaleFact)
		return v
	}
	parts := cutSentence(tokens, f)
	m := matchFact(parts, f)
	v.Words = wordsFrom(parts.opening, FromOpening)
	if len(parts.opening) > 0 && f.About == AboutUs { // nobody reads about themselves
		v.Reasons = append(v.Reasons, Reason{Subject, parts.opening[0].text})
	}
	if len(parts.subject) == 0 && !(m.whole && m.size() == 0) {
		v.Reasons = append(v.Reasons, Reason{Subject, firstText(parts.rest)})
	}
	if !m.whole {
		v.Words = append(v.Words, wordsFrom(parts.subject, FromSubject)...)
	}
	reasons, words := m.explain()
	v.Reasons, v.Words = append(v.Reasons, reasons...), append(v.Words, words...)
	if !quotationsStand(text, f.Object) {
		v.Reasons = append(v.Reasons, Reason{Code: Quotation})
	}
	if f.About != AboutUs {
		if word := movingDate(tokens); word != "" {
			v.Reasons = append(v.Reasons, Reason{MovingDate, word})
		}
		for _, t := range tokens {
			if among(promises, t.is) && !(f.Predicate == "makes" || f.Predicate == "sells") {
				v.Reasons = append(v.Reasons, Reason{Promise, t.text})
			}
		}
	}
	v.Passed = len(v.Reasons) == 0
	return v
}

func firstText(tokens []token) string {
	if len(tokens) == 0 {
		return ""
	}
	return tokens[0].text
}

// Promises reports whether a text has a word of a promise, a price or a discount.
func Promises(text string) bool {
	return slices.ContainsFunc(read(text), func(t token) bool { return among(promises, t.is) })
}

// codeOf returns what it is called when a word is too many or missing.
func codeOf(t token, other string) string {
	switch {
	case t.class == numberClass:
		return Number
	case t.class == dateClass:
		return Date
	case t.class == linkClass:
		return Link
	case among(negations, t.is):
		return Negation
	case among(quantifiers, t.is):
		return Quantifier
	case among(modals, t.is):
		return Modality
	case among(causes, t.is):
		return Cause
	case other == NotInFact && among(promises, t.is):
		return Promise
	case t.capital && !t.first && t.is != "i":
		return Name
	}
	return other
}

// wordsFrom returns tokens as the words of a verdict; what a contraction was expanded to is no word of its own.
func wordsFrom(tokens []token, from string) (out []Word) {
	for _, t := range tokens {
		if t.spans == 0 {
			continue
		}
		text := t.text
		if t.article != "" {
			text = t.article + " " + text
		}
		out = append(out, Word{text, from})
	}
	return out
}

func refusedWords(text string, reasons []Reason) (out []Word) {
	for _, field := range strings.Fields(text) {
		from := FromMark
		for _, r := range reasons {
			if r.Word == "" || strings.Contains(field, r.Word) {
				from = r.Code
			}
		}
		out = append(out, Word{field, from})
	}
	return out
}

// formReasons refuses by what no fact can carry: hidden characters, markup, links, more than one sentence.
func formReasons(text string, p Policy) (out []Reason) {
	if len(text) > maxSentence || !utf8.ValidString(text) {
		return []Reason{{Code: TooLong}}
	}
	for _, r := range text {
		if unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs) || unicode.IsControl(r) && r != '\n' && r != '\t' || r >= 0xE0000 && r <= 0xE0FFF || r == 0x115F || r == 0x3164 || r == 0xFFFC {
			return []Reason{{Code: Hidden}}
		}
	}
	for _, mark := range []string{"](", "![", "<", ">", "`", "{{", "{%", "|", "**", "__"} {
		if strings.Contains(text, mark) {
			return []Reason{{Markup, mark}}
		}
	}
	for _, t := range splitWords(text) {
		if t.class == linkClass && !slices.Contains(p.Links, t.text) {
			out = append(out, Reason{Link, t.text})
		}
	}
	if phone := phonePattern.FindString(text); phone != "" && !slices.Contains(p.Links, phone) {
		out = append(out, Reason{Link, phone})
	}
	if len(out) == 0 && len(Split(text)) != 1 {
		out = []Reason{{Code: TwoSentences}}
	}
	return out
}
