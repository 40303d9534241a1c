package googlecalendarlike

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// saved is what an account holds, and who may ask. Channels aren't in it: what changes is found without them.
type saved struct {
	Calendars map[string]savedCalendar `json:"calendars"`
	Order     []string                 `json:"order"`
	Number    int64                    `json:"number"`
	Forgotten int64                    `json:"forgotten"`
	Refresh   []string                 `json:"refresh"`
	Access    []string                 `json:"access"`
}

type savedCalendar struct {
	Name    string       `json:"name"`
	Zone    string       `json:"zone"`
	Role    string       `json:"role"`
	Primary bool         `json:"primary"`
	Hidden  bool         `json:"hidden"`
	Events  []savedEvent `json:"events"` // in their order
}

type savedEvent struct {
	Event   *event `json:"event"`
	Changed int64  `json:"changed"`
	Pending bool   `json:"pending"`
}

// KeepIn has the account be what a file says, if it is there, and every change written to it before it is answered.
func (s *Server) KeepIn(path string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.file = path
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var from saved
	if err == nil {
		err = json.Unmarshal(b, &from)
	}
	if err != nil {
		return fmt.Errorf("read a calendar: %w", err)
	}
	clear(s.calendars)
	for id, c := range from.Calendars {
		is := &calendar{id: id, name: c.Name, zone: c.Zone, role: c.Role, primary: c.Primary, hidden: c.Hidden, events: map[string]*event{}}
		for _, e := range c.Events {
			e.Event.changed, e.Event.pending = e.Changed, e.Pending
			is.events[e.Event.ID], is.order = e.Event, append(is.order, e.Event.ID)
		}
		s.calendars[id] = is
	}
	s.order, s.number, s.forgotten = from.Order, from.Number, from.Forgotten
	s.OAuth.Admit(from.Refresh, from.Access)
	return nil
}

// Kept returns what kept the last change from being written, if anything did.
func (s *Server) Kept() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.saveErr
}

// save writes what is, whole or not at all, where it is kept.
func (s *Server) save() {
	if s.file == "" {
		return
	}
	to := saved{Calendars: map[string]savedCalendar{}, Order: s.order, Number: s.number, Forgotten: s.forgotten}
	to.Refresh, to.Access = s.OAuth.Tokens()
	for id, c := range s.calendars {
		is := savedCalendar{c.name, c.zone, c.role, c.primary, c.hidden, nil}
		for _, key := range c.order {
			e := c.events[key]
			is.Events = append(is.Events, savedEvent{e, e.changed, e.pending})
		}
		to.Calendars[id] = is
	}
	b, err := json.Marshal(to)
	if err == nil {
		err = os.WriteFile(s.file+".new", b, 0o600)
	}
	if err == nil {
		err = os.Rename(s.file+".new", s.file)
	}
	if s.saveErr = err; err != nil {
		s.saveErr = fmt.Errorf("keep a calendar: %w", err)
	}
}
