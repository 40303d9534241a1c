package commands_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
)

var tracking = events.FlagRef{Flag: events.FeatureTracking}

func flagRule(change ...func(*events.FlagRule)) events.FlagRule {
	r := events.FlagRule{Description: "Pixel and links", Enabled: true, Rollout: 10_000}
	for _, c := range change {
		c(&r)
	}
	return r
}

func flagCreated(phase string, change ...func(*events.FlagRule)) events.FlagCreated {
	return events.FlagCreated{FlagRef: tracking, FlagRule: flagRule(change...), Phase: phase, Seed: events.FlagSeed(tracking.Flag)}
}

func TestFlagsOfTheInstallation(t *testing.T) {
	t.Parallel()
	k := kit()
	k.Org = es.SystemOrg
	has := flagCreated("open")
	half := func(r *events.FlagRule) { r.Rollout = 5_000 }
	later := func(r *events.FlagRule) { r.StartsAt, r.EndsAt = estest.At.Add(time.Hour), estest.At.Add(2*time.Hour) }
	reached := func(phase string) events.FlagScheduleReached {
		return events.FlagScheduleReached{FlagRef: tracking, Phase: phase}
	}
	set := func(change ...func(*events.FlagRule)) commands.SetFlag {
		return commands.SetFlag{FlagRef: tracking, FlagRule: flagRule(change...)}
	}
	invalid := func(change func(*events.FlagRule)) estest.Case {
		return estest.Case{When: set(change), Refused: "invalid"}
	}
	killed := events.FlagKilled{FlagRef: tracking, Reason: "spam traps"}
	k.Run(t, map[string]estest.Case{
		"a flag is created":                  {When: set(), Then: facts{has}, Again: estest.NothingToDo()},
		"its rule is changed":                {Given: facts{has}, When: commands.SetFlag{FlagRef: tracking, FlagRule: flagRule(half), Note: "half", IfVersion: ptr(1)}, Then: facts{events.FlagChanged{FlagRef: tracking, FlagRule: flagRule(half), Phase: "open", Note: "half"}}, Again: estest.NothingToDo()},
		"the same rule changes nothing":      {Given: facts{has}, When: set(), Noop: true},
		"somebody else was faster":           {Given: facts{has}, When: commands.SetFlag{FlagRef: tracking, FlagRule: flagRule(half), IfVersion: ptr(0)}, Refused: "version_conflict"},
		"a rollout has an end":               invalid(func(r *events.FlagRule) { r.Rollout = 10_001 }),
		"a schedule has an order":            invalid(func(r *events.FlagRule) { r.StartsAt, r.EndsAt = estest.At, estest.At }),
		"a name is a word":                   {When: commands.SetFlag{FlagRef: events.FlagRef{Flag: "No!"}, FlagRule: flagRule()}, Refused: "invalid"},
		"a plan is a word":                   invalid(func(r *events.FlagRule) { r.Plans = []string{""} }),
		"it begins later":                    {When: set(later), Then: facts{flagCreated("waiting", later)}, Due: ptr(estest.At.Add(time.Hour)), Again: estest.NothingToDo()},
		"its time comes":                     {Given: facts{flagCreated("waiting", later)}, At: estest.At.Add(time.Hour), When: commands.AdvanceClock{}, Then: facts{reached("open")}, Due: ptr(estest.At.Add(2 * time.Hour)), Again: estest.NothingToDo()},
		"its time is over":                   {Given: facts{flagCreated("waiting", later), reached("open")}, At: estest.At.Add(2 * time.Hour), When: commands.AdvanceClock{}, Then: facts{reached("over")}, Due: ptr(time.Time{}), Again: estest.NothingToDo()},
		"a clock that stood still misses it": {Given: facts{flagCreated("waiting", later)}, At: estest.At.Add(3 * time.Hour), When: commands.AdvanceClock{}, Then: facts{reached("over")}, Due: ptr(time.Time{}), Again: estest.NothingToDo()},
		"nothing is due before":              {Given: facts{flagCreated("waiting", later)}, When: commands.AdvanceClock{}, Noop: true},
		"it is killed":                       {Given: facts{has}, When: commands.KillFlag(killed), Then: facts{killed}, Again: estest.NothingToDo()},
		"with a reason":                      {Given: facts{has}, When: commands.KillFlag{FlagRef: tracking}, Refused: "invalid"},
		"what isn't there isn't killed":      {When: commands.KillFlag(killed), Refused: "not_found"},
		"it is revived":                      {Given: facts{has, killed}, When: commands.ReviveFlag{FlagRef: tracking}, Then: facts{events.FlagRevived{FlagRef: tracking}}, Again: estest.NothingToDo()},
		"what isn't there isn't revived":     {When: commands.ReviveFlag{FlagRef: tracking}, Refused: "not_found"},
		"nothing is switched for itself":     {When: commands.SwitchFlag{FlagRef: tracking, Version: 1}, Refused: "organization_unknown"},
	})
}

