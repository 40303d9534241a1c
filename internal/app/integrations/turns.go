package integrations

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/integrations"
)

// Turns say whose turn it is: a connection is worked on by one process at a time, whoever has its lease.
type Turns struct {
	Pool *pgxpool.Pool // as the projector: of all organisations
	Now  func() time.Time
}

// Turn is one that was taken.
type Turn struct {
	Org        uuid.UUID `db:"org_id"`
	Connection uuid.UUID `db:"connection_id"`
	Lease      uuid.UUID `db:"lease"`
	Provider   string    `db:"provider"`
}

// Lease is how long a turn is somebody's who doesn't renew it.
const Lease = 2 * time.Minute

// Take takes turns of connections to some providers whose time has come.
func (t Turns) Take(ctx context.Context, providers []string, limit int) ([]Turn, error) {
	now := t.Now()
	rows, err := t.Pool.Query(ctx, `update integrations.turns t set lease = gen_random_uuid(), next_at = $2
		from (select x.org_id, x.connection_id, c.provider from integrations.turns x join read.connections c on c.org_id = x.org_id and c.connection_id = x.connection_id
			where x.next_at <= $1 and c.provider = any($3) and c.interrupted = '' and not c.paused order by x.next_at limit $4 for update of x skip locked) d
		where t.org_id = d.org_id and t.connection_id = d.connection_id returning t.org_id, t.connection_id, t.lease, d.provider`, now, now.Add(Lease), providers, limit)
	if err != nil {
		return nil, fmt.Errorf("take turns of connections: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[Turn])
	if err != nil {
		return nil, fmt.Errorf("take turns of connections: %w", err)
	}
	return out, nil
}

// ErrNotOurs says that a lease was over, and somebody else has the turn.
var ErrNotOurs = errors.New("the connection's turn is somebody else's")

// Renew keeps a turn for longer; ErrNotOurs.
func (t Turns) Renew(ctx context.Context, turn Turn) error {
	tag, err := t.Pool.Exec(ctx, `update integrations.turns set next_at = $4 where org_id = $1 and connection_id = $2 and lease = $3`, turn.Org, turn.Connection, turn.Lease, t.Now().Add(Lease))
	if err != nil {
		return fmt.Errorf("renew turn: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return ErrNotOurs
	}
	return nil
}

// GiveBack ends a turn: the next one comes after a while, sooner when there is more to do, and never by itself for what needs somebody. What woke the connection
// meanwhile counts, too, unless it failed.
func (t Turns) GiveBack(ctx context.Context, turn Turn, every time.Duration, more bool, worked error) error {
	now, next, text := t.Now(), t.Now().Add(every), ""
	var later *integrations.Later
	var needs *integrations.NeedsYou
	switch {
	case worked == nil && more:
		next = now
	case errors.As(worked, &later):
		next, text = now.Add(later.After), later.Error()
	case errors.As(worked, &needs):
		text = needs.Detail
	case worked != nil:
		text = "an internal error; it is tried again"
	}
	_, err := t.Pool.Exec(ctx, `update integrations.turns set lease = null, error = $5,
			next_at = case when next_at = 'infinity' then next_at when woken and $5 = '' then $6 else $4 end, woken = false,
			worked_at = case when $5 = '' then $6 else worked_at end, failing_since = case when $5 = '' then null else coalesce(failing_since, $6) end
		where org_id = $1 and connection_id = $2 and lease = $3`, turn.Org, turn.Connection, turn.Lease, next, text, now)
	if err != nil {
		return fmt.Errorf("give turn back: %w", err)
	}
	return nil
}

// Begin gives a connection its first turn.
func (t Turns) Begin(ctx context.Context, org, connection uuid.UUID) error {
	return t.exec(ctx, `insert into integrations.turns (org_id, connection_id, next_at) values ($1, $2, $3) on conflict do nothing`, org, connection, t.Now())
}

// Wake has a connection's turn come now; one that is being worked on gets another.
func (t Turns) Wake(ctx context.Context, org, connection uuid.UUID) error {
	return t.exec(ctx, `update integrations.turns set woken = lease is not null and next_at > $3, next_at = case when lease is not null and next_at > $3 and next_at <> 'infinity' then next_at else $3 end
		where org_id = $1 and connection_id = $2`, org, connection, t.Now())
}

// Stop has no turn come until Wake.
func (t Turns) Stop(ctx context.Context, org, connection uuid.UUID) error {
	return t.exec(ctx, `update integrations.turns set next_at = 'infinity' where org_id = $1 and connection_id = $2`, org, connection)
}

// Forget takes away all that is kept of a connection; a zero id is all of an organisation.
func (t Turns) Forget(ctx context.Context, org, connection uuid.UUID) (err error) {
	for _, table := range []string{"turns", "cursors", "links", "tasks", "heard", "log", "conflicts"} {
		err = errors.Join(err, t.exec(ctx, `delete from integrations.`+table+` where org_id = $1 and ($2 = '00000000-0000-0000-0000-000000000000'::uuid or connection_id = $2)`, org, connection))
	}
	return err
}

// Cursor returns up to where something was read, "" = not yet.
func (t Turns) Cursor(ctx context.Context, org, connection uuid.UUID, name string) (value string, err error) {
	err = t.Pool.QueryRow(ctx, `select value from integrations.cursors where org_id = $1 and connection_id = $2 and name = $3`, org, connection, name).Scan(&value)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read cursor: %w", err)
	}
	return value, nil
}

// SetCursor remembers it.
func (t Turns) SetCursor(ctx context.Context, org, connection uuid.UUID, name, value string) error {
	return t.exec(ctx, `insert into integrations.cursors (org_id, connection_id, name, value, at) values ($1, $2, $3, $4, $5)
		on conflict (org_id, connection_id, name) do update set value = $4, at = $5`, org, connection, name, value, t.Now())
}

// Log writes down what was done.
func (t Turns) Log(ctx context.Context, org, connection uuid.UUID, all ...Entry) error {
	var directions, what, outcomes, details []string
	var leads []*uuid.UUID
	var remote []*string
	var counts []int
	for _, e := range all {
		directions, what, outcomes, details = append(directions, e.Direction), append(what, e.What), append(outcomes, e.Outcome), append(details, e.Detail)
		leads, remote, counts = append(leads, e.LeadID), append(remote, e.RemoteID), append(counts, max(e.Count, 1))
	}
	if len(all) == 0 {
		return nil
	}
	return t.exec(ctx, `insert into integrations.log (org_id, connection_id, at, direction, what, outcome, lead_id, remote_id, count, detail)
		select $1, $2, $3, * from unnest($4::text[], $5::text[], $6::text[], $7::uuid[], $8::text[], $9::int[], $10::text[])`, org, connection, t.Now(), directions, what, outcomes, leads, remote, counts, details)
}

// ForgetOld takes away what was done before an instant.
func (t Turns) ForgetOld(ctx context.Context, before time.Time) error {
	return errors.Join(t.exec(ctx, `delete from integrations.log where at < $1`, before), t.exec(ctx, `delete from integrations.tasks where finished_at < $1`, before))
}

func (t Turns) exec(ctx context.Context, sql string, args ...any) error {
	if _, err := t.Pool.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("change integrations: %w", err)
	}
	return nil
}
