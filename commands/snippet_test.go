package commands_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func TestSnippets(t *testing.T) {
	t.Parallel()
	ref, second := events.SnippetRef{SnippetID: uuid.MustParse("01990000-0000-7000-8000-0000000000d1")}, events.SnippetRef{SnippetID: uuid.MustParse("01990000-0000-7000-8000-0000000000d2")}
	saved := events.SnippetSaved{SnippetRef: ref, Version: 1, Name: "Prices", Text: "Hi {{first_name}}, from 20 EUR."}
	changed := events.SnippetSaved{SnippetRef: ref, Version: 2, Name: "Price list", Text: saved.Text}
	removed := events.SnippetRemoved{SnippetRef: ref}
	create := commands.CreateSnippet{SnippetRef: ref, Name: saved.Name, Text: saved.Text}
	change := commands.ChangeSnippet{SnippetRef: ref, Name: changed.Name, Text: changed.Text, IfVersion: ptr(1)}
	kit().Run(t, map[string]estest.Case{
		"a text is saved":             {Given: given(), When: create, Then: facts{saved}, Again: estest.NothingToDo()},
		"an id isn't used again":      {Given: given(saved), When: commands.CreateSnippet{SnippetRef: ref, Name: "Other", Text: "x"}, Refused: "already_exists"},
		"nor is a name":               {Given: given(saved), When: commands.CreateSnippet{SnippetRef: second, Name: "PRICES", Text: "x"}, Refused: "already_exists"},
		"it has an id":                {Given: given(), When: commands.CreateSnippet{Name: "A", Text: "x"}, Refused: "invalid"},
		"it has a name":               {Given: given(), When: commands.CreateSnippet{SnippetRef: ref, Name: " ", Text: "x"}, Refused: "invalid"},
		"it says something":           {Given: given(), When: commands.CreateSnippet{SnippetRef: ref, Name: "A"}, Refused: "invalid"},
		"it isn't long":               {Given: given(), When: commands.CreateSnippet{SnippetRef: ref, Name: "A", Text: strings.Repeat("x", 10_001)}, Refused: "invalid"},
		"it is changed":               {Given: given(saved), When: change, Then: facts{changed}, Again: estest.NothingToDo()},
		"not what was changed before": {Given: given(saved, changed), When: commands.ChangeSnippet{SnippetRef: ref, Name: "x", Text: "y", IfVersion: ptr(1)}, Refused: "version_conflict"},
		"its old name is free again":  {Given: given(saved, changed), When: commands.CreateSnippet{SnippetRef: second, Name: "prices", Text: "x"}, Then: facts{events.SnippetSaved{SnippetRef: second, Version: 1, Name: "prices", Text: "x"}}, Again: estest.NothingToDo()},
		"its new one isn't":           {Given: given(saved, changed), When: commands.CreateSnippet{SnippetRef: second, Name: "price list", Text: "x"}, Refused: "already_exists"},
		"what isn't there isn't":      {Given: given(), When: change, Refused: "not_found"},
		"it is removed":               {Given: given(saved), When: commands.RemoveSnippet{SnippetRef: ref}, Then: facts{removed}, Again: estest.RefusedAs("not_found")},
		"and its name is free":        {Given: given(saved, removed), When: commands.CreateSnippet{SnippetRef: second, Name: "Prices", Text: "x"}, Then: facts{events.SnippetSaved{SnippetRef: second, Version: 1, Name: "Prices", Text: "x"}}, Again: estest.NothingToDo()},
	})
}
