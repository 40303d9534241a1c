package googlecalendarlike

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"outrider/internal/zone"
)

// when is a time of an event, or a whole day.
type when struct {
	DateTime string `json:"dateTime,omitempty"`
	Date     string `json:"date,omitempty"`
	TimeZone string `json:"timeZone,omitempty"`
}

// event is one as it is answered with.
type event struct {
	Kind         string         `json:"kind"`
	ETag         string         `json:"etag"`
	ID           string         `json:"id"`
	Status       string         `json:"status"`
	HTMLLink     string         `json:"htmlLink,omitempty"`
	Created      string         `json:"created,omitempty"`
	Updated      string         `json:"updated,omitempty"`
	Summary      string         `json:"summary,omitempty"`
	Description  string         `json:"description,omitempty"`
	Start        *when          `json:"start,omitempty"`
	End          *when          `json:"end,omitempty"`
	Transparency string         `json:"transparency,omitempty"`
	Recurrence   []string       `json:"recurrence,omitempty"`
	ICalUID      string         `json:"iCalUID,omitempty"`
	Sequence     int            `json:"sequence"`
	HangoutLink  string         `json:"hangoutLink,omitempty"`
	Conference   *conference    `json:"conferenceData,omitempty"`
	Extended     map[string]any `json:"extendedProperties,omitempty"`

	changed int64
	pending bool
}

type conference struct {
	CreateRequest *createRequest `json:"createRequest,omitempty"`
	EntryPoints   []entryPoint   `json:"entryPoints,omitempty"`
	Solution      map[string]any `json:"conferenceSolution,omitempty"`
	ID            string         `json:"conferenceId,omitempty"`
}

type createRequest struct {
	RequestID string            `json:"requestId,omitempty"`
	Key       map[string]string `json:"conferenceSolutionKey,omitempty"`
	Status    map[string]string `json:"status,omitempty"`
}

type entryPoint struct {
	Type  string `json:"entryPointType"`
	URI   string `json:"uri"`
	Label string `json:"label,omitempty"`
}

// setLink makes the conference of an event.
func (e *event) setLink() {
	code := e.ID[:min(len(e.ID), 10)]
	e.HangoutLink = "https://meet.google.com/" + code
	e.Conference = &conference{CreateRequest: &createRequest{RequestID: e.Conference.CreateRequest.RequestID, Key: map[string]string{"type": "hangoutsMeet"}, Status: map[string]string{"statusCode": "success"}},
		EntryPoints: []entryPoint{{"video", e.HangoutLink, "meet.google.com/" + code}}, Solution: map[string]any{"key": map[string]string{"type": "hangoutsMeet"}, "name": "Google Meet"}, ID: code}
	e.pending = false
}

func parseWhen(w *when, loc *time.Location) (time.Time, bool) {
	switch {
	case w == nil:
	case w.Date != "":
		t, err := time.ParseInLocation(time.DateOnly, w.Date, loc)
		return t, err == nil
	case w.DateTime != "":
		t, err := time.Parse(time.RFC3339, w.DateTime)
		return t, err == nil
	}
	return time.Time{}, false
}

