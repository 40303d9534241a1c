package visitor

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/calendar"
	"outrider/internal/linktoken"
	"outrider/projections"
)

// showTheirs is for who books with a link that has a meeting already: sent twice is well, another time isn't taken.
func (h *Handlers) showTheirs(c *Call, d *availability, asked time.Time, zone *time.Location) error {
	status := http.StatusOK
	if !d.active.StartsAt.Equal(asked) {
		status = http.StatusConflict
	}
	return h.showBooked(c, status, d, d.active.StartsAt, d.active.EndsAt, zone)
}

func (h *Handlers) showBooked(c *Call, status int, d *availability, start, end time.Time, zone *time.Location) error {
	return h.showPage(c.Ctx, status, "booked", bookedPage{timesOf(d, start, end, zone), h.cfg.BaseURL + "/b/" + url.PathEscape(c.Params("token")) + "/meeting.ics", ""})
}

// bookedPage says that a meeting is booked; Change is where it is moved or cancelled, for who has just booked it. Others have that link from the confirmation.
type bookedPage struct {
	meetingTimes
	File, Change string
}

// meetingTimes is what all pages about a meeting show of it.
type meetingTimes struct{ When, Zone, With, Minutes string }

func timesOf(d *availability, start, end time.Time, zone *time.Location) meetingTimes {
	start, end = start.In(zone), end.In(zone)
	return meetingTimes{start.Format("Monday, 2 January 2006, 15:04") + "–" + end.Format("15:04"), zone.String(), d.org.Name, strconv.Itoa(int(end.Sub(start).Minutes()))}
}

// DownloadMeeting answers with the meeting of a link, for a calendar.
func (h *Handlers) DownloadMeeting(ctx context.Context, c *Call) error {
	t, err := h.verifyToken(c, linktoken.Booking)
	if err != nil {
		return err
	}
	if err := h.limitUse(t, linktoken.Booking, false); err != nil {
		return err
	}
	m, err := h.cfg.Tracking.Target(ctx, messageOfToken(t))
	if err != nil {
		return err
	}
	d, err := h.readAvailability(ctx, t)
	if err != nil {
		return err
	}
	if d.active == nil {
		return ErrInvalidLink
	}
	return h.sendFile(ctx, c, t.Org, m.MailboxID, d.org.Name, d.active)
}

// sendFile answers with a meeting for a calendar.
func (h *Handlers) sendFile(ctx context.Context, c *Call, org, mailbox uuid.UUID, with string, m *projections.Meeting) error {
	a := calendar.Appointment{Method: calendar.Publish, UID: calendar.UID(m.MeetingID.String()), Sequence: m.Moves, Stamp: m.BookedAt, Start: m.StartsAt, End: m.EndsAt, Summary: "Meeting with " + with}
	if m.MovedAt != nil {
		a.Stamp = *m.MovedAt
	}
	if m.Link != nil {
		a.Location = *m.Link
	}
	if err := h.cfg.ReadInOrg(ctx, org, func(tx pgx.Tx) error {
		box, err := projections.GetMailbox(ctx, tx, org, mailbox)
		if err == nil && box.Address != nil {
			a.Organizer.Address = *box.Address
			if box.DisplayName != nil {
				a.Organizer.Name = *box.DisplayName
			}
		}
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	}); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "text/calendar; charset=utf-8; method="+calendar.Publish)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="meeting.ics"`)
	return c.SendString(calendar.ICS(a))
}
