package reactortest

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/app/models"
	"outrider/internal/dial"
	"outrider/internal/lab/modelserver"
	"outrider/internal/llm"
)

// Killed is work with a language model whose process is ended in each of its steps.
type Killed struct {
	Task        string // of models
	Price       events.AIPrice
	Least, Most int                        // steps that there are, at least and at most
	Serve       func() *modelserver.Server // a new one for each step
}

// EndInEachStep ends the process at the first step of what begin returns, then at the second and so on, and starts another one each time, until there are no more steps; check
// looks at what is there afterwards.
func (k Killed) EndInEachStep(t *testing.T, begin func(owner *Owner, client *models.Client) (handle func() error), check func(step int, owner *Owner, model *modelserver.Server)) {
	t.Helper()
	for step := range k.Most {
		owner, err := NewOwner(1_000_000)
		if err != nil {
			t.Fatal(err)
		}
		model := k.Serve()
		model.InputPrice, model.OutputPrice = k.Price.Input, k.Price.Output
		server := httptest.NewServer(model)
		client, err := models.NewClient(models.Config{Platform: llm.Endpoint{BaseURL: server.URL + "/v1", Key: "k"}, Default: map[string]string{k.Task: "m"}, Catalogue: models.NewCatalogue().With("m", k.Price),
			Reach: dial.Loopback, Ledger: owner, Secrets: noSecrets{}, Keys: Ring{}, Commands: owner, Now: Noon, Pause: func(context.Context, time.Duration) error { return nil }})
		if err != nil {
			t.Fatal(err)
		}
		handle := begin(owner, client)
		owner.DieAt(step)
		died := false
		for range 3 {
			if err = handle(); err == nil {
				break
			}
			if !errors.Is(err, ErrDead) {
				t.Fatalf("step %d: %v", step, err)
			}
			died = owner.Restart() || died
		}
		if err != nil {
			t.Fatalf("step %d: it doesn't end: %v", step, err)
		}
		check(step, owner, model)
		checkBill(t, step, owner, model)
		server.Close()
		if step > 0 && !died {
			if step < k.Least {
				t.Errorf("only %d steps", step)
			}
			return // there are no more of them
		}
	}
	t.Errorf("more than %d steps", k.Most)
}

// checkBill wants that no call was made twice under its name, and that the ledger shows each call once, with no less than the model's bill.
func checkBill(t *testing.T, step int, owner *Owner, model *modelserver.Server) {
	t.Helper()
	counted, settled, open, outcomes := owner.Spent()
	bill := model.Bill()
	if counted != settled || counted < bill || open != 0 || bill == 0 {
		t.Errorf("step %d: the owner has counted %d, the events say %d, the bill %d; %d calls are open", step, counted, settled, bill, open)
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
