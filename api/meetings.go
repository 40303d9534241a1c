package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/api/visitor"
	"outrider/commands"
	"outrider/events"
	"outrider/projections"
)

func (s *Server) getBookingHours(c *call) error {
	var row *projections.BookingHours
	if err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetBookingHours(c.ctx, tx, c.who.Org)
		return err
	}); err != nil {
		if errors.Is(err, pgx.ErrNoRows) {
			return newProblem(commands.CodeNotFound, "no booking hours are set: PUT them, and the booking page offers times")
		}
		return err
	}
	var h events.BookingHours
	if err := json.Unmarshal(row.Hours, &h); err != nil {
		return fmt.Errorf("read booking hours: %w", err)
	}
	return c.answerJSON(200, gen.BookingHours{Window: gen.BookingWindow{Days: h.Window.Days, From: h.Window.From, To: h.Window.To}, TimeZone: h.Zone, SlotMinutes: h.SlotMinutes,
		NoticeMinutes: h.NoticeMinutes, DaysAhead: h.DaysAhead})
}

// setBookingHours answers with the hours as they were given: they replace what was.
func (s *Server) setBookingHours(c *call, body gen.BookingHours) error {
	in, err := s.beginOwn(c)
	if err != nil {
		return err
	}
	hours := events.BookingHours{Window: events.Window{Days: body.Window.Days, From: body.Window.From, To: body.Window.To}, Zone: body.TimeZone, SlotMinutes: body.SlotMinutes,
		NoticeMinutes: body.NoticeMinutes, DaysAhead: body.DaysAhead}
	if _, err := s.submitCommand(in, commands.SetBookingHours{BookingHours: hours}); err != nil {
		return err
	}
	body.Window.Days = slices.Compact(slices.Sorted(slices.Values(body.Window.Days))) // as they are set
	return c.answerJSON(200, body)
}

func (s *Server) listMeetings(c *call) error {
	var lead uuid.UUID
	if text := c.textParam("lead_id"); text != "" {
		lead = uuid.MustParse(text) // it was checked
	}
	data, next, err := listPage(s.readSide, c, c.who.Org, func(tx pgx.Tx, after int64, limit int) ([]*projections.Meeting, error) {
		return projections.ListMeetings(c.ctx, tx, c.who.Org, lead, after, limit)
	}, func(m *projections.Meeting) int64 { return m.Oseq }, meetingOf)
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.MeetingPage{Data: data, NextCursor: next})
}

func (s *Server) showMeeting(c *call, id uuid.UUID) error {
	var row *projections.Meeting
	if err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetMeeting(c.ctx, tx, c.who.Org, id)
		return err
	}); err != nil {
		return err
	}
	m, err := meetingOf(row)
	if err != nil {
		return err
	}
	return c.answerJSON(200, m)
}

// cancelMeeting gives the slot back. Whoever booked is told by a reactor.
func (s *Server) cancelMeeting(c *call, id uuid.UUID) error {
	var body gen.MeetingCancel
	if len(c.raw) > 0 { // a reason is optional
		if err := c.decodeBody(&body); err != nil {
			return err
		}
	}
	in, err := s.beginOwn(c)
	if err != nil {
		return err
	}
	a, err := s.submitCommand(in, commands.CancelMeeting{MeetingID: id, Reason: body.Reason})
	if err != nil {
		return err
	}
	return s.showAfterChange(c, "meetings", a, func() error { return s.showMeeting(c, id) })
}

func meetingOf(m *projections.Meeting) (gen.Meeting, error) {
	out := gen.Meeting{ID: m.MeetingID, LeadID: m.LeadID, CampaignID: m.CampaignID, MailboxID: m.MailboxID, MessageID: m.MessageID, StartsAt: m.StartsAt, EndsAt: m.EndsAt,
		TimeZone: m.TimeZone, Status: gen.MeetingStatus(m.Status), CancelledReason: m.CancelledReason, BookedAt: m.BookedAt, CancelledAt: m.CancelledAt, GuestToldAt: m.GuestToldAt}
	if m.Details != nil {
		var g visitor.Guest
		if err := json.Unmarshal([]byte(*m.Details), &g); err != nil {
			return out, fmt.Errorf("read who booked: %w", err)
		}
		out.Guest = &gen.Guest{Name: g.Name, Email: g.Email, Note: g.Note}
	}
	return out, nil
}
