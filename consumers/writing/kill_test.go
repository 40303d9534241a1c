package writing

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/models"
	"outrider/internal/dial"
	"outrider/internal/es"
	"outrider/internal/evidence"
	"outrider/internal/lab/modelserver"
	"outrider/internal/lab/reactortest"
	"outrider/internal/llm"
)

const (
	inputPrice, outputPrice = 400_000, 1_600_000 // micro-dollars a million tokens
	lastStep                = 40
)

// TestAKillInEveryStepOfWriting ends the process at each step of writing a message with a language model, and starts another one: the message is drafted once, no call is made
// twice under its name, and the ledger shows each call once, with no less than the model's bill.
func TestAKillInEveryStepOfWriting(t *testing.T) {
	t.Parallel()
	for step := range lastStep {
		owner, err := reactortest.NewOwner(1_000_000)
		if err != nil {
			t.Fatal(err)
		}
		model := &modelserver.Server{InputPrice: inputPrice, OutputPrice: outputPrice}
		server := httptest.NewServer(model)
		client, err := models.NewClient(models.Config{Platform: llm.Endpoint{BaseURL: server.URL + "/v1", Key: "k"}, Default: map[string]string{events.AITaskWrite: "m"},
			Catalogue: models.NewCatalogue().With("m", events.AIPrice{Input: inputPrice, Cached: inputPrice, Output: outputPrice}), Reach: dial.Loopback, Ledger: owner, Secrets: noSecrets{}, Keys: reactortest.Ring{},
			Commands: owner, Now: reactortest.Noon, Pause: func(context.Context, time.Duration) error { return nil }})
		if err != nil {
			t.Fatal(err)
		}
		w := setupWriting(t, bob())
		w.org = owner.Org
		w.requested = reactortest.Fact(t, owner.Org, events.MessageRequested{MessageRef: events.MessageRef{MessageID: es.DeriveID(owner.Org, "message"), LeadID: w.lead}})
		w.brief.UseModel, w.brief.Body = true, "Hello {{ first_name }},\n\nShall we talk?\n\n{{ sender_name }}"
		w.brief.Facts = []evidence.Fact{{ID: factID.String(), About: evidence.AboutCompany, Names: []string{"Example"}, Predicate: "uses", Object: "Kafka"}}
		w.Model, w.Commands = client, owner
		owner.DieAt(step)
		died := false
		for range 3 {
			if _, err = w.handleRequested(t.Context(), w.requested); err == nil {
				break
			}
			if !errors.Is(err, reactortest.ErrDead) {
				t.Fatalf("step %d: %v", step, err)
			}
			died = owner.Restart() || died
		}
		if err != nil {
			t.Fatalf("step %d: it isn't written: %v", step, err)
		}
		checkWritten(t, step, owner, model)
		server.Close()
		if step > 0 && !died {
			if step < 4 {
				t.Errorf("only %d steps", step)
			}
			return // there are no more of them
		}
	}
	t.Errorf("more than %d steps", lastStep)
}

func checkWritten(t *testing.T, step int, owner *reactortest.Owner, model *modelserver.Server) {
	t.Helper()
	var drafts int
	for _, c := range owner.Taken() {
		if c.Type == (commands.DraftWithEvidence{}).CommandType() {
			drafts++
		}
	}
	counted, settled, open, outcomes := owner.Spent()
	bill := model.Bill()
	if drafts != 1 || len(owner.Taken()) != 1 {
		t.Errorf("step %d: %d drafts of %d commands", step, drafts, len(owner.Taken()))
	}
	if counted != settled || counted < bill || open != 0 || bill == 0 {
		t.Errorf("step %d: the owner has counted %d, the events say %d, the bill %d; %d calls are open", step, counted, settled, bill, open)
	}
	lost := 0
	for call, outcome := range outcomes {
		if outcome != events.AIAnswered && outcome != events.AILost {
			t.Errorf("step %d: call %s: %q", step, call, outcome)
		}
		if outcome == events.AILost {
			lost++
		}
	}
	if lost == 0 && counted != bill {
		t.Errorf("step %d: nothing is lost, and %d is no bill of %d", step, counted, bill)
	}
	for call, n := range model.Asked() {
		if n != 1 || outcomes[call] == "" {
			t.Errorf("step %d: call %s was made %d times, and is %q in the ledger", step, call, n, outcomes[call])
		}
	}
}

type noSecrets struct{}

func (noSecrets) Secret(context.Context, uuid.UUID, string) ([]byte, error) {
	return nil, errors.New("there are none")
}
