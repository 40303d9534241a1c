package projections

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/project"
)

// deletion takes the rows of organisations that are deleted for good out of the tables of all projections before it. Who rebuilds one of
// those gets rows without anything personal, as the keys are destroyed.
type deletion struct{ tables []string }

// keptOfDeleted are tables that say what an organisation was, not who was in it.
func keptOfDeleted() []string { return []string{"organizations", "usage", "chains"} }

// newDeletion takes the projections before it.
func newDeletion(before []project.Projection) (d deletion) {
	for _, p := range before {
		for _, table := range p.Tables {
			if !slices.Contains(keptOfDeleted(), table) {
				d.tables = append(d.tables, table)
			}
		}
	}
	return d
}

func (d deletion) handleBatch(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	var orgs []uuid.UUID
	for _, e := range batch {
		if _, ok := e.Payload.(events.OrganizationDeleted); ok {
			orgs = append(orgs, e.Org)
			if _, err := tx.Exec(ctx, `insert into deleted_organizations (org_id, deleted_at) values ($1, $2) on conflict do nothing`, e.Org, e.Time); err != nil {
				return fmt.Errorf("write deleted organization: %w", err)
			}
		}
	}
	if len(orgs) == 0 {
		return nil
	}
	for _, table := range d.tables {
		var there bool // not where this projection is rebuilt alone
		if err := tx.QueryRow(ctx, `select to_regclass($1) is not null`, table).Scan(&there); err != nil {
			return fmt.Errorf("look for table %s: %w", table, err)
		}
		if !there {
			continue
		}
		if _, err := tx.Exec(ctx, `delete from `+table+` where org_id = any($1)`, orgs); err != nil {
			return fmt.Errorf("delete %s of deleted organizations: %w", table, err)
		}
	}
	return nil
}
