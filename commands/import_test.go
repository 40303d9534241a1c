package commands_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func requested(change func(*events.ImportRequested)) events.ImportRequested {
	e := events.ImportRequested{ImportRef: events.ImportRef{ImportID: upload}, FileName: "leads.csv", Bytes: 1000, Blob: "imports/1", Mapping: map[string]string{"E-Mail": "email"}, OnDuplicate: "skip", Source: "csv_upload"}
	if change != nil {
		change(&e)
	}
	return e
}

func update(e *events.ImportRequested) { e.OnDuplicate = "update" }
func dryRun(e *events.ImportRequested) { e.DryRun = true }

func chunk(n int, change func(*commands.ImportLeads), addresses ...string) commands.ImportLeads {
	c := commands.ImportLeads{ImportID: upload, Chunk: n, FirstRow: 2, OnDuplicate: "skip"}
	for i, a := range addresses {
		it := item(a)
		it.Row = c.FirstRow + i
		c.Items = append(c.Items, it)
	}
	c.Rows = len(c.Items)
	if change != nil {
		change(&c)
	}
	return c
}

func recorded(n, rows, created int) events.ImportChunkRecorded {
	return events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, Chunk: n, FirstRow: 2, Rows: rows, Created: created}
}

func row(n int, code string) events.RefusedRow { return events.RefusedRow{Row: n, Code: code} }

