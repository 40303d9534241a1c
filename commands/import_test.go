package commands_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/es/estest"
)

func requested(change func(*events.ImportRequested)) events.ImportRequested {
	e := events.ImportRequested{ImportRef: events.ImportRef{ImportID: upload}, FileName: "leads.csv", Bytes: 1000, Blob: "imports/1", Mapping: map[string]string{"E-Mail": "email"}, OnDuplicate: "skip", Source: "csv_upload", ChunkRows: 100}
	if change != nil {
		change(&e)
	}
	return e
}

// importRequest asks for what requested has.
func importRequest(change func(*commands.RequestImport)) commands.RequestImport {
	c := commands.RequestImport{ImportRef: events.ImportRef{ImportID: upload}, FileName: "leads.csv", Bytes: 1000, Blob: "imports/1", Mapping: map[string]string{"E-Mail": "email"}, OnDuplicate: "skip", Source: "csv_upload"}
	if change != nil {
		change(&c)
	}
	return c
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
	e := events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, Chunk: n, FirstRow: 2, Rows: rows, Created: created}
	if created > 0 {
		e.Outcomes = []events.RowRun{run(2, 1+created, "created")}
	}
	return e
}

func run(from, to int, outcome string) events.RowRun {
	return events.RowRun{From: from, To: to, Outcome: outcome}
}

func row(n int, code string) events.RefusedRow { return events.RefusedRow{Row: n, Code: code} }

func refused(code string, rows ...int) events.RefusedRows {
	return events.RefusedRows{Code: code, Rows: events.RowsOf(rows...)}
}

