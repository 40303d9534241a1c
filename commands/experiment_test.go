package commands_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
)

var trialID = uuid.MustParse("01990000-0000-7000-8000-0000000000e1")

func armID(n int) uuid.UUID { return es.DeriveID(trialID, "arm", string('a'+rune(n))) }

// trial tries both variants of the first step.
func trial(change ...func(*events.ExperimentPlan)) events.ExperimentCreated {
	step := sequence(0, 2)[0]
	e := events.ExperimentCreated{ExperimentRef: events.ExperimentRef{ExperimentID: trialID}, CreatedBy: "person:1", ExperimentPlan: events.ExperimentPlan{Name: "Subjects", CampaignID: campaign, StepID: step.StepID,
		Arms:    []events.ExperimentArm{{ArmID: armID(0), Name: "A", Weight: 1, VariantID: step.Variants[0].VariantID}, {ArmID: armID(1), Name: "B", Weight: 1, VariantID: step.Variants[1].VariantID}},
		Traffic: 10_000, Metric: events.MetricHumanReply, WindowDays: 14, MinPerArm: 100, Confidence: 9_500}}
	for _, c := range change {
		c(&e.ExperimentPlan)
	}
	return e
}

func trialStarted() events.ExperimentStarted {
	return events.ExperimentStarted{ExperimentRef: events.ExperimentRef{ExperimentID: trialID}, CampaignID: campaign, Seed: es.DeriveID(trialID, "experiment", "arms"), TakeSeed: es.DeriveID(trialID, "experiment", "takes part"), To: 10_000, StartedAt: estest.At}
}

