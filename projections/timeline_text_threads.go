package projections

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

type threadStatusDetail struct {
	ThreadID uuid.UUID `json:"thread_id"`
	Status   string    `json:"status"`
	Until    time.Time `json:"until,omitzero"`
}

type threadAssignedDetail struct {
	ThreadID uuid.UUID `json:"thread_id"`
	Assignee uuid.UUID `json:"assignee,omitzero"`
}

type threadMarkedDetail struct {
	ThreadID uuid.UUID `json:"thread_id"`
	Unread   bool      `json:"unread,omitzero"`
}

func threadTexts() []timelineText {
	return []timelineText{
		tellAs(func(e events.ThreadStatusSet) threadStatusDetail {
			return threadStatusDetail{e.ThreadID, e.Status, e.Until}
		}, func(d threadStatusDetail) sentence {
			switch d.Status {
			case events.ThreadDone:
				return sentence{"done", "The conversation was marked as done."}
			case events.ThreadSnoozed:
				return sentence{"snoozed", "The conversation was put off" + onMinute(" until ", d.Until) + "."}
			}
			return sentence{english: "The conversation needs an answer."}
		}),
		tellAs(func(e events.ThreadAssigned) threadAssignedDetail {
			return threadAssignedDetail{e.ThreadID, e.Assignee}
		}, func(d threadAssignedDetail) sentence {
			if d.Assignee == uuid.Nil {
				return sentence{"nobody", "Nobody looks after the conversation any more."}
			}
			return sentence{english: "A member looks after the conversation."}
		}),
		tellAs(func(e events.ThreadMarked) threadMarkedDetail { return threadMarkedDetail{e.ThreadID, e.Unread} }, func(d threadMarkedDetail) sentence {
			if d.Unread {
				return sentence{"unread", "The conversation was marked as unread."}
			}
			return sentence{english: "The conversation was read."}
		}),
		tellSentence[events.ThreadMailIdentified]("Whom to answer was recorded."),
	}
}
