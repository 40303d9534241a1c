// Package csvfile reads the lists of people that people really have: CSV files in any common character set and delimiter,
// Excel workbooks, gzip of both, with notes above the header and the header in their own words. Memory stays flat whatever
// a CSV file's size.
package csvfile

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Bounds of a file; beyond them the file is refused with a reason.
const (
	MaxRecord  = 1 << 20 // bytes of one row
	MaxColumns = 500
	MaxMapped  = 200 // columns that are read
	MaxOwn     = 50  // columns that become fields of the organisation's own
	HeadRows   = 20  // rows among which the names of the columns stand
	sampleRows = 50  // rows by whose values columns are known
	sampleSize = 64 << 10
	maxName    = 200 // characters of a column's name
)

// Options override what is guessed.
type Options struct {
	Charset   string            // a name that charset.NewReader knows; empty = found out
	Delimiter rune              // 0 = guess among comma, semicolon, tab and bar
	HeaderRow *int              // number of the row with the names of the columns, 0 = there is none; nil = found out
	Mapping   map[string]string // column (as the header says, or column_N) -> field; "" = ignore the column
	List      bool              // of whatever: all rows are data, no column is mapped, none must hold addresses
	Exact     bool              // nothing is guessed of columns: Mapping names all that are read
}

// Head is what is known of a file before its rows.
type Head struct {
	Format    string            `json:"format"` // csv or xlsx
	Charset   string            `json:"charset"`
	Delimiter string            `json:"delimiter"`
	HeaderRow int               `json:"header_row"` // 0 = none
	Columns   []string          `json:"columns"`
	Mapping   map[string]string `json:"mapping"`  // column -> field ("custom.x" for the organisation's own); ignored columns are absent
	LeftOut   []string          `json:"left_out"` // columns that became nothing because there are too many
}

// Row is one record. Number is what a spreadsheet shows: the first line of the file is row 1.
type Row struct {
	Number  int
	Values  []string // parallel to Columns; shorter rows are filled with ""
	Warning string   // stable, snake_case: what of the row is lost; "" = nothing
}

// What may be lost of a row.
const (
	RowQuote   = "quote_not_closed" // each of its lines was read for itself
	RowTooLong = "too_many_columns" // its last values stand in no column
)

// RowError means that one row can't be read; the rows after it can.
type RowError struct {
	Number int
	Reason string // stable, snake_case
}

func (e *RowError) Error() string { return fmt.Sprintf("row %d: %s", e.Number, e.Reason) }

// ErrEmpty means that a file has no rows at all.
var ErrEmpty = errors.New("the file is empty")

// ErrNoEmail means that no column holds e-mail addresses.
var ErrNoEmail = errors.New(`no column holds e-mail addresses; map one to "email", or say in header_row which row names the columns`)

// ErrTooLong means that a line doesn't end.
var ErrTooLong = fmt.Errorf("a row is longer than %d bytes", MaxRecord)

// ErrCharset means that nothing speaks for one character set more than for others.
var ErrCharset = errors.New("the character set can't be found out; say in charset what the file is written in, for example windows-1252, or save it as UTF-8")

// record is a row as the file has it. Its values are valid until the next one is read.
type record struct {
	number  int
	values  []string
	warning string
}

// recordSource gives a file's rows; io.EOF ends it, a *RowError is about one row.
type recordSource interface {
	read() (record, error)
}

// Reader returns a file's rows one by one.
type Reader struct {
	head   Head
	source recordSource
	ahead  []aheadRow // read already, to look at
	values []string
}

type aheadRow struct {
	record
	err error
}

// Open looks at the beginning of a file and maps its columns.
func Open(r io.Reader, o Options) (*Reader, error) {
	content, err := openContent(r)
	if err != nil {
		return nil, err
	}
	f := &Reader{head: Head{Format: content.format}}
	if content.sheet != nil {
		f.source = content.sheet
	} else if err := f.openText(content.text, o); err != nil {
		return nil, err
	}
	if err := f.readAhead(); err != nil {
		return nil, err
	}
	return f, f.readHead(o)
}