func TestImportChunk(t *testing.T) {
	t.Parallel()
	ann, bob := "ann@example.com", "bob@example.org"
	moved := events.LeadUpdated{LeadRef: events.LeadRef{LeadID: leadID(ann)}, AddressHash: h(bob), DomainHash: h("example.org"), FreeMail: ptr(false)}
	rejected := func(c *commands.ImportLeads) {
		c.Rejected = []events.RefusedRows{refused("email_missing", 2), refused("email_invalid", 4)}
		c.Items[0].Row = 3
		c.Rows = 3
	}
	updating := func(c *commands.ImportLeads) { c.OnDuplicate = "update" }
	trying := func(c *commands.ImportLeads) { c.DryRun = true }
	badSource := func(c *commands.ImportLeads) { c.Items[0].Source = "" }
	updated := func(n int) events.LeadSupplemented {
		return events.LeadSupplemented{LeadRef: events.LeadRef{LeadID: leadID(ann)}, Profile: sealed, Filled: []string{"email", "first_name"}, ImportID: upload, Row: n}
	}
	known := func(rows ...commands.KnownRow) func(*commands.ImportLeads) {
		return func(c *commands.ImportLeads) {
			c.Known = rows
			c.Rows += len(rows)
		}
	}
	knows := func(row int, code string) commands.KnownRow {
		return commands.KnownRow{Row: row, Code: code, AddressHash: h(bob), DomainHash: h("example.org")}
	}
	full := events.OrganizationPlanChanged{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Plan: "tiny", Limits: events.Limits{LeadsStored: 1, ImportsAtOnce: 1, ImportBytes: 1000}}
	over := events.QuotaRefused{OrganizationRef: events.OrganizationRef{OrganizationID: org}, QuotaDetail: events.QuotaDetail{Limit: "leads_stored", Used: 1, Max: 1, Requested: 2, Plan: "tiny"}, At: estest.At}
	forgotten := facts{events.LeadErased{LeadRef: events.LeadRef{LeadID: leadID(ann)}},
		events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: aggregates.SuppressionID(org, "address", h(ann))}, Kind: "address", Hash: h(ann), Reason: "erasure"}}
	kit().Run(t, map[string]estest.Case{
		"who was erased since the file was sent doesn't come back by it": {Given: given(leadCreated(ann), requested(nil), forgotten[0], forgotten[1]), When: chunk(0, nil, ann, bob), Then: facts{imported(bob, 3),
			events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, FirstRow: 2, Rows: 2, Created: 1, Rejected: 1, Refused: []events.RefusedRows{refused("erased", 2)}, Outcomes: []events.RowRun{run(3, 3, "created")}}}, Again: estest.NothingToDo()},
		"who was erased before a file was sent may come with it": {Given: given(leadCreated(ann), forgotten[0], forgotten[1], requested(nil)), When: chunk(0, nil, ann), Then: facts{imported(ann, 2),
			func() events.ImportChunkRecorded { r := recorded(0, 1, 1); r.Suppressed = events.RowsOf(2); return r }()}, Again: estest.NothingToDo()},
		"rows that the edge knows are counted without what they hold": {Given: given(requested(nil)), When: chunk(0, known(knows(4, "duplicate_in_file"), knows(3, "duplicate")), ann), Then: facts{imported(ann, 2),
			events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, FirstRow: 2, Rows: 3, Created: 1, Duplicates: 2, Refused: []events.RefusedRows{refused("duplicate", 3), refused("duplicate_in_file", 4)}, Outcomes: []events.RowRun{run(2, 2, "created")}}}, Again: estest.NothingToDo()},
		"neighbours that were refused alike are one span": {Given: given(requested(nil)), When: chunk(0, known(knows(3, "duplicate"), knows(4, "duplicate"), knows(6, "duplicate")), ann), Then: facts{imported(ann, 2),
			events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, FirstRow: 2, Rows: 4, Created: 1, Duplicates: 3, Refused: []events.RefusedRows{{Code: "duplicate", Rows: events.Rows{{3, 4}, {6, 6}}}}, Outcomes: []events.RowRun{run(2, 2, "created")}}}, Again: estest.NothingToDo()},
		"a row that the edge knows may have any code of those alone": {Given: given(requested(nil)), When: chunk(0, known(knows(3, "created")), ann), Refused: "invalid"},
		"rows stand in order": {Given: given(requested(nil)), When: chunk(0, func(c *commands.ImportLeads) {
			c.Rejected, c.Rows = []events.RefusedRows{{Code: "email_missing", Rows: events.Rows{{5, 4}}}}, 2
		}, ann), Refused: "invalid"},
		"a plan's last place is taken in order": {Given: given(requested(nil), full), When: chunk(0, nil, ann, bob), Then: facts{imported(ann, 2), over,
			events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, FirstRow: 2, Rows: 2, Created: 1, Rejected: 1, Refused: []events.RefusedRows{refused("over_quota", 3)}, Outcomes: []events.RowRun{run(2, 2, "created")}}}, Again: estest.NothingToDo()},
		"a dry run counts the places that it would take": {Given: given(requested(dryRun), full, recorded(0, 1, 1)), When: chunk(1, trying, bob), Then: facts{
			func() events.QuotaRefused { q := over; q.Requested = 1; return q }(),
			events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, Chunk: 1, FirstRow: 2, Rows: 1, Rejected: 1, Refused: []events.RefusedRows{refused("over_quota", 2)}}}, Again: estest.NothingToDo()},
		"a chunk creates its leads":        {Given: given(requested(nil)), When: chunk(0, nil, ann, bob), Then: facts{imported(ann, 2), imported(bob, 3), recorded(0, 2, 2)}, Again: estest.NothingToDo()},
		"a second chunk goes on":           {Given: given(requested(nil), recorded(0, 1, 1)), When: chunk(1, nil, bob), Then: facts{imported(bob, 2), recorded(1, 1, 1)}, Again: estest.NothingToDo()},
		"a recorded chunk comes to naught": {Given: given(requested(nil), recorded(7, 1, 1)), When: chunk(7, nil, bob), Noop: true},
		"rows that the edge refused are named in order": {Given: given(requested(nil)), When: chunk(0, rejected, ann), Then: facts{imported(ann, 3),
			events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, FirstRow: 2, Rows: 3, Created: 1, Rejected: 2, Refused: []events.RefusedRows{refused("email_invalid", 4), refused("email_missing", 2)}, Outcomes: []events.RowRun{run(3, 3, "created")}}}, Again: estest.NothingToDo()},
		"a row that is wrong keeps no other out": {Given: given(requested(nil)), When: chunk(0, badSource, ann, bob), Then: facts{imported(bob, 3),
			events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, FirstRow: 2, Rows: 2, Created: 1, Rejected: 1, Refused: []events.RefusedRows{refused("invalid", 2)}, Outcomes: []events.RowRun{run(3, 3, "created")}}}, Again: estest.NothingToDo()},
		"duplicates inside a chunk and against the organisation are skipped": {Given: given(leadCreated(bob), requested(nil)), When: chunk(0, nil, ann, ann, bob), Then: facts{imported(ann, 2),
			events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, FirstRow: 2, Rows: 3, Created: 1, Duplicates: 2, Refused: []events.RefusedRows{refused("duplicate", 4), refused("duplicate_in_file", 3)}, Outcomes: []events.RowRun{run(2, 2, "created")}}}, Again: estest.NothingToDo()},
		"a duplicate of an earlier chunk is one inside the file": {Given: given(requested(nil), imported(ann, 2), recorded(0, 1, 1)), When: chunk(1, nil, ann), Then: facts{
			events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, Chunk: 1, FirstRow: 2, Rows: 1, Duplicates: 1, Refused: []events.RefusedRows{refused("duplicate_in_file", 2)}}}, Again: estest.NothingToDo()},
		"duplicates update when asked to, the later row last": {Given: given(leadCreated(ann), requested(update)), When: chunk(0, updating, ann, bob, ann), Then: facts{updated(2), imported(bob, 3), updated(4),
			events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, FirstRow: 2, Rows: 3, Created: 1, Updated: 2, Outcomes: []events.RowRun{run(2, 2, "updated"), run(3, 3, "created"), run(4, 4, "updated")}}}, Again: estest.NothingToDo()},
		"a profile sealed for another lead can't update this one": {Given: given(leadCreated(ann), moved, requested(update)), When: chunk(0, updating, bob), Then: facts{
			events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, FirstRow: 2, Rows: 1, Duplicates: 1, Refused: []events.RefusedRows{refused("duplicate", 2)}}}, Again: estest.NothingToDo()},
		"a lead that has moved keeps its id": {Given: given(leadCreated(ann), moved, requested(nil)), When: chunk(0, nil, ann), Then: facts{
			events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, FirstRow: 2, Rows: 1, Rejected: 1, Refused: []events.RefusedRows{refused("lead_id_taken", 2)}}}, Again: estest.NothingToDo()},
		"a dry run counts and creates nothing": {Given: given(leadCreated(bob), requested(dryRun)), When: chunk(0, trying, ann, ann, bob), Then: facts{
			events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, FirstRow: 2, Rows: 3, Created: 1, Duplicates: 2, Refused: []events.RefusedRows{refused("duplicate", 4), refused("duplicate_in_file", 3)}, Outcomes: []events.RowRun{run(2, 2, "created")}}}, Again: estest.NothingToDo()},
		"what the form says stands where row and lead have nothing": {Given: given(leadCreated(ann), requested(func(e *events.ImportRequested) {
			update(e)
			e.TimeZone, e.LawfulBasis = "Europe/Berlin", "consent"
		})), When: chunk(0, func(c *commands.ImportLeads) { updating(c); c.Items[0].TimeZone = "UTC" }, ann, bob), Then: facts{
			changed(updated(2), func(e *events.LeadSupplemented) {
				e.TimeZone, e.DefaultTimeZone = "UTC", "Europe/Berlin"
			}),
			changed(imported(bob, 3), func(e *events.LeadCreated) { e.TimeZone = "Europe/Berlin" }),
			events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, FirstRow: 2, Rows: 2, Created: 1, Updated: 1, Outcomes: []events.RowRun{run(2, 2, "updated"), run(3, 3, "created")}}}, Again: estest.NothingToDo()},
		"rows that nothing can be sent to are named, and what was left out of those that became leads": {Given: given(events.SuppressionAdded{SuppressionRef: events.SuppressionRef{SuppressionID: other}, Kind: "domain", Hash: h("example.org")}, requested(nil)),
			When: chunk(0, func(c *commands.ImportLeads) {
				c.Warnings = []events.WarnedRows{{Field: "time_zone", Code: "time_zone_unknown", Rows: events.RowsOf(2)}, {Field: "tags", Code: "too_many_tags", Rows: events.RowsOf(4)}}
			}, ann, bob, ann), Then: facts{imported(ann, 2), imported(bob, 3), events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, FirstRow: 2, Rows: 3, Created: 2, Duplicates: 1,
				Refused: []events.RefusedRows{refused("duplicate_in_file", 4)}, Outcomes: []events.RowRun{run(2, 3, "created")}, Warnings: []events.WarnedRows{{Field: "time_zone", Code: "time_zone_unknown", Rows: events.RowsOf(2)}}, Suppressed: events.RowsOf(3)}}, Again: estest.NothingToDo()},
		"a row that would give a lead too many fields of its own is refused": {Given: given(withOwn(ann, 0, 45), requested(update)), When: chunk(0, func(c *commands.ImportLeads) { updating(c); c.Items[0].Filled = ownFields(40, 51) }, ann), Then: facts{
			events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, FirstRow: 2, Rows: 1, Rejected: 1, Refused: []events.RefusedRows{refused("too_many_custom_fields", 2)}}}, Again: estest.NothingToDo()},
		"a chunk has not too many warnings": {Given: given(requested(nil)), When: chunk(0, func(c *commands.ImportLeads) {
			c.Warnings = []events.WarnedRows{{Code: "value_too_long", Rows: events.Rows{{1, 4000}}}, {Code: "tag_too_long", Rows: events.Rows{{1, 1001}}}}
		}, ann), Refused: "invalid"},
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
	but := importRequest
	done := events.ImportCompleted{ImportRef: events.ImportRef{ImportID: upload}}
	tiny := events.OrganizationPlanChanged{OrganizationRef: events.OrganizationRef{OrganizationID: org}, Plan: "tiny", Limits: events.Limits{LeadsStored: 1, ImportsAtOnce: 1, ImportBytes: 1000}}
	atOnce := func(limit string) events.QuotaRefused {
		return events.QuotaRefused{OrganizationRef: events.OrganizationRef{OrganizationID: org}, QuotaDetail: events.QuotaDetail{Limit: limit, Used: 1, Max: 1, Requested: 1, Plan: "tiny"}, At: estest.At}
	}
	second := but(func(c *commands.RequestImport) { c.ImportID, c.Blob = other, "imports/2" })
	running := given(requested(nil), events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, Chunk: 0, Rows: 5, Created: 1, Updated: 1, Duplicates: 2, Rejected: 1}, recorded(1, 3, 3))
	kit().Run(t, map[string]estest.Case{
		"an import is requested": {Given: given(), When: but(func(*commands.RequestImport) {}), Then: facts{requested(nil)}, Again: estest.NothingToDo()},
		"the chunks of a dry run are large": {Given: given(), When: but(func(c *commands.RequestImport) { c.DryRun = true }), Then: facts{requested(func(e *events.ImportRequested) {
			e.DryRun, e.ChunkRows = true, commands.MaxItems
		})}, Again: estest.NothingToDo()},
		"another file under its id is refused": {Given: given(requested(nil)), When: but(func(c *commands.RequestImport) { c.Blob = "imports/2" }), Refused: "already_exists"},
		"a file isn't larger than the plan's": {Given: given(tiny), When: but(func(c *commands.RequestImport) { c.Bytes = 1001 }), Refused: "file_too_large",
			Detail: events.QuotaDetail{Limit: "import_bytes", Max: 1000, Requested: 1001, Plan: "tiny"}},
		"as many files as the plan's at once":   {Given: given(requested(nil), tiny), When: second, Then: facts{atOnce("imports_at_once")}, Again: estest.RefusedAs("quota_exceeded")},
		"one that is undone is one of them":     {Given: given(requested(nil), done, events.ImportUndoRequested{ImportRef: events.ImportRef{ImportID: upload}}, tiny), When: second, Then: facts{atOnce("imports_at_once")}, Again: estest.RefusedAs("quota_exceeded")},
		"one that has ended isn't":              {Given: given(requested(nil), done, tiny), When: second, Then: facts{requested(func(e *events.ImportRequested) { e.ImportID, e.Blob = other, "imports/2" })}, Again: estest.NothingToDo()},
		"with no place for a lead none begins":  {Given: given(leadCreated(address(1)), tiny), When: second, Then: facts{atOnce("leads_stored")}, Again: estest.RefusedAs("quota_exceeded")},
		"a lead takes a place too":              {Given: given(leadCreated(address(1)), tiny), When: createLead(address(2), nil), Then: facts{atOnce("leads_stored")}, Again: estest.RefusedAs("quota_exceeded")},
		"an import has an id":                   {Given: given(), When: but(func(c *commands.RequestImport) { c.ImportID = uuid.Nil }), Refused: "invalid"},
		"a file isn't less than empty":          {Given: given(), When: but(func(c *commands.RequestImport) { c.Bytes = -1 }), Refused: "invalid"},
		"a mapping is needed":                   {Given: given(), When: but(func(c *commands.RequestImport) { c.Mapping = nil }), Refused: "invalid"},
		"duplicates are skipped or updated":     {Given: given(), When: but(func(c *commands.RequestImport) { c.OnDuplicate = "" }), Refused: "invalid"},
		"an import has a source":                {Given: given(), When: but(func(c *commands.RequestImport) { c.Source = "" }), Refused: "invalid"},
		"an import's tags are checked":          {Given: given(), When: but(func(c *commands.RequestImport) { c.Tags = make([]string, 51) }), Refused: "invalid"},
		"an import's header stands in a row":    {Given: given(), When: but(func(c *commands.RequestImport) { c.HeaderRow = ptr(-1) }), Refused: "invalid"},
		"columns that are left out are bounded": {Given: given(), When: but(func(c *commands.RequestImport) { c.LeftOut = make([]string, 501) }), Refused: "invalid"},
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
	brought := func(by uuid.UUID) events.LeadSupplemented {
		return events.LeadSupplemented{LeadRef: events.LeadRef{LeadID: leadID(address(0))}, Profile: sealed, Filled: []string{"email"}, ImportID: by, Row: 9}
	}
	one := commands.UndoImportChunk{ImportID: upload, Chunk: 1, LeadIDs: []uuid.UUID{leadID(address(0))}}
	recorded := func(removed, kept int) events.ImportUndoChunkRecorded {
		return events.ImportUndoChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, Chunk: 1, Removed: removed, Kept: kept}
	}
	kit().Run(t, map[string]estest.Case{
		"only what the import created and nobody touched is removed": {Given: before, When: part, Then: facts{removed(0), removed(4), done}, Again: estest.NothingToDo()},
		"an undo is completed with its sums":                         {Given: append(before, done), When: commands.CompleteUndo{ImportID: upload}, Then: facts{events.ImportUndone{ImportRef: events.ImportRef{ImportID: upload}, Removed: 2, Kept: 4}}, Again: estest.NothingToDo()},
		"a later row of the same file is no edit":                    {Given: append(before[:len(before):len(before)], brought(upload)), When: one, Then: facts{removed(0), recorded(1, 0)}, Again: estest.NothingToDo()},
		"a row of another file is one":                               {Given: append(before[:len(before):len(before)], brought(other)), When: one, Then: facts{recorded(0, 1)}, Again: estest.NothingToDo()},
		"an undo must have begun":                                    {Given: given(requested(nil)), When: part, Refused: "import_open", Detail: map[string]string{"id": upload.String(), "status": "running"}},
		"an undo is over when it is over":                            {Given: given(requested(nil), events.ImportUndone{ImportRef: events.ImportRef{ImportID: upload}}), When: part, Refused: "import_closed"},
		"an undo of an unknown import":                               {Given: given(), When: part, Refused: "not_found"},
		"an undo's chunk has leads":                                  {Given: given(requested(nil), undoing), When: commands.UndoImportChunk{ImportID: upload}, Refused: "invalid"},
		"an undo's chunk has a number":                               {Given: given(requested(nil), undoing), When: commands.UndoImportChunk{ImportID: upload, Chunk: -1, LeadIDs: ids}, Refused: "invalid"},
		"an undo that hasn't begun isn't complete":                   {Given: given(requested(nil)), When: commands.CompleteUndo{ImportID: upload}, Refused: "import_open"},
		"an undo of nothing isn't complete":                          {Given: given(), When: commands.CompleteUndo{ImportID: upload}, Refused: "not_found"},
	})
}

