package billing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Inbox keeps what the provider has told, until it is read again.
type Inbox struct {
	pool  *pgxpool.Pool
	turns *turns
}

// NewInbox takes a pool that connects as outrider_identity.
func NewInbox(pool *pgxpool.Pool) *Inbox {
	return &Inbox{pool, &turns{pool: pool, had: map[string]bool{}}}
}

// Keep notes a hint; false = it was known. Once it returns, the hint outlives the process.
func (i *Inbox) Keep(ctx context.Context, h Hint) (fresh bool, err error) {
	tag, err := i.pool.Exec(ctx, `insert into billing.hints (event_id, event_type, object_id, customer_id, created_at, received_at, try_at) values ($1, $2, $3, $4, $5, now(), now()) on conflict do nothing`,
		h.ID, h.Type, h.Object, h.Customer, h.Created)
	if err != nil {
		return false, fmt.Errorf("keep a hint: %w", err)
	}
	return tag.RowsAffected() == 1, nil
}

// Open counts what is still to be read.
func (i *Inbox) Open(ctx context.Context) (n int, err error) {
	if err := i.pool.QueryRow(ctx, `select count(*) from billing.hints where done_at is null`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count hints: %w", err)
	}
	return n, nil
}

// Forget drops hints that were done with before an instant: the provider repeats one for three days at most.
func (i *Inbox) Forget(ctx context.Context, before time.Time) error {
	if _, err := i.pool.Exec(ctx, `delete from billing.hints where done_at < $1`, before); err != nil {
		return fmt.Errorf("forget hints: %w", err)
	}
	return nil
}

// takeNext gives all that is open of one object to work, which says what came of it: of the one that has waited longest, and isn't being read. It returns how
// many hints that were; none = nothing is due, or is being followed. When the process ends in between, they are due again.
func (i *Inbox) takeNext(ctx context.Context, work func(context.Context, []Hint) (outcome string, again time.Duration)) (n int, err error) {
	hints, err := i.beginNext(ctx)
	if err != nil || len(hints) == 0 {
		return 0, err
	}
	defer i.turns.end(hints[0].Object)
	outcome, again := work(ctx, hints)
	if err := i.note(ctx, hints, outcome, again); err != nil {
		return len(hints), err
	}
	return len(hints), nil
}

// mostTogether bounds what is taken of one object at a time.
const mostTogether = 1000

// beginNext takes the turn of an object of which something is due, and returns all that is open of it, also what was to be tried later.
func (i *Inbox) beginNext(ctx context.Context) ([]Hint, error) {
	for busy := i.turns.under(); ; {
		var object string
		err := i.pool.QueryRow(ctx, `select object_id from billing.hints where done_at is null and try_at <= now() and object_id <> all($1) order by try_at limit 1`, busy).Scan(&object)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("look for a hint: %w", err)
		}
		ours, err := i.turns.begin(ctx, object)
		if err != nil {
			return nil, err
		}
		if !ours {
			busy = append(busy, object)
			continue
		}
		hints, err := i.listOpen(ctx, object)
		if err == nil && len(hints) > 0 {
			return hints, nil
		}
		i.turns.end(object) // somebody else was through with it before its turn was ours
		if err != nil {
			return nil, err
		}
	}
}

// listOpen returns what isn't done of an object, the oldest first.
func (i *Inbox) listOpen(ctx context.Context, object string) ([]Hint, error) {
	rows, err := i.pool.Query(ctx, `select event_id, event_type, object_id, customer_id, created_at, tries from billing.hints where done_at is null and object_id = $1 order by created_at, event_id limit $2`, object, mostTogether)
	if err != nil {
		return nil, fmt.Errorf("list hints of %s: %w", object, err)
	}
	hints, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (h Hint, err error) {
		err = r.Scan(&h.ID, &h.Type, &h.Object, &h.Customer, &h.Created, &h.tries)
		return h, err
	})
	if err != nil {
		return nil, fmt.Errorf("list hints of %s: %w", object, err)
	}
	return hints, nil
}

// note keeps what came of hints: they are done, or tried again after a while, but for those that were tried often enough.
func (i *Inbox) note(ctx context.Context, hints []Hint, outcome string, again time.Duration) error {
	ids := make([]string, len(hints))
	for n, h := range hints {
		ids[n] = h.ID
	}
	_, err := i.pool.Exec(ctx, `update billing.hints set tries = tries + 1, try_at = clock_timestamp() + $3, outcome = case when $3 > interval '0' and tries >= $4 then 'given up: ' || $2::text else $2::text end,
		done_at = case when $3 = interval '0' or tries >= $4 then clock_timestamp() end where event_id = any($1)`, ids, outcome, again, maxHintTries)
	if err != nil {
		return fmt.Errorf("note what came of hints: %w", err)
	}
	return nil
}

// nextReading numbers what is going to be read now: who begins later has a larger number.
func (i *Inbox) nextReading(ctx context.Context) (n int64, err error) {
	err = i.pool.QueryRow(ctx, `update billing.readings set last = greatest(last + 1, (extract(epoch from clock_timestamp()) * 1000000)::bigint) returning last`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("number a reading: %w", err)
	}
	return n, nil
}

// linkCustomer notes whose customer one is; an organisation keeps its first.
func (i *Inbox) linkCustomer(ctx context.Context, org uuid.UUID, customer string) error {
	if _, err := i.pool.Exec(ctx, `insert into billing.customers (org_id, customer_id) values ($1, $2) on conflict do nothing`, org, customer); err != nil {
		return fmt.Errorf("link customer %s: %w", customer, err)
	}
	return nil
}

// CustomerOf returns the customer that an organisation is; "" = none.
func (i *Inbox) CustomerOf(ctx context.Context, org uuid.UUID) (customer string, err error) {
	err = i.pool.QueryRow(ctx, `select customer_id from billing.customers where org_id = $1`, org).Scan(&customer)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("find the customer of %s: %w", org, err)
	}
	return customer, nil
}

// organizationOf returns whose customer one is; Nil = nobody's.
func (i *Inbox) organizationOf(ctx context.Context, customer string) (org uuid.UUID, err error) {
	err = i.pool.QueryRow(ctx, `select org_id from billing.customers where customer_id = $1`, customer).Scan(&org)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, fmt.Errorf("find organisation of customer %s: %w", customer, err)
	}
	return org, nil
}

type customer struct {
	Org uuid.UUID `db:"org_id"`
	ID  string    `db:"customer_id"`
}

func (i *Inbox) customers(ctx context.Context) ([]customer, error) {
	rows, err := i.pool.Query(ctx, `select org_id, customer_id from billing.customers order by org_id`)
	if err != nil {
		return nil, fmt.Errorf("list customers: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[customer])
	if err != nil {
		return nil, fmt.Errorf("list customers: %w", err)
	}
	return all, nil
}
