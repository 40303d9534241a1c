package csvfile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// Formats of what is read.
const (
	FormatCSV  = "csv"
	FormatXLSX = "xlsx"
)

// maxUnpacked bounds what a compressed file may become: enough for some ten million rows.
const maxUnpacked = 2 << 30

// fileContent is a file without what it is wrapped in.
type fileContent struct {
	format string
	text   io.Reader    // of a CSV file
	sheet  *sheetSource // of a workbook
}

// KindError names what a file is instead of a list, and what to do.
type KindError struct{ Kind, Advice string }

func (e *KindError) Error() string { return "this is " + e.Kind + "; " + e.Advice }

const saveAsCSV = "open it in a spreadsheet program and save it as CSV UTF-8 or as an Excel workbook (.xlsx)"

// openContent looks at the first bytes for what kind of file it is, whatever it is called.
func openContent(r io.Reader) (fileContent, error) {
	br := bufio.NewReaderSize(r, sampleSize)
	start, err := peekSample(br)
	if err != nil {
		return fileContent{}, err
	}
	if bytes.HasPrefix(start, []byte{0x1f, 0x8b}) {
		unpacked, err := gzip.NewReader(br)
		if err != nil {
			return fileContent{}, &KindError{"a damaged gzip file", "send the CSV file itself"}
		}
		br = bufio.NewReaderSize(&unpackReader{r: unpacked, left: maxUnpacked}, sampleSize)
		if start, err = peekSample(br); err != nil {
			return fileContent{}, err
		}
	}
	if bytes.HasPrefix(start, []byte("PK\x03\x04")) {
		sheet, err := openWorkbook(br)
		return fileContent{format: FormatXLSX, sheet: sheet}, err
	}
	if err := nameKind(start); err != nil {
		return fileContent{}, err
	}
	return fileContent{format: FormatCSV, text: br}, nil
}

// nameKind says what a file is that is certainly no list.
func nameKind(start []byte) error {
	if text := strings.TrimLeft(strings.TrimPrefix(string(start[:min(len(start), 512)]), "\ufeff"), " \t\r\n"); text != "" {
		switch {
		case strings.HasPrefix(text, "<?xml") && bytes.Contains(start, []byte("Excel.Sheet")):
			return &KindError{"an Excel 2003 XML file", saveAsCSV}
		case isHTML(text):
			return &KindError{"a web page (HTML)", "export the list as CSV; of a table on a page, " + saveAsCSV}
		case strings.HasPrefix(text, "<?xml"):
			return &KindError{"an XML file", saveAsCSV}
		case isJSON(text):
			return &KindError{"a JSON file", "send each object to POST /v1/leads, or save the list as CSV"}
		case strings.HasPrefix(text, "ID;P"):
			return &KindError{"a SYLK file", saveAsCSV}
		}
	}
	kind := mimetype.Detect(start)
	for _, k := range []struct{ mime, kind, advice string }{
		{"application/vnd.ms-excel", "an old Excel workbook (.xls)", saveAsCSV},
		{"application/vnd.ms-outlook", "an Outlook message", "export the contacts as CSV"},
		{"application/x-ole-storage", "an old Office file", saveAsCSV},
		{"application/pdf", "a PDF", "send the list that it was made of, as CSV"},
		{"text/rtf", "a text document (RTF)", saveAsCSV},
		{"text/vcard", "a vCard file", "import it into an address book and export that as CSV"},
		{"text/calendar", "a calendar", "send a list of people as CSV"},
		{"application/x-ndjson", "a JSON file", "send each object to POST /v1/leads, or save the list as CSV"},
		{"application/json", "a JSON file", "send each object to POST /v1/leads, or save the list as CSV"},
		{"application/x-7z-compressed", "a compressed 7z archive", "unpack it and send the CSV file in it"},
		{"application/x-rar-compressed", "a compressed RAR archive", "unpack it and send the CSV file in it"},
		{"application/x-bzip2", "a bzip2 compressed file", "unpack it, or compress it with gzip"},
		{"application/x-xz", "an xz compressed file", "unpack it, or compress it with gzip"},
		{"application/zstd", "a Zstandard compressed file", "unpack it, or compress it with gzip"},
		{"application/x-tar", "a tar archive", "unpack it and send the CSV file in it"},
		{"application/vnd.sqlite3", "a SQLite database", "export the table as CSV"},
		{"application/vnd.apache.parquet", "a Parquet file", "export it as CSV"},
	} {
		if kind.Is(k.mime) {
			return &KindError{k.kind, k.advice}
		}
	}
	if m := kind.String(); strings.HasPrefix(m, "image/") && m != "image/svg+xml" && bytes.IndexByte(start, 0) >= 0 {
		return &KindError{"a picture", "send the list as CSV"}
	}
	return nil
}

func isHTML(text string) bool {
	text = strings.ToLower(text)
	for _, tag := range []string{"<!doctype html", "<html", "<head", "<body", "<table", "<meta", "<div", "<style", "<script", "<!--"} {
		if strings.HasPrefix(text, tag) {
			return true
		}
	}
	return false
}

// isJSON tells a list of objects from a CSV file whose first name stands in brackets.
func isJSON(text string) bool {
	rest, list := strings.CutPrefix(text, "[")
	rest = strings.TrimLeft(rest, " \t\r\n")
	if list && (strings.HasPrefix(rest, "]") || strings.HasPrefix(rest, "[") || strings.HasPrefix(rest, `"`)) {
		return true
	}
	rest, object := strings.CutPrefix(rest, "{")
	rest = strings.TrimLeft(rest, " \t\r\n")
	return object && (strings.HasPrefix(rest, `"`) || strings.HasPrefix(rest, "}"))
}

// unpackReader ends a file that becomes too large.
type unpackReader struct {
	r    io.Reader
	left int64
}

func (u *unpackReader) Read(p []byte) (int, error) {
	if u.left <= 0 {
		return 0, fmt.Errorf("the compressed file is larger than %d GB when it is unpacked", maxUnpacked>>30)
	}
	n, err := u.r.Read(p[:min(int64(len(p)), u.left)])
	u.left -= int64(n)
	if err != nil && err != io.EOF { //nolint:errorlint // of a gzip reader it is bare
		err = fmt.Errorf("the compressed file is damaged: %w", err)
	}
	return n, err
}
