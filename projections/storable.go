package projections

import (
	"bytes"
	"strings"

	"outrider/events"
)

// Decode is how the runner of these projections decodes: events.Decode, with U+FFFD for NUL, the one character that
// Postgres can't store. Otherwise a single character from somebody's file would stop a partition for good.
func Decode(eventType string, data []byte) (events.Event, error) {
	data, _ = withoutNUL(data)
	return events.Decode(eventType, data)
}

func replaceNUL(s string) string { return strings.ReplaceAll(s, "\x00", "\uFFFD") }

// withoutNUL replaces the escape of NUL in JSON; true = there was none. JSON has NUL only escaped.
func withoutNUL(data []byte) ([]byte, bool) {
	nul := []byte(`\u0000`)
	if !bytes.Contains(data, nul) {
		return data, true
	}
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); i++ {
		switch {
		case bytes.HasPrefix(data[i:], nul):
			out = append(out, `\ufffd`...)
			i += len(nul) - 1
		case data[i] == '\\' && i+1 < len(data): // an escaped backslash may precede u0000
			out = append(out, data[i], data[i+1])
			i++
		default:
			out = append(out, data[i])
		}
	}
	return out, false
}
