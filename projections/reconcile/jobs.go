package reconcile

import (
	"fmt"

	"outrider/events"
	"outrider/internal/es"
)

func foldExport(s *state, e *es.Event) {
	switch p := e.Payload.(type) {
	case events.ExportRequested:
		s.setState(e.Org, p.ExportID, "running")
	case events.ExportCompleted:
		s.changeState(e.Org, p.ExportID, "completed")
	case events.ExportFailed:
		s.changeState(e.Org, p.ExportID, "failed")
	case events.ExportDiscarded:
		s.changeState(e.Org, p.ExportID, "deleted")
	}
}

// bulkCounts is how many leads a bulk operation has handled.
type bulkCounts struct{ done, unchanged, refused int }

func beginBulk() any { return map[item]*bulkCounts{} }

func foldBulk(s *state, e *es.Event) {
	counts := s.also.(map[item]*bulkCounts)
	show := func(x item, status string) {
		if c := counts[x]; c != nil {
			s.setState(x.org, x.id, fmt.Sprintf("%s/%d/%d/%d", status, c.done, c.unchanged, c.refused))
		}
	}
	switch p := e.Payload.(type) {
	case events.BulkRequested:
		counts[item{e.Org, p.BulkID}] = &bulkCounts{}
		show(item{e.Org, p.BulkID}, "running")
	case events.BulkChunkRecorded:
		if c := counts[item{e.Org, p.BulkID}]; c != nil {
			c.done, c.unchanged, c.refused = c.done+p.Done, c.unchanged+p.Unchanged, c.refused+len(p.Refused)
		}
		show(item{e.Org, p.BulkID}, "running")
	case events.BulkCompleted:
		show(item{e.Org, p.BulkID}, "completed")
	}
}

// foldAICall is what the owner of the organisation adds up: what each call of a language model costs, once.
func foldAICall(s *state, e *es.Event) {
	switch p := e.Payload.(type) {
	case events.AICallReserved:
		s.setState(e.Org, p.CallID, p.Task+"/"+p.Provider+"//0")
	case events.AICallSettled:
		s.changeState(e.Org, p.CallID, fmt.Sprintf("%s/%s/%s/%d", p.Task, p.Provider, p.Outcome, p.CostMicros))
	}
}
