package reaction

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/react"
)

// WantEvents is the filter of a reactor that acts on these events.
func WantEvents(all ...events.Event) func(string) bool {
	types := map[string]bool{}
	for _, e := range all {
		types[e.EventType()] = true
	}
	return func(t string) bool { return types[t] }
}

// DecodeEvent reads an event's payload; one that can't be read is a permanent error.
func DecodeEvent(e *es.Event) (events.Event, error) {
	p, err := events.Decode(e.Type, e.Data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", react.ErrPermanent, err)
	}
	return p, nil
}

// ErrGone says that the read side knows no such message, lead or mailbox, or no longer: there is nothing to do.
var ErrGone = errors.New("not there any more")

// Await waits until projections show an event and all that was before it. nil: the read side is never behind.
type Await func(ctx context.Context, e *es.Event, projections ...string) error

// For waits for projections; at once where the read side is never behind.
func (a Await) For(ctx context.Context, e *es.Event, projections ...string) error {
	if a == nil {
		return nil
	}
	return a(ctx, e, projections...)
}

// ForMessage waits for all that a message is made of.
func (a Await) ForMessage(ctx context.Context, e *es.Event) error {
	return a.For(ctx, e, "messages", "leads", "campaigns", "mailboxes")
}

var anyAddress = regexp.MustCompile(`\S+@\S+`)

// HideAddresses replaces e-mail addresses in what a server said, as it goes into the log.
func HideAddresses(text string) string { return anyAddress.ReplaceAllString(text, "<address>") }

// ErrorText is an error for people, without addresses of persons, as it goes into the log.
func ErrorText(err error) string {
	text := strings.ToValidUTF8(HideAddresses(err.Error()), "?")
	return text[:min(len(text), 500)]
}
