package flags

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/lab/reactortest"
	"outrider/projections"
)

// installation has organisations on two plans, and versions of one flag.
type installation struct {
	*Switcher
	*reactortest.Boundary
	targets  []*projections.FlagTarget
	versions []*projections.FlagVersion // the newest first
	switches []*projections.FlagSwitch
	plan     string
}

func setupInstallation(t *testing.T) *installation {
	t.Helper()
	n := &installation{Boundary: &reactortest.Boundary{}}
	for range 20 {
		n.targets = append(n.targets, &projections.FlagTarget{OrgID: es.NewID(), Plan: "starter"}, &projections.FlagTarget{OrgID: es.NewID(), Plan: "growth"})
	}
	var err error
	n.Switcher, err = NewSwitcher(Config{Commands: n.Boundary, Now: reactortest.Noon,
		Await: func(context.Context, *es.Event, ...string) error { return nil },
		Versions: func(_ context.Context, _ string, before, limit int) (out []*projections.FlagVersion, _ error) {
			for _, v := range n.versions {
				if (before == 0 || v.Version < before) && len(out) < limit {
					out = append(out, v)
				}
			}
			return out, nil
		},
		Flags: func(context.Context) ([]*projections.Flag, error) {
			v := n.versions[0]
			return []*projections.Flag{{Flag: v.Flag, Rule: v.Rule, Seed: v.Seed, Killed: v.Killed, Phase: v.Phase, Version: v.Version}}, nil
		},
		Targets: func(context.Context, string) ([]*projections.FlagTarget, error) { return n.targets, nil },
		Switches: func(context.Context, uuid.UUID) (string, []*projections.FlagSwitch, error) {
			return n.plan, n.switches, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// version adds a version of a flag and returns the event that made it.
func (n *installation) version(t *testing.T, name string, rule events.FlagRule, killed bool) *es.Event {
	t.Helper()
	text, err := json.Marshal(rule)
	if err != nil {
		t.Fatal(err)
	}
	v := &projections.FlagVersion{Oseq: int64(len(n.versions) + 1), Version: len(n.versions) + 1, Flag: name, Rule: text, Seed: events.FlagSeed(name), Killed: killed, Phase: events.FlagPhaseOpen}
	n.versions = append([]*projections.FlagVersion{v}, n.versions...)
	e := reactortest.Fact(t, es.SystemOrg, events.FlagChanged{FlagRef: events.FlagRef{Flag: name}, FlagRule: rule})
	e.Oseq = v.Oseq
	return e
}

// told returns who was told, in order, and forgets it.
func (n *installation) told(t *testing.T, version int) (orgs []uuid.UUID) {
	t.Helper()
	for i, c := range reactortest.Of[commands.SwitchFlag](t, n.Boundary) {
		if c.Version != version {
			t.Errorf("version %d was sent, want %d", c.Version, version)
		}
		orgs = append(orgs, n.Submitted[i].Org)
	}
	n.Submitted = nil
	slices.SortFunc(orgs, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return orgs
}

func (n *installation) on(plan string) (orgs []uuid.UUID) {
	for _, t := range n.targets {
		if plan == "" || t.Plan == plan {
			orgs = append(orgs, t.OrgID)
		}
	}
	slices.SortFunc(orgs, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return orgs
}

// TestOnlyWhoChangesIsTold goes through versions of a flag.
func TestOnlyWhoChangesIsTold(t *testing.T) {
	t.Parallel()
	n := setupInstallation(t)
	handle := func(e *es.Event) {
		t.Helper()
		if _, err := n.handleEvent(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	all := events.FlagRule{Enabled: true, Rollout: events.FlagParts}
	growth := all
	growth.Plans = []string{"growth"}
	handle(n.version(t, events.FeatureTracking, all, false)) // they have it already
	if got := n.told(t, 1); len(got) != 0 {
		t.Errorf("%d were told of what they have", len(got))
	}
	handle(n.version(t, events.FeatureTracking, growth, false))
	if got := n.told(t, 2); !slices.Equal(got, n.on("starter")) {
		t.Errorf("%d were told, want the %d on the other plan", len(got), len(n.on("starter")))
	}
	for _, x := range n.targets {
		x.On = new(x.Plan == "growth")
	}
	killed := n.version(t, events.FeatureTracking, growth, true)
	handle(killed)
	if got := n.told(t, 3); !slices.Equal(got, n.on("growth")) {
		t.Errorf("%d were told of the kill, want the %d who had it", len(got), len(n.on("growth")))
	}
	n.targets[0].On = new(true) // by a command that came late
	handle(killed)
	if got := n.told(t, 3); !slices.Contains(got, n.targets[0].OrgID) {
		t.Error("who still has it isn't told when the event comes again")
	}
}

func TestAPlanChangesWhatIsOn(t *testing.T) {
	t.Parallel()
	n := setupInstallation(t)
	rule := events.FlagRule{Enabled: true, Rollout: events.FlagParts, Plans: []string{"growth"}}
	n.version(t, events.FeatureExperiments, rule, false)
	org := es.NewID()
	for _, c := range []struct {
		event events.Event
		plan  string
		told  bool
	}{
		{events.OrganizationCreated{}, "growth", false},
		{events.OrganizationCreated{}, "starter", true},
		{events.OrganizationPlanChanged{}, "starter", true},
		{events.OrganizationPlanChanged{}, "growth", true}, // what is on there may not be known yet
	} {
		n.plan = c.plan
		e := reactortest.Fact(t, org, c.event)
		e.Time = time.Now()
		if _, err := n.handleEvent(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		if got := n.told(t, 1); (len(got) == 1) != c.told {
			t.Errorf("%s on %s: told %v, want %v", c.event.EventType(), c.plan, got, c.told)
		}
	}
}
