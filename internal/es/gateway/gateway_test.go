package gateway_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"outrider/internal/es"
	"outrider/internal/es/gateway"
	"outrider/internal/es/logtest"
	"outrider/internal/es/processor"
	"outrider/internal/lab/storm"
)

func setup(t *testing.T) (context.Context, *gateway.Gateway, *processor.Processor) {
	t.Helper()
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	l := logtest.New(t, 2)
	p, err := processor.New(processor.Config{Log: l, Domain: storm.Seats(3)})
	if err != nil {
		t.Fatal(err)
	}
	g, err := gateway.Open(ctx, gateway.Config{Log: l})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return ctx, g, p
}

// run starts the processor late, so that what came before is pending.
func run(ctx context.Context, t *testing.T, p *processor.Processor) {
	t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		if err := p.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); done.Wait() })
}

func TestAllWhoWaitForACommandGetItsAnswer(t *testing.T) {
	ctx, g, p := setup(t)
	c := storm.TakeSeat(es.NewID())
	other := *c
	other.Fingerprint = 5
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if _, err := g.Submit(short, c); !errors.Is(err, gateway.ErrPending) {
		t.Fatal(err)
	}
	run(ctx, t, p)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			sent, want := c, es.Accepted
			if i%2 == 1 {
				sent, want = &other, es.Refused // the same id with another body, while both wait
			}
			for {
				a, err := g.Submit(ctx, sent)
				if errors.Is(err, gateway.ErrPending) && ctx.Err() == nil {
					continue
				}
				if err != nil || a.Outcome != want || a.CommandID != c.ID {
					t.Errorf("%+v %v", a, err)
				}
				return
			}
		})
	}
	wg.Wait()
}

func TestCloseLetsThoseWhoWaitHaveTheirAnswers(t *testing.T) {
	ctx, g, p := setup(t)
	run(ctx, t, p)
	for { // until there is an owner
		if _, err := g.Ask(ctx, es.SystemOrg, es.NewID()); err == nil {
			break
		} else if ctx.Err() != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	begun := make(chan struct{}, 50)
	for range 50 {
		wg.Go(func() {
			c := storm.TakeSeat(es.SystemOrg)
			begun <- struct{}{}
			if _, err := g.Submit(ctx, c); err != nil && !errors.Is(err, gateway.ErrClosed) {
				t.Error(err)
			}
		})
	}
	for range 50 {
		<-begun
	}
	g.Close()
	wg.Wait()
	if err := g.Post(ctx, storm.TakeSeat(es.SystemOrg)); !errors.Is(err, gateway.ErrClosed) {
		t.Fatal(err)
	}
}

func TestACommandThatKafkaDoesNotTakeIsRefusedAtOnce(t *testing.T) {
	ctx, g, _ := setup(t)
	c := storm.TakeSeat(es.NewID())
	c.Data = []byte(`"` + strings.Repeat("x", 2<<20) + `"`)
	if _, err := g.Submit(ctx, c); !errors.Is(err, gateway.ErrTooLarge) {
		t.Fatal(err)
	}
}
