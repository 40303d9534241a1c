package commands

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
	"outrider/internal/es"
)

// Bounds of language models.
const (
	// AILease is how long who has reserved a call may take to say what came of it.
	AILease = 10 * time.Minute
	// MaxAICallMicros bounds what one call may cost: a price that was mistyped shows.
	MaxAICallMicros = 100_000_000

	maxAIAnswer = 128 << 10
	maxAITokens = 100_000_000
)

// SetAISettings replaces the settings of language models. The edge has checked the models of the platform against its list, with their prices, and stored the key.
type SetAISettings struct {
	events.AISettings
	IfVersion *int `json:"if_version,omitzero"`
}

func (SetAISettings) CommandType() string { return "ai.set_settings.v2" }

// Decide has nothing to do for settings that are so.
func (c SetAISettings) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if sameAISettings(o.AI.Settings, c.AISettings) {
		return nil, nil
	}
	if err := checkVersion(o.ID, c.IfVersion, o.AI.Version); err != nil {
		return nil, err
	}
	return oneEvent(events.AISettingsChanged{AIRef: events.AIRef{OrganizationID: o.ID}, AISettings: c.AISettings})
}

func sameAISettings(a, b events.AISettings) bool {
	if a.Provider != b.Provider || a.BaseURL != b.BaseURL || a.KeyID != b.KeyID || a.LimitMicros != b.LimitMicros || a.LeadLimitMicros != b.LeadLimitMicros || len(a.Models) != len(b.Models) {
		return false
	}
	for task, m := range a.Models {
		if b.Models[task] != m {
			return false
		}
	}
	return true
}

func (c SetAISettings) check() error {
	switch {
	case c.Provider != events.AIProviderPlatform && c.Provider != events.AIProviderOwn:
		return errInvalid("provider", "must be platform or own")
	case c.Provider == events.AIProviderPlatform && (c.BaseURL != "" || c.KeyID != uuid.Nil):
		return errInvalid("base_url", "is for a provider of one's own")
	case c.Provider == events.AIProviderOwn && (!strings.HasPrefix(c.BaseURL, "https://") && !strings.HasPrefix(c.BaseURL, "http://") || len(c.BaseURL) > 500):
		return errInvalid("base_url", "must be a URL of at most 500 characters")
	case c.LimitMicros < 0:
		return errInvalid("limit_micros", "must be 0 (none) or more")
	case c.LeadLimitMicros < 0:
		return errInvalid("lead_limit_micros", "must be 0 (none) or more")
	}
	for task, m := range c.Models {
		if !slices.Contains(events.AITasks(), task) {
			return errInvalid("models", "there is no task "+task)
		}
		if err := firstError(checkText("models."+task, m.Model, 1, 100), checkAIPrice(m.Price)); err != nil {
			return err
		}
	}
	if c.Provider == events.AIProviderOwn && len(c.Models) == 0 {
		return errInvalid("models", "are missing: a provider of one's own needs the name of a model")
	}
	return nil
}

func checkAIPrice(p events.AIPrice) error {
	const most = 1_000_000_000 // a thousand dollars a million tokens
	for _, x := range []int64{p.Input, p.Cached, p.Output} {
		if x < 0 || x > most {
			return errInvalid("price", "must be 0 to 1000000000 micro-dollars a million tokens")
		}
	}
	return nil
}

// SetAISearch says whether web sites of companies are searched for, and with whose key. The edge has stored an own one.
type SetAISearch struct {
	events.AISearchSettings
	IfVersion *int `json:"if_version,omitzero"`
}

func (SetAISearch) CommandType() string { return "ai.set_search.v1" }

// Decide has nothing to do for settings that are so.
func (c SetAISearch) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	switch {
	case c.Provider != events.AIProviderPlatform && c.Provider != events.AIProviderOwn:
		return nil, errInvalid("provider", "must be platform or own")
	case (c.Provider == events.AIProviderOwn) != (c.KeyID != uuid.Nil):
		return nil, errInvalid("key", "belongs to a provider of one's own, which needs one")
	case o.AI.Search == c.AISearchSettings:
		return nil, nil
	}
	if err := checkVersion(o.ID, c.IfVersion, o.AI.Version); err != nil {
		return nil, err
	}
	return oneEvent(events.AISearchSet{AIRef: events.AIRef{OrganizationID: o.ID}, AISearchSettings: c.AISearchSettings})
}

// StopAI keeps the organisation from asking language models anything. What is on its way comes back.
type StopAI struct {
	Reason string `json:"reason"`
}

func (StopAI) CommandType() string { return "ai.stop.v1" }

// Decide needs a reason: whoever finds templates where they expected more asks for it.
func (c StopAI) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if o.AI.Stopped != "" {
		return nil, nil
	}
	if err := checkText("reason", c.Reason, 1, 500); err != nil {
		return nil, err
	}
	return oneEvent(events.AIStopped{AIRef: events.AIRef{OrganizationID: o.ID}, Reason: c.Reason})
}

// ResumeAI lets models be asked again.
type ResumeAI struct{}

func (ResumeAI) CommandType() string { return "ai.resume.v1" }

