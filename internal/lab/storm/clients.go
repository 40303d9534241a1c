package storm

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
	"outrider/internal/es/gateway"
	"outrider/internal/retry"
)

// giveUp is when a command counts as stuck.
const giveUp = 45 * time.Second

// op is what a client saw of one command; times are since the start.
type op struct {
	id       uuid.UUID
	org      uuid.UUID
	call     time.Duration
	ret      time.Duration
	answered bool
	answer   es.Answer
}

type clients struct {
	cfg   Config
	g     *gateway.Gateway
	start time.Time
	end   time.Time

	mu    sync.Mutex
	orgs  []uuid.UUID
	asked int
	ops   []op
}

// warmUp waits until every partition answers.
func (c *clients) warmUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for p := range c.cfg.Partitions {
		org := es.NewID()
		for es.PartitionOf(org, c.cfg.Partitions) != p {
			org = es.NewID()
		}
		for {
			_, err := c.g.Ask(ctx, org, es.NewID())
			if err == nil {
				break
			}
			if !errors.Is(err, gateway.ErrPending) || ctx.Err() != nil {
				return fmt.Errorf("wait for partition %d: %w", p, err)
			}
		}
	}
	return nil
}

func (c *clients) askAll(ctx context.Context, stop time.Time) {
	c.start = time.Now()
	var wg sync.WaitGroup
	for range c.cfg.Clients {
		wg.Go(func() {
			var mine []op
			for ctx.Err() == nil && time.Now().Before(stop) {
				mine = append(mine, c.askOne(ctx))
				if c.cfg.Think > 0 {
					_ = retry.Sleep(ctx, c.cfg.Think)
				}
			}
			c.mu.Lock()
			c.ops = append(c.ops, mine...)
			c.mu.Unlock()
		})
	}
	wg.Wait()
	c.end = time.Now()
}

// orgsAtOnce is how many organisations are in use at a time.
const orgsAtOnce = 16

// orgOf gives one of some organisations that are in use at a time. Each is asked for about one and a half of its quota, so both answers
// are frequent however fast the machine is.
func (c *clients) orgOf() uuid.UUID {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked++
	n := rand.IntN(orgsAtOnce) + c.asked/(min(c.cfg.Quota, 1000)*3/2)
	for len(c.orgs) <= n {
		c.orgs = append(c.orgs, es.NewID())
	}
	return c.orgs[n]
}

func (c *clients) askOne(ctx context.Context) op {
	cmd := TakeSeat(c.orgOf())
	o := op{id: cmd.ID, org: cmd.Org, call: time.Since(c.start)}
	for ctx.Err() == nil && time.Since(c.start)-o.call < giveUp {
		if a, err := c.g.Submit(ctx, cmd); err == nil {
			o.answer, o.answered, o.ret = a, true, time.Since(c.start)
			break
		}
	}
	return o
}

// measureLatency takes the clients' figures.
func (r *Result) measureLatency(c *clients) {
	var latency, returns []time.Duration
	for _, o := range c.ops {
		switch {
		case !o.answered:
			r.Stuck++
			continue
		case o.answer.Outcome == es.Accepted:
			r.Accepted++
		default:
			r.Refused++
		}
		latency = append(latency, o.ret-o.call)
		returns = append(returns, o.ret)
	}
	r.Answers = len(latency)
	r.Repeats = int(c.g.Repeats.Load())
	r.Rate = float64(r.Answers) / c.end.Sub(c.start).Seconds()
	if r.Answers == 0 {
		return
	}
	slices.Sort(latency)
	slices.Sort(returns)
	r.P50, r.P99 = latency[len(latency)/2], latency[len(latency)*99/100]
	before := time.Duration(0)
	for _, t := range returns {
		r.Silence, before = max(r.Silence, t-before), t
	}
}