func TestOnlyTheInstallationSetsFlags(t *testing.T) {
	t.Parallel()
	kit().Run(t, map[string]estest.Case{
		"set":    {Given: given(), When: commands.SetFlag{FlagRef: tracking, FlagRule: flagRule()}, Refused: "organization_unknown"},
		"kill":   {Given: given(), When: commands.KillFlag{FlagRef: tracking, Reason: "x"}, Refused: "organization_unknown"},
		"revive": {Given: given(), When: commands.ReviveFlag{FlagRef: tracking}, Refused: "organization_unknown"},
		"try":    {Given: given(), When: commands.StartFlagTrial{FlagRef: tracking}, Refused: "organization_unknown"},
		"end":    {Given: given(), When: commands.EndFlagTrial{FlagRef: tracking}, Refused: "organization_unknown"},
	})
}

func switchedFlag(name string, on bool) events.FlagSwitched {
	return events.FlagSwitched{FlagRef: events.FlagRef{Flag: name}, On: on, Version: 1, Why: events.FlagWhyDisabled}
}

func TestFlagsReachOrganisations(t *testing.T) {
	t.Parallel()
	apply := func(version int, change ...func(*events.FlagRule)) commands.SwitchFlag {
		return commands.SwitchFlag{FlagRef: tracking, Rule: flagRule(change...), Seed: events.FlagSeed("tracking"), Phase: "open", Version: version}
	}
	is := func(on bool, version int, why string) events.FlagSwitched {
		return events.FlagSwitched{FlagRef: tracking, On: on, Version: version, Why: why}
	}
	disabled := func(r *events.FlagRule) { r.Enabled = false }
	nobody := func(r *events.FlagRule) { r.Rollout = 0 }
	forUs := func(r *events.FlagRule) { r.Rollout, r.Organizations, r.Plans = 0, []uuid.UUID{org}, []string{"scale"} }
	forPlan := func(r *events.FlagRule) { r.Plans = []string{"growth"} }
	killed := apply(2)
	killed.Killed = true
	early := apply(1)
	early.Phase = "waiting"
	upgraded := events.OrganizationPlanChanged{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Plan: "growth", Limits: limits}
	kit().Run(t, map[string]estest.Case{
		"switched off":                        {Given: given(), When: apply(1, disabled), Then: facts{is(false, 1, "disabled")}, Again: estest.NothingToDo()},
		"left out of the rollout":             {Given: given(), When: apply(1, nobody), Then: facts{is(false, 1, "rollout")}, Again: estest.NothingToDo()},
		"named":                               {Given: given(), When: apply(1, forUs), Then: facts{is(true, 1, "organization")}, Again: estest.NothingToDo()},
		"on another plan":                     {Given: given(), When: apply(1, forPlan), Then: facts{is(false, 1, "plan")}, Again: estest.NothingToDo()},
		"on that plan by now":                 {Given: given(is(false, 1, "plan"), upgraded), When: apply(1, forPlan), Then: facts{is(true, 1, "rollout")}, Again: estest.NothingToDo()},
		"killed":                              {Given: given(is(true, 1, "rollout")), When: killed, Then: facts{is(false, 2, "killed")}, Again: estest.NothingToDo()},
		"too early":                           {Given: given(), When: early, Then: facts{is(false, 1, "schedule")}, Again: estest.NothingToDo()},
		"an older version comes late":         {Given: given(is(false, 2, "killed")), When: apply(1), Noop: true},
		"a newer one is known, changing much": {Given: given(is(false, 1, "rollout")), When: apply(2, nobody), Then: facts{is(false, 2, "rollout")}, Again: estest.NothingToDo()},
		"no flag":                             {Given: given(), When: commands.SwitchFlag{Version: 1}, Refused: "invalid"},
	})
}

