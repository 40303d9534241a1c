package projections

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// NamedLead is what lists call a lead.
type NamedLead struct {
	LeadID    uuid.UUID `db:"lead_id"`
	Email     *string   `db:"email"`
	FirstName *string   `db:"first_name"`
	LastName  *string   `db:"last_name"`
	Company   *string   `db:"company_name"`
}

// NamesOfLeads returns what leads are called, by their ids; those that are gone are missing.
func NamesOfLeads(ctx context.Context, tx pgx.Tx, org uuid.UUID, ids []uuid.UUID) (Set[NamedLead], error) {
	return setOf(ctx, tx, "leads", "lead_id", org, ids, func(l *NamedLead) uuid.UUID { return l.LeadID })
}

// NamesOfCampaigns returns the names of campaigns by their ids.
func NamesOfCampaigns(ctx context.Context, tx pgx.Tx, org uuid.UUID, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	out := map[uuid.UUID]string{}
	rows, err := tx.Query(ctx, `select campaign_id, name from read.campaigns where org_id = $1 and campaign_id = any($2)`, org, ids)
	if err != nil {
		return nil, fmt.Errorf("read names of campaigns: %w", err)
	}
	var id uuid.UUID
	var name string
	if _, err := pgx.ForEachRow(rows, []any{&id, &name}, func() error { out[id] = name; return nil }); err != nil {
		return nil, fmt.Errorf("read names of campaigns: %w", err)
	}
	return out, nil
}

// NamesOfExperiments returns what experiments and their arms are called, by their ids: an arm with its experiment.
func NamesOfExperiments(ctx context.Context, tx pgx.Tx, org uuid.UUID, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	out := map[uuid.UUID]string{}
	rows, err := tx.Query(ctx, `select experiment_id, name from read.experiments where org_id = $1 and experiment_id = any($2)
		union all select (arm->>'arm_id')::uuid, e.name || ', ' || (arm->>'name') from read.experiments e, jsonb_array_elements(e.plan->'arms') arm where org_id = $1 and (arm->>'arm_id')::uuid = any($2)`, org, ids)
	if err != nil {
		return nil, fmt.Errorf("read names of experiments: %w", err)
	}
	var id uuid.UUID
	var name string
	if _, err := pgx.ForEachRow(rows, []any{&id, &name}, func() error { out[id] = name; return nil }); err != nil {
		return nil, fmt.Errorf("read names of experiments: %w", err)
	}
	return out, nil
}
