package score

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// What a rule can ask. Letters are compared without regard to case, blanks at both ends don't count.
const (
	Equals    = "equals"     // is the one value
	OneOf     = "one_of"     // is one of the values
	Contains  = "contains"   // has one of the values in it, as whole words
	Range     = "range"      // is a number in the range; of "51-200" the middle
	Exists    = "exists"     // says anything
	OlderThan = "older_than" // is a date, or was found, more than so many days ago
	NewerThan = "newer_than" // likewise, and fewer days ago
)

// Tests lists them.
func Tests() []string { return []string{Equals, OneOf, Contains, Range, Exists, OlderThan, NewerThan} }

// Names of fields besides those of a lead's profile and custom.NAME.
const (
	FieldTag           = "tag"            // any of the tags
	FieldSource        = "source"         // where the lead came from
	FieldCreated       = "created_at"     // when the lead was created
	FieldCompanyDomain = "company.domain" // behind the @, unless it is a public mail provider's
	FactPrefix         = "fact."          // before the predicate of a fact
)

func isFact(field string) bool { return strings.HasPrefix(field, FactPrefix) }

// said is one thing that a field says.
type said struct {
	text string
	at   time.Time // of a date, or when a fact was found
	fact string
}

// apply gives the points of a rule, with what decided it: the first that makes the test hold, or else the first that doesn't.
func (r Rule) apply(in *Input) Part {
	p := Part{Rule: r}
	for _, s := range r.sayings(in) {
		holds := r.holds(s, in.At)
		if holds || p.Value == "" {
			p.Value, p.Fact = s.text, s.fact
		}
		if holds {
			p.Points = r.Weight
			return p
		}
	}
	return p
}

// sayings are what the rule's field says, facts the newest first.
func (r Rule) sayings(in *Input) (out []said) {
	switch {
	case isFact(r.Field):
		for _, f := range in.Facts {
			if f.Predicate == r.Field[len(FactPrefix):] {
				out = append(out, said{f.Object, f.FoundAt, f.ID})
			}
		}
		slices.SortStableFunc(out, func(a, b said) int { return b.at.Compare(a.at) })
	case r.Field == FieldTag:
		for _, tag := range in.Tags {
			out = append(out, said{text: tag})
		}
	default:
		if at, ok := in.Dates[r.Field]; ok {
			return []said{{text: at.UTC().Format(time.DateOnly), at: at}}
		}
		if text := strings.TrimSpace(in.Fields[r.Field]); text != "" {
			out = append(out, said{text: text, at: dateIn(text)})
		}
	}
	return out
}

func (r Rule) holds(s said, at time.Time) bool {
	switch r.Test {
	case Exists:
		return s.text != ""
	case Equals, OneOf:
		return slices.ContainsFunc(r.Values, func(v string) bool { return strings.EqualFold(strings.TrimSpace(v), strings.TrimSpace(s.text)) })
	case Contains:
		words := wordsOf(s.text)
		return slices.ContainsFunc(r.Values, func(v string) bool { return hasWords(words, wordsOf(v)) })
	case Range:
		n, ok := NumberIn(s.text)
		return ok && (r.From == nil || n >= *r.From) && (r.To == nil || n <= *r.To)
	case OlderThan:
		return !s.at.IsZero() && at.Sub(s.at) > time.Duration(r.Days)*24*time.Hour
	case NewerThan:
		return !s.at.IsZero() && at.Sub(s.at) <= time.Duration(r.Days)*24*time.Hour
	}
	return false
}

// wordsOf cuts a text into its words in small letters.
func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '+' && r != '#' })
}

// hasWords reports whether some words stand in a text, one behind the other.
func hasWords(text, words []string) bool {
	if len(words) == 0 {
		return false
	}
	for i := 0; i+len(words) <= len(text); i++ {
		if slices.Equal(text[i:i+len(words)], words) {
			return true
		}
	}
	return false
}

// NumberIn returns the number that a text says: "1,200", "about 250", "51-200" (the middle), "500+".
func NumberIn(text string) (n float64, ok bool) {
	numbers := numbersIn(text)
	switch len(numbers) {
	case 0:
		return 0, false
	case 1:
		return numbers[0], true
	}
	if numbers[1] > numbers[0] {
		return (numbers[0] + numbers[1]) / 2, true
	}
	return numbers[0], true
}

// numbersIn returns the first two numbers of a text. A comma, a point or a blank before three digits parts thousands.
func numbersIn(text string) (out []float64) {
	for i := 0; i < len(text) && len(out) < 2; {
		if text[i] < '0' || text[i] > '9' {
			i++
			continue
		}
		digits := ""
		for i < len(text) {
			c := text[i]
			switch {
			case c >= '0' && c <= '9':
				digits += string(c)
			case (c == ',' || c == '.' || c == '\'' || c == ' ') && threeDigits(text[i+1:]):
			case c == '.' && i+1 < len(text) && text[i+1] >= '0' && text[i+1] <= '9' && !strings.Contains(digits, "."):
				digits += "."
			default:
				c = 0
			}
			if c == 0 {
				break
			}
			i++
		}
		if n, err := strconv.ParseFloat(digits, 64); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// threeDigits reports whether a text begins with three digits and no fourth.
func threeDigits(text string) bool {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n == 3
}

// dateIn returns the date that a text begins with; zero = it is none.
func dateIn(text string) time.Time {
	if len(text) < len(time.DateOnly) {
		return time.Time{}
	}
	at, err := time.Parse(time.DateOnly, text[:len(time.DateOnly)])
	if err != nil {
		return time.Time{}
	}
	return at
}
