package experiments

import (
	"time"

	"outrider/events"
	"outrider/internal/stats"
)

// mostDays bounds the course; a longer one is looked at in steps of several days.
const mostDays = 200

// follow plays the experiment once more, day by day, and asks the rule at the end of each: where would it have stopped?
func (f *Fold) follow(s events.EvaluationSettings, rule stats.Rule, units []unit, v *events.Verdict) {
	last := s.AsOf
	if latest := f.latest(units); !latest.IsZero() && latest.Before(last) {
		last = latest
	}
	days := int(last.Sub(f.started)/(24*time.Hour)) + 1
	step := (max(days, 1) + mostDays - 1) / mostDays
	points := (days + step - 1) / step
	if points < 1 {
		return
	}
	every := time.Duration(step) * 24 * time.Hour
	at := func(t time.Time) int { return max(int(t.Sub(f.started)/every), 0) }
	n := len(f.plan.Arms)
	added, won := make([][]int, points), make([][]int, points)
	for i := range points {
		added[i], won[i] = make([]int, n), make([]int, n)
	}
	for _, u := range units {
		if i := at(u.counted); i < points {
			added[i][u.arm]++
		}
		if !u.success.IsZero() {
			when := u.success
			if when.Before(u.counted) {
				when = u.counted
			}
			if i := at(when); i < points {
				won[i][u.arm]++
			}
		}
	}
	arms := make([]stats.Arm, n)
	for i, a := range f.plan.Arms {
		if !f.stopped[a.ArmID] {
			arms[i].Weight = float64(a.Weight)
		}
	}
	asked := false
	for i := range points {
		day := events.VerdictDay{At: f.started.Add(time.Duration(i+1) * every), PBest: make([]float64, n)}
		if day.At.After(s.AsOf) {
			day.At = s.AsOf
		}
		for j := range arms {
			arms[j].N, arms[j].Successes = arms[j].N+added[i][j], arms[j].Successes+won[i][j]
			day.People, day.Successes = append(day.People, arms[j].N), append(day.Successes, arms[j].Successes)
		}
		compared, where := goingOn(arms)
		day.PValue = stats.Round(stats.PValue(compared))
		for j, x := range stats.Standings(compared) {
			day.PBest[where[j]] = stats.Round(x.PBest)
		}
		if !asked || rule.Kind != stats.Fixed {
			if winner := rule.Winner(compared); winner >= 0 {
				day.Decides = true
				if v.WhatIf == nil {
					v.WhatIf = &events.VerdictStopped{At: day.At, Winner: f.plan.Arms[where[winner]].ArmID}
				}
			}
			asked = asked || rule.Enough(compared)
		}
		v.Course = append(v.Course, day)
	}
}

// latest is when the last thing happened that counts.
func (f *Fold) latest(units []unit) (t time.Time) {
	for _, u := range units {
		for _, x := range []time.Time{u.counted, u.success} {
			if x.After(t) {
				t = x
			}
		}
	}
	return t
}
