package projections

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// PersonFacts are what figures tell people apart by.
type PersonFacts struct {
	Country string
	Domain  string // of the address
	Tags    []string
	Zone    string
}

// FactsOfPeople returns those of all leads of an organisation; who was erased or removed has none.
func FactsOfPeople(ctx context.Context, tx pgx.Tx, org uuid.UUID) (map[uuid.UUID]PersonFacts, error) {
	rows, err := tx.Query(ctx, `select lead_id, coalesce(country, ''), split_part(coalesce(email, ''), '@', 2), tags, time_zone from read.leads where org_id = $1 and erased_at is null`, org)
	if err != nil {
		return nil, fmt.Errorf("read what people are told apart by: %w", err)
	}
	out := map[uuid.UUID]PersonFacts{}
	var id uuid.UUID
	var f PersonFacts
	if _, err := pgx.ForEachRow(rows, []any{&id, &f.Country, &f.Domain, &f.Tags, &f.Zone}, func() error {
		out[id] = f
		f.Tags = nil
		return nil
	}); err != nil {
		return nil, fmt.Errorf("read what people are told apart by: %w", err)
	}
	return out, nil
}

// DomainsOfMailboxes returns the sending domain of each mailbox of an organisation, those that were removed too.
func DomainsOfMailboxes(ctx context.Context, tx pgx.Tx, org uuid.UUID) (map[uuid.UUID]string, error) {
	return textsOf(ctx, tx, `select mailbox_id, split_part(coalesce(address, ''), '@', 2) from read.mailboxes where org_id = $1`, org)
}

// AddressesOfMailboxes returns the address of each mailbox of an organisation.
func AddressesOfMailboxes(ctx context.Context, tx pgx.Tx, org uuid.UUID) (map[uuid.UUID]string, error) {
	return textsOf(ctx, tx, `select mailbox_id, coalesce(address, '') from read.mailboxes where org_id = $1`, org)
}

func textsOf(ctx context.Context, tx pgx.Tx, query string, org uuid.UUID) (map[uuid.UUID]string, error) {
	rows, err := tx.Query(ctx, query, org)
	if err != nil {
		return nil, fmt.Errorf("read mailboxes: %w", err)
	}
	out := map[uuid.UUID]string{}
	var id uuid.UUID
	var text string
	if _, err := pgx.ForEachRow(rows, []any{&id, &text}, func() error { out[id] = text; return nil }); err != nil {
		return nil, fmt.Errorf("read mailboxes: %w", err)
	}
	return out, nil
}
