package evidencereport

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"outrider/internal/evidence"
)

// Sample is a planted sentence.
type Sample struct {
	Kind string // how it says the fact, or what is false of it
	True bool
	evidence.Sentence
	Facts []evidence.Fact
}

// say returns the parts of a true sentence: what comes before, subject, verb, object.
func (p planted) say(r *rand.Rand) (parts [4]string) {
	parts = [4]string{"", p.subject, p.verb, p.object}
	if r.IntN(2) == 0 && p.addressed != "" {
		parts[1], parts[2] = "You", p.addressed
		if r.IntN(2) == 0 {
			parts[0], parts[1] = pick(r, "I saw that |I noticed that |I read that "), "you"
		}
	}
	return parts
}

func join(parts [4]string) string {
	return parts[0] + parts[1] + " " + parts[2] + " " + parts[3] + "."
}

// trueKinds are the ways of saying a fact truly, with how many of a hundred sentences are said so. The last four are those that a free hand would also write; the gate isn't made for them.
var trueKinds = []struct { //nolint:gochecknoglobals // a table
	name   string
	weight int
}{{"as stored", 20}, {"you", 20}, {"opening", 18}, {"number in words", 8}, {"another order of the date", 8}, {"date first", 6}, {"contraction", 3}, {"verb of the same meaning", 7}, {"other marks and blanks", 3},
	{"shorter", 2}, {"list turned round", 2}, {"passive", 2}, {"free words", 1}}

// truly says a fact in a way; "" if it can't be said so.
func (p planted) truly(r *rand.Rand, kind string) string {
	if p.moving || p.inner && (kind == "date first" || kind == "shorter") {
		return ""
	}
	parts := [4]string{"", p.subject, p.verb, p.object}
	you := [4]string{"", "You", p.addressed, p.object}
	switch kind {
	case "as stored":
		return join(parts)
	case "you":
		return join(you)
	case "opening":
		you[0], you[1] = pick(r, "I saw that |I noticed that |I read that "), "you"
		return join(you)
	case "number in words":
		n, err := strconv.Atoi(p.number)
		if err != nil {
			return ""
		}
		you[3] = strings.Replace(p.object, p.number, words(n), 1)
		return join(you)
	case "another order of the date":
		f := strings.Fields(p.date)
		if len(f) != 4 {
			return ""
		}
		you[3] = strings.Replace(p.object, p.date, pick(r, fmt.Sprintf("on %s %s, %s|on the %sth of %s %s", f[2], f[1], f[3], f[1], f[2], f[3])), 1)
		return join(you)
	case "date first":
		if p.date == "" {
			return ""
		}
		return strings.ToUpper(p.date[:1]) + p.date[1:] + ", " + pick(r, "you "+p.addressed+"|"+p.subject+" "+p.verb) + " " + strings.TrimSuffix(p.object, " "+p.date) + "."
	case "contraction":
		if !p.negative {
			return ""
		}
		return "You don't" + strings.TrimPrefix(p.object, "not") + "."
	case "verb of the same meaning":
		if p.other == "" {
			return ""
		}
		parts[2] = p.other
		return join(parts)
	case "other marks and blanks":
		return strings.NewReplacer(`"`, "”", " ", "  ", ".", "!").Replace(strings.Replace(join(you), `"`, "“", 1))
	case "shorter":
		if p.date == "" {
			return ""
		}
		you[3] = strings.TrimSuffix(p.object, " "+p.date)
		return join(you)
	case "list turned round":
		if p.second == "" || p.cause != "" {
			return ""
		}
		you[3] = p.second + " and " + p.name
		return join(you)
	case "passive":
		if p.Predicate != "acquired" {
			return ""
		}
		return p.name + " was acquired by " + p.subject + "."
	case "free words":
		if p.Predicate != "hiring" {
			return ""
		}
		return "Your team is growing: " + p.object + " is wanted."
	}
	return ""
}

