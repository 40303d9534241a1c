package commands_test

import (
	"bytes"
	"testing"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func TestWhatAMailboxAddsToItsMessages(t *testing.T) {
	t.Parallel()
	box := events.MailboxRef{MailboxID: boxID(0)}
	set := commands.SetMailboxLetter{MailboxRef: box, Signature: events.Sealed{K: 1, C: []byte("signed")}, KeepCopies: true}
	none := commands.SetMailboxLetter{MailboxRef: box}
	copies := commands.SetMailboxLetter{MailboxRef: box, KeepCopies: true}
	long := commands.SetMailboxLetter{MailboxRef: box, Signature: events.Sealed{K: 1, C: bytes.Repeat([]byte("x"), 17<<10)}}
	kit().Run(t, map[string]estest.Case{
		"a signature":                {Given: given(boxAdded()), When: set, Then: facts{events.MailboxLetterSet(set)}, Again: estest.NothingToDo()},
		"it is taken away":           {Given: given(boxAdded(), events.MailboxLetterSet(set)), When: none, Then: facts{events.MailboxLetterSet(none)}, Again: estest.NothingToDo()},
		"copies without a signature": {Given: given(boxAdded()), When: copies, Then: facts{events.MailboxLetterSet(copies)}, Again: estest.NothingToDo()},
		"there never was any":        {Given: given(boxAdded()), When: none, Noop: true},
		"there is a mailbox":         {Given: given(), When: set, Refused: "not_found"},
		"it has an end":              {Given: given(boxAdded()), When: long, Refused: "invalid"},
	})
}
