// Package flagtrials judges trials of the installation's flags: organisations that a rollout reaches against those that it doesn't.
package flagtrials

import (
	"encoding/binary"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/identity"
	"outrider/internal/stats"
	"outrider/projections/analytics"
)

// Why a verdict says what it says.
const (
	Running      = "running" // it is judged once, at its end
	TooFew       = "too_few" // organisations
	NoDifference = "no_difference"
	Decided      = "decided"
	Ended        = "ended" // before its time
)

// Confidence of the interval and of the decision.
const Confidence = 0.95

// Trial is what is judged.
type Trial struct {
	ID               uuid.UUID
	Rule             events.FlagRule // as it stood at the start
	Seed             uuid.UUID
	Metric           string
	MinOrganizations int
	StartedAt        time.Time
	EndsAt           time.Time
	EndedAt          time.Time // before its time; zero = it didn't
}

// Until is when nothing more counts, as of an instant.
func (t Trial) Until(now time.Time) time.Time {
	for _, x := range []time.Time{t.EndsAt, t.EndedAt} {
		if !x.IsZero() && x.Before(now) {
			now = x
		}
	}
	return now
}

// Side is one of the two.
type Side struct {
	Organizations int     // that chance has put there
	Counted       int     // that have written to somebody in the time
	People        int     // written to
	Successes     int     // of them
	MeanRate      float64 // of the organisations, each counting once
}

// Verdict is how a trial stands.
type Verdict struct {
	On, Off    Side
	Difference float64 // of the mean rates
	Low, High  float64
	PValue     float64 // of one look
	Reason     string
	Winner     string // the better side, "on" or "off"; "" = none
}

// harms reports whether less of a metric is better.
func harms(metric string) bool {
	return metric == events.MetricBounce || metric == events.MetricComplaint || metric == events.MetricUnsubscribe
}

// Judge compares the organisations that there were when the trial began. Whoever has the feature by name, or can't have it by their plan, takes no part.
func Judge(t Trial, all []identity.Listed, counts map[uuid.UUID]analytics.OutcomeCount, now time.Time) (v Verdict) {
	var clusters []stats.Cluster
	is := events.FlagState{Rule: t.Rule, Seed: t.Seed, Phase: events.FlagPhaseOpen}
	for _, l := range all {
		on, why := is.Reaches(l.Org, l.Plan)
		if why != events.FlagWhyRollout || l.Created.After(t.StartedAt) {
			continue
		}
		side, n := &v.Off, counts[l.Org]
		if on {
			side = &v.On
		}
		side.Organizations++
		if n.People > 0 {
			side.Counted++
			side.People, side.Successes = side.People+n.People, side.Successes+n.Successes
			side.MeanRate += float64(n.Successes) / float64(n.People)
		}
		clusters = append(clusters, stats.Cluster{Treated: on, N: n.People, Successes: n.Successes})
	}
	for _, side := range []*Side{&v.On, &v.Off} {
		side.MeanRate = stats.Round(side.MeanRate / float64(max(side.Counted, 1)))
	}
	found := stats.CompareClusters(clusters, Confidence, binary.BigEndian.Uint64(t.ID[8:]))
	v.Difference, v.Low, v.High, v.PValue = stats.Round(found.Difference), stats.Round(found.Low), stats.Round(found.High), stats.Round(found.PValue)
	switch {
	case !t.EndedAt.IsZero() && t.EndedAt.Before(t.EndsAt):
		v.Reason = Ended
	case now.Before(t.EndsAt):
		v.Reason = Running
	case min(v.On.Counted, v.Off.Counted) < t.MinOrganizations:
		v.Reason = TooFew
	case found.PValue > 1-Confidence:
		v.Reason = NoDifference
	default:
		v.Reason, v.Winner = Decided, "off"
		if (found.Difference > 0) != harms(t.Metric) {
			v.Winner = "on"
		}
	}
	return v
}
