package projections

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

type handler = func(context.Context, pgx.Tx, []*es.Event) error

// storable shows a projection facts that Postgres can store: NUL, the one character that it has no place for, reads as
// U+FFFD. Without this a single character from somebody's file would stop a partition for good.
func storable(handle handler) handler {
	return func(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
		var clean []*es.Event // nil = the batch as it is
		for i, e := range batch {
			data, ok := withoutNUL(e.Data)
			actor := strings.IndexByte(e.Actor.Kind+e.Actor.ID, 0) >= 0
			if ok && !actor {
				continue
			}
			if clean == nil {
				clean = append(clean, batch...)
			}
			c := *e
			c.Data, c.Actor.Kind, c.Actor.ID = data, replaceNUL(e.Actor.Kind), replaceNUL(e.Actor.ID)
			p, err := events.Decode(c.Type, data)
			if err != nil {
				return fmt.Errorf("event %s without NUL: %w", e.ID, err)
			}
			c.Payload = p
			clean[i] = &c
		}
		if clean != nil {
			batch = clean
		}
		return handle(ctx, tx, batch)
	}
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
		case data[i] == '\\' && i+1 < len(data): // an escaped backslash may stand before u0000
			out = append(out, data[i], data[i+1])
			i++
		default:
			out = append(out, data[i])
		}
	}
	return out, false
}
