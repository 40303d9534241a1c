package inbound

import (
	_ "embed" // the words
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

//go:embed calendar_words.txt
var calendarWords string

// calendar reads the names of months, days and spans.
type calendar struct {
	months, weekdays, units, counts []*regexp.Regexp // whole words
	month, weekday, unit, count     string           // any of them
	tomorrow, end                   string
}

//nolint:gochecknoglobals // a constant that is read from a file
var dateWords = sync.OnceValue(func() (c calendar) {
	named := map[string]string{}
	for _, s := range readSections(calendarWords) {
		named[s.name] = strings.Join(s.phrases, "|")
	}
	list := func(names ...string) (whole []*regexp.Regexp, anyOf string) {
		var all []string
		for _, name := range names {
			whole = append(whole, regexp.MustCompile(`(?i)^(?:`+named[name]+`)$`))
			all = append(all, strings.Split(named[name], "|")...)
		}
		slices.SortStableFunc(all, func(a, b string) int { return len(b) - len(a) }) // of two that begin alike the longer counts
		return whole, withBlanks(strings.Join(all, "|"))
	}
	c.months, c.month = list("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
	c.weekdays, c.weekday = list("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
	c.units, c.unit = list("day", "week", "month")
	c.counts, c.count = list("one", "two", "three", "four", "five", "six")
	_, c.tomorrow = list("tomorrow")
	_, c.end = list("end")
	return c
})

// indexOf returns which of the words it is, or -1.
func indexOf(words []*regexp.Regexp, s string) int {
	return slices.IndexFunc(words, func(w *regexp.Regexp) bool { return w.MatchString(s) })
}

func parseMonth(name string) time.Month { return time.Month(indexOf(dateWords().months, name) + 1) }

func parseCount(s string) int {
	if n := parseNumber(s); n > 0 {
		return n
	}
	return max(1, indexOf(dateWords().counts, s)+1)
}
