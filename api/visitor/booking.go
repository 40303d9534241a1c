package visitor

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
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
	sayAway    = "Times can't be shown just now, as a calendar of ours can't be read. Answer the mail that brought you here, or look again later."
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
	if err := h.limitUse(t, linktoken.Booking, false); err != nil {
		return err
	}
	if err := h.recordVisit(ctx, c, t, tracking.BookingPage); err != nil {
		return err
	}
	m, err := h.cfg.Tracking.Target(ctx, messageOfToken(t))
	if err != nil {
		return err
	}
	if m.Erased {
		return h.showErased(c)
	}
	d, err := h.readAvailability(ctx, t)
	if err != nil {
		return err
	}
	zone := d.zoneOrHome(cmp.Or(c.Query("time_zone"), c.Query("zone")))
	if d.active != nil {
		return h.showBooked(c, http.StatusOK, d, d.active.StartsAt, d.active.EndsAt, zone)
	}
	return h.showPage(c.Ctx, http.StatusOK, "booking", d.showDays(zone, c.Query("from")))
}

// showErased is for who follows a link after what was known of them was deleted.
func (h *Handlers) showErased(c *Call) error {
	return h.showPage(c.Ctx, http.StatusOK, "message", message{"Nothing is kept of you here", "What this link belonged to was deleted, and nothing more will be sent to you. To meet, please answer the message that you got."})
}

// BookMeeting takes a slot. A link books one meeting at a time, so sending the form twice books once.
func (h *Handlers) BookMeeting(ctx context.Context, c *Call) error {
	t, form, m, err := h.readBookingForm(ctx, c)
	if err != nil {
		return err
	}
	if m.Erased {
		return h.showErased(c)
	}
	d, err := h.readAvailability(ctx, t)
	if err != nil {
		return err
	}
	zone := d.zoneOrHome(cmp.Or(form.Get("time_zone"), form.Get("zone")))
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
	if wrong != nil {
		return again(http.StatusUnprocessableEntity, sayChoose)
	}
	if say := d.findHindrance(start); say != "" {
		return again(http.StatusConflict, say)
	}
	asked := slotToHold{t, m.LeadID, start, zone, who}
	if !form.Has("name") { // a time was chosen: it is kept while the rest is filled in
		return h.holdSlot(ctx, c, d, asked, again)
	}
	if say := who.findMistake(); say != "" {
		return h.showRest(c, http.StatusUnprocessableEntity, d, asked, say)
	}
	hosts := h.stillFree(ctx, t.Org, d, start)
	if len(hosts) == 0 && d.hosts.Hosted {
		return again(http.StatusConflict, sayTaken)
	}
	details, erased, err := h.sealGuest(ctx, t.Org, m.LeadID, who)
	if err != nil {
		return err
	}
	if erased {
		return h.showErased(c)
	}
	cmd := commands.BookMeeting{SentMessageRef: sentMessageRef(m), MeetingID: d.next, StartsAt: start.UTC(), TimeZone: zone.String(),
		Details: details, Hosts: hosts}
	a, err := h.decideOnce(ctx, c, request{token: t, lead: m.LeadID, what: "booking", fingerprint: uint64(start.Unix()), seen: d.seen, cmd: cmd})
	if err != nil {
		return err
	}
	// Wait until the read model shows the booking; if that takes too long, it shows up a little later.
	_ = h.cfg.AwaitMeetings(ctx, c.Position)
	if a.Outcome != es.Refused {
		link := h.meetingPath(linktoken.Token{Org: t.Org, Message: cmd.MeetingID})
		return h.showPage(c.Ctx, http.StatusOK, "booked", bookedPage{timesOf(d, start, start.Add(d.slotLength()), zone), link + "/meeting.ics", link})
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

// sealGuest seals what a guest wrote with the key of the lead that the link is for; it reports whether the lead was erased instead.
func (h *Handlers) sealGuest(ctx context.Context, org, lead uuid.UUID, who Guest) (details events.Sealed, erased bool, err error) {
	keys, err := h.cfg.Keys.Existing(ctx, org, []uuid.UUID{lead})
	if err != nil {
		return details, false, err
	}
	key, ok := keys[lead]
	if !ok {
		return details, true, nil
	}
	plain, err := json.Marshal(who)
	if err != nil {
		return details, false, err
	}
	sealed, err := key.Seal(projections.MeetingField, plain)
	return events.Sealed(sealed), false, err
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
