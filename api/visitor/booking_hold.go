package visitor

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/linktoken"
)

// slotToHold is a time that was chosen, and by whom.
type slotToHold struct {
	token linktoken.Token
	lead  uuid.UUID
	start time.Time
	zone  *time.Location
	who   Guest
}

// holdSlot keeps a time for a guest, and asks for the rest. Whoever comes with the whole form at once books without it.
func (h *Handlers) holdSlot(ctx context.Context, c *Call, d *availability, s slotToHold, again func(status int, say string) error) error {
	cmd := commands.HoldSlot{MeetingRef: events.MeetingRef{MeetingID: d.next, LeadID: s.lead}, StartsAt: s.start.UTC(), Hosts: namedHosts(d.freeHosts(s.start))}
	period := uint64(d.now.Truncate(commands.HoldFor).Unix()) << 20 // once it is over it can be held again
	a, err := h.decideOnce(ctx, c, request{token: s.token, lead: s.lead, what: "booking.hold", fingerprint: uint64(s.start.Unix()) ^ period, seen: d.seen, cmd: cmd})
	if err != nil {
		return err
	}
	_ = h.cfg.AwaitMeetings(ctx, c.Position)
	switch {
	case a.Outcome != es.Refused:
	case a.Code == commands.CodeSlotTaken:
		return again(http.StatusConflict, sayTaken)
	case a.Code == commands.CodeSlotClosed:
		return again(http.StatusConflict, sayClosed)
	default:
		return &es.Refusal{Code: a.Code, Detail: a.Detail}
	}
	return h.showRest(c, http.StatusOK, d, s, "")
}

// showRest asks a guest for what is missing besides the time.
func (h *Handlers) showRest(c *Call, status int, d *availability, s slotToHold, say string) error {
	p := d.showDays(s.zone, "")
	p.Alert, p.Days, p.Picked = say, nil, s.start.UTC().Format(time.RFC3339)
	p.Name, p.Email, p.Note = s.who.Name, s.who.Email, s.who.Note
	p.Held = timesOf(d, s.start, s.start.Add(d.slotLength()), s.zone).When
	p.HeldMinutes = int(commands.HoldFor / time.Minute)
	return h.showPage(c.Ctx, status, "booking", p)
}

// namedHosts leaves out the organisation as a whole.
func namedHosts(hosts []uuid.UUID) []uuid.UUID {
	return slices.DeleteFunc(hosts, func(h uuid.UUID) bool { return h == uuid.Nil })
}

// stillFree returns who has time at a slot, as their calendars say now.
func (h *Handlers) stillFree(ctx context.Context, org uuid.UUID, d *availability, start time.Time) []uuid.UUID {
	hosts := namedHosts(d.freeHosts(start))
	if h.cfg.StillFree == nil || len(hosts) == 0 {
		return hosts
	}
	return h.cfg.StillFree(ctx, org, hosts, start, start.Add(d.slotLength()))
}
