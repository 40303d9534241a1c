package writing

import (
	"testing"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/models"
	"outrider/internal/es"
	"outrider/internal/evidence"
	"outrider/internal/lab/modelserver"
	"outrider/internal/lab/reactortest"
)

// TestAKillInEveryStepOfWriting ends the process at each step of writing a message with a language model, and starts another one: the message is drafted once, no call is made
// twice under its name, and the ledger shows each call once, with no less than the model's bill.
func TestAKillInEveryStepOfWriting(t *testing.T) {
	t.Parallel()
	killed := reactortest.Killed{Task: events.AITaskWrite, Price: events.AIPrice{Input: 400_000, Cached: 400_000, Output: 1_600_000}, Least: 4, Most: 40, Serve: func() *modelserver.Server { return &modelserver.Server{} }}
	killed.EndInEachStep(t, func(owner *reactortest.Owner, client *models.Client) func() error {
		w := setupWriting(t, bob())
		w.org = owner.Org
		w.requested = reactortest.Fact(t, owner.Org, events.MessageRequested{MessageRef: events.MessageRef{MessageID: es.DeriveID(owner.Org, "message"), LeadID: w.lead}})
		w.brief.UseModel, w.brief.Body = true, "Hello {{ first_name }},\n\nShall we talk?\n\n{{ sender_name }}"
		w.brief.Facts = []evidence.Fact{{ID: factID.String(), About: evidence.AboutCompany, Names: []string{"Example"}, Predicate: "uses", Object: "Kafka"}}
		w.Model, w.Commands = client, owner
		return func() error {
			_, err := w.handleRequested(t.Context(), w.requested)
			return err
		}
	}, func(step int, owner *reactortest.Owner, model *modelserver.Server) {
		checkWritten(t, step, owner, model)
	})
}

func checkWritten(t *testing.T, step int, owner *reactortest.Owner, model *modelserver.Server) {
	t.Helper()
	if all := owner.Taken(); len(all) != 1 || all[0].Type != (commands.DraftWithEvidence{}).CommandType() {
		t.Errorf("step %d: %d commands", step, len(all))
	}
	counted, _, _, outcomes := owner.Spent()
	lost := 0
	for call, outcome := range outcomes {
		if outcome != events.AIAnswered && outcome != events.AILost {
			t.Errorf("step %d: call %s: %q", step, call, outcome)
		}
		if outcome == events.AILost {
			lost++
		}
	}
	if bill := model.Bill(); lost == 0 && counted != bill {
		t.Errorf("step %d: nothing is lost, and %d is no bill of %d", step, counted, bill)
	}
}
