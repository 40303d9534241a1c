package projections

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
)

// Status of a meeting.
const (
	MeetingBooked    = "booked"
	MeetingCancelled = "cancelled"
	MeetingMoved     = "moved" // on somebody else's page: another meeting replaces it
)

// Meeting is a row of read.meetings.
type Meeting struct {
	OrgID           uuid.UUID  `db:"org_id"`
	MeetingID       uuid.UUID  `db:"meeting_id"`
	Oseq            int64      `db:"oseq"`
	LeadID          uuid.UUID  `db:"lead_id"`
	CampaignID      *uuid.UUID `db:"campaign_id"`
	MailboxID       *uuid.UUID `db:"mailbox_id"`
	MessageID       *uuid.UUID `db:"message_id"` // whose link was used
	StartsAt        time.Time  `db:"starts_at"`
	EndsAt          time.Time  `db:"ends_at"`
	TimeZone        string     `db:"time_zone"` // of the guest
	Details         *string    `db:"details"`   // as they were given; nil once the person is erased
	Status          string     `db:"status"`
	CancelledReason string     `db:"cancelled_reason"`
	BookedAt        time.Time  `db:"booked_at"`
	CancelledAt     *time.Time `db:"cancelled_at"`
	GuestToldAt     *time.Time `db:"guest_told_at"` // that it was cancelled
	Moves           int        `db:"moves"`
	MovedAt         *time.Time `db:"moved_at"` // last
	MoveToldAt      *time.Time `db:"move_told_at"`
	Outcome         string     `db:"outcome"`  // events.MeetingHeld, MeetingNoShow or empty
	MovedBy         string     `db:"moved_by"` // last
	CancelledBy     string     `db:"cancelled_by"`
	Service         string     `db:"service"` // on whose page it was booked; empty = on ours
	ConnectionID    *uuid.UUID `db:"connection_id"`
	ReplacedBy      *uuid.UUID `db:"replaced_by"` // of one that was moved on somebody else's page
	HostID          *uuid.UUID `db:"host_id"`     // connection to the calendar of who is met
	Link            *string    `db:"link"`        // where people meet; nil also once the person is erased
	Placed          string     `db:"placed"`      // how it stands in its host's calendar: PlacedThere, PlacedLate, or empty
}

// How a meeting stands in its host's calendar.
const (
	PlacedThere = "there"
	PlacedLate  = "late" // it doesn't yet, and its guest wasn't kept waiting for that
)

type meetingFold struct{ keys Keys }

func (f meetingFold) handleBatch(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
	if err := forgetTexts(ctx, tx, "meetings", []string{"details", "link"}, erasedIn(batch)); err != nil {
		return err
	}
	var touched []id
	var refs []pii.Ref
	for _, e := range batch {
		switch p := events.As[events.MeetingEvent](e.Payload).(type) {
		case events.MeetingBooked:
			touched, refs = append(touched, id{e.Org, p.MeetingID}), append(refs, keyRef(e.Org, p.LeadID, p.Details))
		case events.MeetingCancelled:
			touched = append(touched, id{e.Org, p.MeetingID})
		case events.MeetingCancellationClaimed:
			touched = append(touched, id{e.Org, p.MeetingID})
		case events.MeetingRescheduled:
			touched = append(touched, id{e.Org, p.MeetingID})
		case events.MeetingReplaced:
			touched = append(touched, id{e.Org, p.MeetingID})
		case events.MeetingMoveClaimed:
			touched = append(touched, id{e.Org, p.MeetingID})
		case events.MeetingOutcomeSet:
			touched = append(touched, id{e.Org, p.MeetingID})
		case events.MeetingPlaced:
			touched, refs = append(touched, id{e.Org, p.MeetingID}), append(refs, keyRef(e.Org, p.LeadID, p.Link))
		case events.MeetingConfirmationClaimed, events.MeetingSlotHeld: // change nothing here
		}
	}
	if err := foldHolds(ctx, tx, batch); err != nil {
		return err
	}
	if len(touched) == 0 {
		return nil
	}
	t, err := lookupTexts(ctx, f.keys, refs)
	if err != nil {
		return err
	}
	defer t.closeDecoder()
	rows := newFold[id, Meeting]()
	if err := loadRows(ctx, tx, rows, "meetings", "meeting_id", touched, func(m *Meeting) id { return id{m.OrgID, m.MeetingID} }); err != nil {
		return err
	}
	erased := lastErasure(batch)
	for _, e := range batch {
		switch p := events.As[events.MeetingEvent](e.Payload).(type) {
		case events.MeetingBooked:
			m := &Meeting{OrgID: e.Org, MeetingID: p.MeetingID, Oseq: e.Oseq, LeadID: p.LeadID, CampaignID: nilIfZero(p.CampaignID), MailboxID: nilIfZero(p.MailboxID), MessageID: nilIfZero(p.MessageID),
				StartsAt: p.StartsAt, EndsAt: p.EndsAt, TimeZone: p.TimeZone, Status: MeetingBooked, BookedAt: p.BookedAt,
				Service: p.Service, ConnectionID: nilIfZero(p.ConnectionID), HostID: nilIfZero(p.HostID)}
			if e.Oseq > erased[id{e.Org, p.LeadID}] {
				if m.Details, err = t.openText(e.Org, p.LeadID, MeetingField, p.Details); err != nil {
					return err
				}
			}
			rows.putRow(id{e.Org, p.MeetingID}, m)
		case events.MeetingCancelled:
			if m := rows.rows[id{e.Org, p.MeetingID}]; m != nil {
				m.Status, m.CancelledReason, m.CancelledAt, m.CancelledBy = MeetingCancelled, p.Reason, &e.Time, changerOf(e, p.LeadID)
			}
		case events.MeetingCancellationClaimed:
			if m := rows.rows[id{e.Org, p.MeetingID}]; m != nil {
				m.GuestToldAt = &e.Time
			}
		case events.MeetingRescheduled:
			if m := rows.rows[id{e.Org, p.MeetingID}]; m != nil {
				m.StartsAt, m.EndsAt, m.Moves, m.MovedAt, m.MoveToldAt, m.Outcome, m.MovedBy = p.StartsAt, p.EndsAt, p.Move, &e.Time, nil, "", changerOf(e, p.LeadID)
			}
		case events.MeetingReplaced:
			if m := rows.rows[id{e.Org, p.MeetingID}]; m != nil {
				m.Status, m.ReplacedBy = MeetingMoved, nilIfZero(p.By)
			}
		case events.MeetingMoveClaimed:
			if m := rows.rows[id{e.Org, p.MeetingID}]; m != nil && m.Moves == p.Move {
				m.MoveToldAt = &e.Time
			}
		case events.MeetingOutcomeSet:
			if m := rows.rows[id{e.Org, p.MeetingID}]; m != nil {
				m.Outcome = p.Outcome
			}
		case events.MeetingPlaced:
			if m := rows.rows[id{e.Org, p.MeetingID}]; m != nil {
				m.Placed = PlacedThere
				if p.Late {
					m.Placed = PlacedLate
				}
				if e.Oseq > erased[id{e.Org, p.LeadID}] && !p.Link.IsZero() {
					if m.Link, err = t.openText(e.Org, p.LeadID, MeetingLinkField, p.Link); err != nil {
						return err
					}
				}
			}
		case events.MeetingConfirmationClaimed, events.MeetingSlotHeld: // change nothing here
		}
	}
	return upsertRows(ctx, tx, "meetings", "org_id, meeting_id", rows.liveRows())
}

