package erasure

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"outrider/internal/pii"
)

// Plan is what an erasure takes of a person.
type Plan struct {
	Person
	Rows  map[string]int `json:"rows,omitempty"` // that say something of them, by read model
	Files int            `json:"files"`          // of imports and exports of the organisation, in which they may stand
}

// MakePlans says what erasures of some persons would take. It changes nothing.
func MakePlans(ctx context.Context, vault *pii.Vault, reads pgx.Tx, persons []Person) (plans []Plan, err error) {
	tables, err := tablesOfLeads(ctx, reads)
	if err != nil {
		return nil, err
	}
	for _, p := range persons {
		if p.Erased && !p.HasKey {
			continue
		}
		plan := Plan{Person: p, Rows: map[string]int{}}
		for _, table := range slices.Sorted(maps.Keys(tables)) {
			var n int
			if err := reads.QueryRow(ctx, `select count(*) from `+pgx.Identifier{"read", table}.Sanitize()+` where org_id = $1 and `+pgx.Identifier{tables[table]}.Sanitize()+` = $2`, p.OrganizationID, p.LeadID).Scan(&n); err != nil {
				return nil, fmt.Errorf("count rows of %s: %w", table, err)
			}
			if n > 0 {
				plan.Rows[table] = n
			}
		}
		files, err := vault.FileKeys(ctx, p.OrganizationID)
		if err != nil {
			return nil, err
		}
		plan.Files = len(files)
		plans = append(plans, plan)
	}
	return plans, nil
}

// tablesOfLeads returns read models that have rows about leads, with the column that names the lead.
func tablesOfLeads(ctx context.Context, reads pgx.Tx) (map[string]string, error) {
	rows, err := reads.Query(ctx, `select table_name::text, column_name::text from information_schema.columns
		where table_schema = 'read' and (column_name = 'lead_id' or column_name = 'subject' and table_name = 'timeline') and data_type = 'uuid'`)
	if err != nil {
		return nil, fmt.Errorf("find read models about leads: %w", err)
	}
	tables := map[string]string{}
	var table, column string
	if _, err := pgx.ForEachRow(rows, []any{&table, &column}, func() error { tables[table] = column; return nil }); err != nil {
		return nil, fmt.Errorf("find read models about leads: %w", err)
	}
	return tables, nil
}
