package events

import (
	"time"

	"github.com/google/uuid"
)

// AIRef names an organisation whose work language models do.
type AIRef struct {
	OrganizationID uuid.UUID `json:"organization_id"`
}

func (r AIRef) AggregateID() string { return r.OrganizationID.String() }

// AICallRef names one call of a language model, and what it is for.
type AICallRef struct {
	CallID         uuid.UUID `json:"call_id,omitzero"`
	OrganizationID uuid.UUID `json:"organization_id"`
	CampaignID     uuid.UUID `json:"campaign_id,omitzero"`
	LeadID         uuid.UUID `json:"lead_id,omitzero"`
	MessageID      uuid.UUID `json:"message_id,omitzero"`
}

// AggregateID is the lead, or else the campaign, or else the organisation: on that timeline it stands.
func (r AICallRef) AggregateID() string {
	switch {
	case r.LeadID != uuid.Nil:
		return r.LeadID.String()
	case r.CampaignID != uuid.Nil:
		return r.CampaignID.String()
	}
	return r.OrganizationID.String()
}

// What models are asked for. Each task may have a model of its own.
const (
	AITaskExtract  = "extract"  // facts out of a page
	AITaskWrite    = "write"    // a message, or an answer
	AITaskClassify = "classify" // what an answer means
)

// AITaskSearch is a call of a search engine, which the ledger and the budgets count as those of models. It has one price, whatever is answered, and is no task of a model.
const AITaskSearch = "search"

// AITasks lists those of models.
func AITasks() []string { return []string{AITaskExtract, AITaskWrite, AITaskClassify} }

// Whose endpoint is asked.
const (
	AIProviderPlatform = "platform" // that of the installation, within the plan's budget
	AIProviderOwn      = "own"      // the organisation's own, with its key and at its cost
)

// AIPrice is what a million tokens cost, in USD micro-units.
type AIPrice struct {
	Input  int64 `json:"input"`
	Cached int64 `json:"cached"` // input that the provider had cached
	Output int64 `json:"output"`
}

// CostOf returns what tokens cost in USD micro-units, rounded up.
func (p AIPrice) CostOf(input, cached, output int) int64 {
	cached = min(max(cached, 0), input)
	micro := int64(input-cached)*p.Input + int64(cached)*p.Cached + int64(output)*p.Output
	return (micro + 999_999) / 1_000_000
}

// AIModel is the model of a task, with the price that holds for it.
type AIModel struct {
	Model string  `json:"model"`
	Price AIPrice `json:"price"`
}

// AISettings say which models do what. The key of an endpoint of their own lies in the vault under KeyID.
type AISettings struct {
	Provider    string             `json:"provider"`
	BaseURL     string             `json:"base_url,omitzero"`
	KeyID       uuid.UUID          `json:"key_id,omitzero"`
	Models      map[string]AIModel `json:"models,omitzero"`       // by task; of the platform, one that isn't named is the operator's choice
	LimitMicros int64              `json:"limit_micros,omitzero"` // of a billing period, in USD micro-units, besides the plan's; 0 = none
	// LeadLimitMicros is what may be spent on one lead, whatever the period, in USD micro-units; 0 = no limit.
	LeadLimitMicros int64 `json:"lead_limit_micros,omitzero"`
}

// AISettingsChanged has all settings as they are from here on.
type AISettingsChanged struct {
	AIRef
	AISettings
}

func (AISettingsChanged) EventType() string { return "ai.settings_changed.v2" }

// AISearchSettings say whether web sites of companies are searched for, and with whose key. An own key lies in the vault under KeyID.
type AISearchSettings struct {
	On       bool      `json:"on,omitzero"`
	Provider string    `json:"provider"` // as of models
	KeyID    uuid.UUID `json:"key_id,omitzero"`
}

// AISearchSet has all of them as they are from here on.
type AISearchSet struct {
	AIRef
	AISearchSettings
}

func (AISearchSet) EventType() string { return "ai.search_set.v1" }

// AIStopped says that no model is asked for anything until AIResumed.
type AIStopped struct {
	AIRef
	Reason string `json:"reason"`
}

func (AIStopped) EventType() string { return "ai.stopped.v1" }

// AIResumed lets models be asked again.
type AIResumed struct {
	AIRef
}

func (AIResumed) EventType() string { return "ai.resumed.v1" }

// AICallReserved takes the most that a call can cost out of the budget, before anybody is asked. Who reserved it is the only one to ask.
type AICallReserved struct {
	AICallRef
	Task         string    `json:"task"`
	Provider     string    `json:"provider"`
	Model        string    `json:"model"`
	Price        AIPrice   `json:"price"`
	AtMostMicros int64     `json:"at_most_micros"`
	Holder       uuid.UUID `json:"holder"`
	PromptHash   string    `json:"prompt_hash"` // SHA-256
	Seed         int       `json:"seed,omitzero"`
	PeriodFrom   time.Time `json:"period_from"` // billing period in which it counts
	ExpiresAt    time.Time `json:"expires_at"`  // when it counts as lost
}

func (AICallReserved) EventType() string { return "ai_call.reserved.v1" }

// What came of a call.
const (
	AIAnswered   = "answered"
	AIUnusable   = "unusable"   // an answer that breaks the rules; it is paid for
	AIFailed     = "failed"     // the endpoint refused, or couldn't be reached: it costs nothing
	AIUnanswered = "unanswered" // asked, and no answer came: it may have cost all that was reserved, and counts so
	AILost       = "lost"       // nobody said what came of it; counts like unanswered
)

// AICallSettled ends a call: it costs this, and no more is reserved. Model and tokens are as the endpoint says. The answer is sealed under the key of who it is about, so that
// whoever wants the same again reads it instead of asking.
type AICallSettled struct {
	AICallRef
	Task         string    `json:"task"`
	Provider     string    `json:"provider"`
	Model        string    `json:"model"`
	Outcome      string    `json:"outcome"`
	Reason       string    `json:"reason,omitzero"` // why there is no answer
	InputTokens  int       `json:"input_tokens,omitzero"`
	CachedTokens int       `json:"cached_tokens,omitzero"`
	OutputTokens int       `json:"output_tokens,omitzero"`
	CostMicros   int64     `json:"cost_micros"`
	PromptHash   string    `json:"prompt_hash"`
	Seed         int       `json:"seed,omitzero"`
	Answer       Sealed    `json:"answer,omitzero"`
	Milliseconds int       `json:"milliseconds,omitzero"`
	PeriodFrom   time.Time `json:"period_from"`
}

func (AICallSettled) EventType() string { return "ai_call.settled.v1" }

// What takes the place of a model's answer.
const (
	AIFallbackSmaller  = "smaller_prompt" // the same is asked for with less
	AIFallbackTemplate = "template"       // the text as it stands
	AIFallbackHold     = "hold"           // nothing: a person looks at it
	AIFallbackRules    = "rules"          // what is found without a model
)

// AIFellBack says that something else took the place of a model's answer, and why. The reason is a code and what is known besides, without personal data.
type AIFellBack struct {
	AICallRef
	Task   string `json:"task"`
	To     string `json:"to"`
	Reason string `json:"reason"`
	Detail string `json:"detail,omitzero"`
}

func (AIFellBack) EventType() string { return "ai.fell_back.v1" }
