package livefeed

import (
	"encoding/json"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
	"outrider/projections"
)

// Refs are the ids of what an event is about, so that who hears of it knows what to read anew.
type Refs struct {
	LeadID       uuid.UUID `json:"lead_id,omitzero"`
	CampaignID   uuid.UUID `json:"campaign_id,omitzero"`
	MailboxID    uuid.UUID `json:"mailbox_id,omitzero"`
	MessageID    uuid.UUID `json:"message_id,omitzero"`
	EnrollmentID uuid.UUID `json:"enrollment_id,omitzero"`
	ThreadID     uuid.UUID `json:"thread_id,omitzero"`
}

// refsOf reads them out of an event's data, where all events name them alike. The thread of a lead in a campaign follows from both.
func refsOf(e *es.Event) (r Refs) {
	_ = json.Unmarshal(e.Data, &r) // of a foreign writer's event nothing is said
	if r.ThreadID == uuid.Nil && r.LeadID != uuid.Nil && r.CampaignID != uuid.Nil {
		r.ThreadID = events.ThreadID(e.Org, r.LeadID, r.CampaignID)
	}
	return r
}

func (f *Feed) eventOf(e *es.Event) *StreamEvent {
	out := &StreamEvent{Oseq: e.Oseq, Type: e.Type, Subject: e.Subject, Time: e.Time, Position: es.Position{Generation: f.cfg.Generation, Partition: e.Partition, Pseq: e.Pseq}.String(), Refs: refsOf(e)}
	if text, told := projections.TellEvent(e); told {
		out.Text = text.English
	}
	return out
}
