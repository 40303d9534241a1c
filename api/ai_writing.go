package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/models"
	"outrider/internal/llm"
	"outrider/internal/profile"
	"outrider/projections"
)

func (h *aiHandlers) getCampaignWriting(c *call, id uuid.UUID) error {
	set := events.DefaultCampaignWriting()
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		_, err := projections.GetCampaign(c.ctx, tx, c.who.Org, id)
		return errors.Join(err, projections.CampaignWriting(c.ctx, tx, c.who.Org, id, &set))
	}); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, gen.CampaignWriting{Off: set.Off, Instructions: set.Instructions, Refused: gen.CampaignWritingRefused(set.Refused), LimitMicros: set.LimitMicros})
}

func (h *aiHandlers) setCampaignWriting(c *call, id uuid.UUID, body gen.CampaignWriting) error {
	body.Instructions = profile.CleanText(body.Instructions)
	if _, err := h.submitOwn(c, commands.SetCampaignWriting{CampaignID: id, CampaignWriting: events.CampaignWriting{Off: body.Off, Instructions: body.Instructions, Refused: string(body.Refused), LimitMicros: body.LimitMicros}}); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, body)
}

// trialPrompt is as small as a question can be that shows whether an endpoint answers by a schema.
func trialPrompt() llm.Prompt {
	return llm.Prompt{System: "Answer with the JSON object that the schema describes.", User: "Say that you are ready.", SchemaName: "ready",
		Schema: json.RawMessage(`{"type":"object","additionalProperties":false,"required":["ready"],"properties":{"ready":{"type":"boolean"}}}`), Seed: 1, MaxTokens: 200, Check: func(answer string) error {
			var is struct {
				Ready *bool `json:"ready"`
			}
			if err := json.Unmarshal([]byte(answer), &is); err != nil {
				return err
			}
			if is.Ready == nil {
				return errors.New(`it doesn't keep to the schema: "ready" is missing`)
			}
			return nil
		}}
}

// tryModel asks the model of a task a few words, and says what came of it.
func (h *aiHandlers) tryModel(c *call, body gen.AITrialAsk) error {
	in, err := h.beginOwn(c)
	if err != nil {
		return err
	}
	out := gen.AITrial{Reason: string(llm.Off)}
	if h.models.Ledger == nil { // this process asks nobody
		return c.answerJSON(http.StatusOK, out)
	}
	prompt, begun := trialPrompt(), time.Now()
	a, err := h.models.Complete(c.ctx, in.org, string(body.Task), models.Request{ID: models.RequestID(in.id, string(body.Task), prompt), Prompt: prompt,
		Cause: models.Cause{Correlation: in.request, Causation: in.request, Actor: in.actorOf(), TraceParent: in.trace}})
	out.Milliseconds = int(time.Since(begun).Milliseconds())
	var failed *llm.Error
	switch {
	case errors.As(err, &failed):
		out.Reason, out.Detail, out.CostMicros = string(failed.Reason), commands.Clip(models.Redact(failed.Err.Error(), nil), 500), failed.CostMicroUSD
	case err != nil:
		return err
	default:
		out = gen.AITrial{Ok: true, Model: a.Model, CostMicros: a.CostMicroUSD, Milliseconds: out.Milliseconds}
	}
	return c.answerJSON(http.StatusOK, out)
}
