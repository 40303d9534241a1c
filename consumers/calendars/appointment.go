package calendars

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/app/integrations"
)

// appointment is a meeting as it is wanted in a calendar, and as both had it last.
type appointment struct {
	Org         uuid.UUID       `db:"org_id"`
	Meeting     uuid.UUID       `db:"meeting_id"`
	Connection  uuid.UUID       `db:"connection_id"`
	StartsAt    time.Time       `db:"starts_at"`
	EndsAt      time.Time       `db:"ends_at"`
	Off         bool            `db:"off"`
	Scrub       bool            `db:"scrub"`
	Version     int64           `db:"version"`
	Tries       int             `db:"tries"`
	Calendar    json.RawMessage `db:"calendar"`
	AgreedStart *time.Time      `db:"agreed_start"`
	AgreedEnd   *time.Time      `db:"agreed_end"`
	Placed      bool            `db:"placed"`
	ETag        string          `db:"etag"`
	Told        string          `db:"told"`
}

const appointmentColumns = `org_id, meeting_id, connection_id, starts_at, ends_at, off, scrub, version, tries, calendar, agreed_start, agreed_end, placed, etag, told`

// calendarField is the field name that the calendar of an appointment is bound to.
const calendarField = "appointment_calendar"

// isAgreed reports whether both have it at a time.
func (a *appointment) isAgreed(start, end time.Time) bool {
	return a.AgreedStart != nil && a.AgreedEnd != nil && a.AgreedStart.Equal(start) && a.AgreedEnd.Equal(end)
}

func (w *Worker) listAppointments(ctx context.Context, where string, args ...any) ([]*appointment, error) {
	rows, err := w.Turns.Pool.Query(ctx, `select `+appointmentColumns+` from integrations.appointments where `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read meetings of a calendar: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[appointment])
	if err != nil {
		return nil, fmt.Errorf("read meetings of a calendar: %w", err)
	}
	return out, nil
}

// calendarOf returns the calendar that an appointment stands in, "" = it wasn't tried yet.
func (w *Worker) calendarOf(ctx context.Context, a *appointment) (calendar string, err error) {
	if a.Calendar == nil {
		return "", nil
	}
	err = integrations.Open(ctx, w.Vault, a.Org, a.Connection, calendarField, a.Calendar, &calendar)
	return calendar, err
}

// begin remembers where and when an appointment is going to be, before it is: what comes of a request that is cut can be told then.
func (w *Worker) begin(ctx context.Context, a *appointment, calendar string) error {
	sealed, err := integrations.Seal(ctx, w.Vault, a.Org, a.Connection, calendarField, calendar)
	if err != nil {
		return err
	}
	text, err := json.Marshal(sealed)
	if err != nil {
		return fmt.Errorf("encode calendar: %w", err)
	}
	a.Calendar, a.AgreedStart, a.AgreedEnd = text, &a.StartsAt, &a.EndsAt
	return w.exec(ctx, `update integrations.appointments set calendar = $3, agreed_start = $4, agreed_end = $5 where org_id = $1 and meeting_id = $2`, a.Org, a.Meeting, string(text), a.StartsAt, a.EndsAt)
}

// agree notes that both have an appointment as it was read with a version.
func (w *Worker) agree(ctx context.Context, a *appointment, start, end time.Time, etag string) error {
	a.Placed, a.ETag, a.AgreedStart, a.AgreedEnd = true, etag, &start, &end
	return w.exec(ctx, `update integrations.appointments set placed = true, etag = $3, agreed_start = $4, agreed_end = $5, error = '' where org_id = $1 and meeting_id = $2`, a.Org, a.Meeting, etag, start, end)
}

// settle notes that there is nothing to do, unless something else was wanted meanwhile.
func (w *Worker) settle(ctx context.Context, a *appointment) error {
	return w.exec(ctx, `update integrations.appointments set dirty = false, scrub = false, tries = 0, error = '' where org_id = $1 and meeting_id = $2 and version = $3`, a.Org, a.Meeting, a.Version)
}

// postpone has it tried again later.
func (w *Worker) postpone(ctx context.Context, a *appointment, after time.Duration, why string) error {
	return w.exec(ctx, `update integrations.appointments set tries = tries + 1, next_at = $3, error = $4 where org_id = $1 and meeting_id = $2`, a.Org, a.Meeting, w.Turns.Now().Add(after), why)
}
