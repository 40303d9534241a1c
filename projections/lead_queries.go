package projections

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// GetLead returns pgx.ErrNoRows when the organisation has no such lead.
func GetLead(ctx context.Context, tx pgx.Tx, org, lead uuid.UUID) (*Lead, error) {
	rows, err := tx.Query(ctx, `select `+columnsOf[Lead]()+` from read.leads where org_id = $1 and lead_id = $2`, org, lead)
	return collectOne[Lead](rows, err, "get lead")
}

// LeadsOfDomain returns the leads whose address is of a domain, the oldest first.
func LeadsOfDomain(ctx context.Context, tx pgx.Tx, org uuid.UUID, domainHash string, limit int) ([]*Lead, error) {
	rows, err := tx.Query(ctx, `select `+columnsOf[Lead]()+` from read.leads where org_id = $1 and domain_hash = $2 and email is not null order by oseq limit $3`, org, domainHash, limit)
	return collectAll[Lead](rows, err, "list leads of a domain")
}

// ImportedLeads returns the leads that an import created, in the file's order.
func ImportedLeads(ctx context.Context, tx pgx.Tx, org, importID uuid.UUID, afterOseq int64, limit int) ([]*Lead, error) {
	rows, err := tx.Query(ctx, `select `+columnsOf[Lead]()+` from read.leads where org_id = $1 and oseq > $2 and import_id = $3 order by oseq limit $4`, org, afterOseq, importID, limit)
	return collectAll[Lead](rows, err, "list imported leads")
}

// LeadIDsTaken returns which of the ids belong to leads whose address differs from the one given with the id.
func LeadIDsTaken(ctx context.Context, tx pgx.Tx, org uuid.UUID, ids []uuid.UUID, addresses []string) (map[uuid.UUID]bool, error) {
	rows, err := tx.Query(ctx, `select k.lead_id from unnest($2::uuid[], $3::text[]) k (lead_id, email)
		cross join lateral (select email from read.leads where org_id = $1 and lead_id = k.lead_id offset 0) l where l.email <> k.email`, org, ids, addresses)
	if err != nil {
		return nil, fmt.Errorf("find taken ids: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("find taken ids: %w", err)
	}
	taken := map[uuid.UUID]bool{}
	for _, id := range found {
		taken[id] = true
	}
	return taken, nil
}

// NewestLeads returns the leads that came last.
func NewestLeads(ctx context.Context, tx pgx.Tx, org uuid.UUID, limit int) ([]*Lead, error) {
	rows, err := tx.Query(ctx, `select `+columnsOf[Lead]()+` from read.leads where org_id = $1 and erased_at is null order by oseq desc limit $2`, org, limit)
	return collectAll[Lead](rows, err, "read newest leads")
}

// LeadsByID returns those of some leads that there are.
func LeadsByID(ctx context.Context, tx pgx.Tx, org uuid.UUID, leads []uuid.UUID) ([]*Lead, error) {
	rows, err := tx.Query(ctx, eachOf("read.leads", columnsOf[Lead](), "lead_id", "uuid[]"), org, leads)
	return collectAll[Lead](rows, err, "read leads")
}

// LeadsOfAddresses returns the leads that have one of some normalised addresses.
func LeadsOfAddresses(ctx context.Context, tx pgx.Tx, org uuid.UUID, addresses []string) ([]*Lead, error) {
	rows, err := tx.Query(ctx, eachOf("read.leads", columnsOf[Lead](), "email", "text[]"), org, addresses)
	return collectAll[Lead](rows, err, "find leads")
}

// LeadDomainsBelow returns the domains of leads that are subdomains of the given ones. It looks at every lead.
func LeadDomainsBelow(ctx context.Context, tx pgx.Tx, org uuid.UUID, above []string) ([]string, error) {
	rows, err := tx.Query(ctx, `select distinct split_part(email, '@', 2) from read.leads where org_id = $1 and split_part(email, '@', 2) like '%.%.%'`, org)
	if err != nil {
		return nil, fmt.Errorf("find domains of leads: %w", err)
	}
	wanted := make(map[string]bool, len(above))
	for _, domain := range above {
		wanted[domain] = true
	}
	var below []string
	var domain string
	_, err = pgx.ForEachRow(rows, []any{&domain}, func() error {
		for _, rest, ok := strings.Cut(domain, "."); ok; _, rest, ok = strings.Cut(rest, ".") {
			if wanted[rest] {
				below = append(below, domain)
				break
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find domains of leads: %w", err)
	}
	return below, nil
}

// LeadName is a lead's name and address; empty when not known, or no longer readable.
type LeadName struct{ Email, FirstName, LastName string }

// LeadNames returns the names of those of the leads that exist.
func LeadNames(ctx context.Context, tx pgx.Tx, org uuid.UUID, leads []uuid.UUID) (map[uuid.UUID]LeadName, error) {
	rows, err := tx.Query(ctx, eachOf("read.leads", `lead_id, coalesce(email, ''), coalesce(first_name, ''), coalesce(last_name, '')`, "lead_id", "uuid[]"), org, leads)
	if err != nil {
		return nil, fmt.Errorf("name leads: %w", err)
	}
	found := map[uuid.UUID]LeadName{}
	var id uuid.UUID
	var n LeadName
	_, err = pgx.ForEachRow(rows, []any{&id, &n.Email, &n.FirstName, &n.LastName}, func() error {
		found[id] = n
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("name leads: %w", err)
	}
	return found, nil
}

func nilIfZero(x uuid.UUID) *uuid.UUID {
	if x == uuid.Nil {
		return nil
	}
	return &x
}

func collectOne[R any](rows pgx.Rows, err error, what string) (*R, error) {
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[R])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return r, nil
}

func collectAll[R any](rows pgx.Rows, err error, what string) ([]*R, error) {
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	r, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[R])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return r, nil
}

// LeadsOfAddress returns the leads of an id or a hashed address, and whether each is erased.
func LeadsOfAddress(ctx context.Context, tx pgx.Tx, org, lead uuid.UUID, addressHash string) (map[uuid.UUID]bool, error) {
	rows, err := tx.Query(ctx, `select lead_id, erased_at is not null from read.leads where org_id = $1 and (lead_id = $2 or address_hash = $3)`, org, lead, addressHash)
	if err != nil {
		return nil, fmt.Errorf("look for leads of an address: %w", err)
	}
	found := map[uuid.UUID]bool{}
	var id uuid.UUID
	var erased bool
	if _, err := pgx.ForEachRow(rows, []any{&id, &erased}, func() error { found[id] = erased; return nil }); err != nil {
		return nil, fmt.Errorf("look for leads of an address: %w", err)
	}
	return found, nil
}
