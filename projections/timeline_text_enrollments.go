package projections

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// enrollmentDetail is for everything about a lead on a campaign.
type enrollmentDetail struct {
	CampaignID   uuid.UUID `json:"campaign_id"`
	EnrollmentID uuid.UUID `json:"enrollment_id"`
}

func detailOfEnrollment(r events.EnrollmentRef) enrollmentDetail {
	return enrollmentDetail{r.CampaignID, r.EnrollmentID}
}

type enrollmentStartedDetail struct {
	enrollmentDetail
	LeadID  uuid.UUID `json:"lead_id"`
	Counted bool      `json:"counted"`
}

type enrollmentBatchDetail struct {
	CampaignID uuid.UUID `json:"campaign_id"`
	Enrolled   int       `json:"enrolled"`
	Refused    int       `json:"refused"` // how many
}

type enrollmentPausedDetail struct {
	enrollmentDetail
	Reason string    `json:"reason"`
	Until  time.Time `json:"until,omitzero"`
}

type enrollmentResumedDetail struct {
	enrollmentDetail
	Reason string `json:"reason"`
}

type enrollmentStoppedDetail struct {
	enrollmentDetail
	Reason    string    `json:"reason"`
	Step      int       `json:"step"`
	MessageID uuid.UUID `json:"message_id,omitzero"`
}

type enrollmentCompletedDetail struct {
	enrollmentDetail
	Steps int `json:"steps"`
}

type enrollmentDeferredDetail struct {
	enrollmentDetail
	Active int `json:"active"`
}

type enrollmentContinuedDetail struct {
	enrollmentDetail
	Step       int       `json:"step"`
	PreviousID uuid.UUID `json:"previous_id,omitzero"`
	DueAt      time.Time `json:"due_at,omitzero"`
}

// enrollmentTexts are for a lead on a campaign's sequence.
func enrollmentTexts() []timelineText {
	return []timelineText{
		tellAs(func(e events.EnrollmentStarted) enrollmentStartedDetail {
			return enrollmentStartedDetail{detailOfEnrollment(e.EnrollmentRef), e.LeadID, e.Counted}
		}, func(enrollmentStartedDetail) sentence { return sentence{english: "Was enrolled on a campaign."} }),
		tellAs(func(e events.EnrollmentBatchRecorded) enrollmentBatchDetail {
			return enrollmentBatchDetail{e.CampaignID, e.Enrolled, len(e.Refused)}
		}, func(enrollmentBatchDetail) sentence {
			return sentence{english: "Was asked to be enrolled on a campaign, and refused."}
		}),
		tellAs(func(e events.EnrollmentPaused) enrollmentPausedDetail {
			return enrollmentPausedDetail{detailOfEnrollment(e.EnrollmentRef), e.Reason, e.Until}
		}, func(d enrollmentPausedDetail) sentence {
			return sentence{english: "The sequence was paused" + addReason(d.Reason) + onMinute(", until ", d.Until) + "."}
		}),
		tellAs(func(e events.EnrollmentResumed) enrollmentResumedDetail {
			return enrollmentResumedDetail{detailOfEnrollment(e.EnrollmentRef), e.Reason}
		}, func(d enrollmentResumedDetail) sentence {
			return sentence{english: "The sequence goes on" + addReason(d.Reason) + "."}
		}),
		tellAs(func(e events.EnrollmentStopped) enrollmentStoppedDetail {
			return enrollmentStoppedDetail{detailOfEnrollment(e.EnrollmentRef), e.Reason, e.Step, e.MessageID}
		}, func(d enrollmentStoppedDetail) sentence {
			return sentence{english: fmt.Sprintf("The sequence was stopped after %d sent%s.", d.Step, addReason(d.Reason))}
		}),
		tellAs(func(e events.EnrollmentCompleted) enrollmentCompletedDetail {
			return enrollmentCompletedDetail{detailOfEnrollment(e.EnrollmentRef), e.Steps}
		}, func(d enrollmentCompletedDetail) sentence {
			return sentence{english: fmt.Sprintf("The sequence came to its end: all %d steps were sent.", d.Steps)}
		}),
		tellAs(func(e events.EnrollmentDeferred) enrollmentDeferredDetail {
			return enrollmentDeferredDetail{detailOfEnrollment(e.EnrollmentRef), e.Active}
		}, func(d enrollmentDeferredDetail) sentence {
			return sentence{english: fmt.Sprintf("Waits for a place: %d people of the same company are being written to.", d.Active)}
		}),
		tellAs(func(e events.EnrollmentMoved) enrollmentMovedDetail {
			return enrollmentMovedDetail{detailOfEnrollment(e.EnrollmentRef), e.From, e.StepsVersion}
		}, func(d enrollmentMovedDetail) sentence {
			return sentence{english: fmt.Sprintf("The sequence goes on with version %d of the steps; before it was version %d.", d.StepsVersion, d.From)}
		}),
		tellAs(func(e events.EnrollmentMovesRecorded) movesDetail {
			return movesDetail{e.StepsVersion, e.Moved, e.Kept}
		}, func(d movesDetail) sentence {
			return sentence{english: fmt.Sprintf("%d people go on with version %d of the steps, %d keep theirs.", d.Moved, d.StepsVersion, d.Kept)}
		}),
		tellAs(func(e events.EnrollmentHandedOver) enrollmentHandedOverDetail {
			return enrollmentHandedOverDetail{detailOfEnrollment(e.EnrollmentRef), e.FromID}
		}, func(enrollmentHandedOverDetail) sentence {
			return sentence{english: "Another mailbox goes on, as the one that wrote so far is stopped."}
		}),
		tellAs(func(e events.EnrollmentContinued) enrollmentContinuedDetail {
			return enrollmentContinuedDetail{detailOfEnrollment(e.EnrollmentRef), e.Step, e.PreviousID, e.DueAt}
		}, func(d enrollmentContinuedDetail) sentence {
			return sentence{english: fmt.Sprintf("The sequence continues after step %d: the address was on this campaign before.", d.Step)}
		}),
	}
}

type enrollmentMovedDetail struct {
	enrollmentDetail
	From         int `json:"from"`
	StepsVersion int `json:"steps_version"`
}

type movesDetail struct {
	StepsVersion int `json:"steps_version"`
	Moved        int `json:"moved"`
	Kept         int `json:"kept"`
}

type enrollmentHandedOverDetail struct {
	enrollmentDetail
	FromID uuid.UUID `json:"from_id"`
}
