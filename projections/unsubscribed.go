package projections

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// OptOut is what the read models know about whether the person whom a message went to gets no more mail.
type OptOut struct {
	Done      bool  `db:"done"`      // the address that the message went to and their present one are suppressed, and all their sequences have ended
	Addressed bool  `db:"addressed"` // the address that the message went to is suppressed; the present one isn't known, as the lead was removed
	Seen      int64 `db:"seen"`      // how far those read models are on the partition
}

// OptOutOf looks at the read models of a partition together. When one of them has stopped, nothing counts as done.
func OptOutOf(ctx context.Context, tx pgx.Tx, org, message uuid.UUID, partition int32) (*OptOut, error) {
	rows, err := tx.Query(ctx, `
		with positions as (
		  select min(coalesce(c.pseq, 0)) filter (where k.name <> 'messages') as seen, min(coalesce(c.pseq, 0)) filter (where k.name = 'messages') as messages
		  from unnest($4::text[], $5::int[]) k (name, version) left join kernel.checkpoints c on c.projection = k.name and c.version = k.version and c.partition = $3
		), target as (
		  select m.lead_id, coalesce(nullif(m.address_hash, ''), l.address_hash, '') as went, nullif(l.address_hash, '') as now
		  from read.messages m left join read.leads l on l.org_id = m.org_id and l.lead_id = m.lead_id and l.erased_at is null
		  where m.org_id = $1 and m.message_id = $2
		), known as (
		  select t.now, exists (select from read.suppressions s where s.org_id = $1 and s.hash = t.went and s.kind = 'address') as went,
		    exists (select from read.suppressions s where s.org_id = $1 and s.hash = t.now and s.kind = 'address') as here,
		    exists (select from read.enrollments e where e.org_id = $1 and e.lead_id = t.lead_id and e.state not in ('stopped', 'completed')) as running
		  from target t
		)
		select k.went and k.here and not k.running and p.seen >= p.messages as done, k.went and k.now is null and not k.running as addressed, p.seen
		from known k, positions p`, org, message, partition, optOutNames(), versionsOf(optOutNames()))
	return collectOne[OptOut](rows, err, fmt.Sprintf("look whether %s has opted out", message))
}

// optOutNames are the projections that OptOutOf reads.
func optOutNames() []string { return []string{"suppressions", "leads", "campaigns", "messages"} }

// PositionOf returns how far projections are on a partition: the position of the slowest.
func PositionOf(ctx context.Context, tx pgx.Tx, partition int32, names ...string) (pseq int64, err error) {
	err = tx.QueryRow(ctx, `select min(coalesce(c.pseq, 0)) from unnest($2::text[], $3::int[]) k (name, version)
		left join kernel.checkpoints c on c.projection = k.name and c.version = k.version and c.partition = $1`, partition, names, versionsOf(names)).Scan(&pseq)
	if err != nil {
		return 0, fmt.Errorf("look how far %v are: %w", names, err)
	}
	return pseq, nil
}

// versionsOf returns the versions that run now.
func versionsOf(names []string) []int32 {
	out := make([]int32, len(names))
	for i, name := range names {
		for _, p := range All(nil) {
			if p.Name == name {
				out[i] = int32(p.Version)
			}
		}
	}
	return out
}
