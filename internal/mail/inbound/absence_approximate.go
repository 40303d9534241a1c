package inbound

import (
	"strings"
	"time"
)

// approximateDates finds months, quarters and spans of time.
func approximateDates(text string, received time.Time) []foundDate {
	today := startOfDay(received)
	var all []foundDate
	add := func(at int, words string, day time.Time) {
		all = append(all, foundDate{day, at, strings.TrimSpace(words)})
	}
	for _, m := range monthOnly.FindAllStringSubmatchIndex(text, maxParts) {
		day := time.Date(today.Year(), parseMonth(text[m[2]:m[3]]), 1, 0, 0, 0, 0, time.UTC)
		if m[4] >= 0 {
			day = day.AddDate(parseNumber(text[m[4]:m[5]])-today.Year(), 0, 0)
		} else if !day.After(today) {
			day = day.AddDate(1, 0, 0)
		}
		if day.After(today) && day.Sub(today) <= 2*farthest {
			add(m[2], text[m[0]:m[1]], day)
		}
	}
	for _, m := range quarter.FindAllStringSubmatchIndex(text, maxParts) {
		day := time.Date(today.Year(), time.Month(parseNumber(text[m[2]:m[3]])*3-2), 1, 0, 0, 0, 0, time.UTC)
		if m[4] >= 0 {
			day = day.AddDate(parseNumber(text[m[4]:m[5]])-today.Year(), 0, 0)
		} else if !day.After(today) {
			day = day.AddDate(1, 0, 0)
		}
		if day.After(today) && day.Sub(today) <= 2*farthest {
			add(m[0], text[m[0]:m[1]], day)
		}
	}
	for _, m := range span.FindAllStringSubmatchIndex(text, maxParts) {
		n := parseCount(text[m[2]:m[3]])
		switch unit := strings.ToLower(text[m[4]:m[5]]); {
		case strings.HasPrefix(unit, "d"), strings.HasPrefix(unit, "t"), strings.HasPrefix(unit, "j"):
			add(m[2], text[m[0]:m[1]], today.AddDate(0, 0, n))
		case strings.HasPrefix(unit, "w"), strings.HasPrefix(unit, "s"):
			add(m[2], text[m[0]:m[1]], today.AddDate(0, 0, 7*n))
		default:
			add(m[2], text[m[0]:m[1]], today.AddDate(0, n, 0))
		}
	}
	for _, m := range following.FindAllStringSubmatchIndex(text, maxParts) {
		for _, g := range []int{2, 4} {
			if m[g] >= 0 {
				add(m[g], text[m[0]:m[1]], startOfNext(strings.ToLower(text[m[g]:m[g+1]]), today))
			}
		}
	}
	return all
}

// startOfNext returns the first day of the next week, month, quarter or year.
func startOfNext(unit string, today time.Time) time.Time {
	firstOf := func(m time.Month) time.Time { return time.Date(today.Year(), m, 1, 0, 0, 0, 0, time.UTC) }
	switch {
	case strings.HasPrefix(unit, "w"), strings.HasPrefix(unit, "sem"):
		return today.AddDate(0, 0, (8-int(today.Weekday()))%7+map[bool]int{true: 7, false: 0}[today.Weekday() == time.Monday])
	case strings.HasPrefix(unit, "q"), strings.HasPrefix(unit, "tr"):
		return firstOf(((today.Month()-1)/3+1)*3 + 1)
	case strings.HasPrefix(unit, "m"):
		return firstOf(today.Month() + 1)
	default:
		return firstOf(13)
	}
}

func parseCount(s string) int {
	switch s = strings.ToLower(s); s {
	case "two", "couple of", "zwei", "deux", "dos":
		return 2
	case "three", "few", "drei", "trois", "tres":
		return 3
	case "four", "vier", "quatre", "cuatro":
		return 4
	case "six", "sechs", "seis":
		return 6
	}
	return max(1, parseNumber(s))
}
