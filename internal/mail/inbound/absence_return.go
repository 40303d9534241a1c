package inbound

import (
	"regexp"
	"strings"
	"sync"
	"time"
)

// role is what a day is in an absence.
type role int

const (
	noRole role = iota
	begins
	lasts   // until
	returns // the day on which somebody is back
)

// absenceWords are the sections of the file of phrases.
type absenceWords struct {
	subject, absence, marker, back, backAfter, until, untilAfter, since, left, notMonitored, stillRead *regexp.Regexp
}

// fillers may stand between a word and its day.
const fillers = `(?:[\s,:("']|\b(?:the|alla|alle|ao|aux|del|della|and|including|inclusive|on|at|about|around|approximately|dem|den|der|zum|am|einschließlich|inkl|ca|le|la|el|il|lo|dia|día|de|o|en|med|og|och|dnia|w|v|na|em|pe|den|wrt)\b)*`

//nolint:gochecknoglobals // a constant that is read from a file
var absences = sync.OnceValue(func() (w absenceWords) {
	phrases := map[string][]string{}
	for _, s := range readSections(absencePhrases) {
		phrases[s.name] = s.phrases
	}
	joined := func(name string) string {
		return withBlanks(strings.Join(phrases[name], "|"))
	}
	day := `(?:` + dateWords().weekday + `)`
	beside := func(name string) *regexp.Regexp {
		return regexp.MustCompile(`(?i)(?:^|[^\pL\pN])(?:` + joined(name) + `)` + fillers + `(?:` + day + `\.?)?` + fillers + `$`)
	}
	return absenceWords{
		subject:      regexp.MustCompile(`(?i)^\W*(?:` + joined("subject") + `)` + ends),
		absence:      compilePhrases(phrases["absence"]),
		marker:       compilePhrases(phrases["marker"]),
		back:         compilePhrases(phrases["back"]),
		backAfter:    regexp.MustCompile(`(?i)^[\s,.日号號일]*(?:` + day + `)?[\s,.]*(?:` + joined("back_after") + `)`),
		until:        beside("until"),
		untilAfter:   regexp.MustCompile(`(?i)^[\s(日号號일]*(?:` + joined("until_after") + `)`),
		since:        beside("since"),
		left:         compilePhrases(phrases["left_company"]),
		notMonitored: compilePhrases(phrases["not_monitored"]),
		stillRead:    compilePhrases(phrases["still_read"]),
	}
})

var (
	sentenceEnds = regexp.MustCompile(`[!?。！？]\s*|\n\s*\n|[^\d\s.]\.\s+|\d\.\s+\p{Lu}`)
	rangeBefore  = regexp.MustCompile(`(?:\d(?:st|nd|rd|th|\.)?|` + `\pL)\s*[-–—~～〜]\s*$`)
)

// roleOf tells what a day is from the words beside it in its sentence.
func roleOf(text string, f foundDate) role {
	w := absences()
	before := text[max(0, f.at-90):f.at]
	if ended := sentenceEnds.FindAllStringIndex(before, -1); ended != nil {
		last := ended[len(ended)-1]
		if cut := last[1]; before[last[0]] >= '0' && before[last[0]] <= '9' && cut > 0 {
			before = before[last[0]+1:]
		} else {
			before = before[cut:]
		}
	}
	after := text[f.end:min(len(text), f.end+60)]
	switch {
	case w.backAfter.MatchString(after):
		return returns
	case w.since.MatchString(before) && !endsIn(w.back, before, 25):
		return begins
	case w.until.MatchString(before) && !endsIn(w.back, before, 25):
		return lasts
	case w.untilAfter.MatchString(after), rangeBefore.MatchString(before):
		return lasts
	case endsIn(w.back, before, 60):
		return returns
	}
	return noRole
}

// sentenceOf returns the sentence that a day stands in.
func sentenceOf(text string, f foundDate) string {
	start, end := 0, len(text)
	for _, at := range sentenceEnds.FindAllStringIndex(text, -1) {
		if at[1] <= f.at {
			start = at[0]
		} else if at[0] >= f.end {
			end = at[1]
			break
		}
	}
	return text[start:end]
}

