package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/llm"
	"outrider/internal/postgres"
	"outrider/projections"
)

// Projection is the read model that a Ledger reads.
const Projection = "ai"

// Ledger is the read side of calls and settings.
type Ledger interface {
	Settings(ctx context.Context, org uuid.UUID) (Settings, error)
	Call(ctx context.Context, org, call uuid.UUID) (Known, error) // of one that there isn't, the zero value
	Await(ctx context.Context, a es.Answer) error                 // until what was answered shows
}

// ReadModel is the Ledger in Postgres.
type ReadModel struct {
	Pool     *pgxpool.Pool // as the api: one organisation at a time
	Position func(ctx context.Context, partition int32, pseq int64) error
}

// Await implements Ledger.
func (r ReadModel) Await(ctx context.Context, a es.Answer) error {
	return r.Position(ctx, a.Partition, a.Pseq)
}

// Settings implements Ledger.
func (r ReadModel) Settings(ctx context.Context, org uuid.UUID) (out Settings, err error) {
	var row *projections.AISettings
	err = postgres.InOrg(ctx, r.Pool, org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetAISettings(ctx, tx, org)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return Settings{AISettings: events.AISettings{Provider: events.AIProviderPlatform}}, nil
	}
	if err != nil {
		return out, err
	}
	return SettingsOf(row)
}

// SettingsOf reads a row.
func SettingsOf(row *projections.AISettings) (Settings, error) {
	out := Settings{AISettings: events.AISettings{Provider: row.Provider, BaseURL: row.BaseURL, KeyID: row.KeyID, LimitMicros: row.LimitMicros, LeadLimitMicros: row.LeadLimit}, Version: row.Version, Stopped: row.Stopped}
	if err := errors.Join(json.Unmarshal(row.Models, &out.Models), json.Unmarshal(row.Search, &out.Search)); err != nil {
		return out, fmt.Errorf("read settings of models: %w", err)
	}
	return out, nil
}

// Call implements Ledger.
func (r ReadModel) Call(ctx context.Context, org, call uuid.UUID) (out Known, err error) {
	var row *projections.AICall
	err = postgres.InOrg(ctx, r.Pool, org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetAICall(ctx, tx, org, call)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out = Known{Completion: llm.Completion{Model: row.Model, PromptHash: row.PromptHash, InputTokens: row.InputTokens, CachedTokens: row.CachedTokens, OutputTokens: row.OutputTokens, CostMicroUSD: row.CostMicros},
		Outcome: row.Outcome, Reason: row.Reason}
	if len(row.Answer) > 0 {
		if err := json.Unmarshal(row.Answer, &out.Answer); err != nil {
			return out, fmt.Errorf("read answer of a model: %w", err)
		}
	}
	return out, nil
}
