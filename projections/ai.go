package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// AISettings is a row of read.ai_settings.
type AISettings struct {
	OrgID       uuid.UUID       `db:"org_id"`
	Version     int             `db:"version"`
	Provider    string          `db:"provider"`
	BaseURL     string          `db:"base_url"`
	KeyID       uuid.UUID       `db:"key_id"`
	Models      json.RawMessage `db:"models"` // events.AIModel by task
	Search      json.RawMessage `db:"search"` // events.AISearchSettings
	LimitMicros int64           `db:"limit_micros"`
	LeadLimit   int64           `db:"lead_limit_micros"`
	Stopped     string          `db:"stopped"` // why nobody is asked; "" = they are
	StoppedAt   *time.Time      `db:"stopped_at"`
	StoppedBy   string          `db:"stopped_by"`
	ChangedAt   time.Time       `db:"changed_at"`
}

// AICall is a row of read.ai_usage: a call of a language model.
type AICall struct {
	OrgID        uuid.UUID       `db:"org_id"`
	CallID       uuid.UUID       `db:"call_id"`
	Oseq         int64           `db:"oseq"`
	Task         string          `db:"task"`
	Provider     string          `db:"provider"`
	Model        string          `db:"model"`
	CampaignID   uuid.UUID       `db:"campaign_id"`
	LeadID       uuid.UUID       `db:"lead_id"`
	MessageID    uuid.UUID       `db:"message_id"`
	Outcome      string          `db:"outcome"` // "" = it goes on
	Reason       string          `db:"reason"`
	AtMostMicros int64           `db:"at_most_micros"`
	CostMicros   int64           `db:"cost_micros"`
	InputTokens  int             `db:"input_tokens"`
	CachedTokens int             `db:"cached_tokens"`
	OutputTokens int             `db:"output_tokens"`
	PromptHash   string          `db:"prompt_hash"`
	Seed         int             `db:"seed"`
	Answer       json.RawMessage `db:"answer"` // an events.Sealed
	Milliseconds int             `db:"milliseconds"`
	PeriodFrom   time.Time       `db:"period_from"`
	ReservedAt   time.Time       `db:"reserved_at"`
	SettledAt    *time.Time      `db:"settled_at"`
}

func foldAI(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	var calls, orgs []id
	writing := newFold[id, AIWriting]()
	for _, e := range batch {
		switch p := events.As[events.AIEvent](e.Payload).(type) {
		case events.AICallReserved:
			calls = append(calls, id{e.Org, p.CallID})
		case events.AICallSettled:
			calls = append(calls, id{e.Org, p.CallID})
		case events.AISettingsChanged, events.AISearchSet, events.AIStopped, events.AIResumed:
			orgs = append(orgs, id{e.Org, e.Org})
		case events.CampaignWritingSet:
			writing.putRow(id{e.Org, p.CampaignID}, &AIWriting{OrgID: e.Org, CampaignID: p.CampaignID, Settings: mustMarshal(p.CampaignWriting)})
		case events.AIFellBack: // is on the timeline
		}
	}
	if err := upsertRows(ctx, tx, "ai_writing", "org_id, campaign_id", writing.liveRows()); err != nil {
		return err
	}
	for _, lead := range erasedIn(batch) {
		if _, err := tx.Exec(ctx, `update ai_usage set answer = null where org_id = $1 and lead_id = $2 and answer is not null`, lead.org, lead.own); err != nil {
			return fmt.Errorf("forget answers of models: %w", err)
		}
	}
	settings, usage := newFold[id, AISettings](), newFold[id, AICall]()
	if len(orgs) > 0 {
		if err := loadMissing(ctx, tx, settings, orgs, `select `+columnsOf[AISettings]()+` from ai_settings where org_id = any($1) and org_id = any($2)`, func(s *AISettings) id { return id{s.OrgID, s.OrgID} }); err != nil {
			return err
		}
	}
	if len(calls) > 0 {
		if err := loadRows(ctx, tx, usage, "ai_usage", "call_id", calls, func(c *AICall) id { return id{c.OrgID, c.CallID} }); err != nil {
			return err
		}
	}
	erased := lastErasure(batch)
	for _, e := range batch {
		if err := applyAI(settings, usage, e); err != nil {
			return err
		}
	}
	for _, c := range usage.liveRows() {
		if c.Oseq < erased[id{c.OrgID, c.LeadID}] {
			c.Answer = nil
		}
	}
	if err := upsertRows(ctx, tx, "ai_settings", "org_id", settings.liveRows()); err != nil {
		return err
	}
	return upsertRows(ctx, tx, "ai_usage", "org_id, call_id", usage.liveRows())
}

