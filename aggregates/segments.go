package aggregates

import (
	"crypto/sha256"
	"strings"

	"github.com/google/uuid"

	"outrider/events"
)

// Segments are the filters of leads that members have saved.
type Segments struct {
	byID  map[uuid.UUID]Segment
	named map[string]uuid.UUID // by their names in lower case
}

// Segment is what decisions need to know of one.
type Segment struct {
	Version int
	name    string // in lower case
	says    [sha256.Size]byte
}

type segmentContent struct {
	Name   string
	Filter events.SegmentFilter
}

// Says reports whether a segment has this name and filter.
func (s Segment) Says(name string, filter events.SegmentFilter) bool {
	return s.says == digestOf(segmentContent{name, filter})
}

// Get returns a segment, and whether there is one.
func (s *Segments) Get(id uuid.UUID) (Segment, bool) {
	is, ok := s.byID[id]
	return is, ok
}

// All counts them.
func (s *Segments) All() int { return len(s.byID) }

// Named returns which segment has a name, case ignored; uuid.Nil = none.
func (s *Segments) Named(name string) uuid.UUID { return s.named[strings.ToLower(name)] }

func (s *Segments) applyEvent(event events.SegmentEvent) {
	is := s.byID[event.Segment()]
	delete(s.named, is.name)
	switch e := event.(type) {
	case events.SegmentSaved:
		is = Segment{Version: e.Version, name: strings.ToLower(e.Name), says: digestOf(segmentContent{e.Name, e.Filter})}
		putInMap(&s.byID, e.SegmentID, is)
		putInMap(&s.named, is.name, e.SegmentID)
	case events.SegmentRemoved:
		delete(s.byID, e.SegmentID)
	}
}
