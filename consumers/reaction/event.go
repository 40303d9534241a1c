package reaction

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/dial"
	"outrider/internal/es"
	"outrider/internal/es/react"
)

// WantEvents returns the filter of a reactor that acts on these events, in whatever version a log holds them.
func WantEvents(all ...events.Event) func(string) bool {
	types := map[string]bool{}
	for _, e := range all {
		for _, t := range events.TypesOf(e) {
			types[t] = true
		}
	}
	return func(t string) bool { return types[t] }
}

// DecodeEvent reads an event's payload; the error is permanent when it can't be read.
func DecodeEvent(e *es.Event) (events.Event, error) {
	p, err := events.Decode(e.Type, e.Data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", react.ErrPermanent, err)
	}
	return p, nil
}

// ErrGone reports that the read side has no such message, lead or mailbox (any more): there is nothing to do.
var ErrGone = errors.New("not there any more")

// Await waits until projections show an event and everything before it. nil = the read side is never behind.
type Await func(ctx context.Context, e *es.Event, projections ...string) error

// For waits for projections; it returns at once when the read side is never behind.
func (a Await) For(ctx context.Context, e *es.Event, projections ...string) error {
	if a == nil {
		return nil
	}
	return a(ctx, e, projections...)
}

// ForMessage waits for everything that a message is made of.
func (a Await) ForMessage(ctx context.Context, e *es.Event) error {
	return a.For(ctx, e, "messages", "leads", "campaigns", "mailboxes")
}

var anyAddress = regexp.MustCompile(`\S+@\S+`)

// HideAddresses replaces e-mail addresses in a server's answer, which goes into the log.
func HideAddresses(text string) string { return anyAddress.ReplaceAllString(text, "<address>") }

// ErrorText returns an error's text for people, without addresses of persons, as it goes into the log.
// When a server can't be reached it gives no details, which would describe our network.
func ErrorText(err error) string {
	if errors.Is(err, dial.ErrUnreachable) {
		return dial.Unreachable
	}
	text := strings.ToValidUTF8(HideAddresses(err.Error()), "?")
	return commands.Clip(text, 500)
}
