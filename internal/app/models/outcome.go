package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/sealedtext"
	"outrider/internal/es"
	"outrider/internal/es/gateway"
	"outrider/internal/llm"
	"outrider/internal/pii"
	"outrider/internal/retry"
)

// AnswerField is what answers are bound to when they are sealed.
const AnswerField = "ai_answer"

// mostKept is how long a sealed answer may be to be kept in the log.
const mostKept = 96 << 10

// sealAnswer seals an answer; one that is too long isn't kept, and whoever wants it again asks again.
func sealAnswer(key pii.Key, text string) (events.Sealed, error) {
	s, err := sealedtext.Seal(key, AnswerField, text)
	if err != nil || len(s.C) > mostKept {
		return events.Sealed{}, err
	}
	return s, nil
}

// Known is a call as the ledger has it.
type Known struct {
	llm.Completion
	Outcome string // "" = it isn't settled, or not known
	Reason  string // one of llm's, a colon, and what is known besides
	Answer  events.Sealed
}

// failure says why a call that is settled gave no answer; nil = it did.
func (k Known) failure() error {
	switch k.Outcome {
	case "":
		return nil
	case events.AIAnswered:
		if k.Answer.IsZero() {
			return &llm.Error{Reason: llm.Lost, Err: errors.New("its answer was too long to be kept")}
		}
		return nil
	case events.AILost:
		return &llm.Error{Reason: llm.Lost, Err: errors.New(k.Reason)}
	}
	reason, text := llm.Temporary, k.Reason
	for _, r := range []llm.Reason{llm.Temporary, llm.Rejected, llm.Invalid} {
		if n := len(r) + 2; len(text) > n && text[:n] == string(r)+": " {
			reason, text = r, text[n:]
			break
		}
	}
	return &llm.Error{Reason: reason, Err: errors.New(text)}
}

func (c *Client) answerOf(k Known, key pii.Key, call uuid.UUID) Answer {
	a := Answer{Completion: k.Completion, CallID: call, Recorded: true}
	a.Text, _ = sealedtext.Open(key, AnswerField, k.Answer)
	return a
}

// outcomeOf says what came of a call, and why it has no answer.
func outcomeOf(err error) (outcome, reason string) {
	var failed *llm.Error
	switch {
	case err == nil:
		return events.AIAnswered, ""
	case !errors.As(err, &failed): // the process ends
		return events.AIUnanswered, string(llm.Temporary) + ": given up"
	case failed.Unanswered:
		outcome = events.AIUnanswered
	case failed.Reason == llm.Invalid:
		outcome = events.AIUnusable
	default:
		outcome = events.AIFailed
	}
	return outcome, commands.Clip(string(failed.Reason)+": "+Redact(failed.Err.Error(), nil), 500)
}

// isOutage reports whether an error says that the endpoint is down.
func isOutage(err error) bool {
	var failed *llm.Error
	return errors.As(err, &failed) && failed.Reason == llm.Temporary
}

// refusedError makes of a refusal to reserve what callers know.
func refusedError(err error) error {
	var refused *es.Refusal
	if !errors.As(err, &refused) {
		return err
	}
	switch refused.Code {
	case commands.CodeQuotaExceeded:
		over := &OverBudget{detailOf[events.QuotaDetail](refused)}
		return &llm.Error{Reason: over.reason(), Err: over}
	case commands.CodeAIStopped:
		return &llm.Error{Reason: llm.Stopped, Err: errors.New("models were stopped in this organisation")}
	case commands.CodeFeatureOff:
		return &llm.Error{Reason: llm.Stopped, Err: errors.New("models were stopped by the operator")}
	}
	return fmt.Errorf("ask model: refused: %s", refused.Code)
}

func detailOf[T any](refused *es.Refusal) (out T) {
	if raw, ok := refused.Detail.(json.RawMessage); ok {
		_ = json.Unmarshal(raw, &out) // what isn't known is said as 0
	}
	return out
}

// OverBudget says which budget leaves too little for a call.
type OverBudget struct{ events.QuotaDetail }

func (e *OverBudget) Error() string {
	what := "the plan's"
	switch e.Limit {
	case events.LimitAIOwn:
		what = "the organisation's own"
	case events.LimitAICampaign:
		what = "the campaign's"
	case events.LimitAILead:
		what = "the lead's"
	}
	return fmt.Sprintf("%s budget of %d micro-dollars has %d used, and this may cost %d", what, e.Max, e.Used, e.Requested)
}

func (e *OverBudget) reason() llm.Reason {
	switch e.Limit {
	case events.LimitAICampaign:
		return llm.OverCampaign
	case events.LimitAILead:
		return llm.OverLead
	}
	return llm.OverPlan
}

// Commander sends a command and waits for its answer; gateway.Gateway is one.
type Commander interface {
	Submit(ctx context.Context, c *es.Command) (es.Answer, error)
}

const busyWait = 100 * time.Millisecond

// submit waits for the answer as long as ctx goes on.
func (c *Client) submit(ctx context.Context, org uuid.UUID, why Cause, id uuid.UUID, cmd commands.Command) (es.Answer, error) {
	kind, data, err := commands.Encode(cmd)
	if err != nil {
		return es.Answer{}, err
	}
	out := &es.Command{ID: id, Type: kind, Org: org, Time: c.Now().UTC().Truncate(time.Microsecond), Actor: why.Actor, CorrelationID: why.Correlation, CausationID: why.Causation,
		TraceParent: why.TraceParent, ReplyTo: -1, Data: data}
	for {
		a, err := c.Commands.Submit(ctx, out)
		if errors.Is(err, gateway.ErrBusy) {
			_ = retry.Sleep(ctx, busyWait)
		}
		switch {
		case err == nil:
			return a, nil
		case !errors.Is(err, gateway.ErrPending) && !errors.Is(err, gateway.ErrBusy) || ctx.Err() != nil:
			return es.Answer{}, fmt.Errorf("submit %s: %w", kind, err)
		}
	}
}
