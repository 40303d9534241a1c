package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
)

// AICallFilter narrows the ledger of calls; zero values = all.
type AICallFilter struct {
	Task, Model, Outcome string // "open" = those that go on
	Campaign, Lead       uuid.UUID
	From, To             time.Time // of the reservation
}

// conditions of a filter, with the arguments from $2 on.
const aiConditions = `org_id = $1 and ($2 = '' or task = $2) and ($3 = '' or model = $3) and ($4 = '' or outcome = case $4 when 'open' then '' else $4 end) and ($5 = '00000000-0000-0000-0000-000000000000'::uuid or campaign_id = $5)
	and ($6 = '00000000-0000-0000-0000-000000000000'::uuid or lead_id = $6) and ($7::timestamptz is null or reserved_at >= $7) and ($8::timestamptz is null or reserved_at < $8) `

func (f AICallFilter) args(org uuid.UUID, more ...any) []any {
	at := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		return &t
	}
	return append([]any{org, f.Task, f.Model, f.Outcome, f.Campaign, f.Lead, at(f.From), at(f.To)}, more...)
}

// ListAICalls returns the ledger, the newest first; before is the number of the last one of the page before, 0 at first.
func ListAICalls(ctx context.Context, tx pgx.Tx, org uuid.UUID, f AICallFilter, before int64, limit int) ([]*AICall, error) {
	rows, err := tx.Query(ctx, selectFrom[AICall]("ai_usage")+`where `+aiConditions+`and ($9::bigint = 0 or oseq < $9) order by oseq desc limit $10`, f.args(org, before, limit)...)
	return collectAll[AICall](rows, err, "list calls of models")
}

// AISum is what calls add up to.
type AISum struct {
	Key            string `db:"key"` // what they have in common; the zero id for calls that are for no campaign or lead
	Calls          int64  `db:"calls"`
	Answered       int64  `db:"answered"`
	Open           int64  `db:"open"`
	InputTokens    int64  `db:"input_tokens"`
	CachedTokens   int64  `db:"cached_tokens"`
	OutputTokens   int64  `db:"output_tokens"`
	CostMicros     int64  `db:"cost_micros"`
	ReservedMicros int64  `db:"reserved_micros"` // for those that go on
	PlatformMicros int64  `db:"platform_micros"` // of the cost: at the platform's expense
	OwnMicros      int64  `db:"own_micros"`
}

const aiSums = `count(*) as calls, count(*) filter (where outcome = 'answered') as answered, count(*) filter (where outcome = '') as open, coalesce(sum(input_tokens), 0)::bigint as input_tokens,
	coalesce(sum(cached_tokens), 0)::bigint as cached_tokens, coalesce(sum(output_tokens), 0)::bigint as output_tokens, coalesce(sum(cost_micros), 0)::bigint as cost_micros,
	coalesce(sum(at_most_micros) filter (where outcome = ''), 0)::bigint as reserved_micros, coalesce(sum(cost_micros) filter (where provider = 'platform'), 0)::bigint as platform_micros,
	coalesce(sum(cost_micros) filter (where provider = 'own'), 0)::bigint as own_micros `

// aiGroups are what calls are added up by.
func aiGroups() map[string]string {
	return map[string]string{"task": "task", "model": "model", "outcome": "outcome", "campaign": "campaign_id::text", "lead": "lead_id::text",
		"day": "to_char(reserved_at at time zone 'UTC', 'YYYY-MM-DD')"}
}

// SumAICalls adds calls up by task, model, outcome, campaign, lead or day; "" = all of them. The dearest come first, days the newest.
func SumAICalls(ctx context.Context, tx pgx.Tx, org uuid.UUID, f AICallFilter, by string, limit int) ([]*AISum, error) {
	key, order := aiGroups()[by], "cost_micros desc, calls desc, key"
	switch by {
	case "":
		key = "''"
	case "day":
		order = "key desc"
	}
	if key == "" {
		return nil, fmt.Errorf("add up calls of models: not by %q", by)
	}
	rows, err := tx.Query(ctx, `select `+key+` as key, `+aiSums+`from read.ai_usage where `+aiConditions+`group by 1 order by `+order+` limit $9`, f.args(org, limit)...)
	return collectAll[AISum](rows, err, "add up calls of models")
}

// AIPeriod is what calls of a billing period have cost.
type AIPeriod struct {
	PlatformMicros int64
	OwnMicros      int64
	ReservedMicros int64 // at the platform's expense
	Calls          int64
}

// AIPeriods returns them by the start of the period, in µs.
func AIPeriods(ctx context.Context, tx pgx.Tx, org uuid.UUID, since time.Time) (map[int64]AIPeriod, error) {
	rows, err := tx.Query(ctx, `select period_from, coalesce(sum(cost_micros) filter (where provider = $3), 0)::bigint, coalesce(sum(cost_micros) filter (where provider <> $3), 0)::bigint,
		coalesce(sum(at_most_micros) filter (where provider = $3 and outcome = ''), 0)::bigint, count(*) from read.ai_usage where org_id = $1 and period_from >= $2 group by 1`, org, since, events.AIProviderPlatform)
	if err != nil {
		return nil, fmt.Errorf("add up what models cost: %w", err)
	}
	out := map[int64]AIPeriod{}
	var from time.Time
	var p AIPeriod
	if _, err := pgx.ForEachRow(rows, []any{&from, &p.PlatformMicros, &p.OwnMicros, &p.ReservedMicros, &p.Calls}, func() error {
		out[from.UnixMicro()] = p
		return nil
	}); err != nil {
		return nil, fmt.Errorf("add up what models cost: %w", err)
	}
	return out, nil
}
