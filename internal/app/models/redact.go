package models

import (
	"regexp"
	"slices"
	"strings"

	"outrider/events"
)

var (
	anyAddress = regexp.MustCompile(`[^\s<>"'(),;:]+@[^\s<>"'(),;:]+\.[\pL]{2,}`)
	anyPhone   = regexp.MustCompile(`\+\d[\d ()./-]{6,}\d`)
)

// Redacts reports whether a task is done without who people are.
func Redacts(task string) bool { return task == events.AITaskExtract || task == events.AITaskClassify }

// Redact takes addresses, telephone numbers, and what else is known of a person out of a text.
func Redact(text string, personal []string) string {
	text = anyPhone.ReplaceAllString(anyAddress.ReplaceAllString(text, "[address]"), "[telephone]")
	known := slices.Clone(personal)
	slices.SortFunc(known, func(a, b string) int { return len(b) - len(a) }) // a whole name before its parts
	for _, p := range known {
		if p = strings.TrimSpace(p); len(p) > 1 {
			text = regexp.MustCompile(`(?i)(^|[^\pL\pN])`+regexp.QuoteMeta(p)+`($|[^\pL\pN])`).ReplaceAllString(text, "${1}[person]${2}")
		}
	}
	return text
}
