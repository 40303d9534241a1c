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
	}
}
