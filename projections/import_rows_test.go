package projections_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/projections"
)

// Every page of every list of rows is compared with what was put in.
func TestRowsOfAnImportComeInPagesWhateverTheirSpans(t *testing.T) {
	t.Parallel()
	f := setup(t)
	org, upload := uuid.New(), uuid.New()
	l := newLog(t)
	l.add(org, events.ImportRequested{ImportRef: events.ImportRef{ImportID: upload}, FileName: "a.csv", Mapping: map[string]string{"E": "email"}, OnDuplicate: events.DuplicateSkip, Source: events.SourceCSVUpload})
	chance := rand.New(rand.NewPCG(1, 2))
	var rows []projections.ImportRow
	for n := range 4 {
		chunk := events.ImportChunkRecorded{ImportRef: events.ImportRef{ImportID: upload}, Chunk: n, FirstRow: n*100 + 2}
		refused, warned, suppressed := map[string]events.Rows{}, map[string]events.Rows{}, events.Rows(nil)
		kind := 0
		for row := chunk.FirstRow; row < chunk.FirstRow+90; row++ { // ten empty lines between chunks
			if chance.IntN(4) == 0 {
				kind = chance.IntN(4)
			}
			r := projections.ImportRow{Row: row, Warnings: []string{}}
			switch kind {
			case 0, 1:
				r.Outcome = "created"
				if last := len(chunk.Outcomes) - 1; last >= 0 && chunk.Outcomes[last].To == row-1 {
					chunk.Outcomes[last].To = row
				} else {
					chunk.Outcomes = append(chunk.Outcomes, events.RowRun{From: row, To: row, Outcome: "created"})
				}
				if kind == 1 {
					warned["city"] = warned["city"].With(row)
					r.Warnings = append(r.Warnings, "city value_too_long")
				}
			default:
				r.Outcome, r.Code = "duplicate", "unchanged"
				if kind == 3 {
					r.Outcome, r.Code = "rejected", "email_invalid"
				}
				refused[r.Code] = refused[r.Code].With(row)
			}
			if chance.IntN(5) == 0 {
				suppressed = suppressed.With(row)
				r.Warnings = append(r.Warnings, "email suppressed")
			}
			rows = append(rows, r)
		}
		for code, spans := range refused {
			chunk.Refused = append(chunk.Refused, events.RefusedRows{Code: code, Rows: spans})
		}
		for field, spans := range warned {
			chunk.Warnings = append(chunk.Warnings, events.WarnedRows{Field: field, Code: "value_too_long", Rows: spans})
		}
		chunk.Suppressed = suppressed
		l.add(org, chunk)
	}
	f.store(t, l.events)
	for name, filter := range map[string]projections.ImportRowFilter{"all": {}, "created": {Outcome: "created"}, "duplicates": {Outcome: "duplicate"}, "warned of": {Warned: true}, "mentioned": {Mentions: true}} {
		var want, got []string
		for _, r := range rows {
			if (filter.Outcome == "" || r.Outcome == filter.Outcome) && (!filter.Warned || len(r.Warnings) > 0) && (!filter.Mentions || len(r.Warnings) > 0 || r.Code != "") {
				want = append(want, fmt.Sprint(r))
			}
		}
		for filter.Limit = 7; ; {
			page := read(t, f, org, func(ctx context.Context, tx pgx.Tx) ([]*projections.ImportRow, error) {
				return projections.ImportRows(ctx, tx, org, upload, filter)
			})
			for _, r := range page {
				slices.Sort(r.Warnings)
				got, filter.After = append(got, fmt.Sprint(*r)), r.Row
			}
			if len(page) < filter.Limit {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %d rows, want %d\n%v\n%v", name, len(got), len(want), got, want)
		}
	}
}
