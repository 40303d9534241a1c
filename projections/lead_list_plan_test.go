package projections_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/postgres"
	"outrider/projections"
)

// planned notes how Postgres means to answer what is asked in a transaction.
type planned struct {
	pgx.Tx
	plans *[]string
}

func (p planned) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if err := p.explain(ctx, sql, args); err != nil {
		return nil, err
	}
	return p.Tx.Query(ctx, sql, args...)
}

func (p planned) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if err := p.explain(ctx, sql, args); err != nil {
		*p.plans = append(*p.plans, err.Error())
	}
	return p.Tx.QueryRow(ctx, sql, args...)
}

func (p planned) explain(ctx context.Context, sql string, args []any) error {
	rows, err := p.Tx.Query(ctx, `explain `+sql, args...)
	if err != nil {
		return err
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	*p.plans = append(*p.plans, strings.Join(lines, "\n"))
	return err
}

// TestListsReadNoMoreThanTheyShow: as the role of the API, under row-level security, lists by name begin where the page begins, and what filters leave
// is counted in an index.
func TestListsReadNoMoreThanTheyShow(t *testing.T) {
	t.Parallel()
	f, org := setup(t), uuid.New()
	manyLeads(t, f, org, 20_000)
	no := false
	filter := projections.LeadFilter{Source: "csv_upload", Country: "Germany", Suppressed: &no}
	for sort, index := range map[string]string{"last_name": "leads_last_name", "-company_name": "leads_company_name", "-updated_at": "leads_updated"} {
		var plans []string
		if err := postgres.InOrg(t.Context(), f.Pools.API, org, func(tx pgx.Tx) error {
			_, err := projections.ListLeads(t.Context(), planned{tx, &plans}, org, filter, projections.Listing{Sort: sort, Limit: 50, Total: true})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if len(plans) < 2 {
			t.Fatalf("sorted by %s: a page and its number are %d questions, want 2 at least", sort, len(plans))
		}
		if !strings.Contains(plans[0], "using "+index+" ") {
			t.Errorf("a page sorted by %s doesn't begin in %s:\n%s", sort, index, plans[0])
		}
		if !strings.Contains(plans[1], "Index Only Scan using leads_order ") {
			t.Errorf("what the filters leave is not counted in an index:\n%s", plans[1])
		}
	}
}
