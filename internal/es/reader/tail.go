package reader

import (
	"slices"
	"sort"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
)

// tail is the newest part of one partition.
type tail struct {
	of        *Shared
	partition int32
	from      es.Checkpoint // where it begins to fetch
	limit     int           // bytes
	rule      sieve         // only the poll uses it, and gap
	gap       int64         // first offset that came instead of the next one, after which it was asked again; -1 = none

	mu      sync.Mutex
	kept    []*CommandEvents
	first   int64         // number of kept[0], counted from the first that came
	before  es.Checkpoint // before kept[0]
	bytes   int
	next    int64 // offset before which every record was read
	high    int64 // of the log
	ended   bool
	places  map[*place]bool
	wanting map[string][]*place // by event type, of those that were asked for; nil = not known
}

func newTail(s *Shared, partition int32, from es.Checkpoint) *tail {
	return &tail{of: s, partition: partition, from: from, limit: s.cfg.Bytes / int(max(s.cfg.Log.Partitions, 1)), rule: sieve{es.NewGate(from), s.cfg.Report}, gap: -1,
		before: from, next: from.Offset, places: map[*place]bool{}}
}

// mustAskAgain reports whether something may be left out: a poll's records may be left over from an earlier tail of the partition.
func (t *tail) mustAskAgain(rs []*kgo.Record) bool {
	if len(rs) == 0 || rs[0].Offset <= t.rule.gate.Next || rs[0].Offset == t.gap {
		return false
	}
	t.gap = rs[0].Offset
	return true
}

// takeRecords takes what was fetched, and wakes those who want it.
func (t *tail) takeRecords(rs []*kgo.Record, high int64) error {
	var fresh []*CommandEvents
	var failed error
	for _, r := range rs {
		c, err := t.rule.pass(r)
		if failed = err; err != nil {
			break
		}
		if c != nil {
			c.shared = true
			fresh = append(fresh, c)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.next, t.high = t.rule.gate.Next, max(t.high, high)
	t.kept = append(t.kept, fresh...)
	for _, c := range fresh {
		t.bytes += c.size
	}
	n := 0
	for ; n < len(t.kept)-len(fresh) && t.bytes > t.limit; n++ { // what has just come stays, so that those who keep up find it
		t.before, t.bytes = t.kept[n].After, t.bytes-t.kept[n].size
		t.kept[n] = nil
	}
	t.kept, t.first = t.kept[n:], t.first+int64(n)
	t.wakeUp(fresh)
	return failed
}

// wakeUp signals those who want one of the commands, and those who would soon have fallen out.
func (t *tail) wakeUp(fresh []*CommandEvents) {
	for _, c := range fresh {
		for _, e := range c.Events {
			for _, p := range t.whoWants(e.Type) {
				p.wanted = true
			}
		}
	}
	for p := range t.places {
		if p.wanted || p.waits || p.number < t.first+int64(len(t.kept))/2 && t.bytes > t.limit/2 {
			p.wanted = false
			p.sub.signal()
		}
	}
}

func (t *tail) whoWants(eventType string) []*place {
	if t.wanting == nil {
		t.wanting = map[string][]*place{}
	}
	all, known := t.wanting[eventType]
	if !known {
		for p := range t.places {
			if p.sub.cfg.Wants == nil || p.sub.cfg.Wants(eventType) {
				all = append(all, p)
			}
		}
		t.wanting[eventType] = all
	}
	return all
}

// end sends everybody away.
func (t *tail) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	for p := range t.places {
		p.sub.signal()
	}
}

func (t *tail) isUnused() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.places) == 0
}

// place is where a subscription is in a tail.
type place struct {
	t      *tail
	sub    *Subscription
	number int64 // of the command that comes next
	waits  bool  // the tail hasn't come there yet
	wanted bool  // something of what has just come
	passed int64 // offset before which everything was taken
	high   int64
}

// join gives a subscription a place, nil if what follows it isn't kept, or soon won't be. ahead = one that the tail has yet to come to
// is welcome, too.
func (t *tail) join(sub *Subscription, ahead bool) *place {
	t.mu.Lock()
	defer t.mu.Unlock()
	number, found := t.find(sub.last)
	waits := !found && t.newest().Offset < sub.last.Offset
	switch {
	case t.ended, waits && !ahead, !waits && !found:
		return nil
	case found && t.bytes > t.limit/2 && number < t.first+int64(len(t.kept))/2:
		return nil
	}
	p := &place{t: t, sub: sub, number: number, waits: waits, passed: sub.passed, high: max(t.high, sub.high)}
	if waits {
		p.number = t.first + int64(len(t.kept))
	}
	t.places[p], t.wanting = true, nil
	return p
}

func (t *tail) newest() es.Checkpoint {
	if n := len(t.kept); n > 0 {
		return t.kept[n-1].After
	}
	return t.before
}

// find returns the number of the command that follows a checkpoint.
func (t *tail) find(c es.Checkpoint) (int64, bool) {
	if c.Offset == t.before.Offset {
		return t.first, isSame(t.before, c)
	}
	i := sort.Search(len(t.kept), func(i int) bool { return t.kept[i].After.Offset >= c.Offset })
	if i == len(t.kept) || t.kept[i].After.Offset != c.Offset {
		return 0, false
	}
	return t.first + int64(i) + 1, isSame(t.kept[i].After, c)
}

// isSame reports whether somebody who stands at c has read the same log. If the log has lost its end meanwhile, what stands there now is of a
// later owner, and of a later leader.
func isSame(here, c es.Checkpoint) bool {
	return here.Offset == c.Offset && here.Epoch == c.Epoch && here.Pseq == c.Pseq && (c.LeaderEpoch < 0 || here.LeaderEpoch <= c.LeaderEpoch)
}

// take returns at most n commands; false = what follows isn't here.
func (p *place) take(n int) ([]*CommandEvents, bool) {
	t := p.t
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return nil, false
	}
	if p.waits {
		if t.newest().Offset < p.sub.last.Offset {
			return nil, true
		}
		var found bool
		if p.number, found = t.find(p.sub.last); !found {
			return nil, false
		}
		p.waits = false
	}
	if p.number < t.first {
		return nil, false
	}
	from := int(p.number - t.first)
	to := min(from+n, len(t.kept))
	out := slices.Clone(t.kept[from:to])
	p.number += int64(len(out))
	switch {
	case to == len(t.kept):
		p.passed = max(t.next, p.passed)
	case len(out) > 0:
		p.passed = out[len(out)-1].After.Offset
	}
	p.high = max(t.high, p.high)
	return out, true
}

// isBehind reports whether the tail has more, wanted or not.
func (p *place) isBehind() bool {
	p.t.mu.Lock()
	defer p.t.mu.Unlock()
	return p.passed < p.t.next
}

func (p *place) leave() {
	p.t.mu.Lock()
	delete(p.t.places, p)
	p.t.wanting = nil
	last := len(p.t.places) == 0
	p.t.mu.Unlock()
	if last {
		p.t.of.leave(p.t)
	}
}
