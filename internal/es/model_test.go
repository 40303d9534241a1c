package es

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// limits of an exploration.
type limits struct {
	states int // 0 = until nothing new is found
	sample int // look at progress from every n-th state; 0 = from none
}

type explored struct {
	states, depth, fair int
	exhausted           bool
	err                 error
	trace               []string
}

type node struct {
	parent int32
	depth  int32
	act    action
}

// explore visits every state within the limits, the nearest first, so that a counterexample is a shortest one.
func explore(sc *scenario, lim limits) (r explored) {
	sc.build()
	type open struct {
		w *world
		n int32
	}
	nodes := []node{{parent: -1}}
	front := []open{{newWorld(sc), 0}}
	seen := map[key]struct{}{}
	var buf []byte
	var acts []action
	fail := func(n int32, last *action, err error) explored {
		r.states, r.err = len(seen), err
		r.trace = retell(sc, nodes, n, last)
		return r
	}
	for len(front) > 0 {
		w, n := front[0].w, front[0].n
		front[0] = open{}
		front = front[1:]
		acts = w.actions(acts)
		for _, a := range acts {
			c := w.fork()
			if err := c.do(a); err != nil {
				return fail(n, &a, err)
			}
			var k key
			k, buf = c.hash(buf)
			if _, old := seen[k]; old {
				continue
			}
			if lim.states > 0 && len(seen) >= lim.states {
				r.states = len(seen)
				return r
			}
			seen[k] = struct{}{}
			m := int32(len(nodes))
			nodes = append(nodes, node{n, nodes[n].depth + 1, a})
			r.depth = int(nodes[m].depth)
			front = append(front, open{c, m})
			if lim.sample > 0 && len(seen)%lim.sample == 0 {
				r.fair++
				by, ghosts := int(k[0]&1), k[1]&1 == 0
				if err := c.progress(by, ghosts, func(string) {}); err != nil {
					r = fail(m, nil, err)
					_ = c.progress(by, ghosts, func(s string) { r.trace = append(r.trace, "then "+s) })
					return r
				}
			}
		}
	}
	r.states, r.exhausted = len(seen), true
	return r
}

// retell returns the history that led to a node, in words.
func retell(sc *scenario, nodes []node, n int32, last *action) (out []string) {
	var path []action
	for ; n > 0; n = nodes[n].parent {
		path = append(path, nodes[n].act)
	}
	slices.Reverse(path)
	if last != nil {
		path = append(path, *last)
	}
	w := newWorld(sc)
	for _, a := range path {
		out = append(out, a.in(w))
		if err := w.do(a); err != nil {
			break
		}
	}
	return out
}

// The protocol holds in every history within these bounds. OUTRIDER_MODEL_STATES=5000000 explores further (0 = all).
func TestModel(t *testing.T) {
	t.Parallel()
	lim := limits{states: 60_000, sample: 50} // with the scenario that ends by itself 335,000 in all, about 10 s on one core
	if s := os.Getenv("OUTRIDER_MODEL_STATES"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("OUTRIDER_MODEL_STATES: %v", err)
		}
		lim.states = n
	}
	total := 0
	for _, sc := range scenarios() {
		r := explore(&sc, lim)
		if r.err != nil {
			t.Fatalf("%s: %v\n%s", sc.name, r.err, strings.Join(r.trace, "\n"))
		}
		how := "cut off"
		if r.exhausted {
			how = "all of them"
		}
		t.Logf("%s: %d states (%s), up to %d steps, %d fair continuations", sc.name, r.states, how, r.depth, r.fair)
		total += r.states
	}
	t.Logf("%d states", total)
}

// Histories too long to be enumerated are tried at random, the same ones every time.
func TestModelDeep(t *testing.T) {
	t.Parallel()
	walks := 2_000
	if s := os.Getenv("OUTRIDER_MODEL_STATES"); s != "" {
		walks = 20_000
	}
	commands := []asked{{id: 1, places: 1, refusedBy: 'B'}, {id: 2, places: 2, refusedBy: 'A', org: 1}, {id: 3, places: 2}, {id: 1, places: 1, refusedBy: 'B'},
		{id: 4, places: 1, refusedBy: 'A'}, {id: 2, ask: true, org: 1}, {id: 5, places: 2}}
	sc := &scenario{name: "deep", commands: commands, quota: 4, starts: 5, crashes: 4, repeats: 3, losses: 2}
	sc.build()
	seen := map[key]struct{}{}
	steps := 0
	var buf []byte
	for seed := range walks {
		rnd := rand.New(rand.NewPCG(uint64(seed), 7))
		w := newWorld(sc)
		var told []string
		tell := func(s string) { told = append(told, s) }
		for range 120 {
			acts := w.actions(nil)
			if len(acts) == 0 {
				break
			}
			a := choose(rnd, acts)
			tell(a.in(w))
			w = w.fork()
			if err := w.do(a); err != nil {
				t.Fatalf("walk %d: %v\n%s", seed, err, strings.Join(told, "\n"))
			}
			var k key
			k, buf = w.hash(buf)
			seen[k] = struct{}{}
			steps++
		}
		if err := w.progress(rnd.IntN(2), rnd.IntN(2) == 0, tell); err != nil {
			t.Fatalf("walk %d: %v\n%s", seed, err, strings.Join(told, "\n"))
		}
	}
	t.Logf("%d states in %d walks of %d steps", len(seen), walks, steps)
}

// choose prefers what moves things on to what breaks them.
func choose(rnd *rand.Rand, acts []action) action {
	for range 20 {
		a := acts[rnd.IntN(len(acts))]
		switch a.kind {
		case crash, lose, retry, start:
			if rnd.IntN(6) > 0 {
				continue
			}
		}
		return a
	}
	return acts[rnd.IntN(len(acts))]
}

func scenarios() []scenario {
	three := []asked{{id: 1, places: 1, refusedBy: 'B'}, {id: 2, places: 2, refusedBy: 'A'}, {id: 3, places: 1}}
	return []scenario{
		{name: "one command, two owners a writer, a crash", commands: three[:1], quota: 3, starts: 2, crashes: 1},
		{name: "two events, a crash", commands: []asked{{id: 1, places: 2, refusedBy: 'B'}}, quota: 3, starts: 2, crashes: 1},
		{name: "three commands, two writers", commands: three, quota: 2, starts: 1},
		{name: "three commands, everything happens", commands: three, quota: 3, starts: 2, crashes: 1, repeats: 1, losses: 1},
		{name: "a command repeated, its key reused, an ask", commands: []asked{{id: 1, places: 2, refusedBy: 'A', fingerprint: 7}, {id: 1, ask: true, fingerprint: 7},
			{id: 1, places: 2, refusedBy: 'A', fingerprint: 7}, {id: 1, places: 1, fingerprint: 8}}, quota: 3, starts: 2, crashes: 1},
		{name: "two organisations", commands: []asked{{id: 1, places: 2, refusedBy: 'B'}, {id: 2, places: 1, refusedBy: 'A', org: 1}}, quota: 3, starts: 2, crashes: 1, repeats: 1},
	}
}
