package evidence

import (
	"slices"
	"strings"
	"unicode"
)

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
	if f.Predicate == Statement || f.About == AboutUs || f.About == AboutCompany && personal(f.Predicate) {
		return Render(f)
	}
	said := patternsOf(f)[0]
	for _, p := range patternsOf(f) { // "you use" is the form that has no s
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
		for _, p := range patternsOf(f) {
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

// equal reports whether a token of a sentence says what that of a fact does. An article may be left out where it tells no amount ("the 3 factories", "a few", "A$12M"), never be put in or changed.
func equal(said, fact token) bool {
	return said.is == fact.is && said.class == fact.class && sameArticle(said, fact) && sameCase(said, fact)
}

func sameArticle(said, fact token) bool {
	switch {
	case said.class == dateClass, said.article == fact.article:
		return true
	case said.article != "":
		return false
	}
	return fact.class == wordClass && !among(quantifiers, fact.is) && !among(counted, fact.is)
}

// sameCase reports whether a word is as much of a name in both: "polish" isn't Polish, and "US" isn't "us".
func sameCase(said, fact token) bool {
	if said.class != wordClass || said.spans == 0 || fact.spans == 0 {
		return true
	}
	said.text, fact.text = plain(said.text), plain(fact.text)
	if fact.text == strings.ToUpper(fact.text) && len(fact.text) > 1 && isLetters(fact.text) {
		return said.text == fact.text
	}
	return said.first || fact.first || said.text == strings.ToLower(said.text) || fact.text != strings.ToLower(fact.text)
}

func isLetters(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
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
	if startsWithDate(in) && len(in) > 2 {
		return in[:2], in[2:]
	}
	return nil, in
}

func startsWithDate(in []token) bool {
	return len(in) > 1 && in[0].class == wordClass && among(" in on since until ", in[0].is) && in[1].class == dateClass
}

// mayBeginWithDate reports whether the date at the end of a fact is that of its verb, so that it may as well come first: that of "bought a mill that was built in 1998" isn't.
func mayBeginWithDate(f Fact) bool {
	if !among(" hired raised opened acquired launched won moved grew ", f.Predicate) || pauses(f.Object) {
		return false
	}
	in := read("x " + f.Object)[1:]
	if len(in) < 2 || !startsWithDate(in[len(in)-2:]) {
		return false
	}
	in = in[:len(in)-2]
	for i, t := range in {
		switch {
		case t.class == dateClass:
			return false
		case t.class != wordClass || t.capital:
		case among(places, t.is):
			if i+1 == len(in) || in[i+1].class == wordClass && !in[i+1].capital {
				return false
			}
		case among(closed, t.is), strings.HasSuffix(t.is, "ed"), strings.HasSuffix(t.is, "ing"):
			return false
		}
	}
	return true
}

// pauses reports whether a text has marks at which a part of its own begins. The comma of a date or a number is none.
func pauses(text string) bool {
	for i, r := range text {
		if strings.ContainsRune(";:()[]–—\"", r) || r == ',' && !unicode.IsDigit(firstRune(strings.TrimLeft(text[i+1:], " "))) {
			return true
		}
	}
	return false
}

// sentenceParts are a sentence as it is held against a fact.
type sentenceParts struct {
	opening, when, subject, rest []token
}

func (p sentenceParts) said() []token { return append(append([]token{}, p.rest...), p.when...) }

func cutSentence(in []token, f Fact) (p sentenceParts) {
	dated := mayBeginWithDate(f)
	if dated {
		p.when, in = cutWhen(in)
	}
	if p.when == nil {
		p.opening, in = cutOpening(in)
		if dated {
			p.when, in = cutWhen(in)
		}
	}
	p.subject, p.rest = cutSubject(in, f)
	return p
}

// movingDate returns the words by which a text names a day that moves: "last year", "recently".
func movingDate(in []token) string {
	for i, t := range in {
		if t.class != wordClass {
			continue
		}
		if among(relatives, t.is) {
			return t.text
		}
		if among(moving, t.is) && i+1 < len(in) && (in[i+1].class == dateClass || among(spans, in[i+1].is) || isMonth(in[i+1].is)) {
			return t.text
		}
	}
	return ""
}

func isMonth(word string) bool { return slices.Contains(strings.Fields(monthNames), word) }

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