func applyAI(settings *fold[id, AISettings], usage *fold[id, AICall], e *es.Event) (err error) {
	row := func() *AISettings {
		s := settings.rows[id{e.Org, e.Org}]
		if s == nil {
			s = &AISettings{OrgID: e.Org, Provider: events.AIProviderPlatform, Models: json.RawMessage(`{}`), Search: json.RawMessage(`{}`)}
			settings.putRow(id{e.Org, e.Org}, s)
		}
		s.Version, s.ChangedAt = s.Version+1, e.Time
		return s
	}
	switch p := events.As[events.AIEvent](e.Payload).(type) {
	case events.AISettingsChanged:
		s := row()
		s.Provider, s.BaseURL, s.KeyID, s.LimitMicros, s.LeadLimit = p.Provider, replaceNUL(p.BaseURL), p.KeyID, p.LimitMicros, p.LeadLimitMicros
		if s.Models, err = es.Marshal(p.Models); p.Models == nil {
			s.Models = json.RawMessage(`{}`)
		}
	case events.AISearchSet:
		row().Search = mustMarshal(p.AISearchSettings)
	case events.AIStopped:
		s := row()
		s.Stopped, s.StoppedAt, s.StoppedBy = replaceNUL(p.Reason), &e.Time, e.Actor.Kind+":"+replaceNUL(e.Actor.ID)
	case events.AIResumed:
		s := row()
		s.Stopped, s.StoppedAt, s.StoppedBy = "", nil, ""
	case events.AICallReserved:
		usage.putRow(id{e.Org, p.CallID}, &AICall{OrgID: e.Org, CallID: p.CallID, Oseq: e.Oseq, Task: p.Task, Provider: p.Provider, Model: replaceNUL(p.Model), CampaignID: p.CampaignID, LeadID: p.LeadID,
			MessageID: p.MessageID, AtMostMicros: p.AtMostMicros, PromptHash: replaceNUL(p.PromptHash), Seed: p.Seed, PeriodFrom: p.PeriodFrom, ReservedAt: e.Time})
	case events.AICallSettled:
		c := usage.rows[id{e.Org, p.CallID}]
		if c == nil {
			return nil
		}
		c.Model, c.Outcome, c.Reason, c.CostMicros, c.SettledAt = replaceNUL(p.Model), p.Outcome, replaceNUL(p.Reason), p.CostMicros, &e.Time
		c.InputTokens, c.CachedTokens, c.OutputTokens, c.Milliseconds = p.InputTokens, p.CachedTokens, p.OutputTokens, p.Milliseconds
		if !p.Answer.IsZero() {
			c.Answer, err = es.Marshal(p.Answer)
		}
	case events.AIFellBack, events.CampaignWritingSet: // change nothing here
	}
	return err
}

// GetAISettings returns pgx.ErrNoRows for an organisation that has chosen nothing.
func GetAISettings(ctx context.Context, tx pgx.Tx, org uuid.UUID) (*AISettings, error) {
	rows, err := tx.Query(ctx, selectFrom[AISettings]("ai_settings")+`where org_id = $1`, org)
	return collectOne[AISettings](rows, err, "get settings of models")
}

// GetAICall returns pgx.ErrNoRows for one that there isn't.
func GetAICall(ctx context.Context, tx pgx.Tx, org, call uuid.UUID) (*AICall, error) {
	rows, err := tx.Query(ctx, selectFrom[AICall]("ai_usage")+`where org_id = $1 and call_id = $2`, org, call)
	return collectOne[AICall](rows, err, "get call of a model")
}
