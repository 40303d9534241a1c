// Package csvfile reads the CSV files that people really have: any common character set and delimiter, quoted newlines,
// a header in their own words. Memory stays flat whatever the file's size.
package csvfile

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"outrider/internal/charset"
)

// Bounds of a file; beyond them the file is refused with a reason.
const (
	MaxRecord  = 1 << 20 // bytes of one row
	MaxColumns = 500
	MaxMapped  = 200 // columns that are read
	sampleSize = 64 << 10
	maxName    = 200 // bytes of a column's name
)

// Options override what is guessed.
type Options struct {
	Charset   string            // a name that charset.NewReader knows; empty = found out
	Delimiter rune              // 0 = guess among comma, semicolon, tab and bar
	Mapping   map[string]string // column (as the header says, or column_N) -> field; "" = ignore the column
}

// Head is what is known of a file before its rows.
type Head struct {
	Charset   string            `json:"charset"`
	Delimiter string            `json:"delimiter"`
	HasHeader bool              `json:"has_header"`
	Columns   []string          `json:"columns"`
	Mapping   map[string]string `json:"mapping"` // column -> field ("custom.x" for the organisation's own); ignored columns are absent
}

// Row is one record. Number is what a spreadsheet shows: the first line of the file is row 1.
type Row struct {
	Number int
	Values []string // parallel to Columns; shorter rows are filled with ""
}

// RowError means that one row can't be read; the rows after it can.
type RowError struct {
	Number int
	Reason string // stable, snake_case
}

func (e *RowError) Error() string { return fmt.Sprintf("row %d: %s", e.Number, e.Reason) }

// ErrEmpty means that a file has no rows at all.
var ErrEmpty = errors.New("the file is empty")

// ErrNoEmail means that no column holds e-mail addresses.
var ErrNoEmail = errors.New("no column holds e-mail addresses; map one to \"email\"")

// ErrTooLong means that a row doesn't end: most often a quote that is never closed.
var ErrTooLong = fmt.Errorf("a row is longer than %d bytes; is a quote never closed", MaxRecord)

// Reader returns a file's rows one by one.
type Reader struct {
	head   Head
	csv    *csv.Reader
	source *bounded
	number int      // of the last row
	line   int      // where the next record begins, when no line before it is empty; from 1
	first  []string // a first row that was no header
	values []string
}