// Decide has nothing to do where they are.
func (ResumeAI) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if o.AI.Stopped == "" {
		return nil, nil
	}
	return oneEvent(events.AIResumed{AIRef: events.AIRef{OrganizationID: o.ID}})
}

// ReserveAICall asks whether a model may be asked, and takes the most that it can cost out of the budget. Who reserved a call is the only one that may make it: Holder is
// another each time, so that two who want the same can tell who it is.
type ReserveAICall struct {
	events.AICallRef
	Task         string         `json:"task"`
	Provider     string         `json:"provider"`
	Model        string         `json:"model"`
	Price        events.AIPrice `json:"price"`
	AtMostMicros int64          `json:"at_most_micros"`
	Holder       uuid.UUID      `json:"holder"`
	PromptHash   string         `json:"prompt_hash"`
	Seed         int            `json:"seed,omitzero"`
	Settings     int            `json:"settings"` // version that it was made by; others may choose another endpoint
}

func (ReserveAICall) CommandType() string { return "ai_call.reserve.v1" }

// Decide has nothing to do for a call that is settled: its answer is known. What is spent and reserved never exceeds the budget by what a call was thought to cost at most.
func (c ReserveAICall) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	switch {
	case o.AI.Settled(c.CallID):
		return nil, nil
	case o.AI.Open(c.CallID) != nil:
		return nil, es.Refuse(CodeAICallOpen, detailID{c.CallID})
	case o.AI.Stopped != "":
		return nil, es.Refuse(CodeAIStopped, detailReason{o.AI.Stopped})
	case c.Task == events.AITaskSearch && !o.AI.Search.On:
		return nil, es.Refuse(CodeAIStopped, detailReason{"searching the web is switched off"})
	case c.Settings != o.AI.Version || c.Provider != o.AI.ProviderOf(c.Task):
		return nil, es.Refuse(CodeVersionConflict, detailVersion{c.Settings, o.AI.Version})
	}
	if err := requireFeature(o, events.FeatureAI); err != nil {
		return nil, err
	}
	from, _ := aggregates.PeriodAt(o.BillingAnchor, now)
	for _, q := range aiBudgets(o, c.Provider, c.AICallRef, from) {
		if q.requested = c.AtMostMicros; q.max != events.NoLimit && q.used+q.requested > q.max {
			return q.refuseCommand(now, o)
		}
	}
	c.OrganizationID = o.ID
	return oneEvent(events.AICallReserved{AICallRef: c.AICallRef, Task: c.Task, Provider: c.Provider, Model: c.Model, Price: c.Price, AtMostMicros: c.AtMostMicros, Holder: c.Holder,
		PromptHash: c.PromptHash, Seed: c.Seed, PeriodFrom: from, ExpiresAt: now.Add(AILease)})
}

// aiBudgets are the limits of what calls of a provider may cost: the plan's for those at the platform's expense, the organisation's own for all, and that of the campaign and of the lead
// that a call is for, whatever the period. Who isn't there any more has none.
func aiBudgets(o *aggregates.Organization, provider string, of events.AICallRef, from time.Time) (out []quotaUse) {
	platform := o.AI.TakenMicros(from, events.AIProviderPlatform)
	if provider == events.AIProviderPlatform {
		out = append(out, quotaUse{limit: events.LimitAIBudget, used: platform, max: o.Limits.AIBudgetMicros})
	}
	if own := o.AI.Settings.LimitMicros; own > 0 {
		out = append(out, quotaUse{limit: events.LimitAIOwn, used: platform + o.AI.TakenMicros(from, events.AIProviderOwn), max: own})
	}
	if c := o.Campaigns[of.CampaignID]; c != nil && c.Writing().LimitMicros > 0 {
		out = append(out, quotaUse{limit: events.LimitAICampaign, used: c.AITakenMicros(), max: c.Writing().LimitMicros})
	}
	if lead := o.Leads.Get(of.LeadID); lead != nil && o.AI.Settings.LeadLimitMicros > 0 {
		out = append(out, quotaUse{limit: events.LimitAILead, used: lead.AITakenMicros(), max: o.AI.Settings.LeadLimitMicros})
	}
	return out
}

func (c ReserveAICall) check() error {
	switch {
	case c.CallID == uuid.Nil:
		return errInvalid("call_id", "is missing")
	case c.Holder == uuid.Nil:
		return errInvalid("holder", "is missing")
	case c.Task != events.AITaskSearch && !slices.Contains(events.AITasks(), c.Task):
		return errInvalid("task", "must be extract, write, classify or search")
	case c.Provider != events.AIProviderPlatform && c.Provider != events.AIProviderOwn:
		return errInvalid("provider", "must be platform or own")
	case c.AtMostMicros < 0 || c.AtMostMicros > MaxAICallMicros:
		return errInvalid("at_most_micros", "must be 0 to 100000000")
	}
	return firstError(checkAIPrice(c.Price), checkText("model", c.Model, 1, 100), checkText("prompt_hash", c.PromptHash, 1, 64))
}

