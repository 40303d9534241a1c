package inbound

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// foundDate is a day that a text names.
type foundDate struct {
	day     time.Time
	at, end int // where it stands
	words   string
	bare    bool // it may be something else: "10/12", "3.5"; it counts where the words beside it say so
	over    bool // it is before received, as the next such day would be most of a year away
}

const farthest = 400 * 24 * time.Hour

// dateForm is a way of writing a day; year, month and day are groups of its pattern.
type dateForm struct {
	pattern          *regexp.Regexp
	year, month, day int
	either           bool // month and day may be the other way round
	figures          bool // there is no name in it
	bare             bool
}

// ends stands behind a word or a number. What it takes is looked at again.
const ends = `(?:$|[^\pL\pN])`

//nolint:gochecknoglobals // constants, most of which are made of a file
var dateForms = sync.OnceValue(func() []dateForm {
	month := `(` + dateWords().month + `)`
	year := `(\d{4}|'\d\d)`
	form := func(pattern string) *regexp.Regexp { return regexp.MustCompile(`(?i)(?:^|[^\pL\pN])` + pattern) }
	return []dateForm{
		{pattern: form(`(\d{4})([-/.])(\d{1,2})[-/.](\d{1,2})` + ends), year: 1, month: 3, day: 4, figures: true},
		{pattern: regexp.MustCompile(`(?:(\d{4})\s?[年년]\s?)?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?(?:[日号號일]|$|[^\d])`), year: 1, month: 2, day: 3},
		{pattern: form(`(\d{1,2})\.\s?(\d{1,2})\.(?:\s?(\d{4}|\d{2})` + ends + `)?`), year: 3, month: 2, day: 1, figures: true},
		{pattern: form(`(\d{1,2})(?:\s?(?:st|nd|rd|th|er|ère|re|de|º|ª|°|:[ae]n?|-го|-е|η|ης|e)|\.)?[\s-]*(?:day\s+)?(?:of\s+|de\s+|d'|di\s+)?` + month + ends + `(?:[.,]?\s*(?:de\s+|del\s+)?` + year + ends + `)?`), year: 3, month: 2, day: 1},
		{pattern: form(month + `\.?\s+(?:the\s+)?(\d{1,2})(?:\s?(?:st|nd|rd|th)|-?[aáeéi]{1,2}[nkg]?|\.)?` + ends + `(?:[\s,]*` + year + ends + `)?`), year: 3, month: 1, day: 2},
		{pattern: form(`(\d{1,2})([/-])(\d{1,2})[/-](\d{4}|\d{2})` + ends), year: 4, month: 3, day: 1, either: true, figures: true},
		{pattern: form(`(\d{1,2})/(\d{1,2})` + ends), month: 2, day: 1, either: true, figures: true, bare: true},
		{pattern: form(`(\d{1,2})\.(\d{1,2})` + ends), month: 2, day: 1, figures: true, bare: true},
	}
})

// exactDates finds days, at most 400 days away.
func exactDates(text string, received time.Time) (all []foundDate) {
	today := startOfDay(received)
	read := make([]bool, len(text)+1) // a date isn't read again as a shorter one, without its year
	for _, form := range dateForms() {
		for _, m := range findAll(form.pattern, text) {
			start, end := firstGroup(m), lastGroup(m)
			if read[start] || read[end-1] || form.figures && !isWholeNumber(text, start, end) || !form.figures && goesOn(text[end:]) {
				continue
			}
			for i := start; i < end; i++ {
				read[i] = true
			}
			found := form.resolve(text, m, today)
			found.at, found.end, found.words, found.bare = start, end, strings.TrimSpace(text[start:end]), form.bare
			if !found.day.IsZero() && found.day.Sub(today) <= farthest {
				all = append(all, found)
			}
		}
	}
	return all
}

func (f dateForm) resolve(text string, m []int, today time.Time) foundDate {
	year, month, day := groupText(text, m, f.year), groupText(text, m, f.month), groupText(text, m, f.day)
	if f.year == 0 {
		year = ""
	}
	found := resolveDay(year, monthNumber(month), day, today)
	if !f.either {
		return found
	}
	other := resolveDay(year, parseNumber(day), month, today)
	if found.day.IsZero() || found.over && !other.day.IsZero() || !other.day.IsZero() && !other.over && other.day.Before(found.day) {
		return other
	}
	return found
}

// findAll returns the matches of a pattern; what stands around the groups of one may be part of the next.
func findAll(pattern *regexp.Regexp, text string) (all [][]int) {
	for from := 0; from <= len(text) && len(all) < maxParts; {
		m := pattern.FindStringSubmatchIndex(text[from:])
		if m == nil {
			break
		}
		for i := range m {
			if m[i] >= 0 {
				m[i] += from
			}
		}
		all = append(all, m)
		from = max(lastGroup(m), from+1)
	}
	return all
}

func firstGroup(m []int) int {
	first := m[1]
	for i := 2; i < len(m); i += 2 {
		if m[i] >= 0 {
			first = min(first, m[i])
		}
	}
	return first
}

func lastGroup(m []int) int {
	last := m[0]
	for i := 3; i < len(m); i += 2 {
		last = max(last, m[i])
	}
	return last
}

// groupText returns what a group of a match holds, or "".
func groupText(text string, match []int, group int) string {
	if match[2*group] < 0 {
		return ""
	}
	return text[match[2*group]:match[2*group+1]]
}

// isWholeNumber reports whether figures are no part of longer ones: an address, a telephone number, a time, a price.
func isWholeNumber(text string, start, end int) bool {
	before, size := utf8.DecodeLastRuneInString(text[:start])
	if strings.ContainsRune("./:+#$€£", before) {
		return false
	}
	if before == '-' { // a range goes on
		beyond, _ := utf8.DecodeLastRuneInString(text[:start-size])
		if beyond == '-' || unicode.IsLetter(beyond) {
			return false
		}
	}
	rest := text[end:]
	after, size := utf8.DecodeRuneInString(rest)
	next, _ := utf8.DecodeRuneInString(rest[size:])
	return after != '%' && (!strings.ContainsRune("./:", after) || !unicode.IsDigit(next))
}

// goesOn reports whether a number goes on as a time.
func goesOn(rest string) bool {
	return len(rest) > 1 && rest[0] == ':' && rest[1] >= '0' && rest[1] <= '9'
}

func monthNumber(s string) int {
	if n := parseNumber(s); n > 0 {
		return n
	}
	return int(parseMonth(s))
}

func startOfDay(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// resolveDay returns a day, or zero for one that doesn't exist. Without a year it is the next such day.
func resolveDay(year string, m int, day string, today time.Time) foundDate {
	year = strings.TrimPrefix(year, "'")
	y, d := parseNumber(year), parseNumber(day)
	if len(year) == 2 {
		y += 2000
	}
	if year != "" {
		t := dayOf(y, m, d)
		return foundDate{day: t, over: t.Before(today)}
	}
	this := dayOf(today.Year(), m, d)
	if !this.IsZero() && !this.Before(today) {
		return foundDate{day: this}
	}
	return foundDate{day: dayOf(today.Year()+1, m, d), over: !this.IsZero() && today.Sub(this) < recently}
}

// recently is how long ago a day is that is rather over than a year minus that away.
const recently = 150 * 24 * time.Hour

func dayOf(y, m, d int) time.Time {
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if t.Day() != d || int(t.Month()) != m {
		return time.Time{}
	}
	return t
}

func parseNumber(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
