package commands

import (
	"maps"
	"slices"
	"strconv"
	"time"

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
	return namedSegment(o, c.SegmentRef, c.Name, c.Filter).create()
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
	return namedSegment(o, c.SegmentRef, c.Name, c.Filter).change(c.IfVersion)
}

func namedSegment(o *aggregates.Organization, ref events.SegmentRef, name string, filter events.SegmentFilter) namedThing {
	return namedThing{of: &o.Segments, kind: "segment", most: MaxSegments, id: ref.SegmentID, name: name, content: filter,
		check: func() error {
			return firstError(checkText("name", name, 1, maxSegmentName), checkSegmentFilter(filter))
		},
		saved: func(version int) events.Event {
			return events.SegmentSaved{SegmentRef: ref, Version: version, Name: name, Filter: filter}
		}}
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
	return removeNamed(&o.Segments, c.SegmentID, events.SegmentRemoved(c))
}