// SettleAICall says what came of a call that one has reserved.
type SettleAICall struct {
	CallID       uuid.UUID     `json:"call_id"`
	Holder       uuid.UUID     `json:"holder"`
	Outcome      string        `json:"outcome"`
	Reason       string        `json:"reason,omitzero"`
	Model        string        `json:"model,omitzero"` // as it calls itself
	InputTokens  int           `json:"input_tokens,omitzero"`
	CachedTokens int           `json:"cached_tokens,omitzero"`
	OutputTokens int           `json:"output_tokens,omitzero"`
	Answer       events.Sealed `json:"answer,omitzero"`
	Milliseconds int           `json:"milliseconds,omitzero"`
}

func (SettleAICall) CommandType() string { return "ai_call.settle.v1" }

// Decide counts by the price that the call was reserved with. It has nothing to do for one that is settled.
func (c SettleAICall) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	call := o.AI.Open(c.CallID)
	switch {
	case call == nil && o.AI.Settled(c.CallID):
		return nil, nil
	case call == nil || call.Holder != c.Holder:
		return nil, errNotFound(c.CallID)
	}
	e := settledAs(call, c.Outcome, c.Reason)
	e.InputTokens, e.CachedTokens, e.OutputTokens, e.Answer, e.Milliseconds = c.InputTokens, c.CachedTokens, c.OutputTokens, c.Answer, c.Milliseconds
	if c.Model != "" {
		e.Model = c.Model
	}
	if c.Outcome == events.AIAnswered || c.Outcome == events.AIUnusable {
		e.CostMicros = call.Price.CostOf(c.InputTokens, c.CachedTokens, c.OutputTokens)
		if call.Task == events.AITaskSearch { // it has one price
			e.CostMicros = call.AtMostMicros
		}
	}
	return oneEvent(e)
}

// settledAs ends a call. Where nobody knows whether it was made, it counts as all that was reserved.
func settledAs(call *aggregates.AICall, outcome, reason string) events.AICallSettled {
	e := events.AICallSettled{AICallRef: call.AICallRef, Task: call.Task, Provider: call.Provider, Model: call.Model, Outcome: outcome, Reason: reason, PromptHash: call.PromptHash, Seed: call.Seed, PeriodFrom: call.PeriodFrom}
	if outcome == events.AIUnanswered || outcome == events.AILost {
		e.CostMicros = call.AtMostMicros
	}
	return e
}

func (c SettleAICall) check() error {
	switch c.Outcome {
	case events.AIAnswered, events.AIUnusable, events.AIFailed, events.AIUnanswered:
	default:
		return errInvalid("outcome", "must be answered, unusable, failed or unanswered")
	}
	for _, n := range []int{c.InputTokens, c.CachedTokens, c.OutputTokens, c.Milliseconds} {
		if n < 0 || n > maxAITokens {
			return errInvalid("input_tokens", "must be 0 to 100000000")
		}
	}
	if len(c.Answer.C) > maxAIAnswer {
		return errInvalid("answer", "must be at most 128 KiB")
	}
	return firstError(checkText("reason", c.Reason, 0, 500), checkText("model", c.Model, 0, 100))
}

// GiveUpAICall settles a call of which nobody says what came of it, before its time is over: whoever made it has died, or is so slow that others go on without it.
type GiveUpAICall struct {
	CallID uuid.UUID `json:"call_id"`
}

func (GiveUpAICall) CommandType() string { return "ai_call.give_up.v1" }

// Decide has nothing to do for one that is settled. It counts as lost, as one that the clock gives up.
func (c GiveUpAICall) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	call := o.AI.Open(c.CallID)
	switch {
	case call == nil && o.AI.Settled(c.CallID):
		return nil, nil
	case call == nil:
		return nil, errNotFound(c.CallID)
	}
	return oneEvent(settledAs(call, events.AILost, "whoever made it has not said what came of it"))
}

// loseAICalls settles calls of which nobody said in time what came of them.
func loseAICalls(now time.Time, o *aggregates.Organization) (out []events.Event) {
	for _, call := range o.AI.Lost(now) {
		out = append(out, settledAs(call, events.AILost, "nobody said what came of it"))
	}
	return out
}

// RecordAIFallback records that something else takes the place of a model's answer.
type RecordAIFallback struct {
	events.AICallRef
	Task   string `json:"task"`
	To     string `json:"to"`
	Reason string `json:"reason"`
	Detail string `json:"detail,omitzero"`
}

func (RecordAIFallback) CommandType() string { return "ai.record_fallback.v1" }

// Decide records each.
func (c RecordAIFallback) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	switch {
	case !slices.Contains(events.AITasks(), c.Task):
		return nil, errInvalid("task", "must be extract, write or classify")
	case c.To != events.AIFallbackSmaller && c.To != events.AIFallbackTemplate && c.To != events.AIFallbackHold && c.To != events.AIFallbackRules:
		return nil, errInvalid("to", "must be smaller_prompt, template, hold or rules")
	}
	if err := firstError(checkText("reason", c.Reason, 1, 50), checkText("detail", c.Detail, 0, 500)); err != nil {
		return nil, err
	}
	c.OrganizationID = o.ID
	return oneEvent(events.AIFellBack(c))
}
