package processor_test

import (
	"context"
	"errors"
	"testing"

	"outrider/internal/es"
	"outrider/internal/es/gateway"
	"outrider/internal/lab/storm"
)

func TestACommandIsAnsweredAndARepeatGetsTheSameAnswer(t *testing.T) {
	w := setup(t, 4)
	w.serve(nil)
	g := w.gateway()
	org := es.NewID()
	var commands []*es.Command
	var answers []es.Answer
	for i := range 5 { // quota 3
		c := storm.TakeSeat(org)
		a := w.submit(g, c)
		if want := map[bool]es.Outcome{true: es.Accepted, false: es.Refused}[i < 3]; a.Outcome != want {
			t.Fatalf("command %d: %+v", i, a)
		}
		commands, answers = append(commands, c), append(answers, a)
	}
	same := func(g *gateway.Gateway) {
		t.Helper()
		for i, c := range commands {
			a, b := w.submit(g, c), answers[i]
			if a.Outcome != b.Outcome || a.Code != b.Code || string(a.Detail) != string(b.Detail) || a.Pseq != b.Pseq || a.Oseq != b.Oseq || !a.Time.Equal(b.Time) || a.Subject != b.Subject {
				t.Fatalf("first %+v, again %+v", b, a)
			}
		}
	}
	same(g)
	if events, _ := w.counted(es.PartitionOf(org, 4)); len(events) != 8 {
		t.Fatalf("%d events", len(events))
	}
	other := *commands[0]
	other.Fingerprint = 7
	if a := w.submit(g, &other); a.Code != es.CodeKeyReused {
		t.Fatalf("another body under the same id: %+v", a)
	}
	a, err := g.Ask(w.ctx, org, commands[4].ID)
	commandCheck(t, err)
	if a.Code != storm.SoldOut {
		t.Fatalf("ask: %+v", a)
	}
	if a, err = g.Ask(w.ctx, org, es.NewID()); err != nil || a.Outcome != es.Unknown {
		t.Fatalf("ask for what never was: %+v %v", a, err)
	}
}

func TestTheNextOwnerGivesTheSameAnswers(t *testing.T) {
	w := setup(t, 1)
	first := w.serve(nil)
	g := w.gateway()
	org := es.NewID()
	c := storm.TakeSeat(org)
	a := w.submit(g, c)
	first.stop()
	if n := first.Stats().Owned.Load(); n != 0 {
		t.Fatalf("still owns %d partitions", n)
	}
	waiting := storm.TakeSeat(org)
	if _, err := g.Submit(w.ctx, waiting); !errors.Is(err, gateway.ErrPending) {
		t.Fatalf("nobody decides, but: %v", err)
	}
	second := w.serve(nil)
	second.owns(0, 2)
	if b := w.submit(g, c); b.Pseq != a.Pseq || b.Outcome != a.Outcome {
		t.Fatalf("first %+v, then %+v", a, b)
	}
	if b := w.submit(g, waiting); b.Outcome != es.Accepted {
		t.Fatalf("what waited: %+v", b)
	}
	if events, rule := w.counted(0); len(events) != 4 || rule.Epoch != 2 {
		t.Fatalf("%d events in epoch %d", len(events), rule.Epoch)
	}
}

func TestPostIsDecidedWithoutAnAnswer(t *testing.T) {
	w := setup(t, 1)
	w.serve(nil)
	g := w.gateway()
	org := es.NewID()
	c := storm.TakeSeat(org)
	commandCheck(t, g.Post(w.ctx, c))
	if a := w.submit(g, c); a.Outcome != es.Accepted || a.Oseq != 2 {
		t.Fatalf("%+v", a)
	}
	g.Close()
	if _, err := g.Submit(context.Background(), c); !errors.Is(err, gateway.ErrClosed) {
		t.Fatal(err)
	}
}
