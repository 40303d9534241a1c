package visitor

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/internal/app/tracking"
	"outrider/internal/es"
	"outrider/internal/linktoken"
	"outrider/projections"
)

// Sentences of the page of a meeting.
const (
	sayBegun     = "This meeting has begun, or is over. It can't be moved or cancelled by this page any more."
	sayOff       = "This meeting was cancelled before, so it can't be moved."
	sayCancelled = "A mail that takes it out of your calendar is on its way to you."
	sayMoved     = "A mail with the new time is on its way to you."
)

// ownMeeting is what the page of one meeting knows.
type ownMeeting struct {
	token linktoken.Token // of the meeting
	*availability
	*projections.Meeting
	mailbox uuid.UUID
	zone    *time.Location
}

// ShowMeeting shows a meeting to its guest, and how it is moved and cancelled. Filters follow links, so looking changes nothing.
func (h *Handlers) ShowMeeting(ctx context.Context, c *Call) error {
	m, err := h.readOwnMeeting(ctx, c, false, c.Query("time_zone"))
	if m == nil || err != nil {
		return err
	}
	if shown, err := h.showSettled(c, http.StatusOK, m, ""); shown || err != nil {
		return err
	}
	return h.showChange(c, http.StatusOK, m, "", "")
}

// DownloadOwnMeeting answers with the meeting of a confirmation's link, for a calendar.
func (h *Handlers) DownloadOwnMeeting(ctx context.Context, c *Call) error {
	m, err := h.readOwnMeeting(ctx, c, false, "")
	if m == nil || err != nil {
		return err
	}
	if m.Status != projections.MeetingBooked {
		return ErrInvalidLink
	}
	return h.sendFile(ctx, c, m.token.Org, m.mailbox, m.org.Name, m.Meeting)
}

// CancelMeeting gives the slot back, as long as the meeting hasn't begun. Whoever presses twice is told so twice.
func (h *Handlers) CancelMeeting(ctx context.Context, c *Call) error {
	m, _, err := h.readMeetingForm(ctx, c)
	if m == nil || err != nil {
		return err
	}
	if m.Status == projections.MeetingCancelled {
		return h.showOff(c, http.StatusOK, m, "")
	}
	if shown, err := h.showSettled(c, http.StatusConflict, m, sayBegun); shown || err != nil {
		return err
	}
	a, err := h.decideOnce(ctx, c, request{token: m.token, lead: m.LeadID, what: "meeting.cancel", seen: m.seen, cmd: commands.CancelMeetingByGuest{MeetingID: m.MeetingID}})
	if err != nil {
		return err
	}
	_ = h.cfg.AwaitMeetings(ctx, c.Position)
	if a.Outcome != es.Refused {
		return h.showOff(c, http.StatusOK, m, sayCancelled)
	}
	return h.showRefused(ctx, c, m, a, "")
}

// MoveMeeting gives a meeting another time that is free, as long as it hasn't begun.
func (h *Handlers) MoveMeeting(ctx context.Context, c *Call) error {
	m, slot, err := h.readMeetingForm(ctx, c)
	if m == nil || err != nil {
		return err
	}
	if m.Status == projections.MeetingCancelled {
		return h.showOff(c, http.StatusConflict, m, sayOff)
	}
	if shown, err := h.showSettled(c, http.StatusConflict, m, sayBegun); shown || err != nil {
		return err
	}
	start, err := time.Parse(time.RFC3339, slot)
	if err != nil {
		return h.showChange(c, http.StatusUnprocessableEntity, m, sayChoose, "")
	}
	if start.Equal(m.StartsAt) { // sent twice
		return h.showMoved(c, m, start)
	}
	if say := m.findHindrance(start); say != "" {
		return h.showChange(c, http.StatusConflict, m, say, slot)
	}
	a, err := h.decideOnce(ctx, c, request{token: m.token, lead: m.LeadID, what: "meeting.move", fingerprint: uint64(start.Unix()), seen: m.seen,
		cmd: commands.MoveMeetingByGuest{MeetingID: m.MeetingID, StartsAt: start.UTC()}})
	if err != nil {
		return err
	}
	_ = h.cfg.AwaitMeetings(ctx, c.Position)
	if a.Outcome != es.Refused {
		return h.showMoved(c, m, start)
	}
	return h.showRefused(ctx, c, m, a, slot)
}

// showRefused says why the log had it otherwise than the read model.
func (h *Handlers) showRefused(ctx context.Context, c *Call, was *ownMeeting, a es.Answer, slot string) error {
	m, err := h.openMeeting(ctx, c, was.token, was.zone.String())
	if m == nil || err != nil {
		return err
	}
	switch a.Code {
	case commands.CodeSlotTaken:
		return h.showChange(c, http.StatusConflict, m, sayTaken, slot)
	case commands.CodeSlotClosed:
		return h.showChange(c, http.StatusConflict, m, sayClosed, slot)
	case commands.CodeWrongStatus, commands.CodeNotFound: // it has begun, or was cancelled meanwhile
		if shown, err := h.showSettled(c, http.StatusConflict, m, sayBegun); shown || err != nil {
			return err
		}
		return ErrMeetingNotVisible
	}
	return &es.Refusal{Code: a.Code, Detail: a.Detail}
}

// readMeetingForm reads what a guest sent, and the meeting; nil = the answer is given.
func (h *Handlers) readMeetingForm(ctx context.Context, c *Call) (*ownMeeting, string, error) {
	form, err := c.readForm()
	if err != nil {
		return nil, "", err
	}
	m, err := h.readOwnMeeting(ctx, c, true, form.Get("time_zone"))
	return m, form.Get("slot"), err
}

// readOwnMeeting reads the meeting of a link; nil = the answer is given.
func (h *Handlers) readOwnMeeting(ctx context.Context, c *Call, post bool, zone string) (*ownMeeting, error) {
	t, err := h.verifyToken(c, linktoken.Meeting)
	if err != nil {
		return nil, err
	}
	if err := h.limitUse(t, linktoken.Meeting, post); err != nil {
		return nil, err
	}
	return h.openMeeting(ctx, c, t, zone)
}

func (h *Handlers) openMeeting(ctx context.Context, c *Call, t linktoken.Token, zone string) (*ownMeeting, error) {
	var row *projections.Meeting
	err := h.cfg.ReadInOrg(ctx, t.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetMeeting(ctx, tx, t.Org, t.Message)
		return err
	})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, ErrMeetingNotVisible // it comes
	case err != nil:
		return nil, err
	case row.MessageID == nil:
		return nil, ErrInvalidLink
	}
	letter, err := h.cfg.Tracking.Target(ctx, tracking.MessageKey{Org: t.Org, ID: *row.MessageID})
	if err != nil {
		return nil, err
	}
	if letter.Erased {
		return nil, h.showErased(c)
	}
	d, err := h.readAvailability(ctx, linktoken.Token{Org: t.Org, Message: *row.MessageID})
	if err != nil {
		return nil, err
	}
	for _, m := range d.mine {
		if m.MeetingID == t.Message {
			d.moving, d.self = m, h.meetingPath(t)
			return &ownMeeting{t, d, m, letter.MailboxID, firstZone(zone, m.TimeZone, d.home.String())}, nil
		}
	}
	return nil, ErrInvalidLink
}

// meetingPath is where the page of a meeting is.
func (h *Handlers) meetingPath(t linktoken.Token) string {
	return "/m/" + h.cfg.Signer.Sign(linktoken.Meeting, t)
}
