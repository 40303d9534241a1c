package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/prospects"
)

// stallAfter is how long simulated time may stand still, in real time, before a demonstration is given up. One moment can have much to do (all sites of a campaign are read in the first one), and machines are busy.
const stallAfter = 10 * time.Minute

// timeDriver is the driver's hold on time: it stands still but during pass.
type timeDriver struct {
	world   *World
	release func() // ends the present hold
	capped  bool   // by a speed: then time may stand still because it is early
}

func newTimeDriver(w *World, capped bool) *timeDriver { return &timeDriver{w, w.Driver.Ready, capped} }

func (t *timeDriver) simulatedNow() time.Time { return t.world.Driver.Now() }

// passTime lets time go on by d, and holds it again.
func (t *timeDriver) passTime(ctx context.Context, d time.Duration) error {
	held := make(chan func(), 1)
	t.world.Driver.At(t.simulatedNow().Add(d), func() { held <- t.world.Driver.Busy() })
	t.release()
	t.release = func() {}
	look := time.NewTicker(time.Second)
	defer look.Stop()
	moves, since := t.world.Clock.Moves(), time.Now()
	for {
		select {
		case t.release = <-held:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-t.world.Driver.Gone():
			return errors.New("the clock is gone")
		case <-look.C:
		}
		if err := t.world.Down(); err != nil {
			return err
		}
		if n := t.world.Clock.Moves(); n != moves {
			moves, since = n, time.Now()
		}
		who := t.world.Clock.Holding()
		if len(who) == 0 && (t.capped || t.world.Clock.Pace().Paused) {
			since = time.Now()
		}
		if time.Since(since) > stallAfter {
			return fmt.Errorf("simulated time has stood still at %s for %s; it is held by: %s", t.world.Clock.Now().Format(time.RFC3339), stallAfter, strings.Join(who, ", "))
		}
	}
}

// awaitQuiet waits, in real time, until nobody but the driver is at work.
func (t *timeDriver) awaitQuiet(ctx context.Context) error {
	quiet := 0
	for began := time.Now(); quiet < 5; {
		quiet++
		for _, who := range t.world.Clock.Holding() {
			if name, _, _ := strings.Cut(who, " "); name == ServerName || name == mailserver.ClockName || name == prospects.ClockName || name == gridName {
				quiet = 0
			}
		}
		if time.Since(began) > stallAfter {
			return fmt.Errorf("there is no quiet: %s", strings.Join(t.world.Clock.Holding(), ", "))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}
