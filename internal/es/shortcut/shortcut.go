// Package shortcut connects the gateway and the processor of one process. A command that the broker has acknowledged is decided without
// being fetched, and its answer reaches who waits for it without a record in replies. It is a way around the network, never around the log:
// the processor takes a record this way only at the offset that it expects next, and releases an answer when it would release it anyway.
// What doesn't come this way is fetched, as by any other process.
package shortcut

import (
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
)

// Shortcut is safe for concurrent use; a nil one leads nowhere.
type Shortcut struct {
	decide  atomic.Pointer[func(*kgo.Record)]
	deliver atomic.Pointer[func(*es.CommandReply) bool]
}

// ToProcessor sets who takes acknowledged records of commands. It must not block.
func (s *Shortcut) ToProcessor(decide func(*kgo.Record)) {
	if s != nil {
		s.decide.Store(&decide)
	}
}

// ToGateway sets who takes answers, and reports whether nobody else needs to be told. It must not block.
func (s *Shortcut) ToGateway(deliver func(*es.CommandReply) bool) {
	if s != nil {
		s.deliver.Store(&deliver)
	}
}

// Command takes a record of commands that this process wrote, with the offset that the broker gave to it.
func (s *Shortcut) Command(r *kgo.Record) {
	if s == nil {
		return
	}
	if decide := s.decide.Load(); decide != nil {
		(*decide)(r)
	}
}

// Answer reports whether an answer has reached all who wait for it at its partition of replies; else it belongs there.
func (s *Shortcut) Answer(r *es.CommandReply) bool {
	if s == nil {
		return false
	}
	deliver := s.deliver.Load()
	return deliver != nil && (*deliver)(r)
}