func changed[E any](e E, change func(*E)) E {
	change(&e)
	return e
}

// ownFields are the names of own fields from one number up to another.
func ownFields(from, to int) (names []string) {
	for n := from; n < to; n++ {
		names = append(names, events.MarkField("custom.f"+strconv.Itoa(n)))
	}
	return names
}

func withOwn(address string, from, to int) events.LeadCreated {
	return changed(leadCreated(address), func(e *events.LeadCreated) { e.Filled = ownFields(from, to) })
}

func TestOwnFieldsAreBounded(t *testing.T) {
	t.Parallel()
	ann := "ann@example.com"
	patch := func(filled, cleared []string) commands.UpdateLead {
		return commands.UpdateLead{LeadID: leadID(ann), Profile: sealed, Filled: filled, Cleared: cleared}
	}
	updated := func(filled, cleared []string) events.LeadUpdated {
		return events.LeadUpdated{LeadRef: events.LeadRef{LeadID: leadID(ann)}, Profile: sealed, Filled: filled, Cleared: cleared}
	}
	kit().Run(t, map[string]estest.Case{
		"fifty are taken":            {Given: given(withOwn(ann, 0, 30)), When: patch(ownFields(20, 50), nil), Then: facts{updated(ownFields(20, 50), nil)}, Again: estest.OnceMore()},
		"one more isn't":             {Given: given(withOwn(ann, 0, 30)), When: patch(ownFields(20, 51), nil), Refused: "invalid"},
		"unless another goes":        {Given: given(withOwn(ann, 0, 50)), When: patch(ownFields(50, 51), ownFields(0, 1)), Then: facts{updated(ownFields(50, 51), ownFields(0, 1))}, Again: estest.OnceMore()},
		"what has gone is no more":   {Given: given(withOwn(ann, 0, 50), updated(nil, ownFields(0, 2))), When: patch(ownFields(50, 53), nil), Refused: "invalid"},
		"what came later counts too": {Given: given(withOwn(ann, 0, 30), events.LeadSupplemented{LeadRef: events.LeadRef{LeadID: leadID(ann)}, Filled: ownFields(30, 45)}), When: patch(ownFields(45, 51), nil), Refused: "invalid"},
	})
}
