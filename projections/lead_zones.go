package projections

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// ZonesOfLeads returns the time zones of leads, as far as they have one.
func ZonesOfLeads(ctx context.Context, tx pgx.Tx, org uuid.UUID, leads []uuid.UUID) (map[uuid.UUID]string, error) {
	rows, err := tx.Query(ctx, eachOf("read.leads", "lead_id, time_zone", "lead_id", "uuid[]")+` where r.time_zone <> ''`, org, leads)
	if err != nil {
		return nil, fmt.Errorf("read zones: %w", err)
	}
	out := map[uuid.UUID]string{}
	var lead uuid.UUID
	var zone string
	if _, err := pgx.ForEachRow(rows, []any{&lead, &zone}, func() error { out[lead] = zone; return nil }); err != nil {
		return nil, fmt.Errorf("read zones: %w", err)
	}
	return out, nil
}
