package aggregates

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// Thread is what is to be done about a conversation with a lead in a campaign. It begins with the first mail that comes in.
type Thread struct {
	ref      events.ThreadRef
	status   string
	until    int64
	assignee uuid.UUID
	unread   bool
	mail     uuid.UUID // the last one that was identified
	notes    []uuid.UUID
}

// Threads of an organisation, by id.
type Threads map[uuid.UUID]Thread

// Get returns a thread, and whether there is one.
func (t Threads) Get(id uuid.UUID) (Thread, bool) {
	x, ok := t[id]
	return x, ok
}

// Ref returns its ids.
func (t Thread) Ref() events.ThreadRef { return t.ref }

// HasStatus reports whether it has a status already; until is of snoozed.
func (t Thread) HasStatus(status string, until time.Time) bool {
	return t.status == status && t.until == toMicros(until)
}

// Assignee returns who looks after it; zero = nobody.
func (t Thread) Assignee() uuid.UUID { return t.assignee }

// Unread reports whether nobody has read its newest answer.
func (t Thread) Unread() bool { return t.unread }

// Identified reports whether a mail is the last one that was identified.
func (t Thread) Identified(mail uuid.UUID) bool { return t.mail == mail }

// HasNote reports whether a note of members stands in it.
func (t Thread) HasNote(note uuid.UUID) bool { return slices.Contains(t.notes, note) }

// CountNotes returns how many stand in it.
func (t Thread) CountNotes() int { return len(t.notes) }

func (o *Organization) applyThread(event events.ThreadEvent) {
	t, ok := o.Threads[event.Thread()]
	if !ok {
		return
	}
	switch e := event.(type) {
	case events.ThreadStatusSet:
		t.status, t.until = e.Status, toMicros(e.Until)
	case events.ThreadAssigned:
		t.assignee = e.Assignee
	case events.ThreadMarked:
		t.unread = e.Unread
	case events.ThreadMailIdentified:
		t.mail = e.MailID
	case events.ResponseWritten:
		t.status, t.until, t.unread = events.ThreadDone, 0, false
	case events.ResponseCancelled, events.ResponseFailed:
		t.status, t.until = events.ThreadNeedsAnswer, 0
	case events.ResponseResolved:
		if !e.Sent {
			t.status, t.until = events.ThreadNeedsAnswer, 0
		}
	case events.ThreadNoted:
		t.notes = append(slices.Clone(t.notes), e.NoteID)
	case events.ThreadNoteRemoved:
		t.notes = slices.DeleteFunc(slices.Clone(t.notes), func(id uuid.UUID) bool { return id == e.NoteID })
	case events.ReferralSettled, events.ResponseDue, events.ResponseClaimed, events.ResponseSent, events.ResponseDeferred, events.ResponseInDoubt: // change nothing here
	}
	o.Threads[event.Thread()] = t
}

// hearInThread opens the thread of what came in, again if it was done. What is no answer, or wants no answer, opens nothing.
func (o *Organization) hearInThread(event events.EngagementEvent) {
	answer := false
	switch e := event.(type) {
	case events.MessageReplied:
		answer = true
		if e.Meaning == events.MeansUnsubscribe {
			answer = false
		}
	case events.ReplyReclassified:
		o.reopenThread(e)
		return
	case events.MessageAutoReplied, events.MessageBounced, events.MessageComplained:
	case events.LeadUnsubscribed, events.MeetingBooked, events.MessageOpened, events.MessageClicked, events.HitReclassified, events.MessageDelivered, events.MessageDelayed, events.MessageDropped: // they stand in no thread
		return
	}
	s := event.SentMessage()
	id := events.ThreadID(o.ID, s.LeadID, s.CampaignID)
	t, ok := o.Threads[id]
	if !ok {
		t = Thread{ref: events.ThreadRef{ThreadID: id, LeadID: s.LeadID, CampaignID: s.CampaignID}, status: events.ThreadDone}
	}
	if answer {
		t.status, t.until, t.unread = events.ThreadNeedsAnswer, 0, true
	}
	putInMap((*map[uuid.UUID]Thread)(&o.Threads), id, t)
}

// reopenThread follows a correction: who wants no more mail needs no answer, and who was taken for such a person does.
func (o *Organization) reopenThread(e events.ReplyReclassified) {
	id := events.ThreadID(o.ID, e.LeadID, e.CampaignID)
	t, ok := o.Threads[id]
	if !ok {
		return
	}
	if status, changes := e.ThreadStatus(); changes {
		t.status, t.until, t.unread = status, 0, false
		o.Threads[id] = t
	}
}
