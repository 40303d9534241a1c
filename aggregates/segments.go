package aggregates

import "outrider/events"

func (o *Organization) applySegment(event events.SegmentEvent) {
	switch e := event.(type) {
	case events.SegmentSaved:
		o.Segments.save(e.SegmentID, e.Version, e.Name, e.Filter)
	case events.SegmentRemoved:
		o.Segments.remove(e.SegmentID)
	}
}
