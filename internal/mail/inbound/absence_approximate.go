package inbound

import (
	"regexp"
	"strings"
	"sync"
	"time"
)

// approximateForms are patterns of what names a span rather than a day.
type approximateForms struct{ monthOnly, span, following, quarter, endOf, dayOnly, weekday, tomorrow *regexp.Regexp }

//nolint:gochecknoglobals // constants that are made of a file
var approximate = sync.OnceValue(func() approximateForms {
	w := dateWords()
	form := func(pattern string) *regexp.Regexp {
		return regexp.MustCompile(`(?i)(?:^|[^\pL\pN])` + pattern + ends)
	}
	return approximateForms{
		monthOnly: form(`(?:in|im|en|by|until|till?|after|from|ab|début|à partir de|a partir de|bis|jusqu'en|hasta|fino a|a|até|em|tot|in|i|w|do|до|в|v|next)\s+(?:of\s+|de\s+)?(` + w.month + `)(?:\s+(\d{4}))?`),
		endOf: form(`(` + w.end + `)[\s-]+(?:of\s+|de\s+|d'|di\s+|do\s+|del?\s+|van\s+|av\s+|af\s+)?(?:the\s+|this\s+|next\s+|der\s+|des\s+|diese[rsmn]?\s+|nächste[rsmn]\s+|kommende[rsmn]\s+|la\s+|le\s+|el\s+|al\s+|het\s+|de\s+)?(` +
			w.month + `|month|monats|mois|mes|mese|mês|maand|months?|måneden|månaden|miesiąca|месяца|week|woche|semaine|semana|settimana|weken|ugen|uken|veckan|tygodnia|недели|year|jahres|année|año|anno|ano|jaar|året|roku|года)(?:\s+(\d{4}))?`),
		span: form(`(?:in|dans|en|nach|after|within|for|über|tra|fra|em|over|om|za|через|на)\s+(?:about\s+|etwa\s+|ca\.?\s+|circa\s+|the\s+|the next\s+|next\s+|the coming\s+|die nächsten\s+)?(\d{1,2}|` + w.count + `)\s+(` + w.unit + `)`),
		following: form(`(?:next|nächste[snrm]?|kommende[snrm]?|(?:el |la |na |no )?próxim[oa]|(?:il |la )?prossim[oa]|volgende|næste|neste|nästa|przyszły[m]?|następny[m]?|příští|на следующей|следующей)\s+` +
			`(week|month|quarter|year|woche|monat|quartal|jahr|semana|mes|mês|trimestre|año|ano|settimana|mese|anno|maand|jaar|uge|uke|vecka|måned|månad|tydzień|týden|неделе|недели)|(?:la\s+|le\s+|l')?(semaine|mois|trimestre|année|semana|mes|settimana|mese)\s+(?:prochaine?|que viene|prossim[oa])`),
		quarter:  form(`[qt]([1-4])(?:\s*(\d{4}))?`),
		weekday:  regexp.MustCompile(`(?i)(?:^|[^\pL\pN])(` + w.weekday + `)` + ends + `|(星期[一二三四五六日天]|[周週][一二三四五六日]|[月火水木金土日]曜日?|[월화수목금토일]요일)`),
		dayOnly:  form(`(?:(?:the|dem|den|der|zum|le|el|il|dia|día|de|au|al|dnia|d\.)\s+)?(\d{1,2})(?:\s?(?:st|nd|rd|th|er|º|ª|°|e|:[ae]|-го)|\.)?`),
		tomorrow: regexp.MustCompile(`(?i)(?:^|[^\pL\pN])(` + w.tomorrow + `)` + ends + `|(明天|明日|내일)`),
	}
})

// approximateDates finds months, quarters and spans of time.
func approximateDates(text string, received time.Time) (all []foundDate) {
	today := startOfDay(received)
	add := func(m []int, day time.Time) {
		if day.After(today) && day.Sub(today) <= 2*farthest {
			all = append(all, foundDate{day: day, at: firstGroup(m), end: lastGroup(m), words: strings.TrimSpace(text[firstGroup(m):lastGroup(m)])})
		}
	}
	forms := approximate()
	for _, m := range findAll(forms.monthOnly, text) {
		add(m, nextFirst(parseMonth(text[m[2]:m[3]]), groupText(text, m, 2), today))
	}
	for _, m := range findAll(forms.quarter, text) {
		add(m, nextFirst(time.Month(parseNumber(text[m[2]:m[3]])*3-2), groupText(text, m, 2), today))
	}
	for _, m := range findAll(forms.span, text) {
		count := parseCount(text[m[2]:m[3]])
		m[2] = m[0] + leading(text[m[0]:m[1]]) // "in" belongs to it
		add(m, addUnits(today, count, text[m[4]:m[5]]))
	}
	for _, m := range findAll(forms.following, text) {
		if unit := groupText(text, m, 1) + groupText(text, m, 2); unit != "" {
			m[0] += leading(text[m[0]:m[1]])
			m[2], m[3] = m[0], lastGroup(m)
			add(m, startOfNext(strings.ToLower(unit), today))
		}
	}
	return all
}

// nextFirst returns the first day of a month, in a year that is named or the next one.
func nextFirst(month time.Month, year string, today time.Time) time.Time {
	day := time.Date(today.Year(), month, 1, 0, 0, 0, 0, time.UTC)
	switch {
	case year != "":
		return day.AddDate(parseNumber(year)-today.Year(), 0, 0)
	case !day.After(today):
		return day.AddDate(1, 0, 0)
	}
	return day
}

func addUnits(today time.Time, n int, unit string) time.Time {
	switch indexOf(dateWords().units, unit) {
	case 0:
		return today.AddDate(0, 0, n)
	case 1:
		return today.AddDate(0, 0, 7*n)
	}
	return today.AddDate(0, n, 0)
}

// startOfNext returns the first day of the next week, month, quarter or year.
func startOfNext(unit string, today time.Time) time.Time {
	firstOf := func(m time.Month) time.Time { return time.Date(today.Year(), m, 1, 0, 0, 0, 0, time.UTC) }
	switch {
	case isWeek(unit):
		return today.AddDate(0, 0, (8-int(today.Weekday()))%7+map[bool]int{true: 7, false: 0}[today.Weekday() == time.Monday])
	case strings.HasPrefix(unit, "q"), strings.HasPrefix(unit, "tr"):
		return firstOf(((today.Month()-1)/3+1)*3 + 1)
	case strings.HasPrefix(unit, "m"):
		return firstOf(today.Month() + 1)
	default:
		return firstOf(13)
	}
}

func isWeek(unit string) bool {
	for _, begin := range []string{"w", "sem", "set", "ug", "uk", "v", "ty", "tý", "нед"} {
		if strings.HasPrefix(unit, begin) && unit != "volgende" {
			return true
		}
	}
	return false
}
