package reactortest

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"

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

	mu      sync.Mutex
	state   es.State
	log     []events.Event
	answers map[uuid.UUID]es.Answer
	taken   []*es.Command
	steps   int
	dieAt   int // 0 = never
	dead    bool
}

// NewOwner returns an organisation with a budget in micro-dollars.
func NewOwner(budget int64) (*Owner, error) {
	o := &Owner{Org: es.NewID(), Now: Noon, answers: map[uuid.UUID]es.Answer{}}
	o.state = commands.Domain().New(o.Org)
	kind, data, err := commands.Encode(commands.CreateOrganization{OrganizationID: o.Org, Slug: "acme", Name: "Acme", Plan: "starter", TimeZone: "UTC", PostalAddress: "1 Main St",
		Limits: events.Limits{LeadsPerMonth: 1, Mailboxes: 1, Seats: 1, AIBudgetMicros: budget}})
	if err != nil {
		return nil, err
	}
	_, err = o.Submit(context.Background(), &es.Command{ID: es.NewID(), Type: kind, Org: o.Org, Data: data})
	return o, err
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
	a := es.Answer{CommandID: c.ID, Outcome: es.Accepted}
	if !decided(c.Type) {
		o.taken, o.answers[c.ID] = append(o.taken, c), a
		return a, nil
	}
	c.Time = o.Now()
	out, err := o.state.Decide(c)
	if refused := (*es.Refusal)(nil); errors.As(err, &refused) {
		a.Outcome, a.Code = es.Refused, refused.Code
		a.Detail, err = json.Marshal(refused.Detail)
	}
	if err != nil {
		return a, err
	}
	for _, e := range out {
		o.state.Apply(&es.Event{Org: o.Org, Payload: e, Type: e.EventType()})
		o.log = append(o.log, e)
	}
	if a.Outcome == es.Accepted && len(out) == 0 {
		a.Outcome = es.Noop
	}
	o.answers[c.ID] = a
	return a, nil
}

// decided reports whether commands of a type are decided by the product's code here: those that need nothing but the organisation.
func decided(kind string) bool {
	switch kind {
	case commands.CreateOrganization{}.CommandType(), commands.ReserveAICall{}.CommandType(), commands.SettleAICall{}.CommandType(), commands.GiveUpAICall{}.CommandType():
		return true
	}
	return false
}

// Taken returns the other commands that were sent, each id once.
func (o *Owner) Taken() []*es.Command {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]*es.Command(nil), o.taken...)
}

// Spent returns what the owner has counted, what the events say, how many calls are open, and the calls by id of request with what became of each.
func (o *Owner) Spent() (counted, settled int64, open int, outcomes map[string]string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	is := commands.OrganizationOf(o.state)
	outcomes = map[string]string{}
	for _, e := range o.log {
		switch e := e.(type) {
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

// Settings is models.Ledger's.
func (o *Owner) Settings(context.Context, uuid.UUID) (models.Settings, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	is := commands.OrganizationOf(o.state)
	return models.Settings{AISettings: is.AI.Settings, Version: is.AI.Version, Stopped: is.AI.Stopped}, nil
}

// Call is models.Ledger's.
func (o *Owner) Call(_ context.Context, _, call uuid.UUID) (k models.Known, _ error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range o.log {
		if s, ok := e.(events.AICallSettled); ok && s.CallID == call {
			return models.Known{Outcome: s.Outcome, Reason: s.Reason, Answer: s.Answer, Completion: llm.Completion{Model: s.Model, PromptHash: s.PromptHash, InputTokens: s.InputTokens, OutputTokens: s.OutputTokens, CostMicroUSD: s.CostMicros}}, nil
		}
	}
	return k, nil
}

// Await is models.Ledger's: what was decided shows at once.
func (*Owner) Await(context.Context, es.Answer) error { return nil }
