package commands_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/estest"
)

func linkTo(id uuid.UUID) events.ConnectionRef { return events.ConnectionRef{ConnectionID: id} }

func connectionMade() events.ConnectionMade {
	return events.ConnectionMade{ConnectionRef: linkTo(hookID), Provider: "hubspot", Account: sealed, AccountHash: accountHash(1)}
}

func accountHash(n int) string { return strings.Repeat("0", 31) + strconv.Itoa(n) }

func crmSettings() events.CRMSettings {
	return events.CRMSettings{Fields: []events.CRMField{{Field: "first_name", Remote: "firstname", Direction: events.CRMBoth, Wins: events.CRMNewest}, {Field: "custom.owner", Remote: "hubspot_owner_id", Direction: events.CRMIn, Wins: events.CRMTheirs}},
		Stages: []events.CRMStage{{When: "meeting_booked", Stage: "opportunity"}}, Activities: []string{events.ActivitySent, events.ActivityReply}, OnErase: events.CRMKeep}
}

func TestConnections(t *testing.T) {
	t.Parallel()
	there := given(founded(), connectionMade())
	with := func(more ...events.Event) facts { return append(given(founded(), connectionMade()), more...) }
	connect := func(change func(*commands.MakeConnection)) commands.MakeConnection {
		c := commands.MakeConnection(connectionMade())
		change(&c)
		return c
	}
	ended := events.ConnectionInterrupted{ConnectionRef: linkTo(hookID), Reason: events.ConnectionEnded}
	paused := events.ConnectionPaused{ConnectionRef: linkTo(hookID), Reason: "an audit"}
	full := given(founded())
	for n := range commands.MaxConnections {
		full = append(full, events.ConnectionMade{ConnectionRef: linkTo(es.DeriveID(org, strconv.Itoa(n))), Provider: "other", Account: sealed, AccountHash: accountHash(2)})
	}
	kit().Run(t, map[string]estest.Case{
		"a connection is made":              {Given: given(founded()), When: connect(func(*commands.MakeConnection) {}), Then: facts{connectionMade()}, Again: estest.NothingToDo()},
		"a connection has an id":            {Given: given(founded()), When: connect(func(c *commands.MakeConnection) { c.ConnectionID = uuid.Nil }), Refused: "invalid"},
		"a connection has a provider":       {Given: given(founded()), When: connect(func(c *commands.MakeConnection) { c.Provider = "" }), Refused: "invalid"},
		"a connection is to an account":     {Given: given(founded()), When: connect(func(c *commands.MakeConnection) { c.Account = events.Sealed{} }), Refused: "invalid"},
		"an account has a hash":             {Given: given(founded()), When: connect(func(c *commands.MakeConnection) { c.AccountHash = "x" }), Refused: "invalid"},
		"an account is connected once":      {Given: there, When: connect(func(c *commands.MakeConnection) { c.ConnectionID = askID }), Refused: "already_exists", Detail: map[string]uuid.UUID{"id": hookID}},
		"an id is of one connection":        {Given: there, When: connect(func(c *commands.MakeConnection) { c.AccountHash = accountHash(3) }), Refused: "already_exists"},
		"connections are bounded":           {Given: full, When: connect(func(*commands.MakeConnection) {}), Refused: "invalid"},
		"one less leaves space for another": {Given: full[:len(full)-1], When: connect(func(*commands.MakeConnection) {}), Then: facts{connectionMade()}, Again: estest.NothingToDo()},

		"it waits for somebody":           {Given: there, When: commands.InterruptConnection(ended), Then: facts{ended}, Again: estest.NothingToDo()},
		"it waits for a known reason":     {Given: there, When: commands.InterruptConnection{ConnectionRef: linkTo(hookID), Reason: "moods"}, Refused: "invalid"},
		"a detail isn't endless":          {Given: there, When: commands.InterruptConnection{ConnectionRef: linkTo(hookID), Reason: events.ConnectionRefused, Detail: strings.Repeat("x", 501)}, Refused: "invalid"},
		"what is gone waits for nobody":   {Given: given(founded()), When: commands.InterruptConnection(ended), Noop: true},
		"it works again":                  {Given: with(ended), When: commands.RestoreConnection{ConnectionRef: linkTo(hookID)}, Then: facts{events.ConnectionRestored{ConnectionRef: linkTo(hookID)}}, Again: estest.NothingToDo()},
		"what works isn't restored":       {Given: there, When: commands.RestoreConnection{ConnectionRef: linkTo(hookID)}, Noop: true},
		"what is gone isn't restored":     {Given: given(founded()), When: commands.RestoreConnection{ConnectionRef: linkTo(hookID)}, Refused: "not_found"},
		"a connection is paused":          {Given: there, When: commands.PauseConnection(paused), Then: facts{paused}, Again: estest.NothingToDo()},
		"a pause's reason is short":       {Given: there, When: commands.PauseConnection{ConnectionRef: linkTo(hookID), Reason: strings.Repeat("x", 201)}, Refused: "invalid"},
		"what is gone isn't paused":       {Given: given(founded()), When: commands.PauseConnection(paused), Refused: "not_found"},
		"a connection goes on":            {Given: with(paused), When: commands.ResumeConnection{ConnectionRef: linkTo(hookID)}, Then: facts{events.ConnectionResumed{ConnectionRef: linkTo(hookID)}}, Again: estest.NothingToDo()},
		"what runs isn't resumed":         {Given: there, When: commands.ResumeConnection{ConnectionRef: linkTo(hookID)}, Noop: true},
		"what is gone isn't resumed":      {Given: given(founded()), When: commands.ResumeConnection{ConnectionRef: linkTo(hookID)}, Refused: "not_found"},
		"a connection is removed":         {Given: there, When: commands.RemoveConnection{ConnectionRef: linkTo(hookID)}, Then: facts{events.ConnectionRemoved{ConnectionRef: linkTo(hookID)}}, Again: estest.RefusedAs("not_found")},
		"no unknown connection":           {Given: given(founded()), When: commands.RemoveConnection{ConnectionRef: linkTo(hookID)}, Refused: "not_found"},
		"a removed account comes again":   {Given: with(events.ConnectionRemoved{ConnectionRef: linkTo(hookID)}), When: connect(func(c *commands.MakeConnection) { c.ConnectionID = askID }), Then: facts{events.ConnectionMade(connect(func(c *commands.MakeConnection) { c.ConnectionID = askID }))}, Again: estest.NothingToDo()},
		"interrupted comes before paused": {Given: with(ended, paused), When: commands.RequestConnectionImport{ConnectionRef: linkTo(hookID), ImportID: askID, OnDuplicate: "skip"}, Refused: "wrong_status"},
	})
}