func TestExperiments(t *testing.T) {
	t.Parallel()
	has := func(more ...es.Payload) facts { return append(running(trial()), more...) }
	ref := events.ExperimentRef{ExperimentID: trialID}
	create := func(change func(*events.ExperimentPlan)) commands.CreateExperiment {
		return commands.CreateExperiment(trial(change))
	}
	invalid := func(change func(*events.ExperimentPlan)) estest.Case {
		return estest.Case{Given: running(), When: create(change), Refused: "invalid"}
	}
	second := sequence(0, 2)[1]
	delays := func(first, later int) func(*events.ExperimentPlan) {
		return func(p *events.ExperimentPlan) {
			p.StepID = second.StepID
			p.Arms[0].VariantID, p.Arms[1].VariantID = uuid.Nil, uuid.Nil
			p.Arms[0].DelayDays, p.Arms[1].DelayDays = &first, &later
		}
	}
	other := trial(func(p *events.ExperimentPlan) { p.Group, p.Traffic = "g", 6_000 })
	other.ExperimentID = es.DeriveID(trialID, "other")
	inGroup := trialStarted()
	inGroup.ExperimentID, inGroup.To = other.ExperimentID, 6_000
	kit().Run(t, map[string]estest.Case{
		"an experiment is drafted":               {Given: running(), When: commands.CreateExperiment(trial()), Then: facts{trial()}, Again: estest.NothingToDo()},
		"an id isn't used for another":           {Given: has(), When: create(func(p *events.ExperimentPlan) { p.Name = "x" }), Refused: "already_exists"},
		"it is about a campaign that there is":   {Given: running(), When: create(func(p *events.ExperimentPlan) { p.CampaignID = trialID }), Refused: "not_found"},
		"it is about a step of it":               invalid(func(p *events.ExperimentPlan) { p.StepID = trialID }),
		"an arm is a variant of the step":        invalid(func(p *events.ExperimentPlan) { p.Arms[1].VariantID = trialID }),
		"one arm is no experiment":               invalid(func(p *events.ExperimentPlan) { p.Arms = p.Arms[:1] }),
		"two arms are not the same":              invalid(func(p *events.ExperimentPlan) { p.Arms[1].VariantID = p.Arms[0].VariantID }),
		"two arms have two ids":                  invalid(func(p *events.ExperimentPlan) { p.Arms[1].ArmID = p.Arms[0].ArmID }),
		"an arm gets somebody":                   invalid(func(p *events.ExperimentPlan) { p.Arms[1].Weight = 0 }),
		"there is a metric":                      invalid(func(p *events.ExperimentPlan) { p.Metric = "opens" }),
		"a guard watches something":              invalid(func(p *events.ExperimentPlan) { p.Guards = []events.ExperimentGuard{{Metric: "opens", Limit: 1}} }),
		"nothing comes before the first step":    invalid(func(p *events.ExperimentPlan) { d := 3; p.Arms[1].DelayDays = &d }),
		"a delay is not below the campaign's":    invalid(delays(1, 4)),
		"delays of a follow-up are tried":        {Given: running(), When: create(delays(2, 4)), Then: facts{trial(delays(2, 4))}, Again: estest.NothingToDo()},
		"it is started":                          {Given: has(), When: commands.StartExperiment{ExperimentID: trialID}, Then: facts{trialStarted()}, Again: estest.NothingToDo()},
		"one that isn't there isn't started":     {Given: running(), When: commands.StartExperiment{ExperimentID: trialID}, Refused: "not_found"},
		"one that was stopped isn't started":     {Given: has(events.ExperimentStopped{ExperimentRef: ref, Reason: "manual"}), When: commands.StartExperiment{ExperimentID: trialID}, Refused: "wrong_status"},
		"one runs on a step at a time":           {Given: has(other, inGroup), When: commands.StartExperiment{ExperimentID: trialID}, Refused: "already_exists"},
		"a draft is stopped":                     {Given: has(), When: commands.StopExperiment{ExperimentID: trialID}, Then: facts{events.ExperimentStopped{ExperimentRef: ref, Reason: "manual"}}, Again: estest.NothingToDo()},
		"one that runs is stopped":               {Given: has(trialStarted()), When: commands.StopExperiment{ExperimentID: trialID}, Then: facts{events.ExperimentStopped{ExperimentRef: ref, Reason: "manual"}}, Again: estest.NothingToDo()},
		"nobody wins before the minimum":         {Given: has(trialStarted()), When: commands.DecideExperiment{ExperimentID: trialID, ArmID: armID(0)}, Refused: "invalid"},
		"nobody wins who takes no part":          {Given: has(trialStarted()), When: commands.DecideExperiment{ExperimentID: trialID, ArmID: trialID}, Refused: "invalid"},
		"a draft is not decided":                 {Given: has(), When: commands.DecideExperiment{ExperimentID: trialID, ArmID: armID(0)}, Refused: "wrong_status"},
		"a verdict is kept":                      {Given: has(trialStarted()), When: commands.RecordEvaluation{ExperimentRef: ref, EvaluationID: leadID("v"), Code: "v1"}, Then: facts{events.ExperimentEvaluated{ExperimentRef: ref, EvaluationID: leadID("v"), Code: "v1"}}, Again: estest.NothingToDo()},
		"a verdict is about one that there is":   {Given: running(), When: commands.RecordEvaluation{ExperimentRef: ref, EvaluationID: leadID("v")}, Refused: "not_found"},
		"a campaign's end stops its experiments": {Given: has(trialStarted(), events.CampaignCompleted{CampaignRef: events.CampaignRef{CampaignID: campaign}, Reason: "manual"}, stoppedAs(ann, "campaign_completed", 0, uuid.Nil), stoppedAs(bob, "campaign_completed", 0, uuid.Nil), waits(), periods()), When: commands.AdvanceClock{}, Then: facts{events.ExperimentStopped{ExperimentRef: ref, Reason: "campaign"}}, Again: estest.NothingToDo()},
	})
}

// waits lets the mailbox wait, so that a tick is about the rest.
func waits() es.Payload {
	return events.MailboxWaited{MailboxRef: events.MailboxRef{MailboxID: boxID(0)}, Rule: "nobody"}
}

func periods() es.Payload {
	from, to := aggregates.PeriodAt(anchor, estest.At)
	return events.UsagePeriodStarted{OrganizationRef: events.OrganizationRef{OrganizationID: org}, From: from, To: to}
}

