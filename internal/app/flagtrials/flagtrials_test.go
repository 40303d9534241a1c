package flagtrials_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/app/flagtrials"
	"outrider/internal/es"
	"outrider/internal/identity"
	"outrider/projections/analytics"
)

var began = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func TestOrganisationsAreComparedOnceAtTheEnd(t *testing.T) {
	t.Parallel()
	trial := flagtrials.Trial{ID: es.DeriveID(uuid.Nil, "trial"), Rule: events.FlagRule{Enabled: true, Rollout: 5_000, Plans: []string{"growth"}}, Seed: events.FlagSeed("tracking"), Metric: events.MetricHumanReply,
		MinOrganizations: 10, StartedAt: began, EndsAt: began.AddDate(0, 0, 14)}
	var all []identity.Listed
	counts := map[uuid.UUID]analytics.OutcomeCount{}
	for i := range 60 {
		l := identity.Listed{Org: es.DeriveID(uuid.Nil, "org", strconv.Itoa(i)), Plan: "growth", Created: began.AddDate(0, 0, -1)}
		all = append(all, l)
		n := analytics.OutcomeCount{People: 100, Successes: 4 + i%3}
		if events.FlagNumber(trial.Seed, l.Org) < 5_000 {
			n.Successes = 9 + i%3
		}
		counts[l.Org] = n
	}
	silent, named, small, late := all[0], all[1], all[2], all[3]
	delete(counts, silent.Org)
	trial.Rule.Organizations = []uuid.UUID{named.Org}
	all[2].Plan = "starter"
	all[3].Created = began.AddDate(0, 0, 1)
	end := trial.EndsAt
	v := flagtrials.Judge(trial, all, counts, end)
	if v.On.Organizations+v.Off.Organizations != 57 || v.On.Counted+v.Off.Counted != 56 || v.On.People+v.Off.People != 5_600 {
		t.Errorf("%s by name, %s by plan and %s, who came later, take no part: %+v", named.Org, small.Org, late.Org, v)
	}
	if v.Reason != flagtrials.Decided || v.Winner != "on" || v.Difference < 0.04 || v.Low <= 0 || v.PValue > 0.001 {
		t.Errorf("got %+v", v)
	}
	if again := flagtrials.Judge(trial, all, counts, end.AddDate(1, 0, 0)); again != v {
		t.Errorf("a year later %+v", again)
	}
	for want, change := range map[string]func(*flagtrials.Trial){
		flagtrials.Running: func(t *flagtrials.Trial) { t.EndsAt = end.Add(time.Second) },
		flagtrials.TooFew:  func(t *flagtrials.Trial) { t.MinOrganizations = 40 },
		flagtrials.Ended:   func(t *flagtrials.Trial) { t.EndedAt = began.AddDate(0, 0, 3) },
	} {
		other := trial
		change(&other)
		if got := flagtrials.Judge(other, all, counts, end); got.Reason != want || got.Winner != "" {
			t.Errorf("want %s, got %+v", want, got)
		}
	}
	harm := trial
	harm.Metric = events.MetricUnsubscribe
	if got := flagtrials.Judge(harm, all, counts, end); got.Winner != "off" {
		t.Errorf("of what does harm less is better: %+v", got)
	}
	if until := (flagtrials.Trial{EndsAt: end, EndedAt: began}).Until(end.AddDate(1, 0, 0)); !until.Equal(began) {
		t.Errorf("it counts until %s", until)
	}
}
