package aggregates

import (
	"encoding/binary"

	"github.com/google/uuid"

	"outrider/events"
)

// inSample reports whether a message is one of the percent that a person sees: its id decides, so that it is the same with each draft.
func inSample(message uuid.UUID, percent int) bool {
	return int(binary.BigEndian.Uint32(message[12:])%100) < percent
}

// asksPerson reports whether a person must approve the next message of an enrollment, whatever it will say.
func (e *Enrollment) asksPerson() bool {
	switch c := e.campaign; c.Approval {
	case events.ApproveAll:
		return true
	case events.ApproveFirst:
		return e.step == 0
	case events.ApproveLowScore:
		return e.lead.Score().Lead < c.Below
	case events.ApproveSample:
		return inSample(messageID(e.Ref().EnrollmentID, e.planSteps()[e.step].id, e.attempt), c.Sample)
	}
	return false
}

// Doubts reports whether a person must approve a draft for the facts that it says.
func (o *Organization) Doubts(m *Message, factIDs []uuid.UUID) bool {
	return m.e.campaign.Approval == events.ApproveDoubtful && o.Known.LeastSure(factIDs) < m.e.campaign.Below
}
