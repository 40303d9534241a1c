package crm

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/hubspot"
)

// UniqueProperty is the property of activities by which ours are found again, whatever became of the request that made them.
const UniqueProperty = "outrider_id"

// Kinds of tasks besides activities, which are called as events.Activity... has them.
const (
	TaskOptOut = "opt_out"
	TaskErase  = "erase"
	TaskImport = "import"
)

// Activity is a record of a CRM about a contact. It follows from the event alone, so that it is the same whenever it is made; it holds nothing of a person.
type Activity struct {
	Object     string            `json:"object"`
	Key        string            `json:"key"` // of UniqueProperty
	Properties map[string]string `json:"properties"`
}

// Task is something to be done at a CRM for a lead.
type Task struct {
	Org      uuid.UUID
	Event    uuid.UUID
	Oseq     int64
	Kind     string
	Lead     uuid.UUID
	At       time.Time
	Activity Activity
}

// Described are the events that tasks follow from.
func Described() []events.Event {
	return []events.Event{events.MessageSent{}, events.MessageReplied{}, events.MessageBounced{}, events.LeadUnsubscribed{}, events.MeetingBooked{}, events.MeetingRescheduled{}, events.MeetingCancelled{},
		events.MeetingOutcomeSet{}, events.SuppressionAdded{}, events.LeadErased{}}
}

// Touching are the events after which a lead and its contact are compared.
func Touching() []events.Event {
	return []events.Event{events.LeadCreated{}, events.LeadUpdated{}, events.LeadSupplemented{}, events.MessageSent{}, events.MessageReplied{}, events.MeetingBooked{}, events.MeetingCancelled{}}
}

// Describe returns what is to be done for an event, if anything.
func Describe(e *es.Event, p events.Event) (t Task, ok bool) {
	t = Task{Org: e.Org, Event: e.ID, Oseq: e.Oseq, At: e.Time}
	email := func(kind, key, direction, subject string, lead uuid.UUID, at time.Time) {
		t.Kind, t.Lead, t.At = kind, lead, at
		t.Activity = Activity{Object: hubspot.Emails, Key: kind + ":" + key, Properties: map[string]string{"hs_timestamp": millis(at), "hs_email_direction": direction, "hs_email_status": "SENT", "hs_email_subject": subject}}
	}
	note := func(kind, body string, lead uuid.UUID, at time.Time) {
		t.Kind, t.Lead, t.At = kind, lead, at
		t.Activity = Activity{Object: hubspot.Notes, Key: kind + ":" + e.ID.String(), Properties: map[string]string{"hs_timestamp": millis(at), "hs_note_body": body}}
	}
	meeting := func(id, lead uuid.UUID, properties map[string]string) {
		t.Kind, t.Lead = events.ActivityMeeting, lead
		t.Activity = Activity{Object: hubspot.Meetings, Key: "meeting:" + id.String(), Properties: properties}
	}
	switch p := p.(type) {
	case events.MessageSent:
		email(events.ActivitySent, p.MessageID.String(), "EMAIL", "Message "+strconv.Itoa(p.Step)+" of a sequence", p.LeadID, p.AcceptedAt)
	case events.MessageReplied:
		subject := "Answer"
		if p.Meaning != "" {
			subject += ": " + p.Meaning
		}
		email(events.ActivityReply, p.MailID.String(), "INCOMING_EMAIL", subject, p.LeadID, p.ReceivedAt)
	case events.MessageBounced:
		note(events.ActivityBounced, "A message bounced: "+p.Kind, p.LeadID, p.ReportedAt)
	case events.LeadUnsubscribed:
		note(events.ActivityUnsubscribed, "Wants no more mail: "+p.How, p.LeadID, p.At)
	case events.MeetingBooked:
		meeting(p.MeetingID, p.LeadID, map[string]string{"hs_timestamp": millis(p.StartsAt), "hs_meeting_title": "Meeting", "hs_meeting_start_time": millis(p.StartsAt), "hs_meeting_end_time": millis(p.EndsAt), "hs_meeting_outcome": "SCHEDULED"})
	case events.MeetingRescheduled:
		meeting(p.MeetingID, p.LeadID, map[string]string{"hs_timestamp": millis(p.StartsAt), "hs_meeting_start_time": millis(p.StartsAt), "hs_meeting_end_time": millis(p.EndsAt), "hs_meeting_outcome": "RESCHEDULED"})
	case events.MeetingCancelled:
		meeting(p.MeetingID, p.LeadID, map[string]string{"hs_meeting_outcome": "CANCELED"})
	case events.MeetingOutcomeSet:
		meeting(p.MeetingID, p.LeadID, map[string]string{"hs_meeting_outcome": outcomeOf(p.Outcome)})
	case events.SuppressionAdded:
		t.Kind, t.Lead = TaskOptOut, p.LeadID
		return t, p.Kind == events.SuppressAddress && p.LeadID != uuid.Nil && p.Reason != events.SuppressedBounce && p.Reason != events.SuppressedErasure
	case events.LeadErased:
		t.Kind, t.Lead = TaskErase, p.LeadID
	default:
		return t, false
	}
	return t, true
}

func outcomeOf(outcome string) string {
	switch outcome {
	case events.MeetingHeld:
		return "COMPLETED"
	case events.MeetingNoShow:
		return "NO_SHOW"
	}
	return "SCHEDULED"
}

func millis(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) }
