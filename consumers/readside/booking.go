package readside

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/consumers/meetings"
	"outrider/events"
	"outrider/projections"
)

// Booking implements meetings.Bookings.
func (r *ReadSide) Booking(ctx context.Context, org, meeting uuid.UUID) (m meetings.Booking, err error) {
	var row *projections.Meeting
	if err := r.readInOrg(ctx, org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetMeeting(ctx, tx, org, meeting)
		return err
	}); err != nil {
		return m, err
	}
	m = meetings.Booking{MeetingBooked: events.MeetingBooked{MeetingID: row.MeetingID, StartsAt: row.StartsAt, EndsAt: row.EndsAt, TimeZone: row.TimeZone, BookedAt: row.BookedAt, BookedElsewhere: events.BookedElsewhere{Service: row.Service}, HostID: deref(row.HostID)}, Moves: row.Moves, Link: deref(row.Link)}
	m.LeadID, m.CampaignID, m.MailboxID, m.MessageID = row.LeadID, deref(row.CampaignID), deref(row.MailboxID), deref(row.MessageID)
	var said struct {
		Email string `json:"email"`
	}
	if row.Details != nil {
		if err := json.Unmarshal([]byte(*row.Details), &said); err != nil {
			return m, fmt.Errorf("read who booked: %w", err)
		}
	}
	m.Given = said.Email
	return m, nil
}
