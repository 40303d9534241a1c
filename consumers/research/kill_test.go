package research_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/research"
	"outrider/events"
	"outrider/internal/app/models"
	"outrider/internal/dial"
	"outrider/internal/es"
	"outrider/internal/lab/modelserver"
	"outrider/internal/lab/reactortest"
	"outrider/internal/lab/websites"
	"outrider/internal/llm"
	"outrider/internal/pii"
)

type noSecrets struct{}

func (noSecrets) Secret(context.Context, uuid.UUID, string) ([]byte, error) {
	return nil, errors.New("there are none")
}

// TestAKillInEveryStepOfAReading ends the process at each step of reading a site with a language model, and starts another one: the reading ends once, each page is shown to the
// model once under its name, and the ledger shows each call once, with no less than the model's bill.
func TestAKillInEveryStepOfAReading(t *testing.T) {
	t.Parallel()
	const most = 60
	price := events.AIPrice{Input: 400_000, Cached: 400_000, Output: 1_600_000}
	for step := range most {
		owner, err := reactortest.NewOwner(1_000_000)
		if err != nil {
			t.Fatal(err)
		}
		writer := &modelserver.Liar{Every: 2}
		model := &modelserver.Server{Answer: writer.Answer, InputPrice: price.Input, OutputPrice: price.Output}
		server := httptest.NewServer(model)
		client, err := models.NewClient(models.Config{Platform: llm.Endpoint{BaseURL: server.URL + "/v1", Key: "k"}, Default: map[string]string{events.AITaskExtract: "m"}, Catalogue: models.NewCatalogue().With("m", price),
			Reach: dial.Loopback, Ledger: owner, Secrets: noSecrets{}, Keys: reactortest.Ring{}, Commands: owner, Now: reactortest.Noon, Pause: func(context.Context, time.Duration) error { return nil }})
		if err != nil {
			t.Fatal(err)
		}
		w := newWorld(t, websites.Plain)
		w.reactor.Extractor, w.reactor.Commands = research.ModelExtractor{Models: client}, owner
		hash := (&pii.Hasher{}).DomainHash("alder.example").String()
		e := reactortest.Fact(t, owner.Org, events.ResearchRequested{ResearchRef: events.ResearchRef{ResearchID: es.DeriveID(owner.Org, "reading"), CompanyID: commands.CompanyID(owner.Org, hash)}, DomainHash: hash,
			Reason: events.ResearchAsked, Pages: 6, RequestedAt: reactortest.Noon()})
		owner.DieAt(step)
		died := false
		for range 3 {
			if _, err = w.reactor.Reactor().Handle(t.Context(), e); err == nil {
				break
			}
			if !errors.Is(err, reactortest.ErrDead) {
				t.Fatalf("step %d: %v", step, err)
			}
			died = owner.Restart() || died
		}
		if err != nil {
			t.Fatalf("step %d: it doesn't end: %v", step, err)
		}
		checkRead(t, step, owner, model)
		server.Close()
		if step > 0 && !died {
			if step < 6 {
				t.Errorf("only %d steps", step)
			}
			return // there are no more of them
		}
	}
	t.Errorf("more than %d steps", most)
}

func checkRead(t *testing.T, step int, owner *reactortest.Owner, model *modelserver.Server) {
	t.Helper()
	if all := owner.Taken(); len(all) != 1 || all[0].Type != (commands.CompleteResearch{}).CommandType() {
		t.Errorf("step %d: %d commands", step, len(all))
	}
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
