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
type Inbox struct{ pool *pgxpool.Pool }

// NewInbox takes a pool that connects as outrider_identity.
func NewInbox(pool *pgxpool.Pool) *Inbox { return &Inbox{pool} }

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

// takeNext gives the next hint that is due to work, which says what came of it; false = none is due. Nobody else has it, or another hint of the same
// object, meanwhile: what is read later is also brought in later. When the process ends in between, the hint is due again.
func (i *Inbox) takeNext(ctx context.Context, work func(context.Context, Hint, int) (outcome string, again time.Duration)) (found bool, err error) {
	err = pgx.BeginFunc(ctx, i.pool, func(tx pgx.Tx) error {
		var h Hint
		var tries int
		err := tx.QueryRow(ctx, `select event_id, event_type, object_id, customer_id, created_at, tries from billing.hints where done_at is null and try_at <= now() order by try_at for update skip locked limit 1`).
			Scan(&h.ID, &h.Type, &h.Object, &h.Customer, &h.Created, &tries)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		found = true
		if err := lockObject(ctx, tx, h.Object); err != nil {
			return err
		}
		outcome, again := work(ctx, h, tries)
		if again > 0 {
			_, err = tx.Exec(ctx, `update billing.hints set tries = tries + 1, try_at = now() + $2, outcome = $3 where event_id = $1`, h.ID, again, outcome)
		} else {
			_, err = tx.Exec(ctx, `update billing.hints set tries = tries + 1, done_at = now(), outcome = $2 where event_id = $1`, h.ID, outcome)
		}
		return err
	})
	if err != nil {
		return found, fmt.Errorf("take a hint: %w", err)
	}
	return found, nil
}

func lockObject(ctx context.Context, tx pgx.Tx, object string) error {
	_, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('billing ' || $1, 0))`, object)
	return err
}

// alone calls work while nobody else reads an object and brings it in.
func (i *Inbox) alone(ctx context.Context, object string, work func() error) error {
	return pgx.BeginFunc(ctx, i.pool, func(tx pgx.Tx) error {
		if err := lockObject(ctx, tx, object); err != nil {
			return fmt.Errorf("lock %s: %w", object, err)
		}
		return work()
	})
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
