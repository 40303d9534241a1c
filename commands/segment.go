package commands

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

const (
	// MaxSegments bounds those of an organisation.
	MaxSegments = 200

	maxSegmentName   = 100
	maxSegmentFields = 20 // of the organisation's own that one filters by
)

// CreateSegment saves a filter of leads.
type CreateSegment struct {
	events.SegmentRef
	Name   string               `json:"name"`
	Filter events.SegmentFilter `json:"filter"`
}

func (CreateSegment) CommandType() string { return "segment.create.v1" }

// Decide identifies a segment by its id.
func (c CreateSegment) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if is, ok := o.Segments.Get(c.SegmentID); ok {
		if is.Says(c.Name, c.Filter) {
			return nil, nil
		}
		return nil, errAlreadyExists(c.SegmentID)
	}
	switch {
	case c.SegmentID == uuid.Nil:
		return nil, errInvalid("segment_id", "is missing")
	case o.Segments.All() >= MaxSegments:
		return nil, errInvalid("name", "there are "+strconv.Itoa(MaxSegments)+" segments; remove one first")
	}
	return saveSegment(o, c.SegmentRef, 1, c.Name, c.Filter)
}

// ChangeSegment gives a segment another name or filter.
type ChangeSegment struct {
	events.SegmentRef
	Name      string               `json:"name"`
	Filter    events.SegmentFilter `json:"filter"`
	IfVersion *int                 `json:"if_version,omitzero"`
}

func (ChangeSegment) CommandType() string { return "segment.change.v1" }

// Decide has nothing to do where nothing changes.
func (c ChangeSegment) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is, ok := o.Segments.Get(c.SegmentID)
	switch {
	case !ok:
		return nil, errNotFound(c.SegmentID)
	case is.Says(c.Name, c.Filter):
		return nil, nil
	}
	if err := checkVersion(c.SegmentID, c.IfVersion, is.Version); err != nil {
		return nil, err
	}
	return saveSegment(o, c.SegmentRef, is.Version+1, c.Name, c.Filter)
}

func saveSegment(o *aggregates.Organization, ref events.SegmentRef, version int, name string, filter events.SegmentFilter) ([]events.Event, error) {
	if err := firstError(checkText("name", name, 1, maxSegmentName), checkSegmentFilter(filter)); err != nil {
		return nil, err
	}
	if is := o.Segments.Named(name); is != uuid.Nil && is != ref.SegmentID {
		return nil, errAlreadyExists(is)
	}
	return oneEvent(events.SegmentSaved{SegmentRef: ref, Version: version, Name: name, Filter: filter})
}

func checkSegmentFilter(f events.SegmentFilter) error {
	switch {
	case f.IsZero():
		return errInvalid("filter", "narrows nothing")
	case len(f.Custom) > maxSegmentFields:
		return errInvalid("filter.custom", "must be at most "+strconv.Itoa(maxSegmentFields)+" fields")
	}
	for _, name := range slices.Sorted(maps.Keys(f.Custom)) {
		if err := firstError(checkText("filter.custom", name, 1, 40), checkText("filter.custom", f.Custom[name], 1, 200)); err != nil {
			return err
		}
	}
	return firstError(checkText("filter.tag", f.Tag, 0, 100), checkText("filter.source", f.Source, 0, 40), checkText("filter.company", f.Company, 0, 200), checkText("filter.country", f.Country, 0, 100),
		checkText("filter.outreach_status", f.OutreachStatus, 0, 40), checkText("filter.qualification", f.Qualification, 0, 40))
}

// RemoveSegment takes a segment away.
type RemoveSegment struct {
	events.SegmentRef
}

func (RemoveSegment) CommandType() string { return "segment.remove.v1" }

// Decide doesn't find a segment that was removed.
func (c RemoveSegment) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if _, ok := o.Segments.Get(c.SegmentID); !ok {
		return nil, errNotFound(c.SegmentID)
	}
	return oneEvent(events.SegmentRemoved(c))
}
