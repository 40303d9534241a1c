package projections

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// leadSubdomain is a row of read.lead_subdomains: a domain of leads, and a domain above it.
type leadSubdomain struct {
	OrgID  uuid.UUID `db:"org_id"`
	Hash   string    `db:"hash"`
	Parent string    `db:"parent"`
	Levels int       `db:"levels"` // above it
}

// writeLeadSubdomains writes which domains lie below others; suppressions may cover their leads by it.
func writeLeadSubdomains(ctx context.Context, tx pgx.Tx, batch []*es.Event, changed *changedHashes) error {
	type key struct {
		org          uuid.UUID
		hash, parent string
	}
	rows := newFold[key, leadSubdomain]()
	for _, e := range batch {
		p, ok := e.Payload.(events.SubdomainKnown)
		if !ok {
			continue
		}
		changed.orgs, changed.hashes = append(changed.orgs, e.Org), append(changed.hashes, p.Hash)
		for i, parent := range p.Parents {
			rows.putRow(key{e.Org, p.Hash, parent}, &leadSubdomain{e.Org, p.Hash, parent, i + 1})
		}
	}
	return upsertRows(ctx, tx, "lead_subdomains", "org_id, hash, parent", rows.liveRows())
}

// findSuppressedParents adds to known the suppressed domains above those of rows, and returns their hashes by the domain below,
// the nearest first.
func findSuppressedParents(ctx context.Context, tx pgx.Tx, rows []*Lead, known map[suppressedHash]*LeadSuppression) (map[suppressedHash][]string, error) {
	type parent struct {
		LeadSuppression
		Below string `db:"below"`
	}
	found, err := tx.Query(ctx, `select s.*, k.hash as below from (select distinct * from unnest($1::uuid[], $2::text[])) k (org_id, hash)
		join lead_subdomains d on d.org_id = k.org_id and d.hash = k.hash
		join lead_suppressions s on s.org_id = d.org_id and s.kind = 'domain' and s.hash = d.parent
		order by d.levels`,
		columnOf(rows, func(l *Lead) [16]byte { return l.OrgID }), columnOf(rows, func(l *Lead) string { return l.DomainHash }))
	all, err := collectAll[parent](found, err, "find suppressions above leads")
	if err != nil {
		return nil, err
	}
	parents := map[suppressedHash][]string{}
	for _, p := range all {
		known[suppressedHash{p.OrgID, p.Kind, p.Hash}] = &p.LeadSuppression
		below := suppressedHash{p.OrgID, events.SuppressDomain, p.Below}
		parents[below] = append(parents[below], p.Hash)
	}
	return parents, nil
}
