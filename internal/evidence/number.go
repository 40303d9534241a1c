package evidence

import (
	"math/big"
	"regexp"
	"strings"
)

var grouped = regexp.MustCompile(`^\d{1,3}(,\d{3})+(\.\d+)?$`)

var figure = regexp.MustCompile(`^([$€£]?)(\d+(?:[.,]\d+)*)(st|nd|rd|th|[kKmM]|bn|[bB])?(%?)$`)

// amount is a number while its words are being read.
type amount struct {
	value   *big.Rat
	raw     string // as it was written, when it is no plain number: versions, "1.000"
	unit    string
	ordinal bool
	whole   bool // a sum of digits alone: may be a day or a year
}

func (a amount) String() string {
	prefix := "n:"
	if a.ordinal {
		prefix = "o:"
	}
	if a.raw != "" {
		return prefix + a.raw + a.unit
	}
	return prefix + a.value.RatString() + a.unit
}

// numbers makes values of figures and of number words, with their scale and unit: "$12M" and "twelve million dollars" are the same.
func numbers(in []token) (out []token) {
	for i := 0; i < len(in); {
		a, n := readAmount(in[i:])
		if n == 0 {
			out = append(out, in[i])
			i++
			continue
		}
		t := in[i]
		for _, more := range in[i+1 : i+n] {
			t.spans += more.spans
			if more.text != "" {
				t.text += " " + more.text
			}
		}
		t.is, t.class = a.String(), numberClass
		if a.whole {
			t.is = a.value.RatString()
		}
		out = append(out, t)
		i += n
	}
	return out
}

func readAmount(in []token) (a amount, n int) {
	switch a, n = readFigure(in[0]); {
	case n > 0:
	default:
		if a, n = readNumberWords(in); n == 0 {
			return a, 0
		}
	}
	for n < len(in) && a.raw == "" && !a.ordinal {
		scale := scaleOf(in[n].is)
		if scale == 0 || in[n].class == numberClass {
			break
		}
		a.value = new(big.Rat).Mul(a.value, big.NewRat(scale, 1))
		a.whole = false
		n++
	}
	if n < len(in) && a.unit == "" && !a.ordinal {
		if unit := unitOf(in[n].is); unit != "" {
			a.unit, a.whole = unit, false
			n++
		} else if in[n].is == "per" && n+1 < len(in) && in[n+1].is == "cent" {
			a.unit, a.whole = "%", false
			n += 2
		}
	}
	return a, n
}

func readFigure(t token) (a amount, n int) {
	m := figure.FindStringSubmatch(t.text)
	if m == nil || t.spans == 0 {
		return a, 0
	}
	a.unit = m[1] + m[4]
	digits := m[2]
	switch {
	case grouped.MatchString(digits):
		digits = strings.ReplaceAll(digits, ",", "")
	case strings.Contains(digits, ",") || strings.Contains(digits, ".") && m[3] == "" && m[1] == "" && m[4] == "":
		a.raw = digits + m[3] // "1,5", "2.10": written as it is or not at all
		return a, 1
	}
	value, ok := new(big.Rat).SetString(digits)
	if !ok {
		a.raw = t.text
		return a, 1
	}
	switch strings.ToLower(m[3]) {
	case "st", "nd", "rd", "th":
		a.ordinal = true
	case "k":
		value.Mul(value, big.NewRat(1e3, 1))
	case "m":
		value.Mul(value, big.NewRat(1e6, 1))
	case "b", "bn":
		value.Mul(value, big.NewRat(1e9, 1))
	}
	a.value, a.whole = value, m[3] == "" && a.unit == "" && !strings.ContainsAny(m[2], ".,")
	return a, 1
}

func scaleOf(w string) int64 {
	switch w {
	case "hundred":
		return 1e2
	case "thousand":
		return 1e3
	case "million":
		return 1e6
	case "billion":
		return 1e9
	}
	return 0
}

func unitOf(w string) string {
	switch w {
	case "%", "percent", "pct":
		return "%"
	case "$", "dollar", "dollars", "usd":
		return "$"
	case "€", "euro", "euros", "eur":
		return "€"
	case "£", "pound", "pounds", "gbp":
		return "£"
	}
	return ""
}

const (
	unitWords    = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
	tensWords    = "twenty thirty forty fifty sixty seventy eighty ninety"
	ordinalWords = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
)

func indexOf(list, word string) int {
	for i, w := range strings.Fields(list) {
		if w == word {
			return i
		}
	}
	return -1
}

// readNumberWords reads "twenty-five", "three hundred and forty" or "third"; scales from thousand on are read by who calls it.
func readNumberWords(in []token) (a amount, n int) {
	if in[0].class != wordClass {
		return a, 0
	}
	if i := indexOf(ordinalWords, in[0].is); i >= 0 {
		return amount{value: big.NewRat(int64(i), 1), ordinal: true}, 1
	}
	small := func(w string) (int64, bool) {
		if tens, unit, ok := strings.Cut(w, "-"); ok {
			i, j := indexOf(tensWords, tens), indexOf(unitWords, unit)
			return int64(20 + 10*i + j), i >= 0 && j > 0 && j < 10
		}
		if i := indexOf(unitWords, w); i >= 0 {
			return int64(i), true
		}
		i := indexOf(tensWords, w)
		return int64(20 + 10*i), i >= 0
	}
	value, ok := small(in[0].is)
	if !ok {
		return a, 0
	}
	n = 1
	if value >= 20 && value%10 == 0 && len(in) > 1 && in[1].class == wordClass {
		if unit := indexOf(unitWords, in[1].is); unit > 0 && unit < 10 {
			value, n = value+int64(unit), 2
		}
	}
	return amount{value: big.NewRat(value, 1)}, n
}
