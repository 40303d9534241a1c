package projections

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
)

// SlotHold is a row of read.slot_holds: a time that is kept for a guest who is filling the form in.
type SlotHold struct {
	OrgID     uuid.UUID  `db:"org_id"`
	MeetingID uuid.UUID  `db:"meeting_id"` // that may come of it
	LeadID    uuid.UUID  `db:"lead_id"`
	HostID    *uuid.UUID `db:"host_id"`
	StartsAt  time.Time  `db:"starts_at"`
	EndsAt    time.Time  `db:"ends_at"`
	Until     time.Time  `db:"until"`
}

// foldHolds keeps the newest hold of each meeting that may come, until it comes.
func foldHolds(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	held := map[id]*SlotHold{}
	var orgs, booked []uuid.UUID
	for _, e := range batch {
		event := events.As[events.MeetingEvent](e.Payload)
		if p, ok := event.(events.MeetingSlotHeld); ok {
			held[id{e.Org, p.MeetingID}] = &SlotHold{OrgID: e.Org, MeetingID: p.MeetingID, LeadID: p.LeadID, HostID: nilIfZero(p.HostID), StartsAt: p.StartsAt, EndsAt: p.EndsAt, Until: p.Until}
		}
		if p, ok := event.(events.MeetingBooked); ok {
			delete(held, id{e.Org, p.MeetingID})
			orgs, booked = append(orgs, e.Org), append(booked, p.MeetingID)
		}
	}
	if len(booked) > 0 {
		if _, err := tx.Exec(ctx, `delete from slot_holds h using unnest($1::uuid[], $2::uuid[]) as b (org_id, meeting_id) where h.org_id = b.org_id and h.meeting_id = b.meeting_id`, orgs, booked); err != nil {
			return fmt.Errorf("forget holds: %w", err)
		}
	}
	rows := make([]*SlotHold, 0, len(held))
	for _, h := range held {
		rows = append(rows, h)
	}
	return upsertRows(ctx, tx, "slot_holds", "org_id, meeting_id", rows)
}

// HeldSlots returns what is held at a time.
func HeldSlots(ctx context.Context, tx pgx.Tx, org uuid.UUID, now time.Time) ([]*SlotHold, error) {
	rows, err := tx.Query(ctx, selectFrom[SlotHold]("slot_holds")+`where org_id = $1 and until > $2`, org, now)
	return collectAll[SlotHold](rows, err, "list held slots")
}
