// Package hostile attacks the product as strangers, tenants, their mail servers and whoever reaches Kafka would, one attack after the
// other, while a calm neighbour goes on; each ends with a look at whether all is alive and right, and what the neighbour waited.
package hostile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Config of a run; zero values are the defaults.
type Config struct {
	Dir    string        // data folder, empty or new
	Short  bool          // fewer attacks, of fewer callers: a sample
	Only   []string      // attacks whose name begins so; nil = all
	For    time.Duration // of each attack; 6 s, in short 2 s
	Out    io.Writer     // what happens, a line each
	Report func(Line)    // told of each attack when it is over
}

// Line is what came of one attack.
type Line struct {
	Attack string          `json:"attack"`
	Held   bool            `json:"held"`                     // alive, nothing wrong, and the neighbour within its bound
	P99    float64         `json:"neighbour_p99_ms"`         // of its writes and reads
	Alone  float64         `json:"alone_p99_ms"`             // the same without an attack, so far
	Beside float64         `json:"control_p99_ms,omitempty"` // the same beside nothing but as much work as the attackers', where the bound was passed; 0 = no control run
	Burnt  float64         `json:"attackers_processors"`     // that attackers and their mail servers kept busy
	Bound  float64         `json:"bound_ms"`                 // three times the longer of the two
	RSS    float64         `json:"rss_mb"`                   // highest of the server with its mail workers
	Alive  bool            `json:"alive"`                    // it is ready, its process is the same, and the neighbour's write is taken
	Wrong  []string        `json:"wrong,omitempty"`          // that was lost, or is otherwise than the neighbour was told
	Slow   []string        `json:"slow,omitempty"`           // what of the neighbour's took more than three times as long as alone, and as in the control run
	Kinds  map[string]Kind `json:"neighbour"`
	Seen   map[string]int  `json:"attackers"` // what attackers were answered
}

// Kind is one thing that the neighbour does.
type Kind struct {
	N      int     `json:"n"`
	P99    float64 `json:"p99_ms"`
	Alone  float64 `json:"alone_p99_ms"`
	Beside float64 `json:"control_p99_ms,omitempty"`
}

// timesAlone is how much longer a neighbour may wait than it does alone.
const timesAlone = 3

func (c *Config) setDefaults() {
	if c.For == 0 {
		c.For = 6 * time.Second
		if c.Short {
			c.For = 2 * time.Second
		}
	}
	if c.Out == nil {
		c.Out = io.Discard
	}
	if c.Report == nil {
		c.Report = func(Line) {}
	}
}

// Run makes all attacks, audits what is left, and gives a line for each, with one for the audit at the end. The error is about the run itself.
func Run(ctx context.Context, cfg Config) (lines []Line, err error) {
	cfg.setDefaults()
	a, err := openArena(ctx, cfg)
	defer a.close()
	if err != nil {
		return nil, err
	}
	if err := a.settle(ctx); err != nil {
		return nil, err
	}
	report := func(l Line) {
		lines = append(lines, l)
		cfg.Report(l)
	}
	for _, x := range attacks(cfg) {
		l, err := a.attack(ctx, x)
		if err != nil {
			return lines, fmt.Errorf("attack %q: %w", x.name, err)
		}
		report(l)
	}
	l, err := a.audit(ctx, lines)
	if err != nil {
		return lines, fmt.Errorf("audit: %w", err)
	}
	report(l)
	return lines, nil
}

