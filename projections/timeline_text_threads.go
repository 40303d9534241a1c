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

type responseDetail struct {
	ResponseID uuid.UUID `json:"response_id"`
	At         time.Time `json:"at,omitzero"`
	Reason     string    `json:"reason,omitzero"`
	Code       int       `json:"code,omitzero"`
}

type responseResolvedDetail struct {
	ResponseID uuid.UUID `json:"response_id"`
	Sent       bool      `json:"sent,omitzero"`
	By         string    `json:"by"`
}

type threadMarkedDetail struct {
	ThreadID uuid.UUID `json:"thread_id"`
	Unread   bool      `json:"unread,omitzero"`
}

type noteDetail struct {
	ThreadID uuid.UUID `json:"thread_id"`
	NoteID   uuid.UUID `json:"note_id"`
	Mentions int       `json:"mentions,omitzero"`
}

type referralSettledDetail struct {
	ThreadID  uuid.UUID `json:"thread_id"`
	NewLeadID uuid.UUID `json:"new_lead_id,omitzero"`
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
		tellAs(func(e events.ThreadNoted) noteDetail { return noteDetail{e.ThreadID, e.NoteID, len(e.Mentions)} }, func(d noteDetail) sentence {
			if d.Mentions > 0 {
				return sentence{"mentions", "A member left a note for others in the conversation."}
			}
			return sentence{english: "A member left a note in the conversation."}
		}),
		tellAs(func(e events.ThreadNoteRemoved) noteDetail { return noteDetail{e.ThreadID, e.NoteID, 0} }, func(noteDetail) sentence {
			return sentence{english: "A note was taken away from the conversation."}
		}),
		tellSentence[events.ThreadMailIdentified]("Whom to answer was recorded."),
		tellAs(func(e events.ReferralSettled) referralSettledDetail {
			return referralSettledDetail{e.ThreadID, e.NewLeadID}
		}, func(d referralSettledDetail) sentence {
			if d.NewLeadID == uuid.Nil {
				return sentence{"dismissed", "The person whom the answer names isn't written to."}
			}
			return sentence{english: "The person whom the answer names became a lead."}
		}),
		tellAs(func(e events.ResponseWritten) responseDetail {
			return responseDetail{ResponseID: e.ResponseID, At: e.SendAt}
		}, func(d responseDetail) sentence {
			return sentence{english: "A member answered; the answer leaves" + onMinute(" at ", d.At) + "."}
		}),
		tellAs(func(e events.ResponseCancelled) responseDetail {
			return responseDetail{ResponseID: e.ResponseID, Reason: e.Reason}
		}, func(d responseDetail) sentence {
			if d.Reason == events.ResponseTakenBack {
				return sentence{"taken_back", "The member's answer was taken back before it left."}
			}
			return sentence{english: "The member's answer isn't sent" + addReason(d.Reason) + "."}
		}),
		tellSentence[events.ResponseDue]("It is time to send the member's answer."),
		tellSentence[events.ResponseClaimed]("The member's answer is being sent."),
		tellAs(func(e events.ResponseSent) responseDetail { return responseDetail{ResponseID: e.ResponseID} }, func(responseDetail) sentence {
			return sentence{english: "The member's answer was sent."}
		}),
		tellAs(func(e events.ResponseDeferred) responseDetail {
			return responseDetail{ResponseID: e.ResponseID, At: e.RetryAt, Code: e.Code}
		}, func(d responseDetail) sentence {
			return sentence{english: "The member's answer couldn't be sent; it is tried again" + onMinute(" at ", d.At) + "."}
		}),
		tellAs(func(e events.ResponseFailed) responseDetail {
			return responseDetail{ResponseID: e.ResponseID, Code: e.Code}
		}, func(responseDetail) sentence {
			return sentence{english: "The member's answer couldn't be sent."}
		}),
		tellSentence[events.ResponseInDoubt]("It is unknown whether the member's answer was sent."),
		tellAs(func(e events.ResponseResolved) responseResolvedDetail {
			return responseResolvedDetail{e.ResponseID, e.Sent, e.By}
		}, func(d responseResolvedDetail) sentence {
			if d.Sent {
				return sentence{"sent", "It is known now that the member's answer was sent."}
			}
			return sentence{english: "It is known now that the member's answer wasn't sent."}
		}),
	}
}
