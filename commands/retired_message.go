package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// RejectMessages ends sequences without a reason; RejectDrafts has replaced it.
type RejectMessages struct {
	MessageIDs []uuid.UUID `json:"message_ids"`
}

func (RejectMessages) CommandType() string { return "message.reject.v1" }

// Decide also stops the sequence: later steps would follow up on nothing.
func (c RejectMessages) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	return eachWaiting(o, c.MessageIDs, func(msg *aggregates.Message) []events.Event {
		return msg.Enrollment().Stop(events.StopRejected, &msg.ID)
	})
}
