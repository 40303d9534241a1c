package googlecalendarlike

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const base = "/calendar/v3"

func (s *Server) routes() {
	for pattern, handle := range map[string]func(http.ResponseWriter, *http.Request){
		"GET " + base + "/users/me/calendarList":            s.listCalendars,
		"GET " + base + "/users/me/calendarList/{id}":       s.getCalendar,
		"POST " + base + "/freeBusy":                        s.freeBusy,
		"GET " + base + "/calendars/{id}/events":            s.listEvents,
		"POST " + base + "/calendars/{id}/events":           s.insert,
		"GET " + base + "/calendars/{id}/events/{event}":    s.getEvent,
		"PATCH " + base + "/calendars/{id}/events/{event}":  s.patch,
		"DELETE " + base + "/calendars/{id}/events/{event}": s.deleteEvent,
		"POST " + base + "/calendars/{id}/events/watch":     s.watch,
		"POST " + base + "/channels/stop":                   s.stop,
		"/":                                                 func(w http.ResponseWriter, _ *http.Request) { problem(w, http.StatusNotFound, "notFound", "Not Found") },
	} {
		s.mux.HandleFunc(pattern, handle)
	}
}

func (c *calendar) entry() map[string]any {
	out := map[string]any{"kind": "calendar#calendarListEntry", "etag": `"1"`, "id": c.id, "summary": c.name, "timeZone": c.zone, "accessRole": c.role, "defaultReminders": []any{}}
	if c.primary {
		out["primary"] = true
	}
	return out
}

func (s *Server) listCalendars(w http.ResponseWriter, r *http.Request) {
	s.requests["calendars"]++
	var shown []string
	for _, id := range s.order {
		if c := s.calendars[id]; c != nil && !c.hidden {
			shown = append(shown, id)
		}
	}
	at, _ := strconv.Atoi(r.URL.Query().Get("pageToken"))
	end := min(at+s.pageSize, len(shown))
	items := []any{}
	for _, id := range shown[min(at, end):end] {
		items = append(items, s.calendars[id].entry())
	}
	out := map[string]any{"kind": "calendar#calendarList", "etag": `"1"`, "items": items}
	if end < len(shown) {
		out["nextPageToken"] = strconv.Itoa(end)
	} else {
		out["nextSyncToken"] = "c1"
	}
	answer(w, out)
}

func (s *Server) getCalendar(w http.ResponseWriter, r *http.Request) {
	c := s.find(r)
	if c == nil || c.hidden {
		problem(w, http.StatusNotFound, "notFound", "Not Found")
		return
	}
	answer(w, c.entry())
}

func (s *Server) find(r *http.Request) *calendar {
	id := r.PathValue("id")
	if id == "primary" {
		id = s.account
	}
	return s.calendars[id]
}

func (s *Server) freeBusy(w http.ResponseWriter, r *http.Request) {
	s.requests["freeBusy"]++
	var asked struct {
		TimeMin, TimeMax string
		Items            []struct{ ID string }
	}
	if json.NewDecoder(r.Body).Decode(&asked) != nil {
		problem(w, http.StatusBadRequest, "parseError", "Parse Error")
		return
	}
	from, err1 := time.Parse(time.RFC3339, asked.TimeMin)
	to, err2 := time.Parse(time.RFC3339, asked.TimeMax)
	switch {
	case err1 != nil || err2 != nil || !to.After(from):
		problem(w, http.StatusBadRequest, "timeRangeEmpty", "The specified time range is empty.")
		return
	case to.Sub(from) > 92*24*time.Hour:
		problem(w, http.StatusBadRequest, "timeRangeTooLong", "The requested time range is too long.")
		return
	case len(asked.Items) > 50:
		problem(w, http.StatusBadRequest, "tooManyCalendarsRequested", "Too many calendars.")
		return
	}
	out := map[string]any{}
	for _, i := range asked.Items {
		c := s.calendars[i.ID]
		reason := s.bad.Unreadable[i.ID]
		if c == nil {
			reason = "notFound"
		}
		if reason != "" {
			out[i.ID] = map[string]any{"errors": []any{map[string]string{"domain": "global", "reason": reason}}, "busy": []any{}}
			continue
		}
		busy := c.busy(from, to)
		if busy == nil {
			busy = []map[string]string{}
		}
		out[i.ID] = map[string]any{"busy": busy}
	}
	answer(w, map[string]any{"kind": "calendar#freeBusy", "timeMin": from.UTC().Format(time.RFC3339), "timeMax": to.UTC().Format(time.RFC3339), "calendars": out})
}

