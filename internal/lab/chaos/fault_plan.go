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
	"outrider/internal/retry"
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

// faultPlan makes trouble.
type faultPlan struct {
	s       *system
	l       *load
	chance  *rand.Rand
	windows []window
	mended  time.Duration // end of the newest fault
	hung    []string      // processes that didn't end when they were asked to
}

// timeLeft is how long clients may still wait for their answers.
func (w *faultPlan) timeLeft() time.Duration {
	return max(w.s.cfg.stuckAfter()-(w.l.elapsed()-w.mended), time.Second)
}

// Kinds lists what happens to what.
func Kinds() (out []string) {
	w := faultPlan{s: &system{}, chance: rand.New(rand.NewPCG(0, 0))}
	for _, f := range w.faultKinds() {
		out = append(out, f.kind)
	}
	return out
}

func (w *faultPlan) faultKinds() (out []fault) {
	for _, of := range []struct{ name, role string }{{"processor", roleCommands}, {"projector", roleProjections}, {"consumer", roleConsumers}, {"api", roleAPI}} {
		one := func() *nodeProcess { return pickOne(w.chance, w.s.partsWithRole(of.role)) }
		out = append(out,
			fault{"kill_" + of.name, func(ctx context.Context) error { return one().replaceProcess(ctx, syscall.SIGKILL) }},
			fault{"stop_" + of.name, func(ctx context.Context) error { return one().replaceProcess(ctx, syscall.SIGTERM) }})
		if of.role == roleAPI {
			continue // it owns nothing that others could take over: a frozen one is as slow as its callers are patient
		}
		out = append(out, fault{"freeze_" + of.name, func(ctx context.Context) error {
			p := one()
			p.signalProcess(syscall.SIGSTOP, false)
			_ = retry.Sleep(ctx, w.s.cfg.Session+1500*time.Millisecond) // others have taken over
			p.signalProcess(syscall.SIGCONT, false)
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
			_ = retry.Sleep(ctx, w.s.cfg.Session+1500*time.Millisecond)
			return w.s.broker.Thaw(i)
		}},
		fault{"cut_broker", func(ctx context.Context) error { return w.cutProxy(ctx, brokerProxy(w.oneBroker())) }})
	for _, name := range []string{engines.Postgres, engines.ClickHouse} {
		out = append(out,
			fault{"kill_" + name, func(ctx context.Context) error { return killEngine(ctx, w.s.engines, name) }},
			fault{"freeze_" + name, func(ctx context.Context) error {
				pid := w.s.engines.PIDs()[name]
				if err := signalTree(pid, syscall.SIGSTOP); err != nil {
					return err
				}
				_ = retry.Sleep(ctx, w.s.cfg.Session+1500*time.Millisecond)
				return signalTree(pid, syscall.SIGCONT)
			}},
			fault{"cut_" + name, func(ctx context.Context) error { return w.cutProxy(ctx, name) }})
	}
	return out
}

func pickOne[T any](chance *rand.Rand, of []T) T { return of[chance.IntN(len(of))] }

func (w *faultPlan) oneBroker() int { return w.chance.IntN(len(w.s.broker.Addresses())) }

func (w *faultPlan) cutProxy(ctx context.Context, name string) error {
	return w.s.proxies[name].cutFor(ctx, time.Duration(100+w.chance.IntN(1400))*time.Millisecond)
}

// dealFaults gives n faults; each kind comes once before any comes again.
func (w *faultPlan) dealFaults(n int) (out []fault) {
	var all []fault
	for _, f := range w.faultKinds() {
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

// run makes all faults, one after the recovery from the other.
func (w *faultPlan) run(ctx context.Context) error {
	if err := w.l.hasMoved(ctx, w.l.elapsed()); err != nil {
		return fmt.Errorf("wait for the load: %w", err)
	}
	for i, f := range w.dealFaults(w.s.cfg.Faults) {
		_ = retry.Sleep(ctx, time.Duration(100+w.chance.IntN(500))*time.Millisecond)
		from := w.l.elapsed()
		err := f.do(ctx)
		if errors.Is(err, errHung) {
			w.hung = append(w.hung, err.Error())
			w.s.logLine("%v", err)
		} else if err != nil {
			return fmt.Errorf("%s: %w", f.kind, err)
		}
		mended := w.l.elapsed()
		err = w.l.hasMoved(ctx, mended)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		w.mended = mended
		at := window{f.kind, from, w.l.elapsed(), err != nil}
		w.windows = append(w.windows, at)
		w.s.logLine("%d/%d %s: %.1f s, recovered %.1f s later", i+1, w.s.cfg.Faults, f.kind, (mended - from).Seconds(), (at.to - mended).Seconds())
		if err != nil {
			w.s.logLine("%v", err)
			return nil // the audit tells the rest
		}
	}
	return nil
}

func (w *faultPlan) countFaults() map[string]int {
	out := map[string]int{}
	for _, x := range w.windows {
		out[x.kind]++
	}
	return out
}
