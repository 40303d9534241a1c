// Package importfile says where an imported file lies, and keeps of it the rows that it takes to say why they were refused.
package importfile

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"
)

// Name of the file in the bucket.
func Name(org, importID uuid.UUID) string {
	return "imports/" + org.String() + "/" + importID.String()
}

// RowsName is where the rows lie that are kept of it once it is gone.
func RowsName(org, importID uuid.UUID) string { return Name(org, importID) + ".rows" }

// MostKept bounds the cells that are kept of a file, in bytes; rows behind it are known by number and code alone.
const MostKept = 8 << 20

// keptHead is the first line of what is kept.
type keptHead struct {
	Columns []string `json:"columns"`
	Email   int      `json:"email"` // column; -1 = none
}

type keptRow struct {
	Row   int      `json:"row"`
	Cells []string `json:"cells"`
}

// Writer keeps rows.
type Writer struct {
	out  *json.Encoder
	left int
}

// NewWriter begins with the columns, and which of them holds addresses (-1 = none).
func NewWriter(w io.Writer, columns []string, email int) (*Writer, error) {
	k := &Writer{out: json.NewEncoder(w), left: MostKept}
	if err := k.out.Encode(keptHead{columns, email}); err != nil {
		return nil, fmt.Errorf("keep columns: %w", err)
	}
	return k, nil
}

// Keep keeps a row, in the order of the file; false when there is no room for more.
func (k *Writer) Keep(row int, cells []string) (bool, error) {
	for _, c := range cells {
		k.left -= len(c)
	}
	if k.left < 0 {
		return false, nil
	}
	if err := k.out.Encode(keptRow{row, cells}); err != nil {
		return false, fmt.Errorf("keep row %d: %w", row, err)
	}
	return true, nil
}

// Kept are the rows that were kept, to look up in their order.
type Kept struct {
	head  keptHead
	lines *json.Decoder
	file  io.Closer
	row   keptRow
	ended bool
}

// Open reads what a Writer wrote; Close closes it.
func Open(file io.ReadCloser) (*Kept, error) {
	k := &Kept{lines: json.NewDecoder(bufio.NewReaderSize(file, 64<<10)), file: file}
	if err := k.lines.Decode(&k.head); err != nil {
		return nil, errors.Join(fmt.Errorf("read kept rows: %w", err), file.Close())
	}
	return k, nil
}

// Columns are the names of the file's columns.
func (k *Kept) Columns() []string { return k.head.Columns }

// Email is the column of addresses; -1 = none.
func (k *Kept) Email() int { return k.head.Email }

// Close closes the file.
func (k *Kept) Close() error { return k.file.Close() }

// Cells are those of a row, nil where it wasn't kept. Rows are asked for in the order of the file.
func (k *Kept) Cells(row int) []string {
	for !k.ended && k.row.Row < row {
		k.row = keptRow{}
		if k.lines.Decode(&k.row) != nil {
			k.ended = true
		}
	}
	if k.ended || k.row.Row != row {
		return nil
	}
	return k.row.Cells
}
