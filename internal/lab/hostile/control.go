package hostile

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"
)

// Attackers and hostile mail servers run on the machine of whom they attack, and take processors that they wouldn't elsewhere. What the
// neighbour waited too long for is therefore compared with control runs beside nothing but as much work as theirs.

// spent is what attackers and hostile mail servers have had of the processors.
type spent struct {
	mu        sync.Mutex
	attackers map[int]bool
	mail      int // process
}

// burn is how many processors were kept busy, by those who stand back and by those who don't.
type burn struct{ Attackers, Mail float64 }

func (s *spent) begin(pid int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attackers[pid] = true
}

func (s *spent) end(pid int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.attackers, pid)
}

// soFar is what those of now have used since they began.
func (s *spent) soFar() (attackers, mail time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for pid := range s.attackers {
		attackers += processorTime(pid)
	}
	return attackers, processorTime(s.mail)
}

// since returns who kept how many processors busy, from a beginning on.
func (s *spent) since(attackers, mail time.Duration, began time.Time) burn {
	a, m := s.soFar()
	d := float64(time.Since(began))
	return burn{max(float64(a-attackers)/d, 0), max(float64(m-mail)/d, 0)}
}

// ticks are what Linux counts a second of a process in, whatever its clock's own rate is.
const ticks = 100

// processorTime is how long a process has had a processor; 0 where the system doesn't say.
func processorTime(pid int) time.Duration {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	_, rest, ok := bytes.Cut(b, []byte(") ")) // its name may hold spaces
	f := bytes.Fields(rest)
	if err != nil || !ok || len(f) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(string(f[11]), 10, 64)
	system, _ := strconv.ParseInt(string(f[12]), 10, 64)
	return time.Duration(user+system) * time.Second / ticks
}

// controls is how often the neighbour goes on beside a burn, each half as long as beside an attack.
const controls = 3

// controlName is the phase of an attack's control runs.
func controlName(attack string) string { return "beside a burn: " + attack }

// control lets the neighbour go on beside as much work as an attack's, and compares anew.
func (a *arena) control(ctx context.Context, l *Line, b burn) error {
	for range controls {
		if err := a.besideBurn(ctx, l.Attack, b); err != nil {
			return err
		}
	}
	a.neighbour.compare(l, l.Attack)
	return nil
}

func (a *arena) besideBurn(ctx context.Context, attack string, b burn) error {
	burning, stop := context.WithCancel(ctx)
	var all sync.WaitGroup
	failed := make(chan error, 2)
	for _, o := range []orders{{Burn: b.Attackers}, {Burn: b.Mail, Upright: true}} {
		if o.Burn > 0 {
			all.Go(func() { failed <- a.attackFrom(burning, o, newTally()) })
		}
	}
	err := a.neighbour.goOn(ctx, controlName(attack), a.cfg.For/2)
	stop()
	all.Wait()
	close(failed)
	for f := range failed {
		if f != nil && err == nil {
			err = fmt.Errorf("burn: %w", f)
		}
	}
	return err
}

// burnSlice is what a burner works and sleeps in.
const burnSlice = 10 * time.Millisecond

// burnProcessors keeps so many processors busy.
func burnProcessors(ctx context.Context, n float64, all *sync.WaitGroup) {
	threads := runtime.GOMAXPROCS(0)
	work := time.Duration(float64(burnSlice) * min(n/float64(threads), 1))
	for range threads {
		all.Go(func() {
			for ctx.Err() == nil {
				began := time.Now()
				for time.Since(began) < work {
				}
				select {
				case <-ctx.Done():
				case <-time.After(burnSlice - work):
				}
			}
		})
	}
}
