package projections

import (
	"fmt"
	"strings"
	"time"

	"outrider/events"
)

// spellOut makes a code readable for people.
func spellOut(code string) string { return strings.ReplaceAll(code, "_", " ") }

// addReason adds a reason, if there is one.
func addReason(code string) string {
	if code == "" {
		return ""
	}
	return ": " + spellOut(code)
}

// onMinute adds a time, to the minute, to the words before it; nothing for the zero time.
func onMinute(before string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return before + t.UTC().Format("2 January 2006, 15:04 UTC")
}

// ownFields stands for all of a lead's own fields.
const ownFields = "custom"

// shownFields returns the names of fields of a profile; own fields as one, as the log doesn't name them.
func shownFields(fields []string) (shown []string) {
	own := false
	for _, f := range fields {
		if f = events.MarkField(f); strings.HasPrefix(f, events.OwnFieldMark) {
			own = true
		} else {
			shown = append(shown, f)
		}
	}
	if own {
		shown = append(shown, ownFields)
	}
	return shown
}

// listFields returns the names of a lead's fields, after a verb.
func listFields(verb string, fields []string) string {
	if len(fields) == 0 {
		return ""
	}
	names := make([]string, 0, len(fields))
	for _, f := range fields {
		if f == ownFields {
			f = "own fields"
		}
		names = append(names, strings.TrimPrefix(f, events.OwnFieldName)) // older rows have the name
	}
	return " " + verb + " " + strings.Join(names, ", ") + "."
}

// ofStep returns the step of a sequence that a message belongs to.
func ofStep(step int) string {
	if step <= 0 {
		return ""
	}
	return fmt.Sprintf(" of step %d", step)
}

// byClass returns who opened a message or followed a link, and the end of the key for it.
func byClass(class string) (variant, english string) {
	switch class {
	case events.ClassProxy:
		return class, " by a mail provider's proxy"
	case events.ClassScanner:
		return class, " by a security scanner"
	}
	return "", " by a person"
}
