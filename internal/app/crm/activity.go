package crm

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/crmapi"
	"outrider/internal/es"
)

// Kinds of tasks besides activities, which are called as events.Activity... has them.
const (
	TaskOptOut = "opt_out"
	TaskErase  = "erase"
	TaskImport = "import"
)

// Task is something to be done at a CRM for a lead.
type Task struct {
	Org      uuid.UUID
	Event    uuid.UUID
	Oseq     int64
	Kind     string
	Lead     uuid.UUID
	At       time.Time
	Activity crmapi.Activity // follows from the event alone, so that it is the same whenever it is made
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
	is := func(kind, key string, lead uuid.UUID, a crmapi.Activity) {
		t.Kind, t.Lead, a.Key = kind, lead, kind+":"+key
		if !a.At.IsZero() {
			t.At = a.At
		}
		t.Activity = a
	}
	note := func(kind, text string, lead uuid.UUID, at time.Time) {
		is(kind, e.ID.String(), lead, crmapi.Activity{Type: crmapi.Note, At: at, Text: text})
	}
	meeting := func(id, lead uuid.UUID, a crmapi.Activity) {
		a.Type = crmapi.Meeting
		is(events.ActivityMeeting, id.String(), lead, a)
	}
	switch p := p.(type) {
	case events.MessageSent:
		is(events.ActivitySent, p.MessageID.String(), p.LeadID, crmapi.Activity{Type: crmapi.Email, At: p.AcceptedAt, Subject: "Message " + strconv.Itoa(p.Step) + " of a sequence"})
	case events.MessageReplied:
		subject := "Answer"
		if p.Meaning != "" {
			subject += ": " + p.Meaning
		}
		is(events.ActivityReply, p.MailID.String(), p.LeadID, crmapi.Activity{Type: crmapi.Email, Incoming: true, At: p.ReceivedAt, Subject: subject})
	case events.MessageBounced:
		note(events.ActivityBounced, "A message bounced: "+p.Kind, p.LeadID, p.ReportedAt)
	case events.LeadUnsubscribed:
		note(events.ActivityUnsubscribed, "Wants no more mail: "+p.How, p.LeadID, p.At)
	case events.MeetingBooked:
		meeting(p.MeetingID, p.LeadID, crmapi.Activity{At: p.StartsAt, Subject: "Meeting", StartsAt: p.StartsAt, EndsAt: p.EndsAt, Status: crmapi.Scheduled})
	case events.MeetingRescheduled:
		meeting(p.MeetingID, p.LeadID, crmapi.Activity{At: p.StartsAt, StartsAt: p.StartsAt, EndsAt: p.EndsAt, Status: crmapi.Rescheduled})
	case events.MeetingCancelled:
		meeting(p.MeetingID, p.LeadID, crmapi.Activity{Status: crmapi.Cancelled})
	case events.MeetingOutcomeSet:
		meeting(p.MeetingID, p.LeadID, crmapi.Activity{Status: statusOf(p.Outcome)})
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

func statusOf(outcome string) string {
	switch outcome {
	case events.MeetingHeld:
		return crmapi.Held
	case events.MeetingNoShow:
		return crmapi.NoShow
	}
	return crmapi.Scheduled
}
