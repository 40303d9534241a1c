package webhooks

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// What has become of a delivery.
const (
	Waiting   = "waiting" // for its turn, or to be tried again
	Delivered = "delivered"
	Failed    = "failed" // given up
)

// Delivery is a row of webhooks.deliveries.
type Delivery struct {
	OrgID      uuid.UUID       `db:"org_id"`
	WebhookID  uuid.UUID       `db:"webhook_id"`
	RunID      uuid.UUID       `db:"run_id"`
	EventID    uuid.UUID       `db:"event_id"`
	DeliveryID uuid.UUID       `db:"delivery_id"`
	Number     int64           `db:"number"`
	Oseq       int64           `db:"oseq"`
	Type       string          `db:"type"`
	Subject    string          `db:"subject"`
	HappenedAt time.Time       `db:"happened_at"`
	Data       json.RawMessage `db:"data"`
	State      string          `db:"state"`
	Tries      int             `db:"tries"`
	Attempts   json.RawMessage `db:"attempts"`
	NextAt     *time.Time      `db:"next_at"`
	CreatedAt  time.Time       `db:"created_at"`
	FinishedAt *time.Time      `db:"finished_at"`
}

// Attempt is one try of a delivery. The answer's body isn't kept: it could hold anything.
type Attempt struct {
	At     time.Time `json:"at"`
	Status int       `json:"status,omitzero"` // of the answer; 0 = there was none
	Ms     int64     `json:"ms"`
	Error  string    `json:"error,omitzero"`
}

// columns of Delivery in the order of the struct.
const columns = `org_id, webhook_id, run_id, event_id, delivery_id, number, oseq, type, subject, happened_at, data, state, tries, attempts, next_at, created_at, finished_at`

// Filter narrows a list of deliveries.
type Filter struct {
	Webhook uuid.UUID
	State   string // "" = all
	Type    string // "" = all
}

// List returns deliveries to a webhook, the newest first; before is the number of the last one of the page before, 0 at first.
func List(ctx context.Context, tx pgx.Tx, org uuid.UUID, f Filter, before int64, limit int) ([]*Delivery, error) {
	rows, err := tx.Query(ctx, `select `+columns+` from webhooks.deliveries where org_id = $1 and webhook_id = $2 and ($3 = '' or state = $3) and ($4 = '' or type = $4)
		and ($5::bigint = 0 or number < $5) order by number desc limit $6`, org, f.Webhook, f.State, f.Type, before, limit)
	if err != nil {
		return nil, fmt.Errorf("list deliveries: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[Delivery])
	if err != nil {
		return nil, fmt.Errorf("list deliveries: %w", err)
	}
	return out, nil
}

// Get returns pgx.ErrNoRows for a delivery that there isn't.
func Get(ctx context.Context, tx pgx.Tx, org, delivery uuid.UUID) (*Delivery, error) {
	rows, err := tx.Query(ctx, `select `+columns+` from webhooks.deliveries where org_id = $1 and delivery_id = $2`, org, delivery)
	if err != nil {
		return nil, fmt.Errorf("get delivery: %w", err)
	}
	d, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[Delivery])
	if err != nil {
		return nil, fmt.Errorf("get delivery: %w", err)
	}
	return d, nil
}

// Health is how deliveries to a webhook go.
type Health struct {
	WebhookID    uuid.UUID  `db:"webhook_id"`
	DeliveredAt  *time.Time `db:"delivered_at"`  // last success
	FailingSince *time.Time `db:"failing_since"` // nil = the last delivery succeeded
	Waiting      int64      `db:"waiting"`
	Failed       int64      `db:"failed"` // that were given up, as long as they are kept
}

// Healths returns how deliveries to an organisation's webhooks go; one that nothing was delivered to is missing.
func Healths(ctx context.Context, tx pgx.Tx, org uuid.UUID) (map[uuid.UUID]Health, error) {
	rows, err := tx.Query(ctx, `select d.webhook_id, h.delivered_at, h.failing_since, d.waiting, d.failed
		from (select webhook_id, count(*) filter (where state = 'waiting') waiting, count(*) filter (where state = 'failed') failed
			from webhooks.deliveries where org_id = $1 group by 1) d
		left join webhooks.health h on h.org_id = $1 and h.webhook_id = d.webhook_id`, org)
	if err != nil {
		return nil, fmt.Errorf("read health of webhooks: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Health])
	if err != nil {
		return nil, fmt.Errorf("read health of webhooks: %w", err)
	}
	out := map[uuid.UUID]Health{}
	for _, h := range all {
		out[h.WebhookID] = h
	}
	return out, nil
}

// Head returns the oldest delivery of a subject that waits; pgx.ErrNoRows when there is none.
func Head(ctx context.Context, tx pgx.Tx, org, webhook, run uuid.UUID, subject string) (*Delivery, error) {
	rows, err := tx.Query(ctx, `select `+columns+` from webhooks.deliveries where org_id = $1 and webhook_id = $2 and run_id = $3 and subject = $4 and state = 'waiting'
		order by oseq limit 1`, org, webhook, run, subject)
	if err != nil {
		return nil, fmt.Errorf("read delivery: %w", err)
	}
	d, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[Delivery])
	if err != nil {
		return nil, fmt.Errorf("read delivery: %w", err)
	}
	return d, nil
}
