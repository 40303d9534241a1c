package csvfile

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"outrider/internal/charset"
)

// openText finds out the character set and the delimiter of a CSV file.
func (f *Reader) openText(r io.Reader, o Options) error {
	br := bufio.NewReaderSize(r, sampleSize)
	sample, err := peekSample(br)
	if err != nil {
		return err
	}
	if len(sample) == 0 {
		return ErrEmpty
	}
	name := o.Charset
	if name == "" {
		var sure bool
		if name, sure = charset.Find(sample); !sure {
			return ErrCharset
		}
	}
	text, err := charset.NewReader(br, name)
	if err != nil {
		return err
	}
	lines := bufio.NewReaderSize(&lineFeeds{r: text}, sampleSize)
	start, err := peekSample(lines)
	if err != nil {
		return err
	}
	s := &textSource{}
	delimiter := o.Delimiter
	if d, size := saidDelimiter(start); size > 0 {
		if _, err := lines.Discard(size); err != nil {
			return fmt.Errorf("read the file: %w", err)
		}
		start, s.number = start[size:], 1
		if delimiter == 0 {
			delimiter = d
		}
	}
	if delimiter == 0 {
		delimiter = guessDelimiter(string(start))
	}
	s.delimiter = delimiter
	s.begin(lines)
	f.source, f.head.Charset, f.head.Delimiter = s, name, string(delimiter)
	return nil
}

// FindCharset reads a CSV file up to where its character set shows: its beginning may be plain ASCII.
func FindCharset(r io.Reader) (string, error) {
	c, err := openContent(r)
	if err != nil || c.text == nil {
		return "", err
	}
	br := bufio.NewReaderSize(c.text, sampleSize)
	for {
		sample, err := peekSample(br)
		if err != nil {
			return "", err
		}
		if name, sure := charset.Find(sample); name != charset.UTF8 || bytes.ContainsFunc(sample, func(r rune) bool { return r >= 0x80 }) {
			if !sure {
				return "", ErrCharset
			}
			return name, nil
		}
		if len(sample) < sampleSize {
			return charset.UTF8, nil
		}
		step := sampleSize / 2 // so that a line is seen as a whole
		if end := bytes.LastIndexByte(sample[:step], '\n'); end > 0 {
			step = end + 1
		}
		if _, err := br.Discard(step); err != nil {
			return "", fmt.Errorf("read the file: %w", err)
		}
	}
}

func peekSample(r *bufio.Reader) ([]byte, error) {
	sample, err := r.Peek(sampleSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	return sample, nil
}

// textSource reads CSV and counts rows as a spreadsheet does, empty lines included.
type textSource struct {
	delimiter rune
	csv       *csv.Reader
	bytes     *boundedReader
	number    int      // of the last row
	line      int      // where the next record begins, when no line before it is empty; from 1
	lines     []string // of a record whose quotes are wrong: each is a row
}

func (s *textSource) begin(r io.Reader) {
	s.bytes = &boundedReader{r: r}
	s.csv, s.line = newCSV(s.bytes, s.delimiter), 1
}

func newCSV(r io.Reader, delimiter rune) *csv.Reader {
	c := csv.NewReader(r)
	c.Comma, c.FieldsPerRecord, c.LazyQuotes, c.ReuseRecord = delimiter, -1, true, true
	c.TrimLeadingSpace = delimiter != '\t' && delimiter != ' ' // so that a quote behind a blank is one
	return c
}

func (s *textSource) read() (record, error) {
	for len(s.lines) > 0 {
		line := s.lines[0]
		s.lines = s.lines[1:]
		s.number++
		if line != "" {
			return s.readLine(line), nil
		}
	}
	s.bytes.beginRecord(s.csv.InputOffset())
	values, err := s.csv.Read()
	var pe *csv.ParseError
	switch {
	case err == nil:
	case errors.Is(err, io.EOF):
		return record{}, io.EOF
	case errors.Is(err, errBound):
		return s.readApart()
	case errors.As(err, &pe):
		s.number++
		return record{}, &RowError{s.number, "unreadable_row"}
	default:
		return record{}, fmt.Errorf("read the file: %w", err)
	}
	start, _ := s.csv.FieldPos(0)
	last, _ := s.csv.FieldPos(len(values) - 1)
	s.number += start - s.line // the reader passes over empty lines
	s.line = last + strings.Count(values[len(values)-1], "\n") + 1
	if raw := s.bytes.upTo(s.csv.InputOffset()); s.line > start+1 && !s.isQuotedWell(raw) {
		s.lines = strings.Split(strings.TrimSuffix(strings.TrimLeft(string(raw), "\n"), "\n"), "\n")
		return s.read()
	}
	s.number++
	return record{number: s.number, values: values}, nil
}

// isQuotedWell reads a record of several lines again, strictly. Loose quotes do no harm within a line ("5" pipe"), but one
// that begins a value and isn't closed swallows what follows, which then must not pass for a value.
func (s *textSource) isQuotedWell(raw []byte) bool {
	strict := newCSV(bytes.NewReader(raw), s.delimiter)
	strict.LazyQuotes = false
	_, err := strict.Read()
	return err == nil
}

// readLine reads a line whose quotes may be wrong.
func (s *textSource) readLine(line string) record {
	values, err := newCSV(strings.NewReader(line), s.delimiter).Read()
	if err != nil {
		values = strings.Split(line, string(s.delimiter))
	}
	rec := record{number: s.number, values: values}
	if strings.Count(line, `"`)%2 == 1 {
		rec.warning = RowQuote
	}
	return rec
}

// readApart goes on behind a quote that isn't closed within the bound: each line is a row, and the rest is read as before.
func (s *textSource) readApart() (record, error) {
	kept := s.bytes.kept
	end := bytes.LastIndexByte(kept, '\n')
	if end < 0 {
		return record{}, fmt.Errorf("row %d: %w", s.number+1, ErrTooLong)
	}
	s.lines = strings.Split(string(kept[:end]), "\n")
	s.begin(io.MultiReader(bytes.NewReader(bytes.Clone(kept[end+1:])), s.bytes.r))
	return s.read()
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

// lineFeeds ends lines with LF, whatever they end with: CR LF, CR alone as on old Macs, or both in one file.
type lineFeeds struct {
	r       io.Reader
	afterCR bool
}

func (l *lineFeeds) Read(p []byte) (int, error) {
	for {
		n, err := l.r.Read(p)
		if n > 0 && l.afterCR && p[0] == '\n' {
			n = copy(p, p[1:n])
			l.afterCR = false
			if n == 0 && err == nil {
				continue
			}
		}
		if n > 0 {
			l.afterCR = p[n-1] == '\r'
		}
		return convertLineEnds(p[:n]), err
	}
}

// convertLineEnds returns how long the text is then.
func convertLineEnds(p []byte) int {
	first := bytes.IndexByte(p, '\r')
	if first < 0 {
		return len(p)
	}
	to := first
	for i := first; i < len(p); i++ {
		c := p[i]
		if c == '\r' {
			if i+1 < len(p) && p[i+1] == '\n' {
				continue
			}
			c = '\n'
		}
		p[to] = c
		to++
	}
	return to
}
