package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// Status of a bulk operation.
const (
	BulkRunning   = "running"
	BulkCompleted = "completed"
)

// Bulk is a row of read.bulk_jobs.
type Bulk struct {
	OrgID         uuid.UUID       `db:"org_id"`
	BulkID        uuid.UUID       `db:"bulk_id"`
	Oseq          int64           `db:"oseq"`
	Action        string          `db:"action"`
	Tags          json.RawMessage `db:"tags"` // a list
	CampaignID    *uuid.UUID      `db:"campaign_id"`
	Status        string          `db:"status"`
	Next          string          `db:"next"` // where the filter continues; "" = at its end
	Asked         int             `db:"asked"`
	Done          int             `db:"done"`
	Unchanged     int             `db:"unchanged"`
	Refused       int             `db:"refused"`
	RefusedByCode json.RawMessage `db:"refused_by_code"` // an object: code to how many
	CreatedAt     time.Time       `db:"created_at"`
	UpdatedAt     time.Time       `db:"updated_at"`
}

// BulkRefused is a row of read.bulk_refused.
type BulkRefused struct {
	OrgID  uuid.UUID `db:"org_id"`
	BulkID uuid.UUID `db:"bulk_id"`
	N      int64     `db:"n"`
	LeadID uuid.UUID `db:"lead_id"`
	Code   string    `db:"code"`
}

// bulkIn returns the bulk operation that an event is about.
func bulkIn(e *es.Event) (uuid.UUID, bool) {
	switch p := e.Payload.(type) {
	case events.BulkRequested:
		return p.BulkID, true
	case events.BulkChunkRecorded:
		return p.BulkID, true
	case events.BulkCompleted:
		return p.BulkID, true
	}
	return uuid.Nil, false
}

func foldBulk(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	var touched []id
	for _, e := range batch {
		if x, ok := bulkIn(e); ok {
			touched = append(touched, id{e.Org, x})
		}
	}
	if len(touched) == 0 {
		return nil
	}
	jobs := newFold[id, Bulk]()
	if err := loadRows(ctx, tx, jobs, "bulk_jobs", "bulk_id", touched, func(b *Bulk) id { return id{b.OrgID, b.BulkID} }); err != nil {
		return err
	}
	var refused []*BulkRefused
	for _, e := range batch {
		x, ok := bulkIn(e)
		if !ok {
			continue
		}
		if p, ok := e.Payload.(events.BulkRequested); ok {
			tags, err := json.Marshal(orEmpty(p.Tags))
			if err != nil {
				return fmt.Errorf("fold bulk operation %s: %w", x, err)
			}
			row := &Bulk{OrgID: e.Org, BulkID: x, Oseq: e.Oseq, Action: p.Action, Tags: tags, Status: BulkRunning, Next: p.Next, Asked: len(p.LeadIDs), RefusedByCode: json.RawMessage(`{}`), CreatedAt: e.Time, UpdatedAt: e.Time}
			if p.CampaignID != uuid.Nil {
				row.CampaignID = &p.CampaignID
			}
			jobs.putRow(id{e.Org, x}, row)
			continue
		}
		row := jobs.rows[id{e.Org, x}]
		if row == nil {
			continue
		}
		row.UpdatedAt = e.Time
		switch p := e.Payload.(type) {
		case events.BulkChunkRecorded:
			more, err := row.addChunk(p)
			if err != nil {
				return fmt.Errorf("fold bulk operation %s: %w", x, err)
			}
			refused = append(refused, more...)
		case events.BulkCompleted:
			row.Status = BulkCompleted
		}
	}
	if err := upsertRows(ctx, tx, "bulk_refused", "org_id, bulk_id, n", refused); err != nil {
		return err
	}
	return upsertRows(ctx, tx, "bulk_jobs", "org_id, bulk_id", jobs.liveRows())
}

// addChunk counts a chunk and returns the rows of its refused leads.
func (b *Bulk) addChunk(p events.BulkChunkRecorded) (refused []*BulkRefused, err error) {
	byCode := map[string]int{}
	if err := json.Unmarshal(b.RefusedByCode, &byCode); err != nil {
		return nil, err
	}
	for i, r := range p.Refused {
		byCode[r.Code]++
		refused = append(refused, &BulkRefused{b.OrgID, b.BulkID, int64(b.Refused + i + 1), r.LeadID, r.Code})
	}
	b.Done += p.Done
	b.Unchanged += p.Unchanged
	b.Refused += len(p.Refused)
	b.RefusedByCode, err = json.Marshal(byCode)
	return refused, err
}

// GetBulk returns pgx.ErrNoRows when the organisation has no such bulk operation.
func GetBulk(ctx context.Context, tx pgx.Tx, org, bulk uuid.UUID) (*Bulk, error) {
	rows, err := tx.Query(ctx, selectFrom[Bulk]("bulk_jobs")+`where org_id = $1 and bulk_id = $2`, org, bulk)
	return collectOne[Bulk](rows, err, "get bulk operation")
}

// ListBulk returns the newest first; after = oseq of the last row seen, 0 = from the newest.
func ListBulk(ctx context.Context, tx pgx.Tx, org uuid.UUID, after int64, limit int) ([]*Bulk, error) {
	rows, err := tx.Query(ctx, selectFrom[Bulk]("bulk_jobs")+`where org_id = $1 and ($2::bigint = 0 or oseq < $2) order by oseq desc limit $3`, org, after, limit)
	return collectAll[Bulk](rows, err, "list bulk operations")
}

// ListBulkRefused returns refused leads in their order; after = n of the last row seen, 0 = from the first.
func ListBulkRefused(ctx context.Context, tx pgx.Tx, org, bulk uuid.UUID, after int64, limit int) ([]*BulkRefused, error) {
	rows, err := tx.Query(ctx, selectFrom[BulkRefused]("bulk_refused")+`where org_id = $1 and bulk_id = $2 and n > $3 order by n limit $4`, org, bulk, after, limit)
	return collectAll[BulkRefused](rows, err, "list refused leads")
}
