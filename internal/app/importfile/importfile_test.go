package importfile_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"outrider/internal/app/importfile"
)

func TestRowsAreKeptUpToABound(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	w, err := importfile.NewWriter(&file, []string{"Mail", "Note"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", importfile.MostKept/4)
	kept := 0
	for row := 3; ; row += 2 {
		room, err := w.Keep(row, []string{"ann", long})
		if err != nil {
			t.Fatal(err)
		}
		if !room {
			break
		}
		kept++
	}
	if kept != 3 {
		t.Errorf("%d rows of a quarter are kept", kept)
	}
	k, err := importfile.Open(io.NopCloser(&file))
	if err != nil {
		t.Fatal(err)
	}
	if got := k.Columns(); len(got) != 2 || k.Email() != 0 {
		t.Errorf("columns %v, addresses in %d", got, k.Email())
	}
	for row, want := range []bool{false, false, false, true, false, true, false, true, false, false} {
		if cells := k.Cells(row); (cells != nil) != want || want && (cells[0] != "ann" || cells[1] != long) {
			t.Errorf("row %d: %d cells", row, len(cells))
		}
	}
}