func words(n int) string {
	units := strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
	tens := strings.Fields("twenty thirty forty fifty sixty seventy eighty ninety")
	switch {
	case n < 20:
		return units[n]
	case n%10 == 0:
		return tens[n/10-2]
	}
	return tens[n/10-2] + "-" + units[n%10]
}

// FalseKinds are the ways of falsifying.
func FalseKinds() []string {
	return []string{"number", "date", "name", "quotation", "negation", "role", "swap", "invented", "superlative", "cause", "modality", "scope", "citation"}
}

// falsely returns a sentence that isn't what the fact says; ok is false where the fact has nothing to falsify so.
func (p planted) falsely(r *rand.Rand, kind string) (text string, ok bool) {
	if own := slices.DeleteFunc(slices.Clone(p.twists), func(x twist) bool { return x.kind != kind }); len(own) > 0 && r.IntN(2) == 0 {
		return own[r.IntN(len(own))].text, true
	}
	parts := p.say(r)
	verb, object := parts[2], parts[3]
	switch kind {
	case "number":
		parts[3], ok = p.otherNumber(r)
	case "date":
		parts[3], ok = p.otherDate(r)
	case "name":
		if p.name != "" {
			list := cities
			for _, l := range []string{tools, companies, "Oakline Ventures|Fjord Capital|Redstone Partners"} {
				if strings.Contains(l, p.name) {
					list = l
				}
			}
			other := another(r, list, p.name)
			for other == p.second {
				other = another(r, list, p.name)
			}
			parts[3], ok = strings.Replace(object, p.name, other, 1), true
		}
		if r.IntN(4) == 0 {
			parts[0], parts[1], parts[2], ok = "", another(r, companies, p.subject), p.verb, true
			parts[3] = object
		}
	case "quotation":
		parts[3], ok = p.otherQuotation(r)
	case "negation":
		if p.negative {
			rest := strings.TrimPrefix(object, "not ")
			parts[3] = strings.TrimPrefix(rest, "sell ")
			parts[2] = pick(r, "sells|sell|does sell|do sell|will sell")
			return join(parts), true
		}
		parts[2], ok = pick(r, "never "+verb+"|no longer "+verb+"|"+verb+" not|hardly "+verb+"|haven't "+verb+"|"+verb+" none of"), true
	case "role":
		if p.role == "" {
			parts[2], ok = another(r, "sold|fired|lost|closed|left|denied|audits|avoids|copies|is suing|returned", p.verb), true
			break
		}
		parts[3], ok = strings.Replace(object, p.role, another(r, roles+"|"+areas+"|"+goods, p.role), 1), true
	case "swap":
		switch {
		case p.second != "" && p.cause != "":
			parts[3], ok = strings.NewReplacer(p.name, p.second, p.second, p.name).Replace(object), true
		case p.name != "" && p.About == evidence.AboutCompany:
			parts = [4]string{"", p.name, p.verb, strings.Replace(object, p.name, p.subject, 1)}
			ok = true
		case p.About == evidence.AboutLead:
			parts = [4]string{"", pick(r, "We|Your company|Your team|I"), p.verb, object}
			ok = true
		}
	case "invented":
		added := pick(r, " and doubled its revenue| and won an award for it|, which saved your team weeks| after a difficult winter| with great success|, as your competitors did")
		parts[3], ok = object+added, true
		if r.IntN(3) == 0 {
			return pick(r, "You are expanding into new markets.|Your team struggles with reporting.|Your recent growth is impressive.|You lead a prominent and innovative business.|Manual work slows your team down."), true
		}
	case "superlative":
		added := pick(r, "the leading|the best|the largest|the fastest-growing|the most innovative")
		parts[3], ok = pick(r, added+" "+object+"|"+object+", "+added+" of its kind"), true
		parts[3] = strings.Replace(parts[3], "the leading a ", "the leading ", 1)
	case "cause":
		if p.cause != "" && r.IntN(2) == 0 {
			parts[3], ok = strings.Replace(object, " because ", pick(r, " although | so that | before | until "), 1), true
			break
		}
		parts[3], ok = object+pick(r, " because demand grew| due to new rules| thanks to its investors|, so costs fell| as a result of the merger"), true
	case "modality":
		if p.modal != "" {
			parts[2], parts[3] = pick(r, "opened|opens|will open|has opened"), strings.TrimPrefix(object, "to open ")
			return join(parts), true
		}
		parts[2], ok = pick(r, "may "+verb+"|plans to "+verb+"|will "+verb+"|might have "+verb+"|probably "+verb+"|reportedly "+verb+"|should "+verb+"|wants to "+verb), true
	case "scope":
		parts[3], ok = p.otherScope(r)
	}
	return join(parts), ok
}

