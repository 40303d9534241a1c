package commands_test

import (
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func TestNotes(t *testing.T) {
	t.Parallel()
	note, person := uuid.MustParse("01990000-0000-7000-8000-00000000dddd"), uuid.MustParse("01990000-0000-7000-8000-00000000cccc")
	id := threadOf(ann).ThreadID
	joined := events.MemberJoined{MemberRef: events.MemberRef{PersonID: person}, Role: "member", AddressHash: h("max"), Profile: sealed}
	noted := events.ThreadNoted{ThreadRef: threadOf(ann), NoteID: note, Note: sealed, Mentions: []uuid.UUID{person}}
	removed := events.ThreadNoteRemoved{ThreadRef: threadOf(ann), NoteID: note}
	write := commands.WriteNote{ThreadID: id, NoteID: note, Note: sealed, Mentions: noted.Mentions}
	full := answeredBy(ann, "interested")
	for range commands.MaxNotes {
		full = append(full, events.ThreadNoted{ThreadRef: threadOf(ann), NoteID: uuid.New(), Note: sealed})
	}
	kit().Run(t, map[string]estest.Case{
		"a note is left":            {Given: answeredBy(ann, "interested", joined), When: write, Then: facts{noted}, Again: estest.NothingToDo()},
		"for members only":          {Given: answeredBy(ann, "interested"), When: write, Refused: "invalid"},
		"each is told once":         {Given: answeredBy(ann, "interested", joined), When: commands.WriteNote{ThreadID: id, NoteID: note, Note: sealed, Mentions: []uuid.UUID{person, person}}, Refused: "invalid"},
		"it says something":         {Given: answeredBy(ann, "interested"), When: commands.WriteNote{ThreadID: id, NoteID: note}, Refused: "invalid"},
		"it has an id":              {Given: answeredBy(ann, "interested"), When: commands.WriteNote{ThreadID: id, Note: sealed}, Refused: "invalid"},
		"there is a conversation":   {Given: running(), When: write, Refused: "not_found"},
		"there aren't many":         {Given: full, When: commands.WriteNote{ThreadID: id, NoteID: note, Note: sealed}, Refused: "invalid"},
		"it is taken away":          {Given: answeredBy(ann, "interested", joined, noted), When: commands.RemoveNote{ThreadID: id, NoteID: note}, Then: facts{removed}, Again: estest.RefusedAs("not_found")},
		"what isn't there isn't":    {Given: answeredBy(ann, "interested"), When: commands.RemoveNote{ThreadID: id, NoteID: note}, Refused: "not_found"},
		"it leaves the thread open": {Given: answeredBy(ann, "interested", joined, noted), When: commands.UpdateThread{ThreadID: id, Status: "needs_answer", Unread: ptr(true)}, Noop: true},
	})
}
