package research_test

import (
	"testing"

	"outrider/commands"
	"outrider/consumers/research"
	"outrider/events"
	"outrider/internal/app/models"
	"outrider/internal/es"
	"outrider/internal/lab/modelserver"
	"outrider/internal/lab/reactortest"
	"outrider/internal/lab/websites"
	"outrider/internal/pii"
)

// TestAKillInEveryStepOfAReading ends the process at each step of reading a site with a language model, and starts another one: the reading ends once, each page is shown to the
// model once under its name, and the ledger shows each call once, with no less than the model's bill.
func TestAKillInEveryStepOfAReading(t *testing.T) {
	t.Parallel()
	killed := reactortest.Killed{Task: events.AITaskExtract, Price: events.AIPrice{Input: 400_000, Cached: 400_000, Output: 1_600_000}, Least: 6, Most: 60, Serve: func() *modelserver.Server {
		writer := &modelserver.Liar{Every: 2}
		return &modelserver.Server{Answer: writer.Answer}
	}}
	killed.EndInEachStep(t, func(owner *reactortest.Owner, client *models.Client) func() error {
		w := newWorld(t, websites.Plain)
		w.reactor.Extractor, w.reactor.Commands = research.ModelExtractor{Models: client}, owner
		hash := (&pii.Hasher{}).DomainHash("alder.example").String()
		e := reactortest.Fact(t, owner.Org, events.ResearchRequested{ResearchRef: events.ResearchRef{ResearchID: es.DeriveID(owner.Org, "reading"), CompanyID: commands.CompanyID(owner.Org, hash)}, DomainHash: hash,
			Reason: events.ResearchAsked, Pages: 6, RequestedAt: reactortest.Noon()})
		return func() error {
			_, err := w.reactor.Reactor().Handle(t.Context(), e)
			return err
		}
	}, func(step int, owner *reactortest.Owner, _ *modelserver.Server) {
		if all := owner.Taken(); len(all) != 1 || all[0].Type != (commands.CompleteResearch{}).CommandType() {
			t.Errorf("step %d: %d commands", step, len(all))
		}
	})
}