// listEvents answers with changes since a token, or with all that there is.
func (s *Server) listEvents(w http.ResponseWriter, r *http.Request) {
	s.requests["events"]++
	c, q := s.find(r), r.URL.Query()
	if c == nil || c.role == "freeBusyReader" {
		problem(w, http.StatusNotFound, "notFound", "Not Found")
		return
	}
	since := int64(-1)
	if t := q.Get("syncToken"); t != "" {
		n, err := strconv.ParseInt(strings.TrimPrefix(t, "s"), 10, 64)
		if q.Get("timeMin")+q.Get("timeMax")+q.Get("q")+q.Get("orderBy")+q.Get("updatedMin") != "" {
			problem(w, http.StatusBadRequest, "invalid", "Sync token cannot be used with other query restrictions.")
			return
		}
		if err != nil || n < s.forgotten {
			problem(w, http.StatusGone, "fullSyncRequired", "Sync token is no longer valid, a full sync is required.")
			return
		}
		since = n
	}
	var found []*event
	for _, id := range c.order {
		e := c.events[id]
		if since >= 0 && e.changed > since || since < 0 && (e.Status != "cancelled" || q.Get("showDeleted") == "true") {
			found = append(found, e)
		}
	}
	size := s.pageSize
	if n, err := strconv.Atoi(q.Get("maxResults")); err == nil {
		size = min(size, n)
	}
	at, _ := strconv.Atoi(q.Get("pageToken"))
	end := min(at+size, len(found))
	items := []any{}
	for _, e := range found[min(at, end):end] {
		items = append(items, e.shown(since >= 0))
	}
	out := map[string]any{"kind": "calendar#events", "etag": `"1"`, "summary": c.name, "timeZone": c.zone, "accessRole": c.role, "updated": s.stamp(), "defaultReminders": []any{}, "items": items}
	if end < len(found) {
		out["nextPageToken"] = strconv.Itoa(end)
		if s.bad.OnPage != nil {
			s.mu.Unlock()
			s.bad.OnPage()
			s.mu.Lock()
		}
	} else {
		out["nextSyncToken"] = "s" + strconv.FormatInt(s.number, 10)
	}
	answer(w, out)
}

// shown is an event in an answer; of a deleted one no more than that may be said.
func (e *event) shown(short bool) any {
	if e.Status == "cancelled" && short {
		return map[string]any{"kind": e.Kind, "etag": e.ETag, "id": e.ID, "status": e.Status}
	}
	return e
}

func (s *Server) insert(w http.ResponseWriter, r *http.Request) {
	s.requests["insert"]++
	c := s.writable(w, r)
	if c == nil {
		return
	}
	var e event
	if json.NewDecoder(r.Body).Decode(&e) != nil {
		problem(w, http.StatusBadRequest, "parseError", "Parse Error")
		return
	}
	if e.ID == "" {
		e.ID = fmt.Sprintf("made%d", s.number+1)
	}
	if _, _, ok := c.span(&e); !ok || !validID(e.ID) {
		problem(w, http.StatusBadRequest, "invalid", "Invalid resource id value or time range.")
		return
	}
	if c.events[e.ID] != nil { // also of a deleted one
		problem(w, http.StatusConflict, "duplicate", "The requested identifier already exists.")
		return
	}
	e.Kind, e.Status, e.Created, e.HangoutLink = "calendar#event", "confirmed", s.stamp(), ""
	switch asked := e.Conference != nil && e.Conference.CreateRequest != nil && r.URL.Query().Get("conferenceDataVersion") == "1"; {
	case !asked:
		e.Conference = nil
	case take(&s.bad.SlowLink):
		e.pending = true
		e.Conference = &conference{CreateRequest: &createRequest{RequestID: e.Conference.CreateRequest.RequestID, Key: map[string]string{"type": "hangoutsMeet"}, Status: map[string]string{"statusCode": "pending"}}}
	default:
		e.setLink()
	}
	s.keep(c, &e)
	answer(w, &e)
}

func (s *Server) writable(w http.ResponseWriter, r *http.Request) *calendar {
	c := s.find(r)
	switch {
	case c == nil || c.role == "freeBusyReader":
		problem(w, http.StatusNotFound, "notFound", "Not Found")
		return nil
	case !slices.Contains([]string{"owner", "writer"}, c.role):
		problem(w, http.StatusForbidden, "requiredAccessLevel", "You need to have writer access to this calendar.")
		return nil
	}
	return c
}

