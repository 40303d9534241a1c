package commands_test

import (
	"strings"
	"testing"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func TestWhichFoldersOfAMailboxAreRead(t *testing.T) {
	t.Parallel()
	box := events.MailboxRef{MailboxID: boxID(0)}
	list := func(names ...string) (out []events.MailFolder) {
		for _, n := range names {
			name, use, _ := strings.Cut(n, ":")
			out = append(out, events.MailFolder{Name: name, Use: use})
		}
		return out
	}
	listed := events.MailboxFoldersListed{MailboxRef: box, Folders: list("INBOX", "Sent:sent", "Spam:junk", "Bin:trash", "Clients", "Old", "All:all")}
	set := func(names ...string) commands.SetMailboxFolders {
		return commands.SetMailboxFolders{MailboxRef: box, Folders: names}
	}
	many := make([]string, 11)
	for i := range many {
		many[i] = strings.Repeat("x", i+1)
	}
	long := commands.ListMailboxFolders{MailboxRef: box, Folders: list(strings.Repeat("x", 256))}
	kit().Run(t, map[string]estest.Case{
		"folders are listed":              {Given: given(boxAdded()), When: commands.ListMailboxFolders(listed), Then: facts{listed}, Again: estest.NothingToDo()},
		"others are listed again":         {Given: given(boxAdded(), listed), When: commands.ListMailboxFolders{MailboxRef: box, Folders: list("INBOX")}, Then: facts{events.MailboxFoldersListed{MailboxRef: box, Folders: list("INBOX")}}, Again: estest.NothingToDo()},
		"of a mailbox":                    {Given: given(), When: commands.ListMailboxFolders(listed), Refused: "not_found"},
		"with names of some length":       {Given: given(boxAdded()), When: long, Refused: "invalid"},
		"and so many":                     {Given: given(boxAdded()), When: commands.ListMailboxFolders{MailboxRef: box, Folders: make([]events.MailFolder, 101)}, Refused: "invalid"},
		"one is read":                     {Given: given(boxAdded(), listed), When: set("Clients"), Then: facts{events.MailboxFoldersSet(set("Clients"))}, Again: estest.NothingToDo()},
		"all mail too":                    {Given: given(boxAdded(), listed), When: set("Clients", "All"), Then: facts{events.MailboxFoldersSet(set("Clients", "All"))}, Again: estest.NothingToDo()},
		"none any more":                   {Given: given(boxAdded(), listed, events.MailboxFoldersSet(set("Clients"))), When: set(), Then: facts{events.MailboxFoldersSet(set())}, Again: estest.NothingToDo()},
		"one that was read stays":         {Given: given(boxAdded(), listed, events.MailboxFoldersSet(set("Clients")), events.MailboxFoldersListed{MailboxRef: box, Folders: list("INBOX", "Old")}), When: set("Clients", "Old"), Then: facts{events.MailboxFoldersSet(set("Clients", "Old"))}, Again: estest.NothingToDo()},
		"INBOX is read anyway":            {Given: given(boxAdded(), listed), When: set("inbox"), Refused: "invalid"},
		"as is unwanted mail":             {Given: given(boxAdded(), listed), When: set("Spam"), Refused: "invalid"},
		"what we sent is no answer":       {Given: given(boxAdded(), listed), When: set("Sent"), Refused: "invalid"},
		"nor what was thrown away":        {Given: given(boxAdded(), listed), When: set("Bin"), Refused: "invalid"},
		"each once":                       {Given: given(boxAdded(), listed), When: set("Old", "Old"), Refused: "invalid"},
		"what isn't there isn't read":     {Given: given(boxAdded(), listed), When: set("Nowhere"), Refused: "invalid"},
		"nor too many":                    {Given: given(boxAdded(), listed), When: set(many...), Refused: "invalid"},
		"nor those of an unknown mailbox": {Given: given(), When: set(), Refused: "not_found"},
	})
}
