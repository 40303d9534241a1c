package commands

import (
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

const (
	// MaxNotes bounds those of a thread.
	MaxNotes = 200

	mostMentions = 20
)

// WriteNote leaves a note in a thread. Nothing of it is ever sent.
type WriteNote struct {
	ThreadID uuid.UUID     `json:"thread_id"`
	NoteID   uuid.UUID     `json:"note_id"`
	Note     events.Sealed `json:"note"`               // under the lead's key
	Mentions []uuid.UUID   `json:"mentions,omitempty"` // members
}

func (WriteNote) CommandType() string { return "thread.write_note.v1" }

// Decide has nothing to do for a note that stands there.
func (c WriteNote) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	t, ok := o.Threads.Get(c.ThreadID)
	switch {
	case !ok:
		return nil, errNotFound(c.ThreadID)
	case c.NoteID == uuid.Nil:
		return nil, errInvalid("note_id", "is missing")
	case t.HasNote(c.NoteID):
		return nil, nil
	case c.Note.IsZero():
		return nil, errInvalid("text", "is missing")
	case t.CountNotes() >= MaxNotes:
		return nil, errInvalid("text", "there are "+strconv.Itoa(MaxNotes)+" notes in this conversation; remove one first")
	case len(c.Mentions) > mostMentions:
		return nil, errInvalid("mentions", "must be at most "+strconv.Itoa(mostMentions))
	}
	for i, m := range c.Mentions {
		if o.Members.RoleOf(m) == "" || slices.Contains(c.Mentions[:i], m) {
			return nil, errInvalid("mentions."+strconv.Itoa(i), "must be members, each once")
		}
	}
	return oneEvent(events.ThreadNoted{ThreadRef: t.Ref(), NoteID: c.NoteID, Note: c.Note, Mentions: c.Mentions})
}

// RemoveNote takes a note away.
type RemoveNote struct {
	ThreadID uuid.UUID `json:"thread_id"`
	NoteID   uuid.UUID `json:"note_id"`
}

func (RemoveNote) CommandType() string { return "thread.remove_note.v1" }

// Decide doesn't find a note that was removed.
func (c RemoveNote) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	t, ok := o.Threads.Get(c.ThreadID)
	if !ok || !t.HasNote(c.NoteID) {
		return nil, errNotFound(c.NoteID)
	}
	return oneEvent(events.ThreadNoteRemoved{ThreadRef: t.Ref(), NoteID: c.NoteID})
}
