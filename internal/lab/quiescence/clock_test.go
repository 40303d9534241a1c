package quiescence_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
	"outrider/internal/es/gateway"
	"outrider/internal/es/logtest"
	"outrider/internal/es/processor"
	"outrider/internal/es/react"
	"outrider/internal/lab/quiescence"
	"outrider/internal/lab/simclock"
)

const (
	ticks  = 40
	links  = 4
	period = 90 * time.Minute
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// fact is the only event: tick 7, link 0 of what follows from it.
type fact struct {
	Tick int `json:"tick"`
	Link int `json:"link"`
}

func (fact) EventType() string   { return "chain.linked.v1" }
func (fact) AggregateID() string { return "chain" }

// chain ticks every period, and links when it is told to.
type chain struct {
	ticks int
	due   time.Time
}

func (c *chain) Decide(cmd *es.Command) ([]es.Payload, error) {
	if cmd.Type == es.AdvanceClockType {
		return []es.Payload{fact{Tick: c.ticks + 1}}, nil
	}
	var f fact
	if err := es.Unmarshal(cmd.Data, &f); err != nil {
		return nil, err
	}
	return []es.Payload{f}, nil
}

func (c *chain) Apply(e *es.Event) {
	f, ok := e.Payload.(fact)
	if !ok || f.Link > 0 && f.Tick > 0 {
		return
	}
	if c.ticks = f.Tick; c.ticks < ticks {
		c.due = e.Time.Add(period)
	} else {
		c.due = time.Time{}
	}
}

func (c *chain) Due() time.Time { return c.due }

func decode(_ string, data []byte) (es.Payload, error) {
	var f fact
	err := es.Unmarshal(data, &f)
	return f, err
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Each tick starts a chain of reactions, which take real time. Simulated time must stand still until a chain is at its end,
// and then go on by itself.
func TestTimeStandsStillUntilAllThatFollowsHasHappened(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	log := logtest.New(t, 2)
	check(t, react.EnsurePoison(ctx, log, react.PoisonTopic))

	coordinator, err := simclock.Listen("127.0.0.1:0", simclock.Options{Start: start, Expect: []string{"server", "driver"}})
	check(t, err)
	defer coordinator.Close()
	driver, err := simclock.Dial(ctx, coordinator.Addr(), "driver")
	check(t, err)
	joined, err := simclock.Dial(ctx, coordinator.Addr(), "server")
	check(t, err)
	p, err := quiescence.New(joined, log)
	check(t, err)

	x, err := processor.New(processor.Config{Log: log, Domain: es.Domain{New: func(uuid.UUID) es.State { return &chain{} }, Decode: decode}, Now: p.Now, Timers: p})
	check(t, err)
	p.Attach(x)
	g, err := gateway.Open(ctx, gateway.Config{Log: log, Now: p.Now})
	check(t, err)
	defer g.Close()
	org := es.NewID()
	link := func(f fact) error {
		data, err := es.Marshal(f)
		if err != nil {
			return err
		}
		_, err = g.Submit(ctx, &es.Command{ID: es.NewID(), Type: "chain.link.v1", Org: org, Time: p.Now(), Actor: es.Actor{Kind: es.ActorOperator, ID: "test"}, Data: data})
		return err
	}
	seen := &witness{all: make(chan struct{})}
	reactor := react.Reactor{Name: "chain", Wants: func(kind string) bool { return kind == fact{}.EventType() }, Handle: func(_ context.Context, e *es.Event) ([]*es.Command, error) {
		var f fact
		if err := es.Unmarshal(e.Data, &f); err != nil {
			return nil, err
		}
		seen.add(f, e.Time)
		time.Sleep(time.Duration(f.Tick%5) * time.Millisecond) // what an effect outside takes
		if f.Link == links || f.Tick == 0 {
			return nil, nil
		}
		return nil, link(fact{f.Tick, f.Link + 1})
	}}
	pub, err := react.NewPublisher(log, nil)
	check(t, err)
	defer pub.Close()
	router, err := react.NewRouter(react.Options{Logger: slog.New(slog.DiscardHandler), Watch: p.Watch, Config: react.Config{Log: log}}, pub, reactor)
	check(t, err)

	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	ready := make(chan struct{})
	running.Go(func() { _ = x.Run(ctx) })
	running.Go(func() { _ = router.Run(ctx) })
	running.Go(func() { _ = p.Run(ctx, func() { close(ready) }) })
	<-ready
	leave := p.Enter() // as a request does
	check(t, link(fact{}))
	leave()
	driver.Ready()
	select {
	case <-seen.all:
	case <-ctx.Done():
		t.Fatalf("time stands still: %q holds %v, %s", p.Why(), coordinator.Holding(), coordinator.Now())
	}
	seen.judge(t)
}

// witness notes at which simulated time everything happened.
type witness struct {
	mu  sync.Mutex
	at  [ticks + 1][]time.Time
	all chan struct{}
}

func (w *witness) add(f fact, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at[f.Tick] = append(w.at[f.Tick], at)
	if f.Tick == ticks && f.Link == links {
		close(w.all)
	}
}

func (w *witness) judge(t *testing.T) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for tick := 1; tick <= ticks; tick++ {
		want := start.Add(time.Duration(tick) * period)
		if len(w.at[tick]) != links+1 {
			t.Errorf("%d things followed from tick %d, want %d", len(w.at[tick])-1, tick, links)
		}
		for _, at := range w.at[tick] {
			if !at.Equal(want) {
				t.Errorf("what followed from tick %d happened at %s, want %s", tick, at, want)
			}
		}
	}
}
