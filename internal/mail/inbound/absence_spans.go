package inbound

import (
	"regexp"
	"strings"
	"time"
)

// nextWeekdays finds names of days of the week, the next ones after received.
func nextWeekdays(text string, received time.Time) (all []foundDate) {
	for _, m := range findAll(approximate().weekday, text) {
		start, end := firstGroup(m), lastGroup(m)
		name := strings.ToLower(text[start:end])
		if want := indexOf(dateWords().weekdays, name); want >= 0 {
			days := (want - int(received.Weekday()) + 6) % 7
			all = append(all, foundDate{day: startOfDay(received).AddDate(0, 0, days+1), at: start, end: end, words: name, bare: true})
		}
	}
	return all
}

// spanDates finds the days that only an absence is told by: tomorrow, the 16th, the end of a month.
func spanDates(text string, received time.Time) (all []foundDate) {
	today := startOfDay(received)
	add := func(m []int, day time.Time) {
		all = append(all, foundDate{day: day, at: m[0] + leading(text[m[0]:m[1]]), end: lastGroup(m), words: strings.TrimSpace(text[firstGroup(m):lastGroup(m)]), bare: true})
	}
	forms := approximate()
	for _, m := range findAll(forms.tomorrow, text) {
		add(m, today.AddDate(0, 0, 1))
	}
	for _, m := range findAll(forms.endOf, text) {
		if day := endOf(text[m[2]:m[3]], strings.ToLower(text[m[4]:m[5]]), groupText(text, m, 3), strings.Contains(strings.ToLower(text[m[0]:m[1]]), "next"), today); !day.IsZero() {
			add(m, day)
		}
	}
	for _, m := range findAll(forms.dayOnly, text) {
		if day := nextDayOfMonth(parseNumber(text[m[2]:m[3]]), today); !day.IsZero() && !behindNumber.MatchString(text[m[3]:]) && !strings.HasSuffix(text[:m[2]], "-") && isWholeNumber(text, m[2], m[3]) {
			add(m, day)
		}
	}
	for _, m := range findAll(dayOfCJK, text) {
		if day := nextDayOfMonth(parseNumber(text[m[2]:m[3]]), today); !day.IsZero() {
			add(m, day)
		}
	}
	return all
}

var (
	dayOfCJK = regexp.MustCompile(`(?:^|[^\d月월\s])\s?(\d{1,2})\s?[日号號일]`)
	// behindNumber is what shows that a number is no day.
	behindNumber = regexp.MustCompile(`(?i)^(?:\s?(?:uhr|h\b|am\b|pm\b|a\.m|p\.m|o'clock|:|/|-\d|%|€|\$|days?|weeks?|months?|hours?|minutes?|people|years?|tage|wochen|monate|stunden|jours|semaines|heures|días|semanas|horas|giorni|settimane|ore|dagen|weken|uur|дн|нед)|[,.]?\d|\s+\d)`)
)

// leading returns how many bytes at the beginning of a match belong to what stands before it.
func leading(match string) int {
	return len(match) - len(strings.TrimLeft(match, " \t\n,;:(–—-"))
}

// endOf returns the last day, the middle or the beginning of a month, a week or a year.
func endOf(which, unit, year string, next bool, today time.Time) time.Time {
	var first, last time.Time
	switch month := parseMonth(unit); {
	case month > 0:
		if first = time.Date(today.Year(), month, 1, 0, 0, 0, 0, time.UTC); year != "" {
			first = dayOf(parseNumber(year), int(month), 1)
		} else if !first.AddDate(0, 1, 0).After(today) {
			first = first.AddDate(1, 0, 0)
		}
		last = first.AddDate(0, 1, -1)
	case isYear.MatchString(unit):
		first = dayOf(today.Year(), 1, 1)
		last = dayOf(today.Year(), 12, 31)
	case isWeek(unit):
		first = today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
		if next {
			first = first.AddDate(0, 0, 7)
		}
		last = first.AddDate(0, 0, 4)
	default:
		first = dayOf(today.Year(), int(today.Month()), 1)
		if next {
			first = first.AddDate(0, 1, 0)
		}
		last = first.AddDate(0, 1, -1)
	}
	which = strings.ToLower(which)
	switch {
	case isMiddle.MatchString(which):
		last = first.AddDate(0, 0, 14)
	case isBeginning.MatchString(which):
		last = first
	}
	if last.Before(today) {
		return time.Time{}
	}
	return last
}

var (
	isYear      = regexp.MustCompile(`^(?:year|jahr|ann[eé]|año|anno|ano|jaar|året|roku|года)`)
	isMiddle    = regexp.MustCompile(`^(?:mi|metà|mediados|meados|połow|polovin|середин)`)
	isBeginning = regexp.MustCompile(`^(?:begin|early|start|anfang|début|principios|inizio|início|począt|začátk|начал)`)
)

// nextDayOfMonth returns the next day that has this number, or zero.
func nextDayOfMonth(d int, today time.Time) time.Time {
	for months := range 2 {
		first := dayOf(today.Year(), int(today.Month()), 1).AddDate(0, months, 0)
		if day := dayOf(first.Year(), int(first.Month()), d); d > 0 && !day.IsZero() && !day.Before(today) {
			return day
		}
	}
	return time.Time{}
}
