package projections

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// Segment is a row of read.segments: a filter of leads that members have saved.
type Segment struct {
	OrgID     uuid.UUID       `db:"org_id"`
	SegmentID uuid.UUID       `db:"segment_id"`
	Oseq      int64           `db:"oseq"` // of the first version
	Version   int             `db:"version"`
	Name      string          `db:"name"`
	Filter    json.RawMessage `db:"filter"`     // events.SegmentFilter
	ChangedBy string          `db:"changed_by"` // kind:id
	CreatedAt time.Time       `db:"created_at"`
	UpdatedAt time.Time       `db:"updated_at"`
}

func foldSegments(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	var touched []id
	for _, e := range batch {
		if p := events.As[events.SegmentEvent](e.Payload); p != nil {
			touched = append(touched, id{e.Org, p.Segment()})
		}
	}
	if len(touched) == 0 {
		return nil
	}
	rows := newFold[id, Segment]()
	if err := loadRows(ctx, tx, rows, "segments", "segment_id", touched, func(s *Segment) id { return id{s.OrgID, s.SegmentID} }); err != nil {
		return err
	}
	for _, e := range batch {
		switch p := events.As[events.SegmentEvent](e.Payload).(type) {
		case events.SegmentSaved:
			filter, err := es.Marshal(p.Filter)
			if err != nil {
				return fmt.Errorf("filter of segment: %w", err)
			}
			row := &Segment{OrgID: e.Org, SegmentID: p.SegmentID, Oseq: e.Oseq, Version: p.Version, Name: replaceNUL(p.Name), Filter: filter,
				ChangedBy: e.Actor.Kind + ":" + replaceNUL(e.Actor.ID), CreatedAt: e.Time, UpdatedAt: e.Time}
			if was := rows.rows[id{e.Org, p.SegmentID}]; was != nil {
				row.Oseq, row.CreatedAt = was.Oseq, was.CreatedAt
			}
			rows.putRow(id{e.Org, p.SegmentID}, row)
		case events.SegmentRemoved:
			rows.putRow(id{e.Org, p.SegmentID}, nil)
		}
	}
	return errors.Join(deleteRows(ctx, tx, "segments", "segment_id", rows.deletedKeys()), upsertRows(ctx, tx, "segments", "org_id, segment_id", rows.liveRows()))
}

// ListSegments returns all of an organisation, by name.
func ListSegments(ctx context.Context, tx pgx.Tx, org uuid.UUID) ([]*Segment, error) {
	rows, err := tx.Query(ctx, selectFrom[Segment]("segments")+`where org_id = $1 order by lower(name), segment_id`, org)
	return collectAll[Segment](rows, err, "list segments")
}

// GetSegment returns pgx.ErrNoRows when the organisation has no such segment.
func GetSegment(ctx context.Context, tx pgx.Tx, org, segment uuid.UUID) (*Segment, error) {
	rows, err := tx.Query(ctx, selectFrom[Segment]("segments")+`where org_id = $1 and segment_id = $2`, org, segment)
	return collectOne[Segment](rows, err, "get segment")
}

// FilterIn returns the filter of a segment.
func FilterIn(s *Segment) (f events.SegmentFilter, err error) {
	if err := es.Unmarshal(s.Filter, &f); err != nil {
		return f, fmt.Errorf("read filter of segment %s: %w", s.SegmentID, err)
	}
	return f, nil
}

// LeadsOfSegment is the filter of leads that a segment stands for.
func LeadsOfSegment(f events.SegmentFilter) LeadFilter {
	return LeadFilter{Tag: f.Tag, Source: f.Source, ImportID: f.ImportID, CompanyPrefix: f.Company, Country: f.Country, OutreachStatus: f.OutreachStatus, Suppressed: f.Suppressed, CampaignID: f.CampaignID,
		Qualification: f.Qualification, MinLeadScore: f.MinLeadScore, MaxLeadScore: f.MaxLeadScore, MinIntentScore: f.MinIntentScore, CreatedFrom: f.CreatedFrom, CreatedTo: f.CreatedTo,
		UpdatedFrom: f.UpdatedFrom, UpdatedTo: f.UpdatedTo, Custom: f.Custom}
}

// CountLeads counts those that a filter lets through.
func CountLeads(ctx context.Context, tx pgx.Tx, org uuid.UUID, f LeadFilter) (n int, err error) {
	q := f.query(org)
	if err := tx.QueryRow(ctx, `select count(*) from `+q.narrowed(), q.args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count leads: %w", err)
	}
	return n, nil
}
