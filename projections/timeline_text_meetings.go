package projections

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

type meetingBookedDetail struct {
	sentMessageDetail
	MeetingID uuid.UUID `json:"meeting_id"`
	StartsAt  time.Time `json:"starts_at"`
	EndsAt    time.Time `json:"ends_at"`
}

type meetingCancelledDetail struct {
	MeetingID uuid.UUID `json:"meeting_id"`
	Reason    string    `json:"reason"`
}

type meetingReplacedDetail struct {
	MeetingID uuid.UUID `json:"meeting_id"`
	By        uuid.UUID `json:"by"`
}

type meetingMovedDetail struct {
	MeetingID uuid.UUID `json:"meeting_id"`
	WasAt     time.Time `json:"was_at"`
	StartsAt  time.Time `json:"starts_at"`
	EndsAt    time.Time `json:"ends_at"`
}

type meetingOutcomeDetail struct {
	MeetingID uuid.UUID `json:"meeting_id"`
	Outcome   string    `json:"outcome"`
}

type meetingPlacedDetail struct {
	Late bool `json:"late,omitzero"`
}

type slotHeldDetail struct {
	StartsAt time.Time `json:"starts_at"`
}

func meetingTexts() []timelineText {
	return []timelineText{
		tellAs(func(e events.MeetingBooked) meetingBookedDetail {
			return meetingBookedDetail{detailOfSentMessage(e.SentMessageRef), e.MeetingID, e.StartsAt, e.EndsAt}
		}, func(d meetingBookedDetail) sentence {
			return sentence{english: "Booked a meeting" + onMinute(" for ", d.StartsAt) + "."}
		}),
		tellSentence[events.MeetingConfirmationClaimed]("The confirmation of the meeting is being sent."),
		tellAs(func(e events.MeetingCancelled) meetingCancelledDetail {
			return meetingCancelledDetail{e.MeetingID, e.Reason}
		}, func(d meetingCancelledDetail) sentence {
			return sentence{english: "The meeting was cancelled" + addReason(d.Reason) + "."}
		}),
		tellSentence[events.MeetingCancellationClaimed]("The guest is being told that the meeting is off."),
		tellAs(func(e events.MeetingRescheduled) meetingMovedDetail {
			return meetingMovedDetail{e.MeetingID, e.WasAt, e.StartsAt, e.EndsAt}
		}, func(d meetingMovedDetail) sentence {
			return sentence{english: "The meeting was moved" + onMinute(" to ", d.StartsAt) + "."}
		}),
		tellAs(func(e events.MeetingReplaced) meetingReplacedDetail {
			return meetingReplacedDetail{e.MeetingID, e.By}
		}, func(meetingReplacedDetail) sentence {
			return sentence{english: "The meeting was moved on the page where it was booked; it goes on as another one."}
		}),
		tellSentence[events.MeetingMoveClaimed]("The guest is being told the new time of the meeting."),
		tellAs(func(e events.MeetingPlaced) meetingPlacedDetail { return meetingPlacedDetail{e.Late} }, func(d meetingPlacedDetail) sentence {
			if d.Late {
				return sentence{"late", "The meeting isn't in the calendar of its host yet; the guest isn't kept waiting for that."}
			}
			return sentence{english: "The meeting is in the calendar of its host."}
		}),
		tellAs(func(e events.MeetingSlotHeld) slotHeldDetail { return slotHeldDetail{e.StartsAt} }, func(d slotHeldDetail) sentence {
			return sentence{english: "A time is held while the form is filled in" + onMinute(": ", d.StartsAt) + "."}
		}),
		tellAs(func(e events.MeetingOutcomeSet) meetingOutcomeDetail {
			return meetingOutcomeDetail{e.MeetingID, e.Outcome}
		}, func(d meetingOutcomeDetail) sentence {
			switch d.Outcome {
			case events.MeetingHeld:
				return sentence{d.Outcome, "The meeting took place."}
			case events.MeetingNoShow:
				return sentence{d.Outcome, "The guest didn't come to the meeting."}
			}
			return sentence{english: "What came of the meeting is open again."}
		}),
	}
}
