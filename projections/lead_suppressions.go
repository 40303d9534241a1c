package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// LeadSuppression is a row of read.lead_suppressions: what the leads' projection knows of a suppression.
type LeadSuppression struct {
	OrgID         uuid.UUID `db:"org_id"`
	Kind          string    `db:"kind"`
	Hash          string    `db:"hash"`
	SuppressionID uuid.UUID `db:"suppression_id"`
	Reason        string    `db:"reason"`
	CreatedAt     time.Time `db:"created_at"`
	Subdomains    bool      `db:"subdomains"` // of a domain: those below it too
}

// suppressedHash is what is suppressed.
type suppressedHash struct {
	org        uuid.UUID
	kind, hash string
}

// suppressionIn returns what an event suppresses, with nil when it lifts that; the zero hash is no such event.
func suppressionIn(e *es.Event) (suppressedHash, *LeadSuppression) {
	switch p := events.As[events.SuppressionEvent](e.Payload).(type) {
	case events.SuppressionAdded:
		return suppressedHash{e.Org, p.Kind, p.Hash}, &LeadSuppression{e.Org, p.Kind, p.Hash, p.SuppressionID, p.Reason, e.Time, p.Subdomains}
	case events.SuppressionRemoved:
		return suppressedHash{e.Org, p.Kind, p.Hash}, nil
	case events.SubdomainKnown, events.SuppressionChunkRecorded: // they suppress nothing
	}
	return suppressedHash{}, nil
}

// changedHashes are the suppressions that a batch changes, by organisation and hash.
type changedHashes struct {
	orgs   [][16]byte
	hashes []string
}

// writeLeadSuppressions keeps what a batch suppresses.
func writeLeadSuppressions(ctx context.Context, tx pgx.Tx, batch []*es.Event) (changed changedHashes, err error) {
	rows := newFold[suppressedHash, LeadSuppression]()
	for _, e := range batch {
		if h, s := suppressionIn(e); h != (suppressedHash{}) {
			rows.putRow(h, s)
		}
	}
	for _, h := range rows.order {
		changed.orgs, changed.hashes = append(changed.orgs, h.org), append(changed.hashes, h.hash)
	}
	if gone := rows.deletedKeys(); len(gone) > 0 {
		var orgs [][16]byte
		var kinds, hashes []string
		for _, h := range gone {
			orgs, kinds, hashes = append(orgs, h.org), append(kinds, h.kind), append(hashes, h.hash)
		}
		if _, err := tx.Exec(ctx, `delete from lead_suppressions s using unnest($1::uuid[], $2::text[], $3::text[]) d (org_id, kind, hash)
			where s.org_id = d.org_id and s.kind = d.kind and s.hash = d.hash`, orgs, kinds, hashes); err != nil {
			return changed, fmt.Errorf("delete suppressions of leads: %w", err)
		}
	}
	if err := upsertRows(ctx, tx, "lead_suppressions", "org_id, hash, kind", rows.liveRows()); err != nil {
		return changed, err
	}
	return changed, writeLeadSubdomains(ctx, tx, batch, &changed)
}

// markLeads updates on existing leads which suppression covers them.
func (c changedHashes) markLeads(ctx context.Context, tx pgx.Tx) error {
	if len(c.hashes) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `with changed as (select distinct * from unnest($1::uuid[], $2::text[]) c (org_id, hash)),
		found as (
			select l.org_id, l.lead_id, l.address_hash, l.domain_hash from leads l join changed c on l.org_id = c.org_id and l.address_hash = c.hash
			union select l.org_id, l.lead_id, l.address_hash, l.domain_hash from leads l join changed c on l.org_id = c.org_id and l.domain_hash = c.hash
			union select l.org_id, l.lead_id, l.address_hash, l.domain_hash from changed c join lead_subdomains d on d.org_id = c.org_id and d.parent = c.hash
				join leads l on l.org_id = c.org_id and l.domain_hash = d.hash)
		update leads l set suppressed_by = coalesce(s.kind, ''), suppressed_reason = coalesce(s.reason, ''), suppressed_at = s.created_at
		from found f left join lateral (
			select kind, reason, created_at, 0 as levels from lead_suppressions s
				where s.org_id = f.org_id and (s.kind = 'address' and s.hash = f.address_hash or s.kind = 'domain' and s.hash = f.domain_hash)
			union all
			select kind, reason, created_at, d.levels from lead_subdomains d join lead_suppressions s on s.org_id = d.org_id and s.kind = 'domain' and s.hash = d.parent and s.subdomains
				where d.org_id = f.org_id and d.hash = f.domain_hash
			order by kind, levels limit 1) s on true
		where l.org_id = f.org_id and l.lead_id = f.lead_id
			and (l.suppressed_by, l.suppressed_reason, l.suppressed_at) is distinct from (coalesce(s.kind, ''), coalesce(s.reason, ''), s.created_at)`, c.orgs, c.hashes)
	if err != nil {
		return fmt.Errorf("mark suppressed leads: %w", err)
	}
	return nil
}

// findSuppressions sets on rows the suppressions that cover them.
func findSuppressions(ctx context.Context, tx pgx.Tx, rows []*Lead) error {
	if len(rows) == 0 {
		return nil
	}
	found, err := tx.Query(ctx, `select `+columnsOf[LeadSuppression]()+` from lead_suppressions s
		join (select distinct * from unnest($1::uuid[], $2::text[]) union select distinct * from unnest($1::uuid[], $3::text[])) k (org_id, hash) using (org_id, hash)`,
		columnOf(rows, func(l *Lead) [16]byte { return l.OrgID }), columnOf(rows, func(l *Lead) string { return l.AddressHash }), columnOf(rows, func(l *Lead) string { return l.DomainHash }))
	all, err := collectAll[LeadSuppression](found, err, "find suppressions of leads")
	if err != nil {
		return err
	}
	known := make(map[suppressedHash]*LeadSuppression, len(all))
	for _, s := range all {
		known[suppressedHash{s.OrgID, s.Kind, s.Hash}] = s
	}
	parents, err := findSuppressedParents(ctx, tx, rows, known)
	if err != nil {
		return err
	}
	for _, l := range rows {
		l.markSuppressed(known, parents[suppressedHash{l.OrgID, events.SuppressDomain, l.DomainHash}])
	}
	return nil
}

// markSuppressed sets what covers a lead: its address takes precedence over its domain, and that over the domains above it.
func (l *Lead) markSuppressed(known map[suppressedHash]*LeadSuppression, parents []string) {
	l.SuppressedBy, l.SuppressedReason, l.SuppressedAt = "", "", nil
	for _, h := range [...]suppressedHash{{l.OrgID, events.SuppressAddress, l.AddressHash}, {l.OrgID, events.SuppressDomain, l.DomainHash}} {
		if s := known[h]; s != nil {
			l.SuppressedBy, l.SuppressedReason, l.SuppressedAt = s.Kind, s.Reason, &s.CreatedAt
			return
		}
	}
	for _, h := range parents {
		if s := known[suppressedHash{l.OrgID, events.SuppressDomain, h}]; s != nil && s.Subdomains {
			l.SuppressedBy, l.SuppressedReason, l.SuppressedAt = s.Kind, s.Reason, &s.CreatedAt
			return
		}
	}
}
