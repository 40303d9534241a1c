package chaos

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/google/uuid"
)

// measureLatency takes the clients' figures.
func (l *load) measureLatency(res *Result, windows []window) {
	ops := slices.DeleteFunc(l.allOps(), func(o op) bool { return o.what == "readiness" })
	var returns []float64
	for _, o := range ops {
		switch {
		case o.command == uuid.Nil:
			res.Hits++
			continue
		case !o.answered:
			res.Stuck++
			res.Examples = append(res.Examples, fmt.Sprintf("%s (command %s of organisation %s) was never answered", o.what, o.command, o.org))
		default:
			res.Acknowledged++
			if !o.wasAccepted() {
				res.Refused++
			}
			returns = append(returns, o.ret.Seconds())
		}
		res.Asked++
	}
	res.Repeats, res.Failures = int(l.repeats.Load()), int(l.failures.Load())
	slices.SortFunc(returns, cmp.Compare)
	for _, w := range windows {
		from, to, before := w.from.Seconds(), w.to.Seconds(), 0.0
		for _, t := range returns {
			if t > from && before < to {
				res.Unavailable[w.kind] = max(res.Unavailable[w.kind], roundSeconds(t-max(before, 0)))
			}
			before = t
		}
		for _, o := range ops {
			if o.command != uuid.Nil && o.answered && o.ret > w.from && o.call < w.to {
				res.Slowest[w.kind] = max(res.Slowest[w.kind], roundSeconds((o.ret - o.call).Seconds()))
			}
		}
		if w.outlasting {
			res.Unavailable[w.kind] = max(res.Unavailable[w.kind], l.s.cfg.stuckAfter().Seconds())
		}
	}
}

func roundSeconds(seconds float64) float64 { return float64(int(seconds*1000)) / 1000 }
