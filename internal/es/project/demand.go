package project

import (
	"context"
	"encoding/json"
	"time"

	"outrider/internal/es/reader"
)

// wantedChannel is where processes that wait for a projection tell whoever runs it (NOTIFY).
const wantedChannel = "outrider_wanted"

// demand is what is told there.
type demand struct {
	Projection string `json:"projection"`
	Version    int    `json:"version"`
	Partition  int32  `json:"partition"`
	Pseq       int64  `json:"pseq"`
}

// announced is what was told last, and when.
type announced struct {
	pseq int64
	at   time.Time
}

// tellAgain is how long a wish that may have got lost is waited for.
const tellAgain = 250 * time.Millisecond

// demanded is how far waiters want a runner of this process to come; on nil, nobody waits.
func (p *Positions) demanded(key Key, partition int32) *reader.Wanted {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	at := place{key, partition}
	if p.runs == nil {
		p.runs = map[place]*reader.Wanted{}
	}
	w := reader.NewWanted()
	p.runs[at] = w
	w.Raise(furthestPseq(p.waiters[at]))
	return w
}

// furthestPseq is what the last of waiters waits for; 0 = there are none.
func furthestPseq(waiters []*waiter) (pseq int64) {
	for _, w := range waiters {
		pseq = max(pseq, w.pseq)
	}
	return pseq
}

// raiseDemand tells who runs here; p.mu is held.
func (p *Positions) raiseDemand(at place, pseq int64) {
	if w := p.runs[at]; w != nil {
		w.Raise(pseq)
	}
}

// openDemands are what has to be told elsewhere and wasn't yet; p.mu is held.
func (p *Positions) openDemands() (out []string) {
	for at, ws := range p.waiters {
		if !p.Lingers[at.key] || p.runs[at] != nil {
			continue
		}
		most := furthestPseq(ws)
		if t := p.told[at]; most <= t.pseq && time.Since(t.at) < tellAgain {
			continue
		}
		if p.told == nil {
			p.told = map[place]announced{}
		}
		p.told[at] = announced{most, time.Now()}
		if b, err := json.Marshal(demand{at.key.Name, at.key.Version, at.partition, most}); err == nil {
			out = append(out, string(b))
		}
	}
	return out
}

// announce passes wishes on.
func (p *Positions) announce(ctx context.Context, wishes []string) {
	if len(wishes) > 0 {
		_, _ = p.Pool.Exec(ctx, `select pg_notify($1, w) from unnest($2::text[]) w`, wantedChannel, wishes)
	}
}

// Listen lets runners of this process hear what is waited for elsewhere, until ctx ends.
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
	conn := c.Hijack() // it listens for as long as it lives
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
		p.raiseDemand(place{Key{w.Projection, w.Version}, w.Partition}, w.Pseq)
		p.mu.Unlock()
	}
}
