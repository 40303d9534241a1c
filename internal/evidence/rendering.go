package evidence

import "strings"

// rendering is one way of saying a fact, after its subject.
type rendering struct {
	tokens []token
	whole  bool // the text of a statement that doesn't begin with its subject: nothing comes before it
}

// Render returns a fact as it is written where nothing else is wanted: the subject by its first name, and the first of the predicate's patterns.
func Render(f Fact) string {
	if f.Predicate == Statement {
		return f.Object
	}
	subject := "They"
	if len(f.Names) > 0 {
		subject = f.Names[0]
	}
	all := patterns(f.Predicate)
	if all == nil {
		return ""
	}
	return subject + " " + strings.Replace(all[0], "{}", f.Object, 1) + "."
}

// Address returns a fact as a message says it to the person.
func Address(f Fact) string {
	if f.Predicate == Statement || f.About == AboutUs {
		return Render(f)
	}
	said := patterns(f.Predicate)[0]
	for _, p := range patterns(f.Predicate) { // "you use" is the form that has no s
		if strings.Replace(said, "s {}", " {}", 1) == p {
			said = p
		}
	}
	for _, form := range [][2]string{{"is ", "are "}, {"has ", "have "}, {"was ", "were "}} {
		if rest, ok := strings.CutPrefix(said, form[0]); ok {
			said = form[1] + rest
		}
	}
	return "You " + strings.Replace(said, "{}", f.Object, 1) + "."
}

// renderings returns how a fact may be said.
func renderings(f Fact) (out []rendering) {
	if f.Predicate != Statement {
		for _, p := range patterns(f.Predicate) {
			out = append(out, rendering{tokens: read("x " + strings.Replace(p, "{}", f.Object, 1))[1:]})
		}
		return out
	}
	whole := read(f.Object)
	out = append(out, rendering{tokens: whole, whole: true})
	for _, name := range callings(f) {
		if n := startsWith(whole, read(name)); n > 0 {
			out = append(out, rendering{tokens: whole[n:]})
		}
	}
	return out
}

// startsWith returns the length of name if the tokens begin with it, else 0.
func startsWith(in, name []token) int {
	if len(name) == 0 || len(in) < len(name) {
		return 0
	}
	for i, t := range name {
		if in[i].is != t.is || in[i].class != t.class {
			return 0
		}
	}
	return len(name)
}

// equal reports whether a token of a sentence says what that of a fact does. An article may be left out, never be put in or changed.
func equal(said, fact token) bool {
	return said.is == fact.is && said.class == fact.class && (said.article == "" || said.article == fact.article || said.class == dateClass)
}

// cutOpening takes away how the writer came to know.
func cutOpening(in []token) (opening, rest []token) {
	n := 0
	for o := range strings.SplitSeq(openings, "|") {
		n = max(n, startsWith(in, read(o)))
	}
	return in[:n], in[n:]
}

// cutSubject takes the subject away: the longest of its names that the tokens begin with.
func cutSubject(in []token, f Fact) (subject, rest []token) {
	n := 0
	for _, name := range callings(f) {
		n = max(n, startsWith(in, read(name)))
	}
	return in[:n], in[n:]
}

// cutWhen takes away a date at the beginning: "In March 2024, ..."
func cutWhen(in []token) (when, rest []token) {
	if len(in) > 2 && in[0].class == wordClass && among(" in on since until ", in[0].is) && in[1].class == dateClass {
		return in[:2], in[2:]
	}
	return nil, in
}

// sentenceParts are a sentence as it is held against a fact.
type sentenceParts struct {
	opening, when, subject, rest []token
}

func (p sentenceParts) said() []token { return append(append([]token{}, p.rest...), p.when...) }

func cutSentence(in []token, f Fact) (p sentenceParts) {
	p.when, in = cutWhen(in)
	if p.when == nil {
		p.opening, in = cutOpening(in)
		p.when, in = cutWhen(in)
	}
	p.subject, p.rest = cutSubject(in, f)
	return p
}

// difference is what stands between a sentence and a rendering: which tokens have no equal.
type difference struct {
	extra   []int // of the sentence
	missing []int // of the rendering
}

func (d difference) size() int { return len(d.extra) + len(d.missing) }

// compare aligns both by their longest common subsequence.
func compare(said, fact []token) (d difference) {
	width := len(fact) + 1
	best := make([]int, (len(said)+1)*width)
	for i := len(said) - 1; i >= 0; i-- {
		for j := len(fact) - 1; j >= 0; j-- {
			if equal(said[i], fact[j]) {
				best[i*width+j] = best[(i+1)*width+j+1] + 1
			} else {
				best[i*width+j] = max(best[(i+1)*width+j], best[i*width+j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(said) && j < len(fact) {
		switch {
		case equal(said[i], fact[j]) && best[i*width+j] == best[(i+1)*width+j+1]+1:
			i, j = i+1, j+1
		case best[(i+1)*width+j] >= best[i*width+j+1]:
			d.extra = append(d.extra, i)
			i++
		default:
			d.missing = append(d.missing, j)
			j++
		}
	}
	for ; i < len(said); i++ {
		d.extra = append(d.extra, i)
	}
	for ; j < len(fact); j++ {
		d.missing = append(d.missing, j)
	}
	return d
}
