package turns_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/internal/turns"
)

var flood, calm, third = uuid.UUID{1}, uuid.UUID{2}, uuid.UUID{3}

func TestARingGivesTurns(t *testing.T) {
	t.Parallel()
	r := turns.NewRing[string](2)
	for n := range 4 {
		r.Add(flood, uint64(n), fmt.Sprint("f", n))
	}
	r.Add(calm, 100, "c0")
	r.Add(third, 101, "t0")
	r.Add(calm, 50, "before") // by number, not by the time of coming
	var got []string
	take := func() {
		for {
			_, x, ok := r.Next()
			if !ok {
				return
			}
			got = append(got, x)
		}
	}
	take()
	if s := strings.Join(got, " "); s != "f0 before t0 f1 c0" {
		t.Errorf("got %s", s)
	}
	got = nil
	if take(); got != nil || r.Waiting(flood) != 2 {
		t.Errorf("beyond its slots an organisation has %v", got)
	}
	r.Done(flood)
	if take(); len(got) != 1 || got[0] != "f2" {
		t.Errorf("a slot that is free gives %v", got)
	}
	if !r.Remove(flood, 3) || r.Remove(flood, 3) {
		t.Error("work is not taken out once")
	}
	for _, org := range []uuid.UUID{flood, flood, calm, calm, third} {
		r.Done(org)
	}
	got = nil
	if take(); got != nil {
		t.Errorf("an empty ring gives %v", got)
	}
}

// Whatever is done: all is given once, nobody has more than their slots, and nobody with work and a slot waits for more than one turn of
// each other.
func TestARingIsFair(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		each := 1 + chance.IntN(3)
		r := turns.NewRing[int](each)
		waits, taken, since := map[uuid.UUID]int{}, map[uuid.UUID]int{}, map[uuid.UUID]map[uuid.UUID]int{}
		orgs := []uuid.UUID{flood, calm, third}
		for n := range 300 {
			org := orgs[min(chance.IntN(9), 2)]
			switch chance.IntN(3) {
			case 0:
				r.Add(org, uint64(n), n)
				waits[org]++
			case 1:
				if taken[org] > 0 {
					r.Done(org)
					taken[org]--
				}
			default:
				got, _, ok := r.Next()
				may := false
				for _, o := range orgs {
					may = may || waits[o] > 0 && taken[o] < each
				}
				if ok != may {
					t.Fatalf("given %v, want %v", ok, may)
				}
				if !ok {
					continue
				}
				waits[got]--
				if taken[got]++; taken[got] > each || waits[got] < 0 {
					t.Fatalf("%v has %d slots", got, taken[got])
				}
				since[got] = nil
				for _, o := range orgs {
					if o != got && waits[o] > 0 && taken[o] < each {
						if since[o] == nil {
							since[o] = map[uuid.UUID]int{}
						}
						if since[o][got]++; since[o][got] > 2 {
							t.Fatalf("%v waits while %v has turn after turn", o, got)
						}
					} else if o != got {
						since[o] = nil
					}
				}
			}
		}
	}
}

func TestAGateLetsANeighbourInWhileAFloodWaits(t *testing.T) {
	t.Parallel()
	g := turns.NewGate(3, 2)
	enter := func(org uuid.UUID) chan func() {
		in := make(chan func(), 1)
		go func() {
			leave, err := g.Enter(t.Context(), org)
			if err == nil {
				in <- leave
			}
			close(in)
		}()
		return in
	}
	first, second := <-enter(flood), <-enter(flood)
	var waiting []chan func()
	for range 5 {
		waiting = append(waiting, enter(flood))
	}
	for g.Waiting(flood) < 5 {
		runtime.Gosched()
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 20 { // there is a place, and who is gone takes none
		if _, err := g.Enter(gone, third); !errors.Is(err, context.Canceled) {
			t.Fatalf("who is gone enters: %v", err)
		}
	}
	leave := <-enter(calm)
	next := enter(calm)
	for g.Waiting(calm) < 1 {
		runtime.Gosched()
	}
	first()
	if leave2 := <-next; leave2 == nil { // it has waited less than those of the flood
		t.Fatal("the neighbour is not let in")
	} else {
		leave2()
	}
	leave()
	second()
	second() // once more does nothing
	left := make(chan bool)
	for _, w := range waiting {
		go func() { (<-w)(); left <- true }()
	}
	for range waiting {
		<-left
	}
}
