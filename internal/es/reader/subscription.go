package reader

import (
	"context"
	"sync/atomic"

	"outrider/internal/es"
)

// portion is how many commands a subscription takes at a time.
const portion = 256

// Subscription is somebody's place in a partition. It takes what its process has read anyway as long as it keeps up, else it fetches with
// its Reader's own client, until it has caught up again. Next, At, Passed and Close belong to one goroutine at a time.
type Subscription struct {
	r     *Reader
	cfg   Config
	ready chan struct{}

	next   []*CommandEvents // taken, and not given out yet
	at     es.Checkpoint    // after everything that was given out or isn't wanted
	last   es.Checkpoint    // after everything that was taken
	passed int64            // offset before which every record was taken
	high   int64            // of the log, as far as it is known; -1 = not yet
	err    error

	place atomic.Pointer[place] // among those who share; nil = alone
	alone *queue
	rule  sieve
	came  bool             // something was fetched alone
	left  []fetchedRecords // fetched alone, and not passed through the rule yet
}

// Subscribe begins after a checkpoint. Of cfg it uses Partition, From, Wants and Report.
func (r *Reader) Subscribe(ctx context.Context, cfg Config) (*Subscription, error) {
	if cfg.Report == nil {
		cfg.Report = func(string, ...any) {}
	}
	s := &Subscription{r: r, cfg: cfg, ready: make(chan struct{}, 1), at: cfg.From, last: cfg.From, passed: cfg.From.Offset, high: -1}
	if r.shared != nil {
		p, err := r.shared.begin(ctx, s)
		if err != nil {
			return nil, err
		}
		s.place.Store(p)
	}
	if s.place.Load() == nil {
		if err := s.goAlone(ctx); err != nil {
			return nil, err
		}
	}
	s.signal() // something may be there already
	return s, nil
}

// Ready has an element when Next may have something.
func (s *Subscription) Ready() <-chan struct{} { return s.ready }

func (s *Subscription) signal() { trySignal(s.ready) }

func trySignal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Nudge makes Ready have an element if anything came that isn't wanted, or doesn't count. Anybody may call it.
func (s *Subscription) Nudge() {
	if p := s.place.Load(); p != nil && p.isBehind() {
		s.signal()
	}
}

// At is the checkpoint after everything that Next has returned, or passed over because it isn't wanted.
func (s *Subscription) At() es.Checkpoint { return s.at }

// Passed is the offset before which every record was returned, isn't wanted or doesn't count. It is exact when Next has returned nil.
func (s *Subscription) Passed() int64 { return s.passed }

// Close ends it.
func (s *Subscription) Close() {
	if p := s.place.Swap(nil); p != nil {
		p.leave()
	}
	if s.alone != nil {
		s.r.removePartition(s.cfg.Partition)
		s.alone = nil
	}
}

// Next returns the next command, nil when there is none now: Ready tells of more. An error comes after everything before it, and stays.
func (s *Subscription) Next(ctx context.Context) (*CommandEvents, error) {
	for len(s.next) == 0 {
		if s.err != nil {
			return nil, s.err
		}
		more, err := s.take(ctx)
		if err != nil {
			s.err = err
			continue
		}
		if !more {
			return nil, nil
		}
	}
	c := s.next[0]
	s.next = s.next[1:]
	s.at = c.After
	if len(s.next) == 0 {
		s.at = s.last
	}
	return c, nil
}

// take fills next; it reports whether to look again.
func (s *Subscription) take(ctx context.Context) (more bool, err error) {
	if p := s.place.Load(); p != nil {
		commands, ok := p.take(portion)
		if !ok { // it has fallen behind, or the shared reading has broken off
			s.place.Store(nil)
			p.leave()
			return true, s.goAlone(ctx)
		}
		s.put(commands)
		s.passed, s.high = p.passed, p.high
		return len(commands) > 0, nil
	}
	return s.takeAlone()
}

func (s *Subscription) put(commands []*CommandEvents) {
	if len(commands) == 0 {
		return
	}
	s.last = commands[len(commands)-1].After
	if s.cfg.Wants == nil {
		s.next = commands
		return
	}
	for _, c := range commands {
		for _, e := range c.Events {
			if s.cfg.Wants(e.Type) {
				s.next = append(s.next, c)
				break
			}
		}
	}
	if len(s.next) == 0 {
		s.at = s.last
	}
}

// goAlone continues with the reader's own client.
func (s *Subscription) goAlone(ctx context.Context) error {
	q, err := s.r.addPartition(ctx, s.cfg.Partition, s.last, s.ready)
	if err != nil {
		return err
	}
	s.alone, s.left, s.came, s.rule = q, nil, false, sieve{es.NewGate(s.last), s.cfg.Report}
	return nil
}

// takeAlone passes what was fetched through the rule. When all is taken it looks whether it can share again.
func (s *Subscription) takeAlone() (more bool, err error) {
	if len(s.left) == 0 {
		s.left = s.r.takeFetched(s.alone, s.cfg.Partition)
	}
	var commands []*CommandEvents
	for len(s.left) > 0 && len(commands) < portion {
		f := &s.left[0]
		s.high = max(s.high, f.high)
		for len(f.records) > 0 && len(commands) < portion {
			c, err := s.rule.pass(f.records[0])
			if err != nil {
				s.put(commands)
				return false, err
			}
			f.records, s.came = f.records[1:], true
			if c != nil {
				commands = append(commands, c)
			}
		}
		if len(f.records) > 0 {
			break
		}
		if f.err != nil {
			if err := FetchError(s.cfg.Partition, f.err); err != nil {
				s.put(commands)
				return false, err
			}
		}
		s.left = s.left[1:]
	}
	s.put(commands)
	s.passed = s.rule.gate.Next
	if len(s.left) > 0 || len(commands) > 0 {
		return true, nil
	}
	if s.r.shared != nil && s.came { // so the log has what is before
		if p := s.r.shared.rejoin(s); p != nil {
			s.place.Store(p)
			s.r.removePartition(s.cfg.Partition)
			s.alone = nil
			return true, nil
		}
	}
	return false, nil
}
