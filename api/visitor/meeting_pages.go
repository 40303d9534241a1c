package visitor

import (
	"net/http"
	"time"

	"outrider/internal/linktoken"
	"outrider/projections"
)

// changePage is that on which a meeting is moved or cancelled.
type changePage struct {
	bookingPage
	Times meetingTimes
	Join  string // where people meet; empty = nowhere that is known
}

// statePage says how a meeting stands.
type statePage struct {
	Title, Alert, Text, File, Link, LinkText string
	Off                                      bool
	Times                                    meetingTimes
}

func (h *Handlers) showChange(c *Call, status int, m *ownMeeting, say, picked string) error {
	p := changePage{bookingPage: m.showDays(m.zone, c.Query("from")), Times: m.times(m.StartsAt)}
	if m.Link != nil {
		p.Join = *m.Link
	}
	p.Title, p.Alert, p.Picked = "Your meeting with "+m.org.Name, say, picked
	return h.showPage(c.Ctx, status, "meeting", p)
}

// times are those of the meeting if it begins at start.
func (m *ownMeeting) times(start time.Time) meetingTimes {
	return timesOf(m.availability, start, start.Add(m.EndsAt.Sub(m.StartsAt)), m.zone)
}

// showSettled answers for a meeting that can't be changed any more, and reports whether this is one.
func (h *Handlers) showSettled(c *Call, status int, m *ownMeeting, say string) (bool, error) {
	switch {
	case m.Status == projections.MeetingCancelled:
		return true, h.showOff(c, status, m, "")
	case m.StartsAt.After(m.now):
		return false, nil
	}
	p := statePage{Title: "Your meeting with " + m.org.Name, Alert: say, Times: m.times(m.StartsAt)}
	if say == "" {
		p.Text = sayBegun
	}
	return true, h.showPage(c.Ctx, status, "meeting-is", p)
}

// showOff says that a meeting is cancelled, and where another is booked.
func (h *Handlers) showOff(c *Call, status int, m *ownMeeting, say string) error {
	p := statePage{Title: "Your meeting is cancelled", Off: true, Text: say, Times: m.times(m.StartsAt), LinkText: "Find another time",
		Link: "/b/" + h.cfg.Signer.Sign(linktoken.Booking, linktoken.Token{Org: m.token.Org, Message: *m.MessageID})}
	if status >= http.StatusBadRequest {
		p.Text, p.Alert = "", say
	}
	return h.showPage(c.Ctx, status, "meeting-is", p)
}

func (h *Handlers) showMoved(c *Call, m *ownMeeting, start time.Time) error {
	return h.showPage(c.Ctx, http.StatusOK, "meeting-is", statePage{Title: "Your meeting has another time", Text: sayMoved, Times: m.times(start), File: m.self + "/meeting.ics",
		Link: m.self, LinkText: "Move or cancel the meeting"})
}