func TestConnectionsToCRMs(t *testing.T) {
	t.Parallel()
	there := given(founded(), connectionMade())
	with := func(more ...events.Event) facts { return append(given(founded(), connectionMade()), more...) }
	mapped := func(change func(*events.CRMSettings)) commands.MapConnection {
		s := crmSettings()
		change(&s)
		return commands.MapConnection{ConnectionRef: linkTo(hookID), CRMSettings: s}
	}
	field := func(change func(*events.CRMField)) commands.MapConnection {
		return mapped(func(s *events.CRMSettings) { change(&s.Fields[1]) })
	}
	asked := func(change func(*commands.RequestConnectionImport)) commands.RequestConnectionImport {
		c := commands.RequestConnectionImport{ConnectionRef: linkTo(hookID), ImportID: askID, OnDuplicate: events.DuplicateSkip, ListID: "7"}
		change(&c)
		return c
	}
	resolved := func(change func(*commands.ResolveConnectionConflict)) commands.ResolveConnectionConflict {
		c := commands.ResolveConnectionConflict{ConnectionRef: linkTo(hookID), ResolutionID: askID, LeadID: hookID, Field: "job_title", Keep: events.CRMTheirs}
		change(&c)
		return c
	}
	whole := events.ConnectionMapped(mapped(func(*events.CRMSettings) {}))
	kit().Run(t, map[string]estest.Case{
		"fields are mapped":                {Given: there, When: mapped(func(*events.CRMSettings) {}), Then: facts{whole}, Again: estest.NothingToDo()},
		"nothing unknown is mapped":        {Given: given(founded()), When: mapped(func(*events.CRMSettings) {}), Refused: "not_found"},
		"the address is mapped anyway":     {Given: there, When: field(func(f *events.CRMField) { f.Field = "email" }), Refused: "invalid"},
		"a field has a name":               {Given: there, When: field(func(f *events.CRMField) { f.Field = "" }), Refused: "invalid"},
		"a field goes to a property":       {Given: there, When: field(func(f *events.CRMField) { f.Remote = "" }), Refused: "invalid"},
		"a field goes some way":            {Given: there, When: field(func(f *events.CRMField) { f.Direction = "up" }), Refused: "invalid"},
		"somebody's value wins":            {Given: there, When: field(func(f *events.CRMField) { f.Wins = "luck" }), Refused: "invalid"},
		"a field is mapped once":           {Given: there, When: field(func(f *events.CRMField) { f.Field = "first_name" }), Refused: "invalid"},
		"a property is mapped once":        {Given: there, When: field(func(f *events.CRMField) { f.Remote = "firstname" }), Refused: "invalid"},
		"fields are bounded":               {Given: there, When: mapped(func(s *events.CRMSettings) { s.Fields = make([]events.CRMField, 61) }), Refused: "invalid"},
		"a stage is reached by something":  {Given: there, When: mapped(func(s *events.CRMSettings) { s.Stages[0].When = "full_moon" }), Refused: "invalid"},
		"a stage has a name":               {Given: there, When: mapped(func(s *events.CRMSettings) { s.Stages[0].Stage = "" }), Refused: "invalid"},
		"stages are bounded":               {Given: there, When: mapped(func(s *events.CRMSettings) { s.Stages = make([]events.CRMStage, 11) }), Refused: "invalid"},
		"activities are known":             {Given: there, When: mapped(func(s *events.CRMSettings) { s.Activities = []string{"dance"} }), Refused: "invalid"},
		"an activity is named once":        {Given: there, When: mapped(func(s *events.CRMSettings) { s.Activities = []string{"sent", "sent"} }), Refused: "invalid"},
		"who is erased is kept or not":     {Given: there, When: mapped(func(s *events.CRMSettings) { s.OnErase = "" }), Refused: "invalid"},
		"contacts are asked for":           {Given: there, When: asked(func(*commands.RequestConnectionImport) {}), Then: facts{events.ConnectionImportRequested(asked(func(*commands.RequestConnectionImport) {}))}, Again: estest.NothingToDo()},
		"contacts come by a connection":    {Given: given(founded()), When: asked(func(*commands.RequestConnectionImport) {}), Refused: "not_found"},
		"an import has an id":              {Given: there, When: asked(func(c *commands.RequestConnectionImport) { c.ImportID = uuid.Nil }), Refused: "invalid"},
		"duplicates have a rule":           {Given: there, When: asked(func(c *commands.RequestConnectionImport) { c.OnDuplicate = "" }), Refused: "invalid"},
		"tags are named":                   {Given: there, When: asked(func(c *commands.RequestConnectionImport) { c.Tags = []string{""} }), Refused: "invalid"},
		"a list's id is short":             {Given: there, When: asked(func(c *commands.RequestConnectionImport) { c.ListID = strings.Repeat("7", 41) }), Refused: "invalid"},
		"nothing comes while it is paused": {Given: with(events.ConnectionPaused{ConnectionRef: linkTo(hookID)}), When: asked(func(*commands.RequestConnectionImport) {}), Refused: "wrong_status"},
		"all is told once more":            {Given: with(whole), When: commands.ResyncConnection{ConnectionRef: linkTo(hookID), ResyncID: askID}, Then: facts{events.ConnectionResyncRequested{ConnectionRef: linkTo(hookID), ResyncID: askID}}, Again: estest.NothingToDo()},
		"once more has an id":              {Given: with(whole), When: commands.ResyncConnection{ConnectionRef: linkTo(hookID)}, Refused: "invalid"},
		"what isn't mapped isn't told":     {Given: there, When: commands.ResyncConnection{ConnectionRef: linkTo(hookID), ResyncID: askID}, Refused: "wrong_status"},
		"a conflict is resolved":           {Given: with(whole), When: resolved(func(*commands.ResolveConnectionConflict) {}), Then: facts{events.ConnectionConflictResolved(resolved(func(*commands.ResolveConnectionConflict) {}))}, Again: estest.NothingToDo()},
		"resolving has an id":              {Given: with(whole), When: resolved(func(c *commands.ResolveConnectionConflict) { c.ResolutionID = uuid.Nil }), Refused: "invalid"},
		"a conflict is a lead's":           {Given: with(whole), When: resolved(func(c *commands.ResolveConnectionConflict) { c.LeadID = uuid.Nil }), Refused: "invalid"},
		"a conflict is a field's":          {Given: with(whole), When: resolved(func(c *commands.ResolveConnectionConflict) { c.Field = "" }), Refused: "invalid"},
		"somebody's value is kept":         {Given: with(whole), When: resolved(func(c *commands.ResolveConnectionConflict) { c.Keep = "both" }), Refused: "invalid"},
		"what isn't mapped has none":       {Given: there, When: resolved(func(*commands.ResolveConnectionConflict) {}), Refused: "wrong_status"},
		"nothing unknown is resolved":      {Given: given(founded()), When: resolved(func(*commands.ResolveConnectionConflict) {}), Refused: "not_found"},
		"nobody unknown is told":           {Given: given(founded()), When: commands.ResyncConnection{ConnectionRef: linkTo(hookID), ResyncID: askID}, Refused: "not_found"},
	})
}