func TestImportChunk(t *testing.T) {
	t.Parallel()
	ann, bob := "ann@example.com", "bob@example.org"
	moved := events.LeadUpdated{LeadRef: events.LeadRef{LeadID: leadID(ann)}, AddressHash: h(bob), DomainHash: h("example.org"), FreeMail: ptr(false)}
	rejected := func(c *commands.ImportLeads) {
		c.Rejected = []events.RefusedRow{row(4, "email_invalid"), row(2, "email_missing")}
		c.Items[0].Row = 3
		c.Rows = 3
	}
	updating := func(c *commands.ImportLeads) { c.OnDuplicate = "update" }
	trying := func(c *commands.ImportLeads) { c.DryRun = true }
	badSource := func(c *commands.ImportLeads) { c.Items[0].Source = "" }
	updated := func(n int) events.LeadUpdated {
		return events.LeadUpdated{LeadRef: events.LeadRef{LeadID: leadID(ann)}, Profile: sealed, Filled: []string{"email", "first_name"}, Tags: []string{"vip"}, ImportID: upload, Row: n}
	}
	kit().Run(t, map[string]estest.Case{
		"a chunk creates its leads":        {Given: given(requested(nil)), When: chunk(0, nil, ann, bob), Then: facts{imported(ann, 2), imported(bob, 3), recorded(0, 2, 2)}, Again: estest.NothingToDo()},
		"a second chunk goes on":           {Given: given(requested(nil), recorded(0, 1, 1)), When: chunk(1, nil, bob), Then: facts{imported(bob, 2), recorded(1, 1, 1)}, Again: estest.NothingToDo()},
		"a recorded chunk comes to naught": {Given: given(requested(nil), recorded(7, 1, 1)), When: chunk(7, nil, bob), Noop: true},
		"rows that the edge refused are named in order": {Given: given(requested(nil)), When: chunk(0, rejected, ann), Then: facts{imported(ann, 3),
			events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, FirstRow: 2, Rows: 3, Created: 1, Rejected: 2, Refused: []events.RefusedRow{row(2, "email_missing"), row(4, "email_invalid")}}}, Again: estest.NothingToDo()},
		"a row that is wrong keeps no other out": {Given: given(requested(nil)), When: chunk(0, badSource, ann, bob), Then: facts{imported(bob, 3),
			events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, FirstRow: 2, Rows: 2, Created: 1, Rejected: 1, Refused: []events.RefusedRow{row(2, "invalid")}}}, Again: estest.NothingToDo()},
		"duplicates inside a chunk and against the organisation are skipped": {Given: given(leadCreated(bob), requested(nil)), When: chunk(0, nil, ann, ann, bob), Then: facts{imported(ann, 2),
			events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, FirstRow: 2, Rows: 3, Created: 1, Duplicates: 2, Refused: []events.RefusedRow{row(3, "duplicate_in_file"), row(4, "duplicate")}}}, Again: estest.NothingToDo()},
		"a duplicate of an earlier chunk is one inside the file": {Given: given(requested(nil), imported(ann, 2), recorded(0, 1, 1)), When: chunk(1, nil, ann), Then: facts{
			events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, Chunk: 1, FirstRow: 2, Rows: 1, Duplicates: 1, Refused: []events.RefusedRow{row(2, "duplicate_in_file")}}}, Again: estest.NothingToDo()},
		"duplicates update when asked to, the later row last": {Given: given(leadCreated(ann), requested(update)), When: chunk(0, updating, ann, bob, ann), Then: facts{updated(2), imported(bob, 3), updated(4),
			events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, FirstRow: 2, Rows: 3, Created: 1, Updated: 2}}, Again: estest.NothingToDo()},
		"a profile sealed for another lead can't update this one": {Given: given(leadCreated(ann), moved, requested(update)), When: chunk(0, updating, bob), Then: facts{
			events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, FirstRow: 2, Rows: 1, Duplicates: 1, Refused: []events.RefusedRow{row(2, "duplicate")}}}, Again: estest.NothingToDo()},
		"a lead that has moved keeps its id": {Given: given(leadCreated(ann), moved, requested(nil)), When: chunk(0, nil, ann), Then: facts{
			events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, FirstRow: 2, Rows: 1, Rejected: 1, Refused: []events.RefusedRow{row(2, "lead_id_taken")}}}, Again: estest.NothingToDo()},
		"a dry run counts and creates nothing": {Given: given(leadCreated(bob), requested(dryRun)), When: chunk(0, trying, ann, ann, bob), Then: facts{
			events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, FirstRow: 2, Rows: 3, Created: 1, Duplicates: 2, Refused: []events.RefusedRow{row(3, "duplicate_in_file"), row(4, "duplicate")}}}, Again: estest.NothingToDo()},
		"a chunk of an unknown import":              {Given: given(), When: chunk(0, nil, ann), Refused: "not_found"},
		"a completed import takes no chunk":         {Given: given(requested(nil), events.ImportCompleted{ImportRef: events.ImportRef{ImportID: upload}}), When: chunk(0, nil, ann), Refused: "import_closed", Detail: map[string]string{"id": upload.String(), "status": "completed"}},
		"a failed import takes no chunk":            {Given: given(requested(nil), events.ImportFailed{ImportRef: events.ImportRef{ImportID: upload}}), When: chunk(0, nil, ann), Refused: "import_closed"},
		"an import being undone takes no chunk":     {Given: given(requested(nil), events.ImportUndoRequested{ImportRef: events.ImportRef{ImportID: upload}}), When: chunk(0, nil, ann), Refused: "import_closed"},
		"an undone import takes no chunk":           {Given: given(requested(nil), events.ImportUndone{ImportRef: events.ImportRef{ImportID: upload}}), When: chunk(0, nil, ann), Refused: "import_closed"},
		"rows must add up":                          {Given: given(requested(nil)), When: chunk(0, func(c *commands.ImportLeads) { c.Rows++ }, ann), Refused: "invalid"},
		"a chunk isn't empty":                       {Given: given(requested(nil)), When: chunk(0, nil), Refused: "invalid"},
		"a chunk has at most 500 items":             {Given: given(requested(nil)), When: chunk(0, func(c *commands.ImportLeads) { c.Items, c.Rows = make([]commands.LeadItem, 501), 501 }), Refused: "invalid"},
		"a chunk's number isn't negative":           {Given: given(requested(nil)), When: chunk(-1, nil, ann), Refused: "invalid"},
		"a real chunk isn't part of a dry run":      {Given: given(requested(dryRun)), When: chunk(0, nil, ann), Refused: "invalid"},
		"a chunk doesn't choose what duplicates do": {Given: given(requested(nil)), When: chunk(0, updating, ann), Refused: "invalid"},
	})
}

