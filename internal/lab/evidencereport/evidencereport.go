package evidencereport

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"outrider/internal/evidence"
	"outrider/internal/stats"
)

// Samples plants n false sentences of each kind, and twice as many true ones as of a kind for each of them.
func Samples(seed uint64, n int) (out []Sample) {
	r := rand.New(rand.NewPCG(seed, 20))
	for _, kind := range FalseKinds() {
		for i := 0; i < n; {
			p, facts := world(r)
			s := Sample{Kind: kind, Facts: facts, Sentence: evidence.Sentence{Cites: []string{p.ID}}}
			ok := true
			if kind == "citation" {
				s.Text = join(p.say(r))
				s.Cites, s.Facts = wrongCitation(r, p, facts)
			} else {
				s.Text, ok = p.falsely(r, kind)
			}
			if ok {
				out = append(out, s)
				i++
			}
		}
	}
	for _, kind := range trueKinds {
		want := n * len(FalseKinds()) * kind.weight / 100
		for range want {
			for {
				p, facts := world(r)
				if text := p.truly(r, kind.name); text != "" {
					out = append(out, Sample{Kind: kind.name, True: true, Facts: facts, Sentence: evidence.Sentence{Text: text, Cites: []string{p.ID}}})
					break
				}
			}
		}
	}
	return out
}

// world makes a fact, and three more that sentences could be mistaken for.
func world(r *rand.Rand) (planted, []evidence.Fact) {
	sort := r.IntN(sorts)
	p := plant(r, "f1", sort)
	facts := []evidence.Fact{p.Fact}
	for i := range 3 {
		facts = append(facts, plant(r, fmt.Sprintf("f%d", i+2), sort+1+i*3).Fact)
	}
	return p, facts
}

func wrongCitation(r *rand.Rand, p planted, facts []evidence.Fact) ([]string, []evidence.Fact) {
	switch r.IntN(5) {
	case 0:
		return nil, facts
	case 1:
		return []string{"f9"}, facts
	case 2:
		return []string{p.ID, "f2"}, facts
	case 3:
		facts[0].Stale = true
		return []string{p.ID}, facts
	}
	return []string{"f2"}, facts
}

// Count is what became of the sentences of a kind.
type Count struct{ All, Right int }

// Report is what became of all.
type Report struct {
	False, True map[string]Count
	Missed      []Sample // false ones that passed
	Refused     []Sample // true ones that didn't
}

// Judge lets the gate judge all.
func Judge(all []Sample) Report {
	out := Report{False: map[string]Count{}, True: map[string]Count{}}
	for _, s := range all {
		passed := evidence.Check(s.Sentence, evidence.Policy{Facts: s.Facts}).Passed
		counts := out.False
		if s.True {
			counts = out.True
		}
		c := counts[s.Kind]
		c.All++
		if passed == s.True {
			c.Right++
		}
		counts[s.Kind] = c
		switch {
		case passed && !s.True:
			out.Missed = append(out.Missed, s)
		case !passed && s.True:
			out.Refused = append(out.Refused, s)
		}
	}
	return out
}

// Sum adds up.
func Sum(counts map[string]Count) (c Count) {
	for _, x := range counts {
		c.All, c.Right = c.All+x.All, c.Right+x.Right
	}
	return c
}

// String shows the rates with their intervals.
func (r Report) String() string {
	var b strings.Builder
	section := func(title string, counts map[string]Count, order []string) {
		fmt.Fprintf(&b, "%-28s %6s %6s  %7s  %s\n", title, "all", "right", "rate", "95 % (Wilson)")
		for _, kind := range append(order, "") {
			c, ok := counts[kind]
			if kind == "" {
				kind, c, ok = "together", Sum(counts), true
			}
			if !ok {
				continue
			}
			i := stats.Wilson(stats.Arm{N: c.All, Successes: c.Right}, 0.95)
			fmt.Fprintf(&b, "%-28s %6d %6d  %6.2f%%  %.2f to %.2f %%\n", kind, c.All, c.Right, 100*float64(c.Right)/float64(max(c.All, 1)), 100*i.Low, 100*i.High)
		}
	}
	section("false ones refused", r.False, FalseKinds())
	var names []string
	for _, k := range trueKinds {
		names = append(names, k.name)
	}
	b.WriteByte('\n')
	section("true ones passed", r.True, slices.Clone(names))
	return b.String()
}
