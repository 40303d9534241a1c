package integrations

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Health is how the work on a connection goes.
type Health struct {
	ConnectionID uuid.UUID  `db:"connection_id"`
	WorkedAt     *time.Time `db:"worked_at"`
	FailingSince *time.Time `db:"failing_since"`
	Error        string     `db:"error"`
	Waiting      int64      `db:"waiting"` // leads and activities that aren't there yet
	Failed       int64      `db:"failed"`  // that were given up
	Linked       int64      `db:"linked"`  // leads that are known there
	Conflicts    int64      `db:"conflicts"`
}

// Healths returns how the work on an organisation's connections goes; one on which none has begun is missing.
func Healths(ctx context.Context, tx pgx.Tx, org uuid.UUID) (map[uuid.UUID]Health, error) {
	rows, err := tx.Query(ctx, `select t.connection_id, t.worked_at, t.failing_since, t.error,
			(select count(*) from integrations.tasks x where x.org_id = t.org_id and x.connection_id = t.connection_id and x.state = 'waiting')
				+ (select count(*) from integrations.links l where l.org_id = t.org_id and l.connection_id = t.connection_id and l.dirty)
				+ (select count(*) from integrations.appointments a where a.org_id = t.org_id and a.connection_id = t.connection_id and a.dirty) waiting,
			(select count(*) from integrations.tasks x where x.org_id = t.org_id and x.connection_id = t.connection_id and x.state = 'failed')
				+ (select count(*) from integrations.links l where l.org_id = t.org_id and l.connection_id = t.connection_id and not l.dirty and l.error <> '') failed,
			(select count(*) from integrations.links l where l.org_id = t.org_id and l.connection_id = t.connection_id and l.remote_id is not null) linked,
			(select count(*) from integrations.conflicts c where c.org_id = t.org_id and c.connection_id = t.connection_id and c.resolved_at is null) conflicts
		from integrations.turns t where t.org_id = $1`, org)
	if err != nil {
		return nil, fmt.Errorf("read health of connections: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Health])
	if err != nil {
		return nil, fmt.Errorf("read health of connections: %w", err)
	}
	out := map[uuid.UUID]Health{}
	for _, h := range all {
		out[h.ConnectionID] = h
	}
	return out, nil
}

// Directions and outcomes of what was done.
const (
	In       = "in"
	Out      = "out"
	Done     = "done"
	Failed   = "failed"
	Conflict = "conflict"
	Skipped  = "skipped"
)

// Entry is a row of the log of a connection.
type Entry struct {
	Number    int64      `db:"number"`
	At        time.Time  `db:"at"`
	Direction string     `db:"direction"`
	What      string     `db:"what"`
	Outcome   string     `db:"outcome"`
	LeadID    *uuid.UUID `db:"lead_id"`
	RemoteID  *string    `db:"remote_id"`
	Count     int        `db:"count"`
	Detail    string     `db:"detail"`
}

// ListLog returns what was done on a connection, the newest first; before is the number of the last one of the page before, 0 at first.
func ListLog(ctx context.Context, tx pgx.Tx, org, connection uuid.UUID, outcome string, before int64, limit int) ([]*Entry, error) {
	rows, err := tx.Query(ctx, `select number, at, direction, what, outcome, lead_id, remote_id, count, detail from integrations.log
		where org_id = $1 and connection_id = $2 and ($3 = '' or outcome = $3) and ($4::bigint = 0 or number < $4) order by number desc limit $5`, org, connection, outcome, before, limit)
	if err != nil {
		return nil, fmt.Errorf("list what connections did: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[Entry])
	if err != nil {
		return nil, fmt.Errorf("list what connections did: %w", err)
	}
	return out, nil
}

// ConflictField is the field name that both values of a conflict are bound to; their subject is the lead.
const ConflictField = "crm_conflict"

// ConflictRow is a field that both sides have changed.
type ConflictRow struct {
	LeadID uuid.UUID       `db:"lead_id"`
	Field  string          `db:"field"`
	Ours   json.RawMessage `db:"ours"`   // an events.Sealed under the lead's key
	Theirs json.RawMessage `db:"theirs"` // likewise
	Kept   string          `db:"kept"`
	Rule   string          `db:"rule"`
	At     time.Time       `db:"at"`

	ResolvedAt *time.Time `db:"resolved_at"` // by somebody
}

// ListConflicts returns those of a connection, the newest first.
func ListConflicts(ctx context.Context, tx pgx.Tx, org, connection uuid.UUID, limit int) ([]*ConflictRow, error) {
	rows, err := tx.Query(ctx, `select lead_id, field, ours, theirs, kept, rule, at, resolved_at from integrations.conflicts where org_id = $1 and connection_id = $2 order by at desc, lead_id, field limit $3`, org, connection, limit)
	if err != nil {
		return nil, fmt.Errorf("list conflicts: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[ConflictRow])
	if err != nil {
		return nil, fmt.Errorf("list conflicts: %w", err)
	}
	return out, nil
}

// GetConflict returns pgx.ErrNoRows for one that there isn't.
func GetConflict(ctx context.Context, tx pgx.Tx, org, connection, lead uuid.UUID, field string) (*ConflictRow, error) {
	rows, err := tx.Query(ctx, `select lead_id, field, ours, theirs, kept, rule, at, resolved_at from integrations.conflicts where org_id = $1 and connection_id = $2 and lead_id = $3 and field = $4`, org, connection, lead, field)
	if err != nil {
		return nil, fmt.Errorf("get conflict: %w", err)
	}
	out, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[ConflictRow])
	if err != nil {
		return nil, fmt.Errorf("get conflict: %w", err)
	}
	return out, nil
}
