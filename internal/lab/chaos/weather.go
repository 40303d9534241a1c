package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"syscall"
	"time"

	"outrider/internal/engines"
)

// fault is one kind of trouble; do returns when what it broke was started again, or goes on.
type fault struct {
	kind string
	do   func(ctx context.Context) error
}

// window is when a fault was, up to the recovery from it; times are since the load began.
type window struct {
	kind       string
	from, to   time.Duration
	outlasting bool // nobody recovered within patience
}

// weather makes trouble.
type weather struct {
	s       *system
	l       *load
	chance  *rand.Rand
	windows []window
	mended  time.Duration // end of the newest fault
	hung    []string      // processes that didn't end when they were asked to
}

// left is how long clients may still wait for their answers.
func (w *weather) left() time.Duration {
	return max(w.s.cfg.patience()-(w.l.now()-w.mended), time.Second)
}

// Kinds lists what happens to what.
func Kinds() (out []string) {
	w := weather{s: &system{}, chance: rand.New(rand.NewPCG(0, 0))} //nolint:gosec // not a secret
	for _, f := range w.kinds() {
		out = append(out, f.kind)
	}
	return out
}

func (w *weather) kinds() (out []fault) {
	for _, of := range []struct{ name, role string }{{"processor", roleCommands}, {"projector", roleProjections}, {"consumer", roleConsumers}, {"api", roleAPI}} {
		one := func() *part { return pick(w.chance, w.s.of(of.role)) }
		out = append(out,
			fault{"kill_" + of.name, func(ctx context.Context) error { return one().replace(ctx, syscall.SIGKILL) }},
			fault{"stop_" + of.name, func(ctx context.Context) error { return one().replace(ctx, syscall.SIGTERM) }})
		if of.role == roleAPI {
			continue // it owns nothing that others could take over: a frozen one is as slow as its callers are patient
		}
		out = append(out, fault{"freeze_" + of.name, func(ctx context.Context) error {
			p := one()
			p.signal(syscall.SIGSTOP, false)
			pause(ctx, w.s.cfg.Session+1500*time.Millisecond) // others have taken over
			p.signal(syscall.SIGCONT, false)
			return nil
		}})
	}
	out = append(out,
		fault{"kill_broker", func(ctx context.Context) error { return w.s.broker.Kill(ctx, w.oneBroker()) }},
		fault{"freeze_broker", func(ctx context.Context) error {
			i := w.oneBroker()
			if err := w.s.broker.Freeze(i); err != nil {
				return err
			}
			pause(ctx, w.s.cfg.Session+1500*time.Millisecond)
			return w.s.broker.Thaw(i)
		}},
		fault{"cut_broker", func(ctx context.Context) error { return w.cut(ctx, brokerProxy(w.oneBroker())) }})
	for _, name := range []string{engines.Postgres, engines.ClickHouse} {
		out = append(out,
			fault{"kill_" + name, func(ctx context.Context) error { return killEngine(ctx, w.s.engines, name) }},
			fault{"freeze_" + name, func(ctx context.Context) error {
				pid := w.s.engines.PIDs()[name]
				if err := signalTree(pid, syscall.SIGSTOP); err != nil {
					return err
				}
				pause(ctx, w.s.cfg.Session+1500*time.Millisecond)
				return signalTree(pid, syscall.SIGCONT)
			}},
			fault{"cut_" + name, func(ctx context.Context) error { return w.cut(ctx, name) }})
	}
	return out
}

func pick[T any](chance *rand.Rand, of []T) T { return of[chance.IntN(len(of))] }

func (w *weather) oneBroker() int { return w.chance.IntN(len(w.s.broker.Addresses())) }

func (w *weather) cut(ctx context.Context, name string) error {
	return w.s.proxies[name].cut(ctx, time.Duration(100+w.chance.IntN(1400))*time.Millisecond)
}

// deal gives n faults; each kind comes once before any comes again.
func (w *weather) deal(n int) (out []fault) {
	var all []fault
	for _, f := range w.kinds() {
		if w.s.cfg.Only == nil || slices.Contains(w.s.cfg.Only, f.kind) {
			all = append(all, f)
		}
	}
	for len(out) < n && len(all) > 0 {
		w.chance.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		out = append(out, all[:min(len(all), n-len(out))]...)
	}
	return out
}

// blow makes all faults, one after the recovery from the other.
func (w *weather) blow(ctx context.Context) error {
	if err := w.l.moved(ctx, w.l.now()); err != nil {
		return fmt.Errorf("wait for the load: %w", err)
	}
	for i, f := range w.deal(w.s.cfg.Faults) {
		pause(ctx, time.Duration(100+w.chance.IntN(500))*time.Millisecond)
		from := w.l.now()
		err := f.do(ctx)
		if errors.Is(err, errHung) {
			w.hung = append(w.hung, err.Error())
			w.s.say("%v", err)
		} else if err != nil {
			return fmt.Errorf("%s: %w", f.kind, err)
		}
		mended := w.l.now()
		err = w.l.moved(ctx, mended)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		w.mended = mended
		at := window{f.kind, from, w.l.now(), err != nil}
		w.windows = append(w.windows, at)
		w.s.say("%d/%d %s: %.1f s, recovered %.1f s later", i+1, w.s.cfg.Faults, f.kind, (mended - from).Seconds(), (at.to - mended).Seconds())
		if err != nil {
			w.s.say("%v", err)
			return nil // the audit tells the rest
		}
	}
	return nil
}

func (w *weather) count() map[string]int {
	out := map[string]int{}
	for _, x := range w.windows {
		out[x.kind]++
	}
	return out
}
