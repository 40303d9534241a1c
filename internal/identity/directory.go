package identity

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Directory is where an operator finds organisations.
type Directory struct{ pool *pgxpool.Pool }

// NewDirectory takes a pool that connects as outrider_identity.
func NewDirectory(pool *pgxpool.Pool) *Directory { return &Directory{pool} }

// StatusDeleted is that of an organisation whose deletion waits.
const StatusDeleted = "deleted"

// Listed is an organisation in the directory. "" in a change leaves what is there.
type Listed struct {
	Org     uuid.UUID `db:"org_id"`
	Slug    string    `db:"slug"`
	Name    string    `db:"name"`
	Plan    string    `db:"plan"`
	Status  string    `db:"status"`
	Created time.Time `db:"created_at"`
}

// Set says what holds of an organisation since its event oseq; the first time with everything. What an earlier event says changes nothing.
func (d *Directory) Set(ctx context.Context, l Listed, oseq int64) error {
	var err error
	if l.Created.IsZero() {
		_, err = d.pool.Exec(ctx, `update identity.organisations set name = coalesce(nullif($2, ''), name), plan = coalesce(nullif($3, ''), plan), status = coalesce(nullif($4, ''), status), oseq = $5
			where org_id = $1 and oseq < $5`, l.Org, l.Name, l.Plan, l.Status, oseq)
	} else {
		_, err = d.pool.Exec(ctx, `insert into identity.organisations (org_id, name, plan, status, created_at, oseq) values ($1, $2, $3, $4, $5, $6) on conflict do nothing`, l.Org, l.Name, l.Plan, l.Status, l.Created, oseq)
	}
	if err != nil {
		return fmt.Errorf("list organisation %s: %w", l.Org, err)
	}
	return nil
}

// Remove forgets an organisation that is deleted for good.
func (d *Directory) Remove(ctx context.Context, org uuid.UUID) error {
	if _, err := d.pool.Exec(ctx, `delete from identity.organisations where org_id = $1`, org); err != nil {
		return fmt.Errorf("list organisation %s: %w", org, err)
	}
	return nil
}

// DirectoryFilter chooses organisations; zero values choose all.
type DirectoryFilter struct {
	Text         string // in slug or name, case ignored
	Status, Plan string
}

// Find returns organisations by their slugs; after is the last one seen, "" at the begin.
func (d *Directory) Find(ctx context.Context, f DirectoryFilter, after string, limit int) ([]Listed, error) {
	rows, err := d.pool.Query(ctx, `select s.org_id, s.slug, coalesce(o.name, s.slug) as name, coalesce(o.plan, '') as plan, coalesce(o.status, 'active') as status, coalesce(o.created_at, s.reserved_at) as created_at
		from identity.slugs s left join identity.organisations o using (org_id)
		where s.state = 'confirmed' and s.slug > $1 and ($2 = '' or strpos(s.slug, lower($2)) > 0 or strpos(lower(o.name), lower($2)) > 0)
		and ($3 = '' or coalesce(o.status, 'active') = $3) and ($4 = '' or o.plan = $4) order by s.slug limit $5`, after, f.Text, f.Status, f.Plan, limit)
	if err != nil {
		return nil, fmt.Errorf("find organisations: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[Listed])
	if err != nil {
		return nil, fmt.Errorf("find organisations: %w", err)
	}
	return list, nil
}
