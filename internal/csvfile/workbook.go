package csvfile

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Bounds of a workbook, which is in memory as a whole while it is read.
const (
	maxWorkbook    = 32 << 20 // bytes as it comes
	maxWorkbookXML = 96 << 20 // bytes of what is packed in it, all together
)

// sheetSource reads the rows of a sheet.
type sheetSource struct {
	rows   *excelize.Rows
	number int
}

// openWorkbook takes the first sheet that is seen and has an address near its beginning, else the first that is seen.
func openWorkbook(r io.Reader) (*sheetSource, error) {
	packed, err := io.ReadAll(io.LimitReader(r, maxWorkbook+1))
	if err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	if len(packed) > maxWorkbook {
		return nil, &KindError{fmt.Sprintf("a workbook or archive of more than %d MB", maxWorkbook>>20), "save the sheet with the list as CSV"}
	}
	if err := checkArchive(packed); err != nil {
		return nil, err
	}
	damaged := &KindError{"a workbook that can't be read", "save the sheet with the list as CSV"}
	book, err := excelize.OpenReader(bytes.NewReader(packed), excelize.Options{UnzipSizeLimit: maxWorkbookXML, UnzipXMLSizeLimit: maxWorkbookXML}) // equal: nothing is unpacked to a disk
	if err != nil {
		return nil, damaged
	}
	var sheets []string
	for _, name := range book.GetSheetList() {
		if seen, err := book.GetSheetVisible(name); err == nil && seen {
			sheets = append(sheets, name)
		}
	}
	for _, name := range sheets {
		if s, err := openSheet(book, name); err == nil && s.hasAddress() {
			return openSheet(book, name)
		}
	}
	if len(sheets) == 0 {
		return nil, damaged
	}
	s, err := openSheet(book, sheets[0])
	if err != nil {
		return nil, damaged
	}
	return s, nil
}

// checkArchive refuses what is packed like a workbook and is none, and what would be too much in memory, before anything of
// it is unpacked. What an archive says of its sizes is checked by excelize when it unpacks.
func checkArchive(packed []byte) error {
	archive, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return &KindError{"a damaged ZIP file", "send the CSV file itself, or the workbook again"}
	}
	var size uint64
	var names []string
	for _, f := range archive.File {
		size += f.UncompressedSize64
		names = append(names, f.Name)
	}
	has := func(prefix string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, prefix) })
	}
	switch {
	case has("xl/workbook.bin"):
		return &KindError{"a binary Excel workbook (.xlsb)", saveAsCSV}
	case has("Index/"):
		return &KindError{"a Numbers document", "export it as CSV"}
	case has("content.xml"):
		return &KindError{"an OpenDocument file", saveAsCSV}
	case has("word/"):
		return &KindError{"a Word document", saveAsCSV}
	case !has("xl/"):
		return &KindError{"a ZIP archive", "unpack it and send the CSV file in it"}
	case size > maxWorkbookXML || len(names) > 10_000:
		return &KindError{fmt.Sprintf("a workbook of more than %d MB", maxWorkbookXML>>20), "save the sheet with the list as CSV"}
	}
	return nil
}

func openSheet(book *excelize.File, name string) (*sheetSource, error) {
	rows, err := book.Rows(name)
	if err != nil {
		return nil, fmt.Errorf("open the sheet: %w", err)
	}
	return &sheetSource{rows: rows}, nil
}

func (s *sheetSource) hasAddress() bool {
	for range sampleRows {
		rec, err := s.read()
		if err != nil {
			break
		}
		if slices.ContainsFunc(rec.values, looksLikeAddress) {
			return true
		}
	}
	return false
}

func (s *sheetSource) read() (record, error) {
	if !s.rows.Next() {
		if err := s.rows.Error(); err != nil {
			return record{}, fmt.Errorf("read the workbook: %w", err)
		}
		return record{}, io.EOF
	}
	s.number++
	values, err := s.rows.Columns()
	if err != nil {
		return record{}, fmt.Errorf("read the workbook: %w", err)
	}
	size := 0
	for i, v := range values {
		values[i] = strings.ToValidUTF8(v, "\uFFFD")
		size += len(v)
	}
	if size > MaxRecord {
		return record{}, errors.Join(ErrTooLong, fmt.Errorf("row %d", s.number))
	}
	return record{number: s.number, values: values}, nil
}
