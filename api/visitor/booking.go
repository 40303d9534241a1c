package visitor

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/tracking"
	"outrider/internal/es"
	"outrider/internal/linktoken"
	"outrider/internal/pii"
	"outrider/projections"
)

// Sentences of the booking page.
const (
	sayTaken   = "Somebody else has just taken this time. Please choose another one."
	sayClosed  = "This time is no longer offered. Please choose another one."
	sayChoose  = "Please choose a time."
	sayName    = "Please tell us your name, in 200 letters at most."
	sayAddress = "Please give an e-mail address like ann@example.com."
	sayNote    = "Please say what you want to talk about in 2,000 letters at most."
)

// Guest is who books, as they say; sealed under the lead's key.
type Guest struct {
	Name  string `json:"name"`
	Email string `json:"email,omitzero"`
	Note  string `json:"note,omitzero"`
}

// ShowBooking offers the free slots, or shows what was booked with this link.
func (h *Handlers) ShowBooking(ctx context.Context, c *Call) error {
	t, err := h.verifyToken(c, linktoken.Booking)
	if err != nil {
		return err
	}
	if err := h.recordVisit(ctx, c, t, tracking.BookingPage); err != nil {
		return err
	}
	if _, err := h.cfg.Tracking.Target(ctx, messageOfToken(t)); err != nil {
		return err
	}
	d, err := h.readAvailability(ctx, t)
	if err != nil {
		return err
	}
	zone := d.zoneOrHome(c.Query("zone"))
	if d.active != nil {
		return h.showBooked(c, http.StatusOK, d, d.active.StartsAt, d.active.EndsAt, zone)
	}
	return h.showPage(c.Ctx, http.StatusOK, "booking", d.showDays(zone, c.Query("from")))
}

// BookMeeting takes a slot. A link books one meeting at a time, so sending the form twice books once.
func (h *Handlers) BookMeeting(ctx context.Context, c *Call) error {
	t, form, m, err := h.readPosted(ctx, c, linktoken.Booking)
	if err != nil {
		return err
	}
	d, err := h.readAvailability(ctx, t)
	if err != nil {
		return err
	}
	zone := d.zoneOrHome(form.Get("zone"))
	start, wrong := time.Parse(time.RFC3339, form.Get("slot"))
	who := Guest{Name: singleLineField(form, "name"), Email: singleLineField(form, "email"), Note: multilineField(form, "note")}
	again := func(status int, say string) error {
		p := d.showDays(zone, c.Query("from"))
		p.Alert, p.Picked, p.Name, p.Email, p.Note = say, form.Get("slot"), who.Name, who.Email, who.Note
		return h.showPage(c.Ctx, status, "booking", p)
	}
	if d.active != nil {
		return h.showTheirs(c, d, start, zone)
	}
	if say := who.findMistake(); wrong != nil || say != "" {
		if wrong != nil {
			say = sayChoose
		}
		return again(http.StatusUnprocessableEntity, say)
	}
	keys, err := h.cfg.Keys.Existing(ctx, t.Org, []uuid.UUID{m.LeadID})
	if err != nil {
		return err
	}
	key, ok := keys[m.LeadID]
	if !ok {
		return ErrInvalidLink // erased
	}
	plain, err := json.Marshal(who)
	if err != nil {
		return err
	}
	sealed, err := key.Seal(projections.MeetingField, plain)
	if err != nil {
		return err
	}
	cmd := commands.BookMeeting{SentMessageRef: sentMessageRef(m), MeetingID: es.DeriveID(t.Message, "meeting", strconv.Itoa(d.before)), StartsAt: start.UTC(), TimeZone: zone.String(),
		Details: events.Sealed{K: int64(sealed.Key), C: sealed.Ciphertext}}
	a, err := h.decideCommand(ctx, c, t.Org, m.LeadID, cmd)
	if err != nil {
		return err
	}
	// What it rests on shall be seen from here on; who is too early sees it a little later.
	_ = h.cfg.AwaitMeetings(ctx, c.Position)
	if a.Outcome != es.Refused {
		return h.showBooked(c, http.StatusOK, d, start, start.Add(d.slotLength()), zone)
	}
	if d, err = h.readAvailability(ctx, t); err != nil {
		return err
	}
	switch a.Code {
	case commands.CodeSlotTaken:
		return again(http.StatusConflict, sayTaken)
	case commands.CodeSlotClosed:
		return again(http.StatusConflict, sayClosed)
	case commands.CodeAlreadyExists:
		if d.active != nil {
			return h.showTheirs(c, d, start, zone)
		}
		return ErrMeetingNotVisible
	}
	return &es.Refusal{Code: a.Code, Detail: a.Detail}
}

// findMistake is what to say of a form that isn't filled in well; "" = nothing.
func (g Guest) findMistake() string {
	if g.Name == "" || len([]rune(g.Name)) > 200 {
		return sayName
	}
	if g.Email != "" {
		if _, err := pii.NormalizeAddress(g.Email); err != nil {
			return sayAddress
		}
	}
	if len([]rune(g.Note)) > 2000 {
		return sayNote
	}
	return ""
}
