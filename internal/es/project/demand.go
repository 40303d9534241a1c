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

// demandFor returns how far waiters want a runner of this process to come; on nil, nobody waits.
func (p *Positions) demandFor(key ProjectionKey, partition int32) *reader.Wanted {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	at := positionKey{key, partition}
	if p.runs == nil {
		p.runs = map[positionKey]*reader.Wanted{}
	}
	w := reader.NewWanted()
	p.runs[at] = w
	w.Raise(furthestPseq(p.waiters[at]))
	return w
}

// furthestPseq returns the greatest pseq that is waited for; 0 = none.
func furthestPseq(waiters []*waiter) (pseq int64) {
	for _, w := range waiters {
		pseq = max(pseq, w.pseq)
	}
	return pseq
}

// raiseDemand passes a demand to the runner in this process, if there is one; p.mu is held.
func (p *Positions) raiseDemand(at positionKey, pseq int64) {
	if w := p.runs[at]; w != nil {
		w.Raise(pseq)
	}
}

// openDemands returns what has to be announced to other processes; p.mu is held.
func (p *Positions) openDemands() (out []string) {
	for at, ws := range p.waiters {
		if !p.Lingers[at.key] || p.runs[at] != nil {
			continue
		}
		most := furthestPseq(ws)
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
func (p *Positions) announceDemands(ctx context.Context, demands []string) {
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
		p.raiseDemand(positionKey{ProjectionKey{w.Projection, w.Version}, w.Partition}, w.Pseq)
		p.mu.Unlock()
	}
}
