package reader

import (
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
)

// CommandEvents are the events of one complete command. Nobody may change them: readers of a process share them.
type CommandEvents struct {
	Events []*es.Event // without Payload
	After  es.Checkpoint

	size    int
	shared  bool // others are reading the events, too
	once    sync.Once
	decoded []*es.Event
	bad     int // index of the first event that can't be decoded
	err     error
}

// eventSize is about what an event takes in memory beside its data.
const eventSize = 700

// decode returns the events with their payloads. They are decoded by the first who asks; all must ask with decoders that do the same.
func (c *CommandEvents) decode(decode es.Decoder) ([]*es.Event, int, error) {
	c.once.Do(func() {
		decoded := c.Events
		if c.shared { // nobody decodes the originals, so they can be read meanwhile
			copies := make([]es.Event, len(c.Events))
			decoded = make([]*es.Event, len(c.Events))
			for i, e := range c.Events {
				copies[i] = *e
				decoded[i] = &copies[i]
			}
		}
		for i, e := range decoded {
			p, err := decode(e.Type, e.Data)
			if err != nil {
				c.bad, c.err = i, err
				return
			}
			e.Payload = p
		}
		c.decoded = decoded
	})
	return c.decoded, c.bad, c.err
}

// sieve passes records through the rule and keeps what counts.
type sieve struct {
	gate   es.Gate
	report func(what string, attrs ...any)
}

// pass returns the command that a record completes, or nil.
func (s *sieve) pass(r *kgo.Record) (*CommandEvents, error) {
	bad := s.gate.Malformed
	v, _, events, err := s.gate.See(r)
	if s.gate.Malformed > bad {
		s.report("malformed record in the log", "error", s.gate.LastBad)
	}
	if err != nil || v != es.Counted {
		return nil, err
	}
	c := &CommandEvents{Events: events}
	c.After, _ = s.gate.Checkpoint(r.LeaderEpoch) // no command is open here
	for _, e := range events {
		c.size += len(e.Data) + eventSize
	}
	return c, nil
}
