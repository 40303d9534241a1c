package inbound

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Dates as people write them, in English, German, French and Spanish.
var (
	isoDate   = regexp.MustCompile(`\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\b`)
	dotDate   = regexp.MustCompile(`\b(\d{1,2})\.\s?(\d{1,2})\.(?:\s?(\d{4}|\d{2})\b)?`)
	slashDate = regexp.MustCompile(`\b(\d{1,2})[/-](\d{1,2})(?:[/-](\d{4}|\d{2}))?\b`)
	dayMonth  = regexp.MustCompile(`(?i)\b(\d{1,2})(?:st|nd|rd|th|er|\.)?[\s-]+(?:of\s+|de\s+)?(` + monthPattern + `)\b\.?(?:,?[\s-]+(?:de\s+|del\s+)?(\d{4}|'\d\d)\b)?`)
	monthDay  = regexp.MustCompile(`(?i)\b(` + monthPattern + `)\b\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:\s*,?\s+(\d{4}|'\d\d))?\b`)
	monthOnly = regexp.MustCompile(`(?i)(?:^|\PL)(?:in|im|en|early|mid|late|by|until|after|from|anfang|mitte|ende|ab|début|à partir de|a partir de|fin)\s+(?:of\s+|de\s+)?(` + monthPattern + `)(?:\s+(\d{4}))?(?:$|[^\pL\pN])`)
	weekday   = regexp.MustCompile(`(?i)(?:^|\PL)(mondays?|montag|lundi|lunes|tuesday|dienstag|mardi|martes|wednesday|mittwoch|mercredi|miércoles|thursday|donnerstag|jeudi|jueves|friday|freitag|vendredi|viernes)(?:$|\PL)`)
	span      = regexp.MustCompile(`(?i)(?:^|\PL)(?:in|dans|en|nach|after)\s+(?:about\s+|etwa\s+|a\s+|the\s+)?(\d{1,2}|an?|one|two|three|four|six|few|couple of|einem?|einer|zwei|drei|vier|sechs|une?|deux|trois|quatre|six|una?|dos|tres|cuatro|seis)\s+(days?|weeks?|months?|tagen?|wochen?|monate?n?|jours?|semaines?|mois|días?|semanas?|mes(?:es)?)(?:$|\PL)`)
	following = regexp.MustCompile(`(?i)(?:^|\PL)(?:next|nächste[snrm]?|(?:el |la )?próxim[oa])\s+(week|month|quarter|year|woche|monat|quartal|jahr|semana|mes|trimestre|año)(?:$|\PL)|(?:^|\PL)(?:la\s+|le\s+|l')?(semaine|mois|trimestre|année)\s+prochaine?(?:$|\PL)`)
	quarter   = regexp.MustCompile(`(?i)(?:^|\PL)[qt]([1-4])(?:\s*(\d{4}))?(?:$|\PL)`)
)

const monthPattern = `january|february|march|april|may|june|july|august|september|october|november|december|` +
	`jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec|` +
	`januar|jänner|februar|märz|mai|juni|juli|oktober|dezember|` +
	`janvier|février|fevrier|mars|avril|juin|juillet|août|aout|septembre|octobre|novembre|décembre|decembre|` + //nolint:misspell // French
	`enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre`

func parseMonth(name string) time.Month {
	name = strings.ToLower(name)
	for i, beginnings := range [][]string{{"jan", "jän", "ene"}, {"feb", "fév", "fev"}, {"mar", "mär"}, {"apr", "avr", "abr"}, {"may", "mai"}, {"jun", "juin"},
		{"jul", "juil"}, {"aug", "aoû", "aou", "ago"}, {"sep", "set"}, {"oct", "okt"}, {"nov"}, {"dec", "dez", "déc", "dic"}} {
		for _, b := range beginnings {
			if strings.HasPrefix(name, b) {
				return time.Month(i + 1)
			}
		}
	}
	return 0
}

type foundDate struct {
	day   time.Time
	at    int
	words string
}

const farthest = 400 * 24 * time.Hour

// exactDates finds exact days from received on, at most 400 days away.
func exactDates(text string, received time.Time) []foundDate {
	today := startOfDay(received)
	var all []foundDate
	read := make([]bool, len(text)+1) // a date isn't read again as a shorter one, without its year
	for _, form := range []struct {
		pattern          *regexp.Regexp
		year, month, day int  // groups
		either           bool // month and day may be the other way round
	}{{isoDate, 1, 2, 3, false}, {dotDate, 3, 2, 1, false}, {dayMonth, 3, 2, 1, false}, {monthDay, 3, 1, 2, false}, {slashDate, 3, 2, 1, true}} {
		for _, m := range form.pattern.FindAllStringSubmatchIndex(text, maxParts) {
			if read[m[0]] || read[m[1]-1] {
				continue
			}
			for i := m[0]; i < m[1]; i++ {
				read[i] = true
			}
			year, month, day := groupText(text, m, form.year), groupText(text, m, form.month), groupText(text, m, form.day)
			candidates := []time.Time{resolveDay(year, monthNumber(month), day, today)}
			if form.either {
				candidates = append(candidates, resolveDay(year, parseNumber(day), month, today))
			}
			if best := earliestWithin(candidates, today); !best.IsZero() {
				all = append(all, foundDate{best, m[0], strings.TrimSpace(text[m[0]:m[1]])})
			}
		}
	}
	return all
}

// groupText returns what a group of a match holds, or "".
func groupText(text string, match []int, group int) string {
	if match[2*group] < 0 {
		return ""
	}
	return text[match[2*group]:match[2*group+1]]
}

// earliestWithin returns the first day that isn't over and not too far away, or zero.
func earliestWithin(days []time.Time, today time.Time) (best time.Time) {
	for _, day := range days {
		if !day.IsZero() && !day.Before(today) && day.Sub(today) <= farthest && (best.IsZero() || day.Before(best)) {
			best = day
		}
	}
	return best
}

func monthNumber(s string) int {
	if n := parseNumber(s); n > 0 {
		return n
	}
	return int(parseMonth(s))
}

// nextWeekdays finds names of working days, the next ones after received.
func nextWeekdays(text string, received time.Time) []foundDate {
	var all []foundDate
	names := [][]string{{}, {"mon", "lun"}, {"tue", "die", "mar"}, {"wed", "mit", "mer", "mié"}, {"thu", "don", "jeu", "jue"}, {"fri", "fre", "ven", "vie"}}
	for _, m := range weekday.FindAllStringSubmatchIndex(text, maxParts) {
		name := strings.ToLower(text[m[2]:m[3]])
		for want, beginnings := range names {
			for _, b := range beginnings {
				if strings.HasPrefix(name, b) {
					days := (want - int(received.Weekday()) + 6) % 7
					all = append(all, foundDate{startOfDay(received).AddDate(0, 0, days+1), m[2], name})
				}
			}
		}
	}
	return all
}

func startOfDay(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// resolveDay returns a day, or zero for one that doesn't exist. Without a year it is the next such day.
func resolveDay(year string, m int, day string, today time.Time) time.Time {
	year = strings.TrimPrefix(year, "'")
	y, d := parseNumber(year), parseNumber(day)
	if len(year) == 2 {
		y += 2000
	}
	on := func(y int) time.Time {
		t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
		if t.Day() != d || int(t.Month()) != m {
			return time.Time{}
		}
		return t
	}
	if year != "" {
		return on(y)
	}
	if t := on(today.Year()); !t.IsZero() && !t.Before(today) {
		return t
	}
	return on(today.Year() + 1)
}

func parseNumber(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