func (s *Server) getEvent(w http.ResponseWriter, r *http.Request) {
	s.requests["get"]++
	c := s.find(r)
	if c == nil || c.events[r.PathValue("event")] == nil {
		problem(w, http.StatusNotFound, "notFound", "Not Found")
		return
	}
	e := c.events[r.PathValue("event")]
	if e.pending {
		e.setLink()
	}
	answer(w, e)
}

func (s *Server) patch(w http.ResponseWriter, r *http.Request) {
	s.requests["patch"]++
	c := s.writable(w, r)
	if c == nil {
		return
	}
	e := c.events[r.PathValue("event")]
	if e == nil || e.Status == "cancelled" {
		problem(w, http.StatusNotFound, "notFound", "Not Found")
		return
	}
	if m := r.Header.Get("If-Match"); m != "" && m != e.ETag && m != "*" {
		problem(w, http.StatusPreconditionFailed, "conditionNotMet", "Precondition Failed")
		return
	}
	var p struct {
		Summary, Description *string
		Start, End           *when
	}
	if json.NewDecoder(r.Body).Decode(&p) != nil {
		problem(w, http.StatusBadRequest, "parseError", "Parse Error")
		return
	}
	if p.Summary != nil {
		e.Summary = *p.Summary
	}
	if p.Description != nil {
		e.Description = *p.Description
	}
	if p.Start != nil && p.End != nil {
		e.Start, e.End = p.Start, p.End
		e.Sequence++
	}
	s.keep(c, e)
	answer(w, e)
}

func (s *Server) deleteEvent(w http.ResponseWriter, r *http.Request) {
	s.requests["delete"]++
	c := s.writable(w, r)
	if c == nil {
		return
	}
	e := c.events[r.PathValue("event")]
	switch {
	case e == nil:
		problem(w, http.StatusNotFound, "notFound", "Not Found")
		return
	case e.Status == "cancelled":
		problem(w, http.StatusGone, "deleted", "Resource has been deleted")
		return
	}
	e.Status = "cancelled"
	s.keep(c, e)
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) watch(w http.ResponseWriter, r *http.Request) {
	s.requests["watch"]++
	c := s.find(r)
	if c == nil || c.role == "freeBusyReader" {
		problem(w, http.StatusNotFound, "notFound", "Not Found")
		return
	}
	var asked struct {
		ID, Type, Address, Token string
		Params                   map[string]string
	}
	if json.NewDecoder(r.Body).Decode(&asked) != nil || asked.ID == "" || asked.Type != "web_hook" || asked.Address == "" {
		problem(w, http.StatusBadRequest, "required", "Required")
		return
	}
	if s.channels[asked.ID] != nil {
		problem(w, http.StatusBadRequest, "channelIdNotUnique", "Channel id not unique")
		return
	}
	ttl := 7 * 24 * time.Hour
	if n, err := strconv.Atoi(asked.Params["ttl"]); err == nil {
		ttl = min(ttl, time.Duration(n)*time.Second)
	}
	ch := &channel{id: asked.ID, calendar: c.id, address: asked.Address, token: asked.Token, resource: fmt.Sprintf("r%d", len(s.channels)+1), until: s.now().Add(ttl)}
	s.channels[ch.id] = ch
	s.push(ch, "sync")
	out := map[string]any{"kind": "api#channel", "id": ch.id, "resourceId": ch.resource, "resourceUri": "https://www.googleapis.com/calendar/v3/calendars/" + c.id + "/events?alt=json", "expiration": strconv.FormatInt(ch.until.UnixMilli(), 10)}
	if ch.token != "" {
		out["token"] = ch.token
	}
	answer(w, out)
}

func (s *Server) stop(w http.ResponseWriter, r *http.Request) {
	s.requests["stop"]++
	var asked struct{ ID, ResourceID string }
	if json.NewDecoder(r.Body).Decode(&asked) != nil {
		problem(w, http.StatusBadRequest, "parseError", "Parse Error")
		return
	}
	ch := s.channels[asked.ID]
	if ch == nil || ch.resource != asked.ResourceID {
		problem(w, http.StatusNotFound, "channelUnknown", "Channel not found")
		return
	}
	ch.stopped = true
	w.WriteHeader(http.StatusNoContent)
}
