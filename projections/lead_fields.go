package projections

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// KnownFields returns which of the names of custom fields any lead has. A name that none has costs a look at every lead.
func KnownFields(ctx context.Context, tx pgx.Tx, org uuid.UUID, names []string) (map[string]bool, error) {
	known := map[string]bool{}
	if len(names) == 0 {
		return known, nil
	}
	rows, err := tx.Query(ctx, `select distinct name from unnest($2::text[]) name where exists (select from read.leads where org_id = $1 and custom ? name)`, org, names)
	if err != nil {
		return nil, fmt.Errorf("look for custom fields: %w", err)
	}
	var name string
	if _, err := pgx.ForEachRow(rows, []any{&name}, func() error { known[name] = true; return nil }); err != nil {
		return nil, fmt.Errorf("look for custom fields: %w", err)
	}
	return known, nil
}
