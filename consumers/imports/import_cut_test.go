package imports

import (
	"strconv"
	"testing"

	"outrider/commands"
	"outrider/events"
)

// cutRows cuts rows of so many bytes each, and returns the chunks' first rows and sizes, and how many chunks each block has.
func cutRows(rows, perChunk, bytes int) (first, sizes, blocks []int) {
	c := newCutter(perChunk)
	take := func(b block) {
		for _, x := range b {
			first, sizes = append(first, x.firstRow), append(sizes, x.size())
			if x.number != len(first) {
				first = append(first, -x.number)
			}
		}
		if len(b) > 0 {
			blocks = append(blocks, len(b))
		}
	}
	for n := range rows {
		c.next.startAt(n + 2)
		c.next.people = append(c.next.people, &person{row: n + 2, address: strconv.Itoa(n) + "@example.com"})
		c.next.bytes += bytes
		take(c.cut())
	}
	take(c.take())
	return first, sizes, blocks
}

func sum(of []int) (n int) {
	for _, x := range of {
		n += x
	}
	return n
}

func TestAFileIsCutByWhatItsImportSays(t *testing.T) {
	t.Parallel()
	// What was requested before chunks had a size of their own: the numbers that it has used must mean the same rows.
	old, ok := events.Newest(events.ImportRequestedV1{}).(events.ImportRequested)
	if !ok || old.ChunkRows != 500 {
		t.Fatalf("an old import is cut by %d rows", old.ChunkRows)
	}
	first, sizes, blocks := cutRows(1_234, old.ChunkRows, 500)
	if len(first) != 3 || first[0] != 2 || first[1] != 502 || first[2] != 1_002 || sizes[2] != 234 || len(blocks) != 3 {
		t.Errorf("an old import: chunks from %v of %v rows, %v in a block", first, sizes, blocks)
	}
	if first, sizes, _ := cutRows(1_000, old.ChunkRows, 2_097); len(first) != 4 || sizes[0] != 251 { // the first that are more than 512 kB
		t.Errorf("an old import with long rows: chunks from %v of %v rows", first, sizes)
	}
	first, sizes, blocks = cutRows(1_234, 100, 500)
	if len(first) != 13 || first[1] != 102 || sizes[12] != 34 || len(blocks) != 3 || blocks[0] != 5 {
		t.Errorf("a new one: chunks from %v of %v rows, %v in a block", first, sizes, blocks)
	}
	for bytes := range 60 { // whatever rows hold
		_, sizes, blocks = cutRows(2_000, 100, 100*bytes)
		at := 0
		for _, n := range blocks {
			if rows := sum(sizes[at : at+n]); rows > commands.MaxItems {
				t.Errorf("rows of %d bytes: a block has %d rows", 100*bytes, rows)
			}
			at += n
		}
		if sum(sizes) != 2_000 {
			t.Errorf("rows of %d bytes: %d rows are in chunks", 100*bytes, sum(sizes))
		}
	}
}
