package stats

import "math"

// Rule says when an experiment is decided.
type Rule struct {
	Kind       string  // Sequential, BestAlone or Fixed
	Confidence float64 // 0.95
	MinPerArm  int     // people in every arm before anything is decided
}

// Kinds of rule.
const (
	Sequential = "sequential" // PValue and P(best): may be asked every day
	BestAlone  = "p_best"     // P(best) alone: wrong more often than it says, when it is asked every day
	Fixed      = "fixed"      // P(best) alone, once: at the first look at which every arm has the minimum
)

// Winner returns the arm that has won by a rule, or -1. Fixed is to be asked only once, and so never decides later.
func (r Rule) Winner(arms []Arm) int {
	if len(arms) < 2 || !r.Enough(arms) {
		return -1
	}
	if r.Kind == Sequential && PValue(arms) > 1-r.Confidence {
		return -1
	}
	best, winner := -1.0, -1
	for i, s := range Standings(arms) {
		if s.PBest > best {
			best, winner = s.PBest, i
		}
	}
	if best < r.Confidence-1e-9 || math.IsNaN(best) {
		return -1
	}
	return winner
}

// Enough reports whether every arm has the minimum.
func (r Rule) Enough(arms []Arm) bool {
	for _, a := range arms {
		if a.N < max(r.MinPerArm, 1) {
			return false
		}
	}
	return true
}
