package projections

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// LeadFilter narrows a list; zero values don't.
type LeadFilter struct {
	EmailPrefix string // case is ignored
	Tag         string
	Source      string
	ImportID    uuid.UUID
	After       int64 // oseq of the last row seen; 0 = from the newest
	Limit       int
}

// GetLead returns pgx.ErrNoRows when the organisation has no such lead.
func GetLead(ctx context.Context, tx pgx.Tx, org, lead uuid.UUID) (*Lead, error) {
	rows, err := tx.Query(ctx, `select `+leadColumns+` from read.leads where org_id = $1 and lead_id = $2`, org, lead)
	return collectOne[Lead](rows, err, "get lead")
}

// ListLeads returns the newest first.
func ListLeads(ctx context.Context, tx pgx.Tx, org uuid.UUID, f LeadFilter) ([]*Lead, error) {
	rows, err := tx.Query(ctx, `select `+leadColumns+` from read.leads
		where org_id = $1 and ($2::bigint = 0 or oseq < $2) and ($3 = '' or email like $3) and ($4 = '' or $4 = any(tags)) and ($5 = '' or source = $5) and ($6::uuid is null or import_id = $6)
		order by oseq desc limit $7`, org, f.After, likePrefix(f.EmailPrefix), f.Tag, f.Source, nilIfZero(f.ImportID), f.Limit)
	return collectAll[Lead](rows, err, "list leads")
}

// ImportedLeads returns the leads that an import brought, in the file's order.
func ImportedLeads(ctx context.Context, tx pgx.Tx, org, importID uuid.UUID, afterOseq int64, limit int) ([]*Lead, error) {
	rows, err := tx.Query(ctx, `select `+leadColumns+` from read.leads where org_id = $1 and oseq > $2 and import_id = $3 order by oseq limit $4`, org, afterOseq, importID, limit)
	return collectAll[Lead](rows, err, "list imported leads")
}

func likePrefix(s string) string {
	if s == "" {
		return ""
	}
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(strings.TrimSpace(s))) + "%"
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