// readAhead takes the first rows that aren't blank; what is wrong with the file further on is said when it is read.
func (f *Reader) readAhead() error {
	for len(f.ahead) < sampleRows {
		rec, err := f.source.read()
		if errors.Is(err, io.EOF) {
			break
		}
		if re := (*RowError)(nil); err != nil && !errors.As(err, &re) {
			if len(f.ahead) == 0 {
				return err
			}
			f.ahead = append(f.ahead, aheadRow{err: err})
			break
		}
		if err == nil && isBlankRecord(rec.values) {
			continue
		}
		rec.values = append([]string(nil), rec.values...)
		f.ahead = append(f.ahead, aheadRow{rec, err})
	}
	if len(f.ahead) == 0 {
		return ErrEmpty
	}
	return nil
}

func (f *Reader) readHead(o Options) error {
	if o.List {
		width := 0
		for _, r := range f.ahead {
			width = max(width, len(r.values))
		}
		f.head.Columns = nameColumns(nil, min(width, MaxColumns))
		return nil
	}
	at, err := findHeader(f.ahead, o)
	if err != nil {
		return err
	}
	var names []string
	rows := f.ahead
	if at >= 0 {
		names, rows = f.ahead[at].values, f.ahead[at+1:]
		f.head.HeaderRow = f.ahead[at].number
		f.ahead = rows
	}
	width := widthOf(names, rows)
	if width > MaxColumns {
		return fmt.Errorf("the file has %d columns; %d are the most", width, MaxColumns)
	}
	f.head.Columns = nameColumns(names, width)
	g := newGuesser(f.head.Columns, names, rows)
	if f.head.Mapping = map[string]string{}; !o.Exact {
		f.head.Mapping = g.guessMapping()
	}
	if err := f.applyMapping(o.Mapping); err != nil {
		return err
	}
	if n := len(f.head.Mapping); n > MaxMapped {
		return fmt.Errorf("%d columns would be read; %d are the most: leave some out by mapping them to nothing, {\"column\": \"\"}", n, MaxMapped)
	}
	f.head.LeftOut = g.limitOwn(f.head.Mapping, o.Mapping)
	for _, field := range f.head.Mapping {
		if field == FieldEmail {
			return nil
		}
	}
	return ErrNoEmail
}

// widthOf is the number of columns: as many as have names, or without names as the first row has.
func widthOf(names []string, rows []aheadRow) int {
	if names != nil {
		return len(names)
	}
	for _, r := range rows {
		if r.err == nil {
			return len(r.values)
		}
	}
	return 0
}

// Head is what was found; its maps and slices must not be changed.
func (f *Reader) Head() Head { return f.head }

// Next returns the next row that isn't blank; its Values are valid until the following call. io.EOF ends, a *RowError is
// about one row, anything else ends the file.
func (f *Reader) Next() (Row, error) {
	for {
		rec, err := f.nextRecord()
		if err != nil {
			return Row{}, err
		}
		if isBlankRecord(rec.values) {
			continue
		}
		width := len(f.head.Columns)
		if len(rec.values) > width && !isBlankRecord(rec.values[width:]) && rec.warning == "" {
			rec.warning = RowTooLong
		}
		f.values = append(f.values[:0], rec.values[:min(len(rec.values), width)]...)
		for len(f.values) < width {
			f.values = append(f.values, "")
		}
		return Row{rec.number, f.values, rec.warning}, nil
	}
}

func (f *Reader) nextRecord() (record, error) {
	if len(f.ahead) == 0 {
		return f.source.read()
	}
	next := f.ahead[0]
	f.ahead = f.ahead[1:]
	return next.record, next.err
}

func isBlankRecord(values []string) bool {
	for _, v := range values {
		if strings.TrimSpace(v) != "" {
			return false
		}
	}
	return true
}