// play lets 1,200 people come to an experiment on the first step, of whom those with B answer more often.
func play(t *testing.T, change ...func(*events.ExperimentPlan)) (w *world, arms map[uuid.UUID]map[uuid.UUID]bool) {
	t.Helper()
	w = newWorld(t, time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC))
	arms = map[uuid.UUID]map[uuid.UUID]bool{}
	w.answer = func(s events.MessageSent) []commands.Command {
		if s.Step != 1 {
			return nil
		}
		if arms[s.ArmID] == nil {
			arms[s.ArmID] = map[uuid.UUID]bool{}
		}
		arms[s.ArmID][s.LeadID] = true
		about := events.SentMessageRef{MessageID: s.MessageID, LeadID: s.LeadID, CampaignID: s.CampaignID, MailboxID: s.MailboxID}
		switch r := roll(s.LeadID); {
		case s.ArmID == armID(1) && r < 300, r < 60:
			return []commands.Command{commands.RecordReply{SentMessageRef: about, Mail: events.Mail{ReceivedAt: w.now.Add(time.Minute)}, From: "lead"}}
		case s.ArmID == armID(0) && r > 700:
			return []commands.Command{commands.Unsubscribe{SentMessageRef: about, How: "one_click", At: w.now}}
		}
		return nil
	}
	pace := commands.DefaultPace()
	pace.WarmupStart = 0
	w.setUp(20, 0, pace, sequence(0, 3), func(int) string { return "" }, nil)
	w.must(commands.CreateExperiment(trial(change...)))
	w.must(commands.StartExperiment{ExperimentID: trialID})
	w.enroll(1200, func(int) string { return "" })
	return w, arms
}

func TestPeopleAreDrawnIntoArms(t *testing.T) {
	t.Parallel()
	w, arms := play(t, func(p *events.ExperimentPlan) { p.Traffic, p.Holdout = 5_000, 2_000 })
	w.until(w.now.AddDate(0, 0, 4))
	a, b, none, held := len(arms[armID(0)]), len(arms[armID(1)]), len(arms[uuid.Nil]), w.count["experiment.held_out.v1"]
	t.Logf("%d and %d drawn, %d take no part, %d are held out", a, b, none, held)
	if part := a + b + held; part < 500 || part > 700 || held < part/8 || held > part/3 || a < (a+b)*2/5 || b < (a+b)*2/5 {
		t.Error("the parts aren't those that were asked for")
	}
	if a+b+none+held != 1200 {
		t.Errorf("%d people are missing", 1200-a-b-none-held)
	}
	for _, s := range w.sent {
		if s.Step == 1 && s.ArmID != uuid.Nil && (s.ExperimentID != trialID || s.VariantID != trial().Arms[map[uuid.UUID]int{armID(0): 0, armID(1): 1}[s.ArmID]].VariantID) {
			t.Fatalf("%+v isn't written as its arm says", s)
		}
	}
	if x := w.o.Experiments.Get(trialID); x.Status != aggregates.ExperimentRunning {
		t.Errorf("it is %s", x.Status)
	}
}

func TestAWinnerTakesTheStepOver(t *testing.T) {
	t.Parallel()
	w, arms := play(t, func(p *events.ExperimentPlan) { p.AutoPromote = true })
	w.until(w.now.AddDate(0, 0, 4))
	x := w.o.Experiments.Get(trialID)
	t.Logf("%d and %d drawn, %d not", len(arms[armID(0)]), len(arms[armID(1)]), len(arms[uuid.Nil]))
	if x.Status != aggregates.ExperimentDecided || x.Winner != armID(1) {
		t.Fatalf("it is %s for %s", x.Status, x.Winner)
	}
	if len(arms[armID(0)]) < 100 || len(arms[armID(1)]) < 100 {
		t.Error("it was decided with too few people")
	}
	if len(arms[uuid.Nil]) == 0 {
		t.Fatal("nobody came afterwards")
	}
	last := w.sent[len(w.sent)-1]
	for _, s := range w.sent {
		if s.Step == 1 && s.ArmID == uuid.Nil {
			last = s
		}
	}
	if last.VariantID != trial().Arms[1].VariantID {
		t.Error("the winner did not take the step over")
	}
}

func TestAGuardStopsAnArm(t *testing.T) {
	t.Parallel()
	w, arms := play(t, func(p *events.ExperimentPlan) {
		p.Guards = []events.ExperimentGuard{{Metric: events.MetricUnsubscribe, Limit: 10_000}}
	})
	w.until(w.now.AddDate(0, 0, 4))
	x := w.o.Experiments.Get(trialID)
	t.Logf("%d and %d drawn, %d not: %s", len(arms[armID(0)]), len(arms[armID(1)]), len(arms[uuid.Nil]), x.Status)
	if w.count["experiment.arm_stopped.v1"] != 1 || x.Status != aggregates.ExperimentStopped || !x.Arm(armID(0)).Stopped {
		t.Errorf("%d arms were stopped; it is %s", w.count["experiment.arm_stopped.v1"], x.Status)
	}
	if n := len(arms[armID(0)]); n < 50 || n > 300 {
		t.Errorf("%d people got the arm that did harm", n)
	}
}
