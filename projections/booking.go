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

// BookingHours is a row of read.booking_hours: when an organisation can be met. There is none until hours are set.
type BookingHours struct {
	OrgID     uuid.UUID       `db:"org_id"`
	Hours     json.RawMessage `db:"hours"` // events.BookingHours
	UpdatedAt time.Time       `db:"updated_at"`
	Version   int             `db:"version"`
}

// Read returns them. Rows that were written before there were several windows have one.
func (h *BookingHours) Read() (events.BookingHours, error) {
	var hours struct {
		events.BookingHours
		Window events.Window `json:"window"`
	}
	if err := json.Unmarshal(h.Hours, &hours); err != nil {
		return events.BookingHours{}, fmt.Errorf("read booking hours: %w", err)
	}
	if len(hours.Windows) == 0 {
		hours.Windows = []events.Window{hours.Window}
	}
	return hours.BookingHours, nil
}

// foldBooking is a projection of its own, so that hours in an existing log are read from its beginning.
func foldBooking(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	var touched []id
	for _, e := range batch {
		if _, ok := e.Payload.(events.BookingHoursSet); ok {
			touched = append(touched, id{e.Org, e.Org})
		}
	}
	if len(touched) == 0 {
		return nil
	}
	rows := newFold[id, BookingHours]()
	query := `select ` + columnsOf[BookingHours]() + ` from booking_hours join unnest($1::uuid[], $2::uuid[]) k (org_id, own) using (org_id)`
	if err := loadMissing(ctx, tx, rows, touched, query, func(h *BookingHours) id { return id{h.OrgID, h.OrgID} }); err != nil {
		return err
	}
	for _, e := range batch {
		p, ok := e.Payload.(events.BookingHoursSet)
		if !ok {
			continue
		}
		hours, err := es.Marshal(p.BookingHours)
		if err != nil {
			return fmt.Errorf("hours: %w", err)
		}
		row := &BookingHours{OrgID: e.Org, Hours: hours, UpdatedAt: e.Time, Version: 1}
		if before := rows.rows[id{e.Org, e.Org}]; before != nil {
			row.Version = before.Version + 1
		}
		rows.putRow(id{e.Org, e.Org}, row)
	}
	return upsertRows(ctx, tx, "booking_hours", "org_id", rows.liveRows())
}

// GetBookingHours returns pgx.ErrNoRows when none were ever set.
func GetBookingHours(ctx context.Context, tx pgx.Tx, org uuid.UUID) (*BookingHours, error) {
	rows, err := tx.Query(ctx, selectFrom[BookingHours]("booking_hours")+`where org_id = $1`, org)
	return collectOne[BookingHours](rows, err, "get booking hours")
}
