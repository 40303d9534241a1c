package api

import (
	"errors"
	"net/http"
	"net/mail"
	"net/url"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"outrider/internal/calendar"
	"outrider/internal/linktoken"
	"outrider/projections"
)

// showTheirs is for who books with a link that has a meeting already: sent twice is well, another time isn't taken.
func (s *Server) showTheirs(c *call, d *availability, asked time.Time, zone *time.Location) error {
	status := http.StatusOK
	if !d.active.StartsAt.Equal(asked) {
		status = http.StatusConflict
	}
	return s.showBooked(c, status, d, d.active.StartsAt, d.active.EndsAt, zone)
}

func (s *Server) showBooked(c *call, status int, d *availability, start, end time.Time, zone *time.Location) error {
	start, end = start.In(zone), end.In(zone)
	return s.showPage(c.Ctx, status, "booked", struct{ When, Zone, With, File, Minutes string }{
		start.Format("Monday, 2 January 2006, 15:04") + "–" + end.Format("15:04"), zone.String(), d.org.Name, s.cfg.BaseURL + "/b/" + url.PathEscape(c.Params("token")) + "/meeting.ics",
		strconv.Itoa(int(end.Sub(start).Minutes()))})
}

// meetingFile is the meeting of a link, for a calendar.
func (s *Server) meetingFile(c *call) error {
	t, err := s.tokenIn(c, linktoken.Booking)
	if err != nil {
		return err
	}
	m, err := s.tracking.Target(c.ctx, trackedMessage(t))
	if err != nil {
		return err
	}
	d, err := s.readAvailability(c, t)
	if err != nil {
		return err
	}
	if d.active == nil {
		return notFoundProblem()
	}
	a := calendar.Appointment{Method: calendar.Publish, UID: calendar.UID(d.active.MeetingID.String()), Stamp: d.active.BookedAt, Start: d.active.StartsAt, End: d.active.EndsAt,
		Summary: "Meeting with " + d.org.Name}
	if err := s.readInOrg(c, t.Org, func(tx pgx.Tx) error {
		box, err := projections.GetMailbox(c.ctx, tx, t.Org, m.MailboxID)
		if err == nil && box.Address != nil {
			a.Organizer = mail.Address{Name: valueOrZero(box.DisplayName), Address: *box.Address}
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
