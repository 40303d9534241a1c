package csvfile_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"outrider/internal/csvfile"
)

func workbook(t *testing.T, change func(*excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	change(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func setRows(t *testing.T, f *excelize.File, sheet string, rows ...[]any) {
	t.Helper()
	for i, r := range rows {
		if err := f.SetSheetRow(sheet, fmt.Sprintf("A%d", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
}

func compressed(t *testing.T, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func archive(t *testing.T, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWorkbooksAreRead(t *testing.T) {
	t.Parallel()
	book := workbook(t, func(f *excelize.File) {
		setRows(t, f, "Sheet1", []any{"Read me"}, []any{"nothing here"})
		if _, err := f.NewSheet("Leads"); err != nil {
			t.Fatal(err)
		}
		setRows(t, f, "Leads", []any{"List of spring"}, nil, []any{"E-Mail", "Vorname", "Telefon", "Zip"}, []any{"ann@example.com", "Jörg", 491701234567, "01234"}, nil, []any{"bob@example.com", "Łukasz", nil, nil})
	})
	for name, content := range map[string][]byte{"workbook": book, "compressed": compressed(t, book)} {
		f, err := csvfile.Open(bytes.NewReader(content), csvfile.Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		good, bad := rows(t, f)
		if h := f.Head(); h.Format != csvfile.FormatXLSX || h.HeaderRow != 3 || h.Mapping["E-Mail"] != "email" || bad != nil {
			t.Errorf("%s: %+v %q", name, h, bad)
		}
		if got, want := fmt.Sprintf("%q", good), `[["4" "ann@example.com" "Jörg" "491701234567" "01234"] ["6" "bob@example.com" "Łukasz" "" ""]]`; got != want {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

func TestWhatIsNoListIsNamed(t *testing.T) {
	t.Parallel()
	bomb := archive(t, "xl/workbook.xml", strings.Repeat(" ", 97<<20))
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"a list of objects":         {[]byte(`[{"email":"a@example.com"}]`), "JSON"},
		"objects line by line":      {[]byte("{\"email\":\"a@example.com\"}\n{\"email\":\"b@example.com\"}\n"), "JSON"},
		"a page":                    {[]byte("\ufeff\n<!DOCTYPE html><html>"), "HTML"},
		"an old workbook":           {append([]byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}, make([]byte, 600)...), "Office"},
		"XML of Excel":              {[]byte(`<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook>`), "Excel 2003"},
		"a PDF":                     {[]byte("%PDF-1.7\n"), "PDF"},
		"a vCard":                   {[]byte("BEGIN:VCARD\nVERSION:3.0\n"), "vCard"},
		"rich text":                 {[]byte(`{\rtf1\ansi`), "RTF"},
		"a picture":                 {append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), make([]byte, 50)...), "picture"},
		"an archive":                {archive(t, "leads.csv", "email\n"), "ZIP archive"},
		"an OpenDocument":           {archive(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml", "<x/>"), "OpenDocument"},
		"a binary workbook":         {archive(t, "xl/workbook.bin", "x"), "xlsb"},
		"a text document":           {archive(t, "word/document.xml", "<x/>"), "Word"},
		"a workbook that is broken": {archive(t, "xl/workbook.xml", "<x"), "can't be read"},
		"a cut archive":             {archive(t, "xl/workbook.xml", "<x/>")[:40], "damaged ZIP"},
		"a bomb":                    {bomb, "more than 96 MB"},
		"a bomb in a bomb":          {compressed(t, bomb), "more than 96 MB"},
		"a cut gzip":                {compressed(t, []byte("email\na@example.com\n"))[:12], "damaged"},
	} {
		_, err := csvfile.Open(bytes.NewReader(c.content), csvfile.Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
		var kind *csvfile.KindError
		if errors.As(err, &kind) && kind.Advice == "" {
			t.Errorf("%s: nothing says what to do", name)
		}
	}
	for _, text := range []string{"[Email],Name\na@example.com,x\n", "{Email};Name\na@example.com;x\n", "\"email\"\n\"a@example.com\"\n"} {
		if _, err := csvfile.Open(strings.NewReader(text), csvfile.Options{}); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTheHeaderIsFound(t *testing.T) {
	t.Parallel()
	two := 2
	for text, c := range map[string]struct {
		row int
		o   csvfile.Options
	}{
		"Report for,ann@example.com\nEmail,Name\nbob@example.com,Bob\n":                              {2, csvfile.Options{}},
		"My leads\n\nof spring\nMail;Firma\nann@example.com;x\n":                                     {4, csvfile.Options{}},
		"sep=;\nMail;Firma\nann@example.com;x, y\n":                                                  {2, csvfile.Options{}},
		"\"sep=\t\"\nMail\tFirma\nann@example.com\tx\n":                                              {2, csvfile.Options{}},
		"Wer,Wohin,Was\nA,ann@example.com,x\n":                                                       {1, csvfile.Options{}},
		"a title,,\nWer,Wohin,Was\nA,,x\nB,ann@example.com,x\n":                                      {2, csvfile.Options{}},
		"Email,Name\nWer,Wohin\nann@example.com,b\n":                                                 {2, csvfile.Options{HeaderRow: &two}},
		"x,y\nann@example.com,Email\n":                                                               {1, csvfile.Options{}},
		"ann@example.com,Ann\nEmail,Name\n":                                                          {2, csvfile.Options{}},
		"notes\nMine,Yours\nann@example.com,b\n":                                                     {2, csvfile.Options{Mapping: map[string]string{"Mine": "email"}}},
		"Name,Owner Email,Email Status,Work Email\nAnn,owner@example.com,verified,ann@example.com\n": {1, csvfile.Options{}},
	} {
		f, err := csvfile.Open(strings.NewReader(text), c.o)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if h := f.Head(); h.HeaderRow != c.row {
			t.Errorf("%q: header in row %d: %v", text, h.HeaderRow, h.Mapping)
		} else if strings.Contains(text, "Owner Email") && h.Mapping["Work Email"] != "email" {
			t.Errorf("%q: %v", text, h.Mapping)
		}
	}
}

// What was ignored when the file came isn't guessed again when it is read.
func TestAnExactMappingIsAllThatIsRead(t *testing.T) {
	t.Parallel()
	names := make([]string, 300)
	ignored := map[string]string{}
	for i := range names {
		if names[i] = fmt.Sprint("p", i); i > 30 {
			ignored[names[i]] = ""
		}
	}
	text := "Email," + strings.Join(names, ",") + "\nann@example.com\n"
	first, err := csvfile.Open(strings.NewReader(text), csvfile.Options{Mapping: ignored})
	if err != nil {
		t.Fatal(err)
	}
	h := first.Head()
	again, err := csvfile.Open(strings.NewReader(text), csvfile.Options{Charset: h.Charset, HeaderRow: &h.HeaderRow, Mapping: h.Mapping, Exact: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := again.Head(); fmt.Sprint(got.Mapping) != fmt.Sprint(h.Mapping) || len(got.Mapping) != 32 {
		t.Errorf("%d columns at first, then %d", len(h.Mapping), len(got.Mapping))
	}
}

func TestCellsOfSpreadsheets(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		`="0049"`: "0049", `="say ""hi"""`: `say "hi"`, `'0049`: "0049", `'+49 1`: "+49 1", `'=1+1`: "=1+1", `'@x`: "@x", `'ann@example.com'`: "ann@example.com", `"Ann"`: "Ann",
		`=1+1`: "=1+1", `'t Hart`: "'t Hart", `O'Brien`: "O'Brien", `The "Best"`: `The "Best"`, ` x `: "x", `'`: "'", `"`: `"`, `=""`: "",
	} {
		if got := csvfile.CleanCell(cell); got != want {
			t.Errorf("%q: got %q, want %q", cell, got, want)
		}
	}
	for _, value := range []string{"=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1:A9)", "Ann", ""} {
		protected := csvfile.ProtectCell(value)
		if strings.IndexAny(protected, "=+-@") == 0 || csvfile.CleanCell(protected) != value {
			t.Errorf("%q is written as %q", value, protected)
		}
	}
}
