package csvfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// RowQuote is the code of a row with a quote that isn't closed where it should be, so that the lines after it were taken
// for a part of it.
const RowQuote = "quote_not_closed"

// readRecord reads the next record and counts rows as a spreadsheet does, empty lines included.
func (f *Reader) readRecord() ([]string, error) {
	f.source.beginRecord(f.csv.InputOffset())
	rec, err := f.csv.Read()
	var pe *csv.ParseError
	switch {
	case err == nil:
	case errors.Is(err, io.EOF):
		return nil, io.EOF
	case errors.Is(err, errBound):
		return nil, fmt.Errorf("row %d: %w", f.number+1, ErrTooLong)
	case errors.As(err, &pe):
		f.number++
		return nil, &RowError{f.number, "unreadable_row"}
	default:
		return nil, fmt.Errorf("read the file: %w", err)
	}
	start, _ := f.csv.FieldPos(0)
	last, _ := f.csv.FieldPos(len(rec) - 1)
	f.number += 1 + start - f.line // the reader passes over empty lines
	f.line = last + strings.Count(rec[len(rec)-1], "\n") + 1
	if f.line > start+1 && !f.quotedWell(f.source.upTo(f.csv.InputOffset())) {
		return nil, &RowError{f.number, RowQuote}
	}
	return rec, nil
}

// quotedWell reads a record of several lines again, strictly. Loose quotes do no harm within a line ("5" pipe"), but one
// that begins a value and isn't closed swallows what follows, which then must not pass for a value.
func (f *Reader) quotedWell(raw []byte) bool {
	strict := csv.NewReader(bytes.NewReader(raw))
	strict.Comma, strict.FieldsPerRecord = f.csv.Comma, -1
	_, err := strict.Read()
	return err == nil
}

var errBound = errors.New("record bound")

// boundedReader fails when one record takes more than left bytes, so that an open quote can't swallow a file into memory. It
// keeps what it gave since the record began.
type boundedReader struct {
	r    io.Reader
	left int
	kept []byte
	base int64 // offset of kept[0] in the file
}

func (b *boundedReader) beginRecord(offset int64) {
	b.left = MaxRecord
	n := copy(b.kept, b.kept[offset-b.base:])
	b.kept, b.base = b.kept[:n], offset
}

// upTo returns the record that ends at offset.
func (b *boundedReader) upTo(offset int64) []byte { return b.kept[:offset-b.base] }

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errBound
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	b.kept = append(b.kept, p[:n]...)
	return n, err
}

// loneCR reads files whose lines end with CR alone, as old Macs write them.
type loneCR struct{ r io.Reader }

func (l loneCR) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	for i, c := range p[:n] {
		if c == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}
