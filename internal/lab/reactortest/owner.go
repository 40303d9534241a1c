package reactortest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/models"
	"outrider/internal/es"
	"outrider/internal/llm"
)

// ErrDead is what a process gets that ends here.
var ErrDead = errors.New("the process has ended")

// Owner is an organisation whose commands about language models are decided by the product's own code, in memory; what else is sent is taken once for each id. It is the
// ledger of language models, too. A process that asks it can be ended before or after each command: then what was decided stays, and the process never hears of it.
type Owner struct {
	Org uuid.UUID
	Now func() time.Time

	mu    sync.Mutex
	taken []*es.Command
	steps int
	dieAt int // 0 = never
	dead  bool
	decisions
}

// NewOwner returns an organisation with a budget in micro-dollars.
func NewOwner(budget int64) (*Owner, error) {
	o := &Owner{Now: Noon, decisions: newDecisions()}
	o.Org = o.org
	return o, o.Do(commands.CreateOrganization{OrganizationID: o.Org, Slug: "acme", Name: "Acme", Plan: "starter", TimeZone: "UTC", PostalAddress: "1 Main St",
		Limits: events.Limits{LeadsPerMonth: 1, Mailboxes: 1, Seats: 1, AIBudgetMicros: budget, LeadsStored: 10}})
}

// Do decides a command that must not be refused.
func (o *Owner) Do(c commands.Command) error {
	kind, data, err := commands.Encode(c)
	if err != nil {
		return err
	}
	a, err := o.Submit(context.Background(), &es.Command{ID: es.NewID(), Type: kind, Org: o.Org, Data: data})
	if err == nil && a.Outcome == es.Refused {
		err = fmt.Errorf("%s is refused: %s", kind, a.Code)
	}
	return err
}

// DieAt has the process end at a step from here on; 0 = at none. Each command has two: before it is decided, and before its answer comes.
func (o *Owner) DieAt(step int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.steps, o.dieAt, o.dead = 0, step, false
}

// Restart is another process, which lives; it reports whether the one before had died.
func (o *Owner) Restart() (died bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	died = o.dead
	o.dieAt, o.dead = 0, false
	return died
}

func (o *Owner) dies() bool {
	o.steps++
	o.dead = o.dead || o.steps == o.dieAt
	return o.dead
}

// Submit is reaction.Commander's and models.Commander's.
func (o *Owner) Submit(_ context.Context, c *es.Command) (es.Answer, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.dies() {
		return es.Answer{}, ErrDead
	}
	a, err := o.answer(c)
	if err == nil && o.dies() {
		err = ErrDead
	}
	return a, err
}

func (o *Owner) answer(c *es.Command) (es.Answer, error) {
	if a, known := o.answers[c.ID]; known {
		return a, nil
	}
	if !decided(c.Type) {
		a := es.Answer{CommandID: c.ID, Outcome: es.Accepted}
		o.taken, o.answers[c.ID] = append(o.taken, c), a
		return a, nil
	}
	return o.decide(c, o.Now(), nil)
}

// decided reports whether commands of a type are decided by the product's code here: those that need nothing but the organisation.
func decided(kind string) bool {
	switch kind {
	case commands.CreateOrganization{}.CommandType(), commands.AdvanceClock{}.CommandType(), commands.SwitchFlag{}.CommandType(), commands.SetAISettings{}.CommandType(), commands.SetAISearch{}.CommandType(), commands.StopAI{}.CommandType(),
		commands.ResumeAI{}.CommandType(), commands.ReserveAICall{}.CommandType(), commands.SettleAICall{}.CommandType(), commands.GiveUpAICall{}.CommandType(), commands.CreateLead{}.CommandType():
		return true
	}
	return false
}

// Taken returns the other commands that were sent, each id once.
func (o *Owner) Taken() []*es.Command {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.taken)
}

// Spent returns what the owner has counted, what the events say, how many calls are open, and the calls by id of request with what became of each.
func (o *Owner) Spent() (counted, settled int64, open int, outcomes map[string]string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	is := commands.OrganizationOf(o.state)
	outcomes = map[string]string{}
	for _, e := range o.log {
		switch e := e.Payload.(type) {
		case events.AICallReserved:
			open++
			outcomes[e.CallID.String()] = ""
		case events.AICallSettled:
			open--
			settled += e.CostMicros
			outcomes[e.CallID.String()] += e.Outcome
		}
	}
	return is.AI.SpentMicros(is.PeriodFrom, events.AIProviderPlatform), settled, open, outcomes
}

// Organization returns what the owner knows now.
func (o *Owner) Organization() *aggregates.Organization {
	o.mu.Lock()
	defer o.mu.Unlock()
	return commands.OrganizationOf(o.state)
}

// Log returns what has happened.
func (o *Owner) Log() []*es.Event {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.log)
}

// Settings is models.Ledger's.
func (o *Owner) Settings(context.Context, uuid.UUID) (models.Settings, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	is := commands.OrganizationOf(o.state)
	return models.Settings{AISettings: is.AI.Settings, Search: is.AI.Search, Version: is.AI.Version, Stopped: is.AI.Stopped}, nil
}

// Call is models.Ledger's.
func (o *Owner) Call(_ context.Context, _, call uuid.UUID) (k models.Known, _ error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range o.log {
		if s, ok := e.Payload.(events.AICallSettled); ok && s.CallID == call {
			return models.Known{Outcome: s.Outcome, Reason: s.Reason, Answer: s.Answer, Completion: llm.Completion{Model: s.Model, PromptHash: s.PromptHash, InputTokens: s.InputTokens, OutputTokens: s.OutputTokens, CostMicroUSD: s.CostMicros}}, nil
		}
	}
	return k, nil
}

// Await is models.Ledger's: what was decided shows at once.
func (*Owner) Await(context.Context, es.Answer) error { return nil }
