package csvfile_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"outrider/internal/csvfile"
)

func encoded(t *testing.T, charset, s string) []byte {
	t.Helper()
	var out string
	var err error
	switch charset {
	case "utf-8":
		out = s
	case "utf-8 with mark":
		out = "\uFEFF" + s
	case "utf-16le":
		out, err = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(s)
	case "utf-16be":
		out, err = unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(s)
	case "utf-16le without mark":
		out, err = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String(s)
	case "windows-1252":
		out, err = charmap.Windows1252.NewEncoder().String(s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return []byte(out)
}

func rows(t *testing.T, f *csvfile.Reader) (good [][]string, bad []string) {
	t.Helper()
	for {
		r, err := f.Next()
		var re *csvfile.RowError
		switch {
		case errors.Is(err, io.EOF):
			return good, bad
		case errors.As(err, &re):
			bad = append(bad, re.Error())
		case err != nil:
			t.Fatal(err)
		default:
			good = append(good, append([]string{fmt.Sprint(r.Number)}, r.Values...))
			if r.Warning != "" {
				bad = append(bad, fmt.Sprintf("row %d: %s", r.Number, r.Warning))
			}
		}
	}
}

func TestEveryCharsetAndDelimiterReadsTheSame(t *testing.T) {
	t.Parallel()
	for _, charset := range []string{"utf-8", "utf-8 with mark", "utf-16le", "utf-16be", "utf-16le without mark", "windows-1252"} {
		for _, d := range []string{",", ";", "\t"} {
			for _, eol := range []string{"\n", "\r\n"} {
				text := strings.Join([]string{
					"E-Mail" + d + "Vorname" + d + "Notiz", "jörg@example.com" + d + "Jörg" + d + "\"two\nlines, \"\"quoted\"\"; both\tkinds\"", "", "ana@example.com" + d + "Ána",
				}, eol) + eol
				f, err := csvfile.Open(bytes.NewReader(encoded(t, charset, text)), csvfile.Options{})
				if err != nil {
					t.Fatalf("%s %q: %v", charset, d, err)
				}
				h := f.Head()
				if h.Delimiter != d || h.Mapping["E-Mail"] != "email" || h.Mapping["Vorname"] != "first_name" || h.Mapping["Notiz"] != "custom.notiz" {
					t.Errorf("%s %q: head %+v", charset, d, h)
				}
				good, bad := rows(t, f)
				want := fmt.Sprint([][]string{{"2", "jörg@example.com", "Jörg", "two\nlines, \"quoted\"; both\tkinds"}, {"4", "ana@example.com", "Ána", ""}}) // row 3 is empty
				if fmt.Sprint(good) != want || bad != nil {
					t.Errorf("%s %q %q: got %q %q", charset, d, eol, good, bad)
				}
			}
		}
	}
}

func TestLateWindows1252InAnASCIIFile(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	b.WriteString("email,city\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "a%d@example.com,Bern\n", i)
	}
	b.WriteString("z@example.com,Z\xfcrich\n")
	f, err := csvfile.Open(&b, csvfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	good, _ := rows(t, f)
	if last := good[len(good)-1]; last[2] != "Zürich" {
		t.Fatalf("last row %q", last)
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		opt  csvfile.Options
		want string
	}{
		"an empty file":                       {"", csvfile.Options{}, "empty"},
		"only blank lines":                    {"\n\n , \n", csvfile.Options{}, "empty"},
		"no column with addresses":            {"name,city\nA,B\n", csvfile.Options{}, "no column holds e-mail"},
		"a mapping to an unknown column":      {"email\na@example.com\n", csvfile.Options{Mapping: map[string]string{"Mail": "email"}}, "names column \"Mail\""},
		"a mapping to an unknown field":       {"email,x\na@example.com,1\n", csvfile.Options{Mapping: map[string]string{"x": "shoe size"}}, "names field"},
		"an unknown character set":            {"email\n", csvfile.Options{Charset: "ebcdic"}, "not known"},
		"a line that is never ended":          {"email,note\na@example.com,\"" + strings.Repeat("x ", 1<<20), csvfile.Options{}, "longer than"},
		"a header that is blank":              {"email\n\na@example.com\n", csvfile.Options{HeaderRow: new(int(2))}, "header_row 2 is blank"},
		"a character set that is not clear":   {"email,name\na@example.com,\xf7\n", csvfile.Options{}, "charset"},
		"the only address column ignored":     {"email,x\na@example.com,1\n", csvfile.Options{Mapping: map[string]string{"email": ""}}, "no column holds e-mail"},
		"more columns than anyone could mean": {strings.Repeat("a,", 600) + "email\n", csvfile.Options{}, "columns"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := csvfile.Open(strings.NewReader(c.text), c.opt)
			for err == nil {
				_, err = f.Next()
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestAFileWithoutHeader(t *testing.T) {
	t.Parallel()
	f, err := csvfile.Open(strings.NewReader("Ann,ann@example.com\nBob,bob@example.com,extra\nEve,eve@example.com\n"), csvfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	good, bad := rows(t, f)
	if f.Head().HeaderRow != 0 || f.Head().Mapping["column_2"] != "email" || len(good) != 3 || good[0][0] != "1" {
		t.Errorf("head %+v rows %q", f.Head(), good)
	}
	if fmt.Sprint(bad) != "[row 2: too_many_columns]" {
		t.Errorf("bad %q", bad)
	}
}

func TestAnOverrideTakesTheFieldFromTheGuess(t *testing.T) {
	t.Parallel()
	f, err := csvfile.Open(strings.NewReader("email,Private Mail,name\n,a@example.com,x\n"), csvfile.Options{Mapping: map[string]string{"Private Mail": "email", "name": "custom.nick"}})
	if err != nil {
		t.Fatal(err)
	}
	if m := f.Head().Mapping; m["Private Mail"] != "email" || m["email"] == "email" || m["name"] != "custom.nick" {
		t.Fatalf("mapping %v", m)
	}
}

func TestAnUnclosedQuoteIsSaid(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"email,name\na@example.com,\"x\nb@example.com,y\n":                             `[["2" "a@example.com" "x"] ["3" "b@example.com" "y"]] ["row 2: quote_not_closed"]`,
		"email,name\na@example.com,\"x\" y\nb@example.com,\"z\"\nc@example.com,w\n":    `[["2" "a@example.com" "x\" y"] ["3" "b@example.com" "z"] ["4" "c@example.com" "w"]] []`,
		"email,name\na@example.com,5\" pipe\nb@example.com,\"the \"big\" one\"\n":      `[["2" "a@example.com" "5\" pipe"] ["3" "b@example.com" "the \"big\" one"]] []`,
		"email,name\n\n\na@example.com,\"two\n\nlines\"\n\nb@example.com,y,too many\n": `[["4" "a@example.com" "two\n\nlines"] ["6" "b@example.com" "y"]] ["row 6: too_many_columns"]`,
		"email,name\ra@example.com,x\rb@example.com,y\r":                               `[["2" "a@example.com" "x"] ["3" "b@example.com" "y"]] []`,
		"email,name\na@example.com,x\rb@example.com,y\r\nc@example.com,\"z\r\nz\"\n":   `[["2" "a@example.com" "x"] ["3" "b@example.com" "y"] ["4" "c@example.com" "z\nz"]] []`,
	} {
		f, err := csvfile.Open(strings.NewReader(text), csvfile.Options{})
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		good, bad := rows(t, f)
		if got := fmt.Sprintf("%q %q", good, bad); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestRefusedHeads(t *testing.T) {
	t.Parallel()
	wide := "email"
	for i := range 250 {
		wide += fmt.Sprintf(",c%d", i)
	}
	for text, want := range map[string]string{
		wide + "\n": "251 columns would be read; 200 are the most",
	} {
		if _, err := csvfile.Open(strings.NewReader(text), csvfile.Options{}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.40q: got %v, want %s", text, err, want)
		}
	}
	twice := csvfile.Options{Mapping: map[string]string{"a": "first_name", "b": "first_name"}}
	if _, err := csvfile.Open(strings.NewReader("email,a,b\n"), twice); err == nil || !strings.Contains(err.Error(), `two columns, "a" and "b"`) {
		t.Errorf("a field mapped twice: %v", err)
	}
}

// endless yields rows without holding them.
type endless struct {
	n, rows int
	rest    []byte
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		if e.n == e.rows {
			return 0, io.EOF
		}
		e.n++
		e.rest = fmt.Appendf(nil, "person%d@example.com,First%d,\"some\nnote %d\"\n", e.n, e.n, e.n)
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func TestMemoryStaysFlat(t *testing.T) {
	var before, after runtime.MemStats
	f, err := csvfile.Open(io.MultiReader(strings.NewReader("email,first name,note\n"), &endless{rows: 500_000}), csvfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&before)
	n := 0
	for {
		_, err := f.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if n != 500_000 {
		t.Fatalf("%d rows", n)
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 2<<20 {
		t.Fatalf("the reader holds %d bytes more after 500,000 rows", grown)
	}
}

// A quote that is never closed costs its row, whatever comes after.
func TestAQuoteThatIsNeverClosedCostsItsRow(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("email,note\na@example.com,\"x\n")
	const n = 60_000
	for i := range n {
		fmt.Fprintf(&b, "p%d@example.com,y%d\n", i, i)
	}
	f, err := csvfile.Open(strings.NewReader(b.String()), csvfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	good, bad := rows(t, f)
	if len(good) != n+1 || fmt.Sprint(bad) != "[row 2: quote_not_closed]" {
		t.Fatalf("%d rows, %q", len(good), bad)
	}
	if last := good[n]; last[0] != fmt.Sprint(n+2) || last[1] != fmt.Sprintf("p%d@example.com", n-1) || last[2] != fmt.Sprintf("y%d", n-1) {
		t.Errorf("last %q", last)
	}
}

func FuzzReaderNeverPanics(f *testing.F) {
	f.Add([]byte("email;name\na@example.com;\"x\n"))
	f.Add([]byte("\xff\xfee\x00m\x00"))
	f.Fuzz(func(_ *testing.T, b []byte) {
		r, err := csvfile.Open(bytes.NewReader(b), csvfile.Options{})
		for n := 0; err == nil && n < 10_000; n++ {
			var re *csvfile.RowError
			if _, err = r.Next(); errors.As(err, &re) {
				err = nil
			}
		}
	})
}

func TestNamesOfColumnsAreReadWithoutAccents(t *testing.T) {
	t.Parallel()
	f, err := csvfile.Open(strings.NewReader("Correo electrónico;Prénom;Société;Ciudad;Téléphone;Pàís\nann@example.com;Ann;Acme;Łódź;1;PL\n"), csvfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"Correo electrónico": "email", "Prénom": "first_name", "Société": "company_name", "Ciudad": "city", "Téléphone": "phone", "Pàís": "country"}
	if got := f.Head().Mapping; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v", got)
	}
}

func TestFilesOfOtherAlphabets(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]encoding.Encoding{
		"windows-1250": charmap.Windows1250, "windows-1251": charmap.Windows1251, "shift_jis": japanese.ShiftJIS, "big5": traditionalchinese.Big5,
	} {
		city := map[string]string{"windows-1250": "Kędzierzyn-Koźle", "windows-1251": "Санкт-Петербург", "shift_jis": "東京都", "big5": "臺北市"}[name]
		text, err := e.NewEncoder().String("email,city\nann@example.com," + city + "\n")
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range []csvfile.Options{{}, {Charset: strings.ToUpper(name)}} {
			f, err := csvfile.Open(strings.NewReader(text), o)
			if err != nil {
				t.Fatal(err)
			}
			if good, _ := rows(t, f); len(good) != 1 || good[0][2] != city {
				t.Errorf("%s %v: got %q, read as %s", name, o, good, f.Head().Charset)
			}
		}
	}
}
