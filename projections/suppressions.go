package projections

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
)

// SuppressionField is the field name that a suppression's sealed value is bound to; its subject is the suppression's id.
const SuppressionField = pii.SuppressionField

// Suppression is a row of read.suppressions.
type Suppression struct {
	OrgID         uuid.UUID  `db:"org_id"`
	SuppressionID uuid.UUID  `db:"suppression_id"`
	Oseq          int64      `db:"oseq"`
	Kind          string     `db:"kind"`
	Hash          string     `db:"hash"`
	Value         *string    `db:"value"`
	Reason        string     `db:"reason"`
	CreatedAt     time.Time  `db:"created_at"`
	Subdomains    bool       `db:"subdomains"` // of a domain: with its subdomains
	LeadID        *uuid.UUID `db:"lead_id"`    // of an address: the lead that had it at that time
}

// ErasedSince returns which of some addresses, by hash, belong to persons who were erased after an event of their organisation.
func ErasedSince(ctx context.Context, tx pgx.Tx, org uuid.UUID, oseq int64, hashes []string) (map[string]bool, error) {
	ids := make([]uuid.UUID, len(hashes))
	for i, h := range hashes {
		ids[i] = es.DeriveID(org, events.SuppressAddress, h)
	}
	rows, err := tx.Query(ctx, `select hash from read.suppressions where org_id = $1 and suppression_id = any($2) and reason = $3 and oseq > $4`, org, ids, events.SuppressedErasure, oseq)
	if err != nil {
		return nil, fmt.Errorf("find erased addresses: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("find erased addresses: %w", err)
	}
	erased := map[string]bool{}
	for _, h := range found {
		erased[h] = true
	}
	return erased, nil
}

const suppressionColumns = `org_id, suppression_id, oseq, kind, hash, value, reason, created_at, subdomains, lead_id`

type suppressionFold struct{ keys Keys }

func (f suppressionFold) handleBatch(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	var refs []pii.Ref
	rows := newFold[id, Suppression]()
	for _, e := range batch {
		if p, ok := e.Payload.(events.SuppressionAdded); ok && !p.Value.IsZero() {
			refs = append(refs, keyRef(e.Org, p.SuppressionID, p.Value))
		}
	}
	keys, err := f.keys.Lookup(ctx, refs)
	if err != nil {
		return err
	}
	for _, e := range batch {
		switch p := events.As[events.SuppressionEvent](e.Payload).(type) {
		case events.SuppressionAdded:
			s := &Suppression{OrgID: e.Org, SuppressionID: p.SuppressionID, Oseq: e.Oseq, Kind: p.Kind, Hash: p.Hash, Reason: p.Reason, CreatedAt: e.Time, Subdomains: p.Subdomains}
			if p.LeadID != uuid.Nil {
				s.LeadID = &p.LeadID
			}
			if s.Value, err = openSuppressed(keys, keyRef(e.Org, p.SuppressionID, p.Value), p.Value); err != nil {
				return err
			}
			rows.putRow(id{e.Org, p.SuppressionID}, s)
		case events.SuppressionRemoved:
			rows.putRow(id{e.Org, p.SuppressionID}, nil)
		case events.SubdomainKnown, events.SuppressionChunkRecorded: // change nothing here
		}
	}
	if err := deleteRows(ctx, tx, "suppressions", "suppression_id", rows.deletedKeys()); err != nil {
		return err
	}
	live := rows.liveRows()
	if len(live) == 0 {
		return nil
	}
	_, err = tx.Exec(ctx, `insert into suppressions (`+suppressionColumns+`)
		select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::boolean[], $10::uuid[])
		on conflict (org_id, suppression_id) do update set oseq = excluded.oseq, value = excluded.value, reason = excluded.reason, created_at = excluded.created_at,
			subdomains = excluded.subdomains, lead_id = excluded.lead_id`,
		columnOf(live, func(s *Suppression) [16]byte { return s.OrgID }), columnOf(live, func(s *Suppression) [16]byte { return s.SuppressionID }),
		columnOf(live, func(s *Suppression) int64 { return s.Oseq }), columnOf(live, func(s *Suppression) string { return s.Kind }), columnOf(live, func(s *Suppression) string { return s.Hash }),
		textColumn(live, func(s *Suppression) *string { return s.Value }), columnOf(live, func(s *Suppression) string { return s.Reason }), columnOf(live, func(s *Suppression) time.Time { return s.CreatedAt }),
		columnOf(live, func(s *Suppression) bool { return s.Subdomains }), nullableColumn(live, func(s *Suppression) pgtype.UUID { return uuidOrNull(s.LeadID) }))
	if err != nil {
		return fmt.Errorf("write suppressions: %w", err)
	}
	return nil
}

func openSuppressed(keys map[pii.Ref]pii.Key, r pii.Ref, s events.Sealed) (*string, error) {
	key, ok := keys[r]
	if !ok {
		return nil, nil // it can't be read any more: NULL
	}
	plain, err := key.Open(SuppressionField, pii.Sealed(s))
	if errors.Is(err, pii.ErrUnreadable) {
		return nil, nil // as above
	}
	if err != nil {
		return nil, err
	}
	v := replaceNUL(string(plain))
	return &v, nil
}

// SuppressionFilter narrows a list; zero values don't.
type SuppressionFilter struct {
	Search string // in the address or domain, case ignored
	Kind   string
	Hash   string
	Reason string
}

func suppressionOrders() map[string]sorting {
	return map[string]sorting{"value": {"coalesce(t.value, '')", "text"}, "reason": {"t.reason", "text"}}
}

// ListSuppressions returns the newest first unless another order is asked for.
func ListSuppressions(ctx context.Context, tx pgx.Tx, org uuid.UUID, f SuppressionFilter, l Listing) (*Page[Suppression], error) {
	q := newQuery("suppressions", "-"+byAge, org, suppressionOrders())
	q.whereSet(`t.kind = ?`, f.Kind)
	q.whereSet(`t.hash = ?`, f.Hash)
	q.whereSet(`t.reason = ?`, f.Reason)
	q.whereText("t.value", f.Search)
	return readPage(ctx, tx, q, l, "suppressions", func(s *Suppression) int64 { return s.Oseq })
}
