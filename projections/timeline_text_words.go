package projections

import (
	"fmt"
	"strings"
	"time"

	"outrider/events"
)

// spellOut makes a code readable.
func spellOut(code string) string { return strings.ReplaceAll(code, "_", " ") }

// addReason adds a reason, if there is one.
func addReason(code string) string {
	if code == "" {
		return ""
	}
	return ": " + spellOut(code)
}

// onMinute writes a time as people do, after the words before it; nothing for the zero time.
func onMinute(before string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return before + t.UTC().Format("2 January 2006, 15:04 UTC")
}

// listFields returns the fields of a lead, after a verb.
func listFields(verb string, fields []string) string {
	if len(fields) == 0 {
		return ""
	}
	names := make([]string, 0, len(fields))
	for _, f := range fields {
		names = append(names, strings.TrimPrefix(f, "custom."))
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

// byClass says who opened a message or followed a link, and gives the key's end for it.
func byClass(class string) (variant, english string) {
	switch class {
	case events.ClassProxy:
		return class, " by a mail provider's proxy"
	case events.ClassScanner:
		return class, " by a security scanner"
	}
	return "", " by a person"
}