// attack makes one: it is under way before the neighbour is looked at, and as long as that is.
func (a *arena) attack(ctx context.Context, x attack) (Line, error) {
	l := Line{Attack: x.name, Kinds: map[string]Kind{}}
	if err := a.neighbour.goOn(ctx, alone, a.cfg.For/2); err != nil {
		l.Wrong = append(l.Wrong, "before the attack: "+err.Error())
	}
	crashes := a.world.Crashes()
	memory := watchMemory(a.world.PIDs)
	attacking, stop := context.WithCancel(ctx)
	seen := newTally()
	ended := make(chan error, 1)
	go func() { defer seen.begin(); ended <- x.run(attacking, a, seen) }()
	begins := a.cfg.For
	if x.awaited {
		begins = patience
	}
	select {
	case <-seen.begun:
	case <-time.After(begins):
	}
	d := a.cfg.For
	if x.long {
		d *= 3
	}
	attackers, mail := a.spent.soFar()
	since := time.Now()
	failed := a.neighbour.goOn(ctx, x.name, d)
	burnt := a.spent.since(attackers, mail, since)
	l.Burnt = burnt.Attackers + burnt.Mail
	stop()
	if err := <-ended; err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return l, err
	}
	l.RSS = memory.end()
	l.Seen = seen.all()
	a.judge(ctx, &l, x, failed, crashes)
	if x.settle != nil {
		if err := x.settle(ctx, a); err != nil {
			l.Alive = false
			l.Wrong = append(l.Wrong, err.Error())
		}
	}
	if len(l.Slow) > 0 && l.Burnt > 0 && !a.cfg.Short {
		if err := a.control(ctx, &l, burnt); err != nil {
			return l, err
		}
	}
	l.Held = l.Alive && len(l.Wrong) == 0 && len(l.Slow) == 0
	fmt.Fprintf(a.cfg.Out, "%s %s: held %v, p99 %.0f ms (alone %.0f, beside as much work %.0f), %.0f MB\n", time.Now().Format("15:04:05"), l.Attack, l.Held, l.P99, l.Alone, l.Beside, l.RSS)
	return l, ctx.Err()
}

// judge says what came of an attack that is over.
func (a *arena) judge(ctx context.Context, l *Line, x attack, failed error, crashes int) {
	l.Alive = failed == nil && a.world.Crashes() == crashes
	if failed != nil {
		l.Wrong = append(l.Wrong, failed.Error())
	}
	if err := a.isReady(ctx); err != nil {
		l.Alive = false
		l.Wrong = append(l.Wrong, err.Error())
	}
	if n := a.world.Crashes() - crashes; n > 0 {
		l.Wrong = append(l.Wrong, fmt.Sprintf("the server has ended %d times", n))
	}
	if err := a.neighbour.isComplete(ctx); err != nil {
		l.Wrong = append(l.Wrong, err.Error())
	}
	if x.check != nil {
		l.Wrong = append(l.Wrong, x.check(ctx, a, l.Seen)...)
	}
	a.neighbour.compare(l, x.name)
}

// audit ends the product and looks at everything, as chaos does.
func (a *arena) audit(ctx context.Context, lines []Line) (Line, error) {
	l := Line{Attack: "the audit of all of it", Kinds: map[string]Kind{}, Seen: map[string]int{}}
	for _, x := range lines {
		l.RSS = max(l.RSS, x.RSS)
	}
	res, err := a.world.Audit(ctx)
	if err != nil {
		return l, err
	}
	l.Wrong = append(res.Wrong(), res.Examples...)
	for _, c := range res.Counters() {
		l.Seen[c.Name] = c.N
	}
	l.Seen["events"], l.Seen["acknowledged"], l.Seen["sent"] = int(res.Events), res.Acknowledged, res.Sent
	l.Alive = true
	l.Held = len(res.Wrong()) == 0
	return l, nil
}

// attacks are those that a configuration wants.
func attacks(cfg Config) []attack {
	all := allAttacks(cfg.Short)
	if cfg.Only == nil {
		return all
	}
	return slices.DeleteFunc(all, func(x attack) bool {
		return !slices.ContainsFunc(cfg.Only, func(name string) bool { return strings.HasPrefix(x.name, name) })
	})
}

// Names are those of all attacks.
func Names() (out []string) {
	for _, x := range allAttacks(false) {
		out = append(out, x.name)
	}
	return out
}

// settle lets the neighbour go on until its figures alone mean something.
func (a *arena) settle(ctx context.Context) error {
	for range 2 { // the first is warming up
		a.neighbour.forget(alone)
		if err := a.neighbour.goOn(ctx, alone, 2*a.cfg.For); err != nil {
			return fmt.Errorf("the neighbour alone: %w", err)
		}
	}
	return nil
}
