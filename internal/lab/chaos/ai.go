package chaos

import (
	"context"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/lab/modelserver"
)

// ai is a stand-in of a language model that writes a tenant's messages. It counts what it is asked, and what that costs; the log must have counted the same, once.
type ai struct {
	model  *modelserver.Server
	url    string
	tenant *tenant // whose companies are looked at, too; nil = nobody's
}

// What the model costs, in micro-dollars a million tokens.
const aiInput, aiOutput = 3_000_000, 12_000_000

const aiPause = 1500 * time.Millisecond // between two moods

func (s *system) startAI() error {
	l, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		return err
	}
	s.ai = ai{model: &modelserver.Server{Answer: (&modelserver.Liar{Every: 4}).Answer}, url: "http://" + l.Addr().String() + "/v1"}
	web := &http.Server{Handler: s.ai.model, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = web.Serve(l) }() // until it is closed
	s.closers = append(s.closers, func() { _ = web.Close() })
	return nil
}

// chooseModel has a tenant's messages written by the model, and facts found.
func (c *client) chooseModel(ctx context.Context, t *tenant) (err error) {
	price := map[string]any{"input": aiInput, "cached": aiInput, "output": aiOutput}
	t.position, err = c.mustAsk(ctx, t.writeAsTenant("choose model", http.MethodPut, "/v1/ai/settings", map[string]any{"provider": "own", "base_url": c.l.s.ai.url, "key": "sk-chaos", "limit_micros": aiLimit,
		"tasks": []map[string]any{{"task": "write", "model": "chaos-1", "price": price}, {"task": "extract", "model": "chaos-1", "price": price}}}), nil)
	return err
}

// tempt has the model go wrong now and then, until the load ends.
func (l *load) tempt(ctx context.Context) {
	chance := rand.New(rand.NewPCG(l.s.cfg.Seed, 81))
	if l.untilEnd(ctx, aiPause, func() {
		l.s.ai.model.Set(pickOne(chance, []modelserver.Mode{modelserver.Fails, modelserver.RateLimits, modelserver.CutsShort, modelserver.NoJSON, modelserver.Vanishes, modelserver.Answers}), 1)
	}) {
		l.s.ai.model.Set(modelserver.Answers, 0)
	}
}

// aiCall is what the log says of a call.
type aiCall struct {
	price   events.AIPrice
	settled []aiSettled // one, or none while it is open
}

type aiSettled struct {
	Outcome               string
	Input, Cached, Output int
	Cost                  int64
}

// aiCalls are those of all organisations, by id.
type aiCalls map[string]*aiCall

func (a aiCalls) see(e *es.Event) {
	var of struct {
		CallID  uuid.UUID      `json:"call_id"`
		Price   events.AIPrice `json:"price"`
		Outcome string         `json:"outcome"`
		Input   int            `json:"input_tokens"`
		Cached  int            `json:"cached_tokens"`
		Output  int            `json:"output_tokens"`
		Cost    int64          `json:"cost_micros"`
	}
	if es.Unmarshal(e.Data, &of) != nil {
		return
	}
	id := of.CallID.String()
	switch c := a[id]; {
	case e.Type == "ai_call.reserved.v1" && c == nil:
		a[id] = &aiCall{price: of.Price}
	case e.Type == "ai_call.settled.v1" && c != nil:
		c.settled = append(c.settled, aiSettled{of.Outcome, of.Input, of.Cached, of.Output, of.Cost})
	}
}

// audit holds what the log has counted against what the model was asked, and what that took.
func (a aiCalls) audit(asked map[string]int, tokens map[string]int64, res *Result) {
	for id, n := range asked {
		if a[id] == nil {
			res.addFinding(&res.AICostDiff, "a model was asked for call %s, of which the log has nothing", id)
		} else if n > 1 {
			res.addFinding(&res.AICostDiff, "a model was asked %d times for call %s", n, id)
		}
	}
	for id, c := range a {
		res.AICalls++
		if len(c.settled) != 1 {
			if len(c.settled) > 1 {
				res.addFinding(&res.AICostDiff, "call %s is counted %d times", id, len(c.settled))
			}
			continue // it is open: its time isn't over
		}
		s, took := c.settled[0], tokens[id]
		costs := c.price.CostOf(s.Input, s.Cached, s.Output)
		switch s.Outcome {
		case events.AIAnswered, events.AIUnusable:
			if int64(s.Input+s.Output) != took || s.Cost != costs {
				res.addFinding(&res.AICostDiff, "call %s (%s) took %d tokens of the model; the log counts %d and %d micro-dollars, and they cost %d", id, s.Outcome, took, s.Input+s.Output, s.Cost, costs)
			}
		case events.AIFailed:
			if took > 0 || s.Cost > 0 {
				res.addFinding(&res.AICostDiff, "call %s failed, took %d tokens of the model, and counts %d micro-dollars", id, took, s.Cost)
			}
		default: // nobody knows: all that it can have cost is counted
			if least := c.price.CostOf(int(took), 0, 0); s.Cost < least {
				res.addFinding(&res.AICostDiff, "call %s (%s) took %d tokens of the model, at least %d micro-dollars; the log counts %d", id, s.Outcome, took, least, s.Cost)
			}
		}
	}
}
