package project

import (
	"context"
	"encoding/json"
	"time"

	"outrider/internal/es/reader"
)

// wantedChannel is the channel (NOTIFY) on which processes that wait for a projection tell those that run it.
const wantedChannel = "outrider_wanted"

// demand is the payload of a notification there.
type demand struct {
	Projection string `json:"projection"`
	Version    int    `json:"version"`
	Partition  int32  `json:"partition"`
	Pseq       int64  `json:"pseq"`
}

// announcedDemand is what was announced last, and when.
type announcedDemand struct {
	pseq int64
	at   time.Time
}

// announceAgain is how long a demand waits before it is announced again: it may have been lost.
const announceAgain = 250 * time.Millisecond

// runner is one of this process; the zero value is none.
type runner struct {
	wanted *reader.Wanted // how far it is
	urgent bool           // only those count who wait urgently
}

// tell passes on how far somebody wants it to come.
func (r runner) tell(w *waiter) {
	if r.wanted != nil && (w.urgent || !r.urgent) {
		r.wanted.Raise(w.pseq)
	}
}

// demandFor returns how far waiters want a runner of this process to come with any of some projections; on nil, nobody waits. urgent means
// that only those count who wait urgently.
func (p *Positions) demandFor(keys []ProjectionKey, partition int32, urgent bool) *reader.Wanted {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.runs == nil {
		p.runs = map[positionKey]runner{}
	}
	r := runner{reader.NewWanted(), urgent}
	for _, key := range keys {
		at := positionKey{key, partition}
		p.runs[at] = r
		for _, w := range p.waiters[at] {
			r.tell(w)
		}
	}
	return r.wanted
}

// lastAwaited returns the last position up to a given one that somebody waits for urgently: here, or in another process that has said so.
func (p *Positions) lastAwaited(keys []ProjectionKey, partition int32, upTo int64, wanted *reader.Wanted) (last int64) {
	if p == nil {
		return 0
	}
	if pseq := wanted.Pseq(); pseq <= upTo {
		last = pseq
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, key := range keys {
		for _, w := range p.waiters[positionKey{key, partition}] {
			if w.urgent && w.pseq <= upTo {
				last = max(last, w.pseq)
			}
		}
	}
	return last
}

// openDemands returns what has to be announced to other processes; p.mu is held.
func (p *Positions) openDemands() (out []string) {
	for at, ws := range p.waiters {
		most := int64(0)
		for _, w := range ws {
			if w.urgent || p.Lingers[at.key] {
				most = max(most, w.pseq)
			}
		}
		if most == 0 || p.runs[at].wanted != nil {
			continue
		}
		if t := p.announced[at]; most <= t.pseq && time.Since(t.at) < announceAgain {
			continue
		}
		if p.announced == nil {
			p.announced = map[positionKey]announcedDemand{}
		}
		p.announced[at] = announcedDemand{most, time.Now()}
		if b, err := json.Marshal(demand{at.key.Name, at.key.Version, at.partition, most}); err == nil {
			out = append(out, string(b))
		}
	}
	return out
}

// announceDemands notifies other processes.
func (p *Positions) announceDemands(ctx context.Context) {
	p.mu.Lock()
	demands := p.openDemands()
	p.mu.Unlock()
	if len(demands) > 0 {
		_, _ = p.Pool.Exec(ctx, `select pg_notify($1, w) from unnest($2::text[]) w`, wantedChannel, demands)
	}
}

// Listen tells runners of this process what other processes wait for, until ctx ends.
func (p *Positions) Listen(ctx context.Context) {
	for ctx.Err() == nil {
		p.listenOnce(ctx)
		pauseFor(ctx, time.Second)
	}
}

func (p *Positions) listenOnce(ctx context.Context) {
	c, err := p.Pool.Acquire(ctx)
	if err != nil {
		return
	}
	conn := c.Hijack() // it is used only for listening
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "listen "+wantedChannel); err != nil {
		return
	}
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return
		}
		var w demand
		if json.Unmarshal([]byte(n.Payload), &w) != nil {
			continue // not one of ours
		}
		p.mu.Lock()
		p.runs[positionKey{ProjectionKey{w.Projection, w.Version}, w.Partition}].tell(&waiter{pseq: w.Pseq, urgent: true}) // who needn't be told isn't
		p.mu.Unlock()
	}
}
