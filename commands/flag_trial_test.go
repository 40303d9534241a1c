package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
)

func TestTrialsOfFlags(t *testing.T) {
	t.Parallel()
	k := kit()
	k.Org = es.SystemOrg
	half := func(r *events.FlagRule) { r.Rollout = 5_000 }
	has, all := flagCreated("open", half), flagCreated("open")
	id := uuid.MustParse("01990000-0000-7000-8000-0000000000f1")
	plan := events.FlagTrialPlan{Name: "Does tracking cost answers?", Metric: events.MetricHumanReply, Days: 14, MinOrganizations: 10}
	begun := func(at time.Time) events.FlagTrialStarted {
		return events.FlagTrialStarted{FlagRef: tracking, FlagTrialPlan: plan, TrialID: id, Rule: flagRule(half), Seed: events.FlagSeed(tracking.Flag), StartedAt: at, EndsAt: at.AddDate(0, 0, 14), StartedBy: "platform_key:1"}
	}
	start := func(change ...func(*commands.StartFlagTrial)) commands.StartFlagTrial {
		c := commands.StartFlagTrial{FlagRef: tracking, FlagTrialPlan: plan, TrialID: id, StartedBy: "platform_key:1"}
		for _, f := range change {
			f(&c)
		}
		return c
	}
	other := func(c *commands.StartFlagTrial) { c.TrialID = uuid.MustParse("01990000-0000-7000-8000-0000000000f2") }
	invalid := func(change func(*commands.StartFlagTrial)) estest.Case {
		return estest.Case{Given: facts{has}, When: start(change), Refused: "invalid"}
	}
	killed := events.FlagKilled{FlagRef: tracking, Reason: "spam traps"}
	ended := func(why string) events.FlagTrialEnded {
		return events.FlagTrialEnded{FlagRef: tracking, TrialID: id, Reason: why}
	}
	set := commands.SetFlag{FlagRef: tracking, FlagRule: flagRule()}
	on := facts{has, begun(estest.At)}
	k.Run(t, map[string]estest.Case{
		"a flag is tried":            {Given: facts{has}, When: start(), Then: facts{begun(estest.At)}, Again: estest.NothingToDo()},
		"one that there is":          {When: start(), Refused: "not_found"},
		"that divides organisations": {Given: facts{all}, When: start(), Refused: "invalid"},
		"that isn't killed":          {Given: facts{has, killed}, When: start(), Refused: "invalid"},
		"one trial at a time":        {Given: on, When: start(other), Refused: "invalid"},
		"and another once it is over": {Given: on, At: estest.At.AddDate(0, 0, 14), When: start(other), Then: facts{func() events.FlagTrialStarted {
			e := begun(estest.At.AddDate(0, 0, 14))
			e.TrialID = start(other).TrialID
			return e
		}()}, Again: estest.NothingToDo()},
		"its metric is one":                        invalid(func(c *commands.StartFlagTrial) { c.Metric = "opens" }),
		"it has days":                              invalid(func(c *commands.StartFlagTrial) { c.Days = 0 }),
		"and two sides":                            invalid(func(c *commands.StartFlagTrial) { c.MinOrganizations = 1 }),
		"and a name":                               invalid(func(c *commands.StartFlagTrial) { c.Name = "" }),
		"and an id":                                invalid(func(c *commands.StartFlagTrial) { c.TrialID = uuid.Nil }),
		"whom the flag reaches stays meanwhile":    {Given: on, When: set, Refused: "invalid"},
		"until the trial is over":                  {Given: on, At: estest.At.AddDate(0, 0, 14), When: set, Then: facts{events.FlagChanged{FlagRef: tracking, FlagRule: flagRule(), Phase: "open"}}, Again: estest.NothingToDo()},
		"the flag can be killed, and the trial is": {Given: on, When: commands.KillFlag(killed), Then: facts{killed, ended("killed")}, Again: estest.NothingToDo()},
		"it is ended":                              {Given: on, When: commands.EndFlagTrial{FlagRef: tracking, TrialID: id}, Then: facts{ended("manual")}, Again: estest.NothingToDo()},
		"ended, the rule may change":               {Given: facts{has, begun(estest.At), ended("manual")}, When: set, Then: facts{events.FlagChanged{FlagRef: tracking, FlagRule: flagRule(), Phase: "open"}}, Again: estest.NothingToDo()},
		"what isn't there isn't ended":             {Given: facts{has}, When: commands.EndFlagTrial{FlagRef: tracking, TrialID: id}, Refused: "not_found"},
		"what is over isn't ended":                 {Given: on, At: estest.At.AddDate(0, 0, 20), When: commands.EndFlagTrial{FlagRef: tracking, TrialID: id}, Noop: true},
	})
}