// endsIn reports whether a text has such words within its last so many bytes.
func endsIn(words *regexp.Regexp, text string, size int) bool {
	all := words.FindAllStringIndex(text, -1)
	return all != nil && all[len(all)-1][1] >= len(text)-size
}

// returnDate returns the day on which someone is back: the last one that is said to be, else the last day of the absence.
func returnDate(text string, received time.Time) (time.Time, string) {
	text = straightenApostrophes(text)
	exact, over := exactDates(text, received), false
	best := map[role]foundDate{}
	consider := func(f foundDate, r role) {
		if over = over || f.over && r != begins; r == begins || f.over || r == noRole && (f.bare || !absences().absence.MatchString(sentenceOf(text, f))) {
			return
		}
		if is, there := best[r]; !there || f.day.After(is.day) {
			best[r] = f
		}
	}
	for _, f := range exact {
		consider(f, roleOf(text, f))
		if end := rangeEnd(text, f); !end.day.IsZero() {
			consider(end, lasts)
		}
	}
	for _, f := range append(nextWeekdays(text, received), spanDates(text, received)...) {
		if r := roleOf(text, f); r != noRole && !isPartOf(f, exact) {
			consider(f, r)
		}
	}
	for _, r := range []role{returns, lasts, noRole} {
		if f, there := best[r]; there {
			return f.day, f.words
		}
	}
	if over {
		return time.Time{}, ""
	}
	return approximateReturn(text, received)
}

// approximateReturn is for a text that names no day: "back in two weeks".
func approximateReturn(text string, received time.Time) (time.Time, string) {
	for _, f := range approximateDates(text, received) {
		if r := roleOf(text, f); r == returns || r == lasts || spanOfAbsence.MatchString(text[max(0, f.at-8):f.at]) {
			return f.day, f.words
		}
	}
	return time.Time{}, ""
}

var spanOfAbsence = regexp.MustCompile(`(?i)(?:for|für|until|till|bis|the next|pendant|durante|per)\s+(?:the )?(?:next )?$`)

// isPartOf reports whether a day stands in or right before one that is told exactly: "Monday, 16 March".
func isPartOf(f foundDate, exact []foundDate) bool {
	for _, e := range exact {
		if f.at < e.end && e.at < f.end || f.end <= e.at && e.at-f.end <= 6 || e.end <= f.at && f.at-e.end <= 4 {
			return true
		}
	}
	return false
}

var restOfRange = regexp.MustCompile(`(?i)^\s*(?:-|–|—|to|through|thru|until|till|and)\s*(\d{1,2})(?:st|nd|rd|th)?` + ends)

// rangeEnd returns the last day of "March 10-31".
func rangeEnd(text string, f foundDate) foundDate {
	rest := text[f.end:]
	m := restOfRange.FindStringSubmatchIndex(rest)
	if m == nil || f.words == "" || f.words[0] >= '0' && f.words[0] <= '9' || goesOn(rest[m[3]:]) {
		return foundDate{}
	}
	day := dayOf(f.day.Year(), int(f.day.Month()), parseNumber(rest[m[2]:m[3]]))
	if day.Before(f.day) {
		return foundDate{}
	}
	return foundDate{day: day, at: f.end + m[2], end: f.end + m[3], words: f.words + rest[m[0]:m[3]], over: f.over}
}

// askAgainDate returns the first day that someone names, exactly or roughly.
func askAgainDate(text string, received time.Time) (time.Time, string) {
	text = straightenApostrophes(text)
	var best foundDate
	for _, f := range append(exactDates(text, received), approximateDates(text, received)...) {
		if f.bare && !announcesDay.MatchString(text[:f.at]) || f.day.Before(startOfDay(received)) {
			continue
		}
		if best.words == "" || f.at < best.at {
			best = f
		}
	}
	return best.day, best.words
}

var announcesDay = regexp.MustCompile(`(?i)(?:^|\PL)(?:on|by|after|until|from|before|am|ab|nach|vor|bis|le|el|il|dem|den|zum)\s+$`)