func (c *calendar) location() *time.Location {
	loc, err := zone.Load(c.zone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// span returns when an event is. A whole day goes from midnight to midnight where the calendar is, however long that day is.
func (c *calendar) span(e *event) (from, to time.Time, ok bool) {
	from, ok1 := parseWhen(e.Start, c.location())
	to, ok2 := parseWhen(e.End, c.location())
	return from, to, ok1 && ok2 && to.After(from)
}

// busy returns when a calendar is busy, joined where events touch each other.
func (c *calendar) busy(from, to time.Time) (out []map[string]string) {
	type span struct{ from, to time.Time }
	var all []span
	for _, id := range c.order {
		e := c.events[id]
		a, b, ok := c.span(e)
		if e.Status == "cancelled" || e.Transparency == "transparent" || !ok || !a.Before(to) || !b.After(from) {
			continue
		}
		all = append(all, span{later(a, from), earlier(b, to)})
	}
	slices.SortFunc(all, func(x, y span) int { return x.from.Compare(y.from) })
	var joined []span
	for _, s := range all {
		if n := len(joined); n > 0 && !s.from.After(joined[n-1].to) {
			joined[n-1].to = later(joined[n-1].to, s.to)
			continue
		}
		joined = append(joined, s)
	}
	for _, s := range joined {
		out = append(out, map[string]string{"start": s.from.UTC().Format(time.RFC3339), "end": s.to.UTC().Format(time.RFC3339)})
	}
	return out
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// Entry is an event as somebody sees it.
type Entry struct {
	ID, Summary, Description, Status, Link string
	Start, End                             time.Time
}

// Events are those of a calendar that weren't deleted, in the order in which they came.
func (s *Server) Events(id string) (out []Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.calendars[id]
	for _, key := range c.order {
		e := c.events[key]
		if e.Status == "cancelled" {
			continue
		}
		from, to, _ := c.span(e)
		out = append(out, Entry{e.ID, e.Summary, e.Description, e.Status, e.HangoutLink, from, to})
	}
	return out
}

// OwnPrefix begins the ids of events that somebody has written into their calendar by hand.
const OwnPrefix = "own"

// Busy are those of Events that somebody has written by hand, and that keep them.
func (s *Server) Busy(id string) (out []Entry) {
	for _, e := range s.Events(id) {
		s.mu.Lock()
		free := s.calendars[id].events[e.ID].Transparency == "transparent"
		s.mu.Unlock()
		if strings.HasPrefix(e.ID, OwnPrefix) && !free {
			out = append(out, e)
		}
	}
	return out
}

// Put is somebody who writes an event into their calendar. Free ones are marked as such.
func (s *Server) Put(id string, from, to time.Time, free bool) string {
	return s.put(id, &when{DateTime: from.Format(time.RFC3339)}, &when{DateTime: to.Format(time.RFC3339)}, free)
}

// PutDays is somebody who writes whole days into their calendar; last is the day after.
func (s *Server) PutDays(id, first, last string, free bool) string {
	return s.put(id, &when{Date: first}, &when{Date: last}, free)
}

func (s *Server) put(id string, start, end *when, free bool) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.calendars[id]
	e := &event{Kind: "calendar#event", ID: fmt.Sprint(OwnPrefix, len(c.order)+1), Status: "confirmed", Summary: "something else", Start: start, End: end, Created: s.stamp()}
	if free {
		e.Transparency = "transparent"
	}
	s.keep(c, e)
	return e.ID
}

// Move is somebody who gives an event another time.
func (s *Server) Move(id, event string, from, to time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.calendars[id]
	e := c.events[event]
	e.Start, e.End = &when{DateTime: from.Format(time.RFC3339)}, &when{DateTime: to.Format(time.RFC3339)}
	s.keep(c, e)
}

// Rename is somebody who gives an event another name, which changes nothing else of it.
func (s *Server) Rename(id, event, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.calendars[id]
	c.events[event].Summary = name
	s.keep(c, c.events[event])
}

// Delete is somebody who deletes an event.
func (s *Server) Delete(id, event string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.calendars[id]
	c.events[event].Status = "cancelled"
	s.keep(c, c.events[event])
}

func (s *Server) stamp() string { return s.now().UTC().Format("2006-01-02T15:04:05.000Z") }

// keep notes a change, and tells those who watch.
func (s *Server) keep(c *calendar, e *event) {
	if c.events[e.ID] == nil {
		c.order = append(c.order, e.ID)
		e.HTMLLink, e.ICalUID = "https://www.google.com/calendar/event?eid="+e.ID, e.ID+"@google.com"
	}
	e.ETag, e.Updated = s.etag(), s.stamp()
	e.changed = s.number
	c.events[e.ID] = e
	s.save()
	for _, ch := range s.channels {
		if ch.calendar == c.id && ch.until.After(s.now()) { // those that were stopped may go on for a while
			s.push(ch, "exists")
		}
	}
}

func (s *Server) push(ch *channel, state string) {
	ch.messages++
	h := map[string][]string{}
	for name, v := range map[string]string{"X-Goog-Channel-ID": ch.id, "X-Goog-Channel-Token": ch.token, "X-Goog-Resource-ID": ch.resource, "X-Goog-Resource-State": state, "X-Goog-Message-Number": fmt.Sprint(ch.messages),
		"X-Goog-Channel-Expiration": ch.until.UTC().Format(time.RFC1123), "X-Goog-Resource-URI": "https://www.googleapis.com/calendar/v3/calendars/" + ch.calendar + "/events?alt=json"} {
		if v != "" {
			h[name] = []string{v}
		}
	}
	s.pushes = append(s.pushes, Push{ch.address, h})
}

// Pushes returns what is posted since the last call.
func (s *Server) Pushes() []Push {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.pushes
	s.pushes = nil
	return out
}

// Channels lists those that neither ended nor were stopped, by the calendar.
func (s *Server) Channels() map[string][]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string][]string{}
	for _, ch := range s.channels {
		if !ch.stopped && ch.until.After(s.now()) {
			out[ch.calendar] = append(out[ch.calendar], ch.id)
		}
	}
	return out
}

func validID(id string) bool {
	return len(id) >= 5 && len(id) <= 1024 && !strings.ContainsFunc(id, func(r rune) bool { return (r < 'a' || r > 'v') && (r < '0' || r > '9') })
}