// Who changed a meeting.
const (
	ByGuest    = "guest"
	ByMember   = "member"
	ByCalendar = "calendar" // of the host
)

// calendarActor is who says what became of a meeting in a calendar.
const calendarActor = "google_calendar"

// changerOf tells the guest, who has a link and no account, and the host's calendar from members and their keys.
func changerOf(e *es.Event, lead uuid.UUID) string {
	if e.Actor.Kind == es.ActorPerson && e.Actor.ID == lead.String() {
		return ByGuest
	}
	if e.Actor.Kind == es.ActorProvider && e.Actor.ID == calendarActor {
		return ByCalendar
	}
	return ByMember
}

// GetMeeting returns pgx.ErrNoRows when the organisation has no such meeting.
func GetMeeting(ctx context.Context, tx pgx.Tx, org, meeting uuid.UUID) (*Meeting, error) {
	rows, err := tx.Query(ctx, selectFrom[Meeting]("meetings")+`where org_id = $1 and meeting_id = $2`, org, meeting)
	return collectOne[Meeting](rows, err, "get meeting")
}

// MeetingsOfMessage returns those that were booked by a message's link, the newest first.
func MeetingsOfMessage(ctx context.Context, tx pgx.Tx, org, message uuid.UUID) ([]*Meeting, error) {
	rows, err := tx.Query(ctx, selectFrom[Meeting]("meetings")+`where org_id = $1 and message_id = $2 order by oseq desc`, org, message)
	return collectAll[Meeting](rows, err, "list meetings of message")
}

// MeetingFilter narrows a list; zero values don't.
type MeetingFilter struct {
	LeadID     uuid.UUID
	CampaignID uuid.UUID
	Status     string
	Outcome    string
	From       time.Time // starts then or later
	To         time.Time // starts earlier
}

func meetingOrders() map[string]sorting {
	return map[string]sorting{"starts_at": {"t.starts_at", "timestamptz"}}
}

// ListMeetings returns the ones booked last first unless another order is asked for.
func ListMeetings(ctx context.Context, tx pgx.Tx, org uuid.UUID, f MeetingFilter, l Listing) (*Page[Meeting], error) {
	q := newQuery("meetings", "-"+byAge, org, meetingOrders())
	q.whereID(`t.lead_id = ?`, f.LeadID)
	q.whereID(`t.campaign_id = ?`, f.CampaignID)
	q.whereSet(`t.status = ?`, f.Status)
	q.whereSet(`t.outcome = ?`, f.Outcome)
	q.whereTime(`t.starts_at >= ?`, f.From)
	q.whereTime(`t.starts_at < ?`, f.To)
	return readPage(ctx, tx, q, l, "meetings", func(m *Meeting) int64 { return m.Oseq })
}

// TakenSlots returns the meetings that overlap [from, to) and are not cancelled, in order of their start.
func TakenSlots(ctx context.Context, tx pgx.Tx, org uuid.UUID, from, to time.Time) ([]*Meeting, error) {
	rows, err := tx.Query(ctx, selectFrom[Meeting]("meetings")+`where org_id = $1 and starts_at < $3 and ends_at > $2 and status = 'booked' order by starts_at, oseq`, org, from, to)
	return collectAll[Meeting](rows, err, "list taken slots")
}
