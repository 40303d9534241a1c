package inbound

import (
	"regexp"
	"time"
)

// returns is what stands before the day of a return, rather than any other day.
var returns = regexp.MustCompile(`(?i)(?:until|till?|through|back|return(?:ing)?|available again|bis|wieder|zurück|ab|jusqu'au|retour|hasta|vuelta|regreso|vuelvo|regresaré|volveré)\P{L}(?:[^.\n]|\.\d){0,40}$`)

// returnDate returns the day on which someone is back: the last one that is said to be, else the last day from received on.
func returnDate(text string, received time.Time) (time.Time, string) {
	text = straightenApostrophes(text)
	var last, lastReturn foundDate
	for _, f := range append(exactDates(text, received), nextWeekdays(text, received)...) {
		if returns.MatchString(text[max(0, f.at-80):f.at]) {
			if f.day.After(lastReturn.day) {
				lastReturn = f
			}
		} else if f.words != "" && !weekday.MatchString(f.words) && f.day.After(last.day) {
			last = f
		}
	}
	for _, f := range approximateDates(text, received) { // "until next week" counts where nothing is said more exactly
		if lastReturn.words == "" && last.words == "" && returns.MatchString(text[max(0, f.at-80):f.at]) {
			lastReturn = f
		}
	}
	if !lastReturn.day.IsZero() {
		return lastReturn.day, lastReturn.words
	}
	return last.day, last.words
}

// askAgainDate returns the first day that someone names, exactly or roughly.
func askAgainDate(text string, received time.Time) (time.Time, string) {
	text = straightenApostrophes(text)
	all := append(exactDates(text, received), approximateDates(text, received)...)
	var best foundDate
	for _, f := range all {
		if best.words == "" || f.at < best.at {
			best = f
		}
	}
	return best.day, best.words
}
