// Package react lets Watermill handle the log: a subscriber that runs many events at once and each subject's in order,
// and a publisher of commands.
package react

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
)

// Config says which events a subscriber delivers, and how. The zero value of an option is its default.
type Config struct {
	Log         kafka.Log
	Shared      *reader.Shared    // of the process; nil = the subscriber reads alone
	Group       string            // consumer group; its committed offsets are where work begins
	Wants       func(string) bool // by event type; nil = every event
	MayPass     func(string) bool // which of them are passed over for organisations of which NoteIdle was said; nil = none
	Concurrency int               // messages at once, 0 = 16
	PerOrg      int               // of one organisation, 0 = three quarters of Concurrency
	MaxPending  int               // events of a partition that are taken but not finished, 0 = 10,000
	NackDelay   time.Duration     // before a refused message comes again, 0 = 1 s; doubled up to a minute
	CommitEvery time.Duration     // 0 = 250 ms
	Drain       time.Duration     // what running messages get to finish when a partition is taken away, 0 = 3 s
	Report      func(what string, attrs ...any)
}

// Subscriber delivers the events that count, at least once. Messages of one subject come in order, each after the
// acknowledgement of the one before; messages of different subjects run at once, so a slow one stalls its own subject only.
// Offsets are committed after the newest command up to which everything is finished, with the arbiter's state as metadata.
type Subscriber struct {
	cfg Config

	mu     sync.Mutex
	closed bool
	subs   []*subscription
}

// NewSubscriber connects nowhere yet.
func NewSubscriber(cfg Config) *Subscriber {
	if cfg.Wants == nil {
		cfg.Wants = func(string) bool { return true }
	}
	if cfg.Concurrency == 0 {
		cfg.Concurrency = 16
	}
	if cfg.PerOrg == 0 { // so that there is a worker for those that come beside one with endless work
		cfg.PerOrg = max(cfg.Concurrency*3/4, 1)
	}
	if cfg.MaxPending == 0 {
		cfg.MaxPending = 10_000
	}
	if cfg.NackDelay == 0 {
		cfg.NackDelay = time.Second
	}
	if cfg.CommitEvery == 0 {
		cfg.CommitEvery = 250 * time.Millisecond
	}
	if cfg.Drain == 0 {
		cfg.Drain = 3 * time.Second
	}
	if cfg.Report == nil {
		cfg.Report = func(string, ...any) {}
	}
	return &Subscriber{cfg: cfg}
}

// Subscribe joins the group; topic must be the log's events. The channel closes after ctx ends or Close is called.
func (s *Subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	if topic != s.cfg.Log.Events() {
		return nil, fmt.Errorf("subscribe to %s: this subscriber reads %s", topic, s.cfg.Log.Events())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errors.New("subscribe: subscriber is closed")
	}
	sub, err := newSubscription(ctx, s.cfg)
	if err != nil {
		return nil, err
	}
	s.subs = append(s.subs, sub)
	return sub.out, nil
}

// Close ends every subscription: running messages get Drain to finish, what is finished is committed.
func (s *Subscriber) Close() error {
	s.mu.Lock()
	s.closed = true
	subs := s.subs
	s.mu.Unlock()
	for _, sub := range subs {
		sub.cancel()
		<-sub.done
	}
	return nil
}

// Status is a subscriber's status on a partition that is assigned to it.
type Status struct {
	Partition  int32
	Checkpoint es.Checkpoint // everything before it is finished
	Pending    int           // events taken and not finished
	Seen       int64         // offset before which every record was taken or skipped
	Err        error         // why nothing more is taken (reader.ErrTruncated, es.ErrLoss); nil while all is well
}

// Status returns the status of the partitions that are assigned now.
func (s *Subscriber) Status() (out []Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sub := range s.subs {
		sub.mu.Lock()
		for _, p := range sub.parts {
			p.nudge()
			out = append(out, p.currentStatus())
		}
		sub.mu.Unlock()
	}
	slices.SortFunc(out, func(a, b Status) int { return int(a.Partition - b.Partition) })
	return out
}