// TestWhatFlagsTakeAway tries each feature with its flag off.
func TestWhatFlagsTakeAway(t *testing.T) {
	t.Parallel()
	off := func(name string) es.Payload { return switchedFlag(name, false) }
	settings := aggregates.DefaultSettings()
	settings.TrackOpens = true
	kit().Run(t, map[string]estest.Case{
		"no experiment is started": {Given: append(running(trial()), off(events.FeatureExperiments)), When: commands.StartExperiment{ExperimentID: trialID}, Refused: "feature_off", Detail: map[string]string{"feature": "experiments"}},
		"nothing begins to track":  {Given: append(running(), off(events.FeatureTracking)), When: commands.SetCampaignSettings{CampaignID: campaign, CampaignSettings: settings}, Refused: "feature_off"},
	})
}

// TestMessagesSayWhatWasOn lets an experiment run with its feature switched off: nobody is drawn, and each message names the flags that were on.
func TestMessagesSayWhatWasOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC))
	pace := commands.DefaultPace()
	pace.WarmupStart = 0
	w.setUp(2, 0, pace, sequence(0, 3), func(int) string { return "" }, nil)
	w.must(commands.CreateExperiment(trial()))
	w.must(commands.StartExperiment{ExperimentID: trialID})
	rule := func(on bool) events.FlagRule { return events.FlagRule{Enabled: on, Rollout: events.FlagParts} }
	w.must(commands.SwitchFlag{FlagRef: events.FlagRef{Flag: events.FeatureExperiments}, Rule: rule(false), Phase: events.FlagPhaseOpen, Version: 1})
	w.must(commands.SwitchFlag{FlagRef: tracking, Rule: rule(true), Phase: events.FlagPhaseOpen, Version: 1})
	w.enroll(20, func(int) string { return "" })
	w.until(w.now.AddDate(0, 0, 2))
	if len(w.sent) == 0 {
		t.Fatal("nothing was sent")
	}
	for _, s := range w.sent {
		if s.ArmID != uuid.Nil {
			t.Fatalf("%s was drawn into an arm", s.LeadID)
		}
	}
	for _, r := range w.requested {
		if !slices.Equal(r.Flags, []string{events.FeatureTracking}) {
			t.Fatalf("a message was asked for with %v", r.Flags)
		}
	}
}

func TestRolloutsOnlyGrow(t *testing.T) {
	t.Parallel()
	const all = 2_000
	seed := events.FlagSeed("anything")
	var had []uuid.UUID
	for rollout := 0; rollout <= events.FlagParts; rollout += 500 {
		is := events.FlagState{Rule: events.FlagRule{Enabled: true, Rollout: rollout}, Seed: seed, Phase: events.FlagPhaseOpen}
		var has []uuid.UUID
		for i := range all {
			id := es.DeriveID(seed, strconv.Itoa(i))
			if on, _ := is.Reaches(id, "starter"); on {
				has = append(has, id)
			}
		}
		for _, id := range had {
			if on, _ := is.Reaches(id, "starter"); !on {
				t.Fatalf("at %d of 10,000 an organisation lost what it had before", rollout)
			}
		}
		if want := all * rollout / events.FlagParts; len(has) < want-90 || len(has) > want+90 { // four standard deviations
			t.Errorf("%d of %d have it at %d of 10,000", len(has), all, rollout)
		}
		had = has
	}
}