// Open looks at the beginning of a file and maps its columns.
func Open(r io.Reader, o Options) (*Reader, error) {
	br := bufio.NewReaderSize(r, sampleSize)
	sample, err := br.Peek(sampleSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	if len(sample) == 0 {
		return nil, ErrEmpty
	}
	name := o.Charset
	if name == "" {
		name = charset.Detect(sample)
	}
	text, err := charset.NewReader(br, name)
	if err != nil {
		return nil, err
	}
	tr := bufio.NewReaderSize(text, sampleSize)
	start, err := tr.Peek(sampleSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	delimiter := o.Delimiter
	if delimiter == 0 {
		delimiter = guessDelimiter(strings.ReplaceAll(string(start), "\r", "\n"))
	}
	var lines io.Reader = tr
	if bytes.ContainsRune(start, '\r') && !bytes.ContainsRune(start, '\n') {
		lines = loneCR{tr}
	}
	src := &bounded{r: lines}
	c := csv.NewReader(src)
	c.Comma, c.FieldsPerRecord, c.LazyQuotes, c.ReuseRecord = delimiter, -1, true, true
	f := &Reader{csv: c, source: src, line: 1, head: Head{Charset: name, Delimiter: string(delimiter)}}
	if err := f.readHead(o.Mapping); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *Reader) readHead(overrides map[string]string) error {
	first, err := f.readFirstRow()
	if err != nil {
		return err
	}
	if err := f.nameColumns(first); err != nil {
		return err
	}
	f.head.Mapping = guessMapping(f.head.Columns, f.first)
	if err := f.applyMapping(overrides); err != nil {
		return err
	}
	if n := len(f.head.Mapping); n > MaxMapped {
		return fmt.Errorf("%d columns would be read; %d are the most: leave some out by mapping them to nothing, {\"column\": \"\"}", n, MaxMapped)
	}
	for _, field := range f.head.Mapping {
		if field == FieldEmail {
			return nil
		}
	}
	return ErrNoEmail
}

// readFirstRow returns the first row that isn't blank.
func (f *Reader) readFirstRow() ([]string, error) {
	for {
		rec, err := f.readRecord()
		if errors.Is(err, io.EOF) {
			return nil, ErrEmpty
		}
		if re := (*RowError)(nil); errors.As(err, &re) {
			return nil, errors.New("a quote in the row with the names of the columns isn't closed")
		}
		if err != nil {
			return nil, err
		}
		if !isBlankRecord(rec) {
			return append([]string(nil), rec...), nil
		}
	}
}

// nameColumns takes the first row for the names of the columns, or for data when an address is in it.
func (f *Reader) nameColumns(first []string) error {
	if len(first) > MaxColumns {
		return fmt.Errorf("the file has %d columns; %d are the most", len(first), MaxColumns)
	}
	f.head.HasHeader = !slices.ContainsFunc(first, looksLikeAddress)
	seen := map[string]int{}
	for i, v := range first {
		name := strings.TrimSpace(v)
		if f.head.HasHeader && (strings.ContainsAny(name, "@\n") || len(name) > maxName) { // names of columns are kept in clear, people's data never
			return fmt.Errorf("column %d has no usable name in the first row: at most %d bytes, no line break and no @", i+1, maxName)
		}
		if !f.head.HasHeader || name == "" {
			name = fmt.Sprintf("column_%d", i+1)
		}
		if seen[name]++; seen[name] > 1 {
			name = fmt.Sprintf("%s_%d", name, seen[name])
		}
		f.head.Columns = append(f.head.Columns, name)
	}
	if !f.head.HasHeader {
		f.first = first
	}
	return nil
}

// applyMapping puts what the user says of columns in the place of what was guessed.
func (f *Reader) applyMapping(overrides map[string]string) error {
	wanted := map[string]string{}
	for column, field := range overrides {
		if other, twice := wanted[field]; twice && field != "" {
			return fmt.Errorf("the mapping gives field %q to two columns, %q and %q", field, min(column, other), max(column, other))
		}
		wanted[field] = column
		if !slices.Contains(f.head.Columns, column) {
			return fmt.Errorf("the mapping names column %q, but the file has only: %s", column, strings.Join(f.head.Columns, ", "))
		}
		if field != "" && !KnownField(field) {
			return fmt.Errorf("the mapping names field %q; use one of %s, or custom.NAME (a-z, 0-9 and _)", field, strings.Join(Fields(), ", "))
		}
		for other, taken := range f.head.Mapping {
			if taken == field && other != column {
				delete(f.head.Mapping, other)
			}
		}
		if delete(f.head.Mapping, column); field != "" {
			f.head.Mapping[column] = field
		}
	}
	return nil
}

// Head is what was found; its maps and slices must not be changed.
func (f *Reader) Head() Head { return f.head }

// Next returns the next row that isn't blank; its Values are valid until the following call. io.EOF ends, a *RowError is
// about one row, anything else ends the file.
func (f *Reader) Next() (Row, error) {
	for {
		rec := f.first
		if f.first = nil; rec == nil {
			var err error
			if rec, err = f.readRecord(); err != nil {
				return Row{}, err
			}
		}
		if isBlankRecord(rec) {
			continue
		}
		if len(rec) > len(f.head.Columns) && !isBlankRecord(rec[len(f.head.Columns):]) {
			return Row{}, &RowError{f.number, "too_many_columns"}
		}
		f.values = append(f.values[:0], rec[:min(len(rec), len(f.head.Columns))]...)
		for len(f.values) < len(f.head.Columns) {
			f.values = append(f.values, "")
		}
		return Row{f.number, f.values}, nil
	}
}

func isBlankRecord(rec []string) bool {
	for _, v := range rec {
		if strings.TrimSpace(v) != "" {
			return false
		}
	}
	return true
}