func TestImport(t *testing.T) {
	t.Parallel()
	but := func(change func(*commands.RequestImport)) commands.RequestImport {
		c := commands.RequestImport(requested(nil))
		change(&c)
		return c
	}
	done := events.ImportCompleted{ImportRef: events.ImportRef{ImportID: upload}}
	running := given(requested(nil), events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, Chunk: 0, Rows: 5, Created: 1, Updated: 1, Duplicates: 2, Rejected: 1}, recorded(1, 3, 3))
	kit().Run(t, map[string]estest.Case{
		"an import is requested":                {Given: given(), When: but(func(*commands.RequestImport) {}), Then: facts{requested(nil)}, Again: estest.NothingToDo()},
		"another file under its id is refused":  {Given: given(requested(nil)), When: but(func(c *commands.RequestImport) { c.Blob = "imports/2" }), Refused: "already_exists"},
		"an import has an id":                   {Given: given(), When: but(func(c *commands.RequestImport) { c.ImportID = uuid.Nil }), Refused: "invalid"},
		"a file isn't less than empty":          {Given: given(), When: but(func(c *commands.RequestImport) { c.Bytes = -1 }), Refused: "invalid"},
		"a mapping is needed":                   {Given: given(), When: but(func(c *commands.RequestImport) { c.Mapping = nil }), Refused: "invalid"},
		"duplicates are skipped or updated":     {Given: given(), When: but(func(c *commands.RequestImport) { c.OnDuplicate = "" }), Refused: "invalid"},
		"an import has a source":                {Given: given(), When: but(func(c *commands.RequestImport) { c.Source = "" }), Refused: "invalid"},
		"an import's tags are checked":          {Given: given(), When: but(func(c *commands.RequestImport) { c.Tags = make([]string, 51) }), Refused: "invalid"},
		"an import has a file":                  {Given: given(), When: but(func(c *commands.RequestImport) { c.Blob = "" }), Refused: "invalid"},
		"an import is completed with its sums":  {Given: running, When: commands.CompleteImport{ImportID: upload}, Then: facts{events.ImportCompleted{ImportRef: events.ImportRef{ImportID: upload}, Rows: 8, Created: 4, Updated: 1, Duplicates: 2, Rejected: 1}}, Again: estest.NothingToDo()},
		"an import isn't complete with a gap":   {Given: append(running, recorded(4, 1, 1)), When: commands.CompleteImport{ImportID: upload}, Refused: "invalid", Detail: map[string]string{"field": "chunk", "reason": "chunk 2 is missing"}},
		"a failed import isn't completed":       {Given: given(requested(nil), events.ImportFailed{ImportRef: events.ImportRef{ImportID: upload}}), When: commands.CompleteImport{ImportID: upload}, Refused: "import_closed"},
		"an unknown import isn't completed":     {Given: given(), When: commands.CompleteImport{ImportID: upload}, Refused: "not_found"},
		"an import fails":                       {Given: given(requested(nil), status("suspended")), When: commands.FailImport{ImportID: upload, Reason: "unreadable"}, Then: facts{events.ImportFailed{ImportRef: events.ImportRef{ImportID: upload}, Reason: "unreadable"}}, Again: estest.NothingToDo()},
		"a failure has a reason":                {Given: given(requested(nil)), When: commands.FailImport{ImportID: upload}, Refused: "invalid"},
		"a completed import doesn't fail":       {Given: given(requested(nil), done), When: commands.FailImport{ImportID: upload, Reason: "x"}, Refused: "import_closed"},
		"an unknown import doesn't fail":        {Given: given(), When: commands.FailImport{ImportID: upload, Reason: "x"}, Refused: "not_found"},
		"a failure's reason isn't endless":      {Given: given(requested(nil)), When: commands.FailImport{ImportID: upload, Reason: strings.Repeat("x", 501)}, Refused: "invalid"},
		"an undo begins":                        {Given: given(requested(nil), done), When: commands.UndoImport{ImportID: upload}, Then: facts{events.ImportUndoRequested{ImportRef: events.ImportRef{ImportID: upload}}}, Again: estest.NothingToDo()},
		"an undo stops a running import":        {Given: given(requested(nil)), When: commands.UndoImport{ImportID: upload}, Then: facts{events.ImportUndoRequested{ImportRef: events.ImportRef{ImportID: upload}}}, Again: estest.NothingToDo()},
		"of a dry run there is nothing to undo": {Given: given(requested(dryRun), done), When: commands.UndoImport{ImportID: upload}, Noop: true},
		"an undone import stays undone":         {Given: given(requested(nil), events.ImportUndone{ImportRef: events.ImportRef{ImportID: upload}}), When: commands.UndoImport{ImportID: upload}, Noop: true},
		"an unknown import isn't undone":        {Given: given(), When: commands.UndoImport{ImportID: upload}, Refused: "not_found"},
	})
}

