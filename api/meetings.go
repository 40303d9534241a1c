package api

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/bookings"
	"outrider/internal/profile"
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
	h, err := row.Read()
	if err != nil {
		return err
	}
	return c.answerJSON(200, hoursOf(h))
}

// hoursOf shows hours, also as they were shown when they had one window.
func hoursOf(h events.BookingHours) gen.BookingHours {
	out := gen.BookingHours{TimeZone: h.Zone, SlotMinutes: h.SlotMinutes, NoticeMinutes: h.NoticeMinutes, DaysAhead: h.DaysAhead, BufferBeforeMinutes: h.BufferBefore,
		BufferAfterMinutes: h.BufferAfter, Headline: h.Headline, DaysOff: h.DaysOff}
	for _, w := range h.Windows {
		out.Windows = append(out.Windows, gen.BookingWindow{Days: w.Days, From: w.From, To: w.To})
	}
	out.Window = out.Windows[0]
	return out
}

// setBookingHours answers with the hours as they are set: they replace what was.
func (s *Server) setBookingHours(c *call, body gen.BookingHours) error {
	in, err := s.beginOwn(c)
	if err != nil {
		return err
	}
	if len(body.Windows) == 0 {
		body.Windows = []gen.BookingWindow{body.Window}
	}
	hours := events.BookingHours{Zone: body.TimeZone, SlotMinutes: body.SlotMinutes, NoticeMinutes: body.NoticeMinutes, DaysAhead: body.DaysAhead, BufferBefore: body.BufferBeforeMinutes,
		BufferAfter: body.BufferAfterMinutes, Headline: profile.CleanLine(body.Headline), DaysOff: body.DaysOff}
	for _, w := range body.Windows {
		hours.Windows = append(hours.Windows, events.Window{Days: w.Days, From: w.From, To: w.To})
	}
	cmd := commands.SetBookingHours{BookingHours: hours}
	if _, err := s.submitCommand(in, cmd); err != nil {
		return err
	}
	return c.answerJSON(200, hoursOf(cmd.InOrder()))
}

func (s *Server) listMeetings(c *call) error {
	f := projections.MeetingFilter{LeadID: c.uuidParam("lead_id"), CampaignID: c.uuidParam("campaign_id"), Status: c.textParam("status"), Outcome: c.textParam("outcome"), From: c.timeParam("from"), To: c.timeParam("to")}
	var names meetingNames
	data, next, total, err := listSorted(s.readSide, c, func(tx pgx.Tx, l projections.Listing) (page *projections.Page[projections.Meeting], err error) {
		if page, err = projections.ListMeetings(c.ctx, tx, c.who.Org, f, l); err == nil {
			names, err = readMeetingNames(c, tx, page.Rows)
		}
		return page, err
	}, func(m *projections.Meeting) (gen.Meeting, error) { return names.meetingOf(m) })
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.MeetingPage{Data: data, NextCursor: next, Total: total})
}

// meetingNames are what leads and campaigns of meetings are called.
type meetingNames struct {
	people    projections.Set[projections.NamedLead]
	campaigns map[uuid.UUID]string
}

func readMeetingNames(c *call, tx pgx.Tx, rows []*projections.Meeting) (n meetingNames, err error) {
	if n.people, err = projections.NamesOfLeads(c.ctx, tx, c.who.Org, idsOf(rows, func(m *projections.Meeting) uuid.UUID { return m.LeadID })); err != nil {
		return n, err
	}
	n.campaigns, err = projections.NamesOfCampaigns(c.ctx, tx, c.who.Org, idsOf(rows, func(m *projections.Meeting) uuid.UUID { return valueOrZero(m.CampaignID) }))
	return n, err
}

func (n meetingNames) meetingOf(m *projections.Meeting) (gen.Meeting, error) {
	out, err := meetingOf(m)
	if lead := n.people[m.LeadID]; lead != nil {
		out.LeadName, out.LeadEmail, out.CompanyName = fullName(lead.FirstName, lead.LastName), valueOrZero(lead.Email), valueOrZero(lead.Company)
	}
	out.CampaignName = n.campaigns[valueOrZero(m.CampaignID)]
	return out, err
}

func (s *Server) showMeeting(c *call, id uuid.UUID) error {
	var row *projections.Meeting
	var names meetingNames
	if err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if row, err = projections.GetMeeting(c.ctx, tx, c.who.Org, id); err == nil {
			names, err = readMeetingNames(c, tx, []*projections.Meeting{row})
		}
		return err
	}); err != nil {
		return err
	}
	m, err := names.meetingOf(row)
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

// rescheduleMeeting gives a meeting another time. Whoever booked is told by a reactor.
func rescheduleMeeting(_ *call, id uuid.UUID, body gen.MeetingMove) (commands.Command, error) {
	return commands.RescheduleMeeting{MeetingID: id, StartsAt: body.StartsAt.UTC()}, nil
}

func setMeetingOutcome(_ *call, id uuid.UUID, body gen.MeetingOutcomeChange) (commands.Command, error) {
	outcome := string(body.Outcome)
	if body.Outcome == gen.MeetingOutcomeChangeOutcomeUnknown {
		outcome = ""
	}
	return commands.SetMeetingOutcome{MeetingID: id, Outcome: outcome}, nil
}

// meetingCommand submits a command about a meeting, and shows the meeting.
func meetingCommand(cmd commandOf) handler {
	return submitAndShow("meetings", (*Server).showMeeting, cmd)
}

func meetingOf(m *projections.Meeting) (gen.Meeting, error) {
	out := gen.Meeting{ID: m.MeetingID, LeadID: m.LeadID, CampaignID: m.CampaignID, MailboxID: m.MailboxID, MessageID: m.MessageID, StartsAt: m.StartsAt, EndsAt: m.EndsAt,
		TimeZone: m.TimeZone, Status: gen.MeetingStatus(m.Status), CancelledReason: m.CancelledReason, BookedAt: m.BookedAt, CancelledAt: m.CancelledAt, GuestToldAt: m.GuestToldAt, Outcome: gen.MeetingOutcome(m.Outcome), Moves: m.Moves, MovedAt: m.MovedAt, MoveToldAt: m.MoveToldAt,
		MovedBy: gen.MeetingChanger(m.MovedBy), CancelledBy: gen.MeetingChanger(m.CancelledBy),
		Service: gen.BookingService(m.Service), ReplacedBy: valueOrZero(m.ReplacedBy),
		HostID: valueOrZero(m.HostID), JoinURL: valueOrZero(m.Link), Placed: gen.MeetingPlaced(m.Placed)}
	if m.Details != nil {
		var g bookings.Guest
		if err := json.Unmarshal([]byte(*m.Details), &g); err != nil {
			return out, fmt.Errorf("read who booked: %w", err)
		}
		out.ChangeURL, out.CancelURL = g.MoveURL, g.CancelURL
		out.Guest = &gen.Guest{Name: g.Name, Email: g.Email, Note: g.Note}
	}
	return out, nil
}
