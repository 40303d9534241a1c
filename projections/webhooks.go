package projections

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// Webhook is a row of read.webhooks.
type Webhook struct {
	OrgID     uuid.UUID       `db:"org_id"`
	WebhookID uuid.UUID       `db:"webhook_id"`
	Oseq      int64           `db:"oseq"`
	Kind      string          `db:"kind"`
	Name      string          `db:"name"`
	URL       json.RawMessage `db:"url"`   // an events.Sealed
	Types     json.RawMessage `db:"types"` // array of names; [] = all
	Version   int             `db:"version"`
	Personal  bool            `db:"personal"`
	OffReason string          `db:"off_reason"` // "" = it is on
	OffStatus int             `db:"off_status"`
	OffAt     *time.Time      `db:"off_at"`
	OffOseq   int64           `db:"off_oseq"` // nothing after it is delivered
	OldUntil  *time.Time      `db:"old_until"`
	CreatedAt time.Time       `db:"created_at"`
	UpdatedAt time.Time       `db:"updated_at"`
}

func foldWebhooks(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	about := func(e *es.Event) (x uuid.UUID, ok bool) {
		if p := events.As[events.WebhookEvent](e.Payload); p != nil {
			return p.Webhook(), true
		}
		return x, false
	}
	return foldTable(ctx, tx, batch, "webhooks", "webhook_id", about, func(r *Webhook) id { return id{r.OrgID, r.WebhookID} }, applyWebhook)
}

func (w *Webhook) set(s events.WebhookSettings) (err error) {
	w.Name, w.Version, w.Personal = s.Name, s.Version, s.Personal
	if w.Types, err = es.Marshal(append([]string{}, s.Types...)); err == nil {
		w.URL, err = es.Marshal(s.URL)
	}
	return err
}

func applyWebhook(rows *fold[id, Webhook], e *es.Event) (err error) {
	event := events.As[events.WebhookEvent](e.Payload)
	if event == nil {
		return nil
	}
	key := id{e.Org, event.Webhook()}
	if p, ok := event.(events.WebhookAdded); ok {
		w := &Webhook{OrgID: e.Org, WebhookID: p.WebhookID, Oseq: e.Oseq, Kind: p.Kind, CreatedAt: e.Time, UpdatedAt: e.Time}
		rows.putRow(key, w)
		return w.set(p.WebhookSettings)
	}
	w := rows.rows[key]
	if w == nil {
		return nil
	}
	switch p := event.(type) {
	case events.WebhookChanged:
		err = w.set(p.WebhookSettings)
	case events.WebhookSecretRotated:
		w.OldUntil = &p.OldUntil
	case events.WebhookDisabled:
		w.OffReason, w.OffStatus, w.OffAt, w.OffOseq = p.Reason, p.Status, &e.Time, e.Oseq
	case events.WebhookEnabled:
		w.OffReason, w.OffStatus, w.OffAt, w.OffOseq = "", 0, nil, 0
	case events.WebhookRemoved:
		rows.putRow(key, nil)
		return nil
	case events.WebhookAdded, events.WebhookTested, events.WebhookReplayRequested, events.WebhookRedeliveryRequested:
		return nil
	}
	w.UpdatedAt = e.Time
	return err
}

// GetWebhook returns pgx.ErrNoRows for one that there isn't.
func GetWebhook(ctx context.Context, tx pgx.Tx, org, webhook uuid.UUID) (*Webhook, error) {
	rows, err := tx.Query(ctx, selectFrom[Webhook]("webhooks")+`where org_id = $1 and webhook_id = $2`, org, webhook)
	return collectOne[Webhook](rows, err, "get webhook")
}

// ListWebhooks returns all of an organisation, the oldest first: there are few.
func ListWebhooks(ctx context.Context, tx pgx.Tx, org uuid.UUID) ([]*Webhook, error) {
	rows, err := tx.Query(ctx, selectFrom[Webhook]("webhooks")+`where org_id = $1 order by oseq`, org)
	return collectAll[Webhook](rows, err, "list webhooks")
}