func TestUndo(t *testing.T) {
	t.Parallel()
	undoing := events.ImportUndoRequested{ImportRef: events.ImportRef{ImportID: upload}}
	var before facts
	before = append(before, given(campaignCreated(), leadCreated(address(9)), requested(nil))...)
	for n := range 5 {
		before = append(before, imported(address(n), n+2))
	}
	before = append(before, events.LeadUpdated{LeadRef: events.LeadRef{LeadID: leadID(address(1))}, TimeZone: ptr("UTC")}, started(address(2), true), events.LeadRemoved{LeadRef: events.LeadRef{LeadID: leadID(address(3))}}, undoing)
	var ids []uuid.UUID
	for _, n := range []int{0, 1, 2, 3, 9, 4, 4} {
		ids = append(ids, leadID(address(n)))
	}
	removed := func(n int) events.LeadRemoved {
		return events.LeadRemoved{LeadRef: events.LeadRef{LeadID: leadID(address(n))}, Reason: "import_undone", ImportID: upload}
	}
	part := commands.UndoImportChunk{ImportID: upload, Chunk: 3, LeadIDs: ids}
	done := events.ImportUndoChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, Chunk: 3, Removed: 2, Kept: 3}
	kit().Run(t, map[string]estest.Case{
		"only what the import created and nobody touched is removed": {Given: before, When: part, Then: facts{removed(0), removed(4), done}, Again: estest.NothingToDo()},
		"an undo is completed with its sums":                         {Given: append(before, done), When: commands.CompleteUndo{ImportID: upload}, Then: facts{events.ImportUndone{ImportRef: events.ImportRef{ImportID: upload}, Removed: 2, Kept: 4}}, Again: estest.NothingToDo()},
		"an undo must have begun":                                    {Given: given(requested(nil)), When: part, Refused: "import_open", Detail: map[string]string{"id": upload.String(), "status": "running"}},
		"an undo is over when it is over":                            {Given: given(requested(nil), events.ImportUndone{ImportRef: events.ImportRef{ImportID: upload}}), When: part, Refused: "import_closed"},
		"an undo of an unknown import":                               {Given: given(), When: part, Refused: "not_found"},
		"an undo's chunk has leads":                                  {Given: given(requested(nil), undoing), When: commands.UndoImportChunk{ImportID: upload}, Refused: "invalid"},
		"an undo's chunk has a number":                               {Given: given(requested(nil), undoing), When: commands.UndoImportChunk{ImportID: upload, Chunk: -1, LeadIDs: ids}, Refused: "invalid"},
		"an undo that hasn't begun isn't complete":                   {Given: given(requested(nil)), When: commands.CompleteUndo{ImportID: upload}, Refused: "import_open"},
		"an undo of nothing isn't complete":                          {Given: given(), When: commands.CompleteUndo{ImportID: upload}, Refused: "not_found"},
	})
}