func (p planted) otherNumber(r *rand.Rand) (string, bool) {
	if p.number == "" {
		return "", false
	}
	digits := strings.Trim(p.number, "$M")
	n, _ := strconv.Atoi(digits)
	other := n + 1 + r.IntN(60)
	switch r.IntN(5) {
	case 0:
		return strings.Replace(p.object, p.number, strings.Replace(p.number, digits, fmt.Sprint(n*10), 1), 1), true
	case 1:
		if other < 100 && !strings.Contains(p.number, "$") {
			return strings.Replace(p.object, p.number, words(other), 1), true
		}
	case 2:
		return strings.Replace(p.object, p.number, pick(r, "over |nearly |about |at least ")+p.number, 1), true
	case 3:
		return strings.Replace(p.object, p.number, strings.Replace(p.number, digits, digits+".5", 1), 1), true
	}
	return strings.Replace(p.object, p.number, strings.Replace(p.number, digits, fmt.Sprint(other), 1), 1), true
}

func (p planted) otherDate(r *rand.Rand) (string, bool) {
	if p.date == "" {
		return "", false
	}
	f := strings.Fields(p.date)
	switch r.IntN(4) {
	case 0:
		return strings.Replace(p.object, p.date, pick(r, "last year|recently|this spring|last month|yesterday"), 1), true
	case 1:
		if len(f) > 2 {
			month := f[len(f)-2]
			return strings.Replace(p.object, month, another(r, months, month), 1), true
		}
	case 2:
		return strings.Replace(p.object, f[0]+" ", pick(r, "since |before |after |until "), 1), true
	}
	y, _ := strconv.Atoi(f[len(f)-1])
	return strings.Replace(p.object, f[len(f)-1], fmt.Sprint(y+1+r.IntN(3)), 1), true
}

func (p planted) otherQuotation(r *rand.Rand) (string, bool) {
	if p.quoted == "" {
		return `"` + p.object + `"`, true // words that nobody said
	}
	f := strings.Fields(p.quoted)
	i := r.IntN(len(f))
	switch r.IntN(4) {
	case 0:
		f = append(f[:i:i], f[i+1:]...)
	case 1:
		f[i] = pick(r, "always|perhaps|gladly|costs")
	case 2:
		f = append(f, pick(r, "now|again|and it paid off"))
	case 3:
		return p.quoted, true // no longer as a quotation
	}
	return `"` + strings.Join(f, " ") + `"`, true
}

func (p planted) otherScope(r *rand.Rand) (string, bool) {
	switch {
	case p.quantity != "" && r.IntN(2) == 0:
		return strings.Replace(p.object, p.quantity, pick(r, "all|some|only|few"), 1), true
	case p.limit != "" && r.IntN(2) == 0:
		return strings.Replace(p.object, p.limit, pick(r, "| everywhere| in Europe| worldwide"), 1), true
	}
	return pick(r, "only "+p.object+"|all "+p.object+"|"+p.object+" in every country|"+p.object+" every year|mostly "+p.object), true
}
