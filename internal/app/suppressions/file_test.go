package suppressions_test

import (
	"fmt"
	"strings"
	"testing"

	"outrider/internal/app/suppressions"
)

func TestFilesOfSuppressions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, want string }{
		"lines":             {"Ann@acme.com\nother.test\n\n*.third.test\n", "1 ann@acme.com import, 2 other.test+ import, 4 third.test+ import"},
		"a name above":      {"E-Mail\nann@acme.com\nnobody\n", "2 ann@acme.com import, 3 ! nobody"},
		"notes above":       {"Exported on Monday\n\nName;Mail;Status\nAnn;ann@acme.com;Unsubscribed\nBob;bob@acme.com;hard bounce\n", "4 ann@acme.com unsubscribe, 5 bob@acme.com bounce"},
		"beside a website":  {"website,email\nacme.com,ann@acme.com\nother.test,\n", "2 ann@acme.com import, 3 other.test+ import"},
		"domains with urls": {"Domain\nhttps://www.acme.com/x\nco.uk\n", "2 acme.com+ import, 3 ! co.uk"},
		"nothing of use":    {"a\nb\n", "1 ! a, 2 ! b"},
	} {
		rows, err := suppressions.ReadFile(strings.NewReader(c.file), suppressions.FileOptions{Reason: "import"})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, r := range rows {
			wide := ""
			if r.Subdomains {
				wide = "+"
			}
			if r.Problem != "" {
				got = append(got, fmt.Sprintf("%d ! %s", r.Number, r.Shown()))
				continue
			}
			got = append(got, fmt.Sprintf("%d %s%s %s", r.Number, r.Value, wide, r.Reason))
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: got %s, want %s", name, s, c.want)
		}
	}
	if _, err := suppressions.ReadFile(strings.NewReader(strings.Repeat("a@b.test\n", suppressions.MaxRows+1)), suppressions.FileOptions{}); err == nil {
		t.Error("a file has no end")
	}
	if _, err := suppressions.ReadFile(strings.NewReader(""), suppressions.FileOptions{}); err == nil {
		t.Error("an empty file is taken")
	}
}

func FuzzReadFile(f *testing.F) {
	f.Add([]byte("E-Mail;Status\nann@acme.com;bounce\n*.acme.com;\n"))
	f.Add([]byte("\xef\xbb\xbfhttps://www.acme.com/x\n\"a\nb"))
	f.Fuzz(func(t *testing.T, file []byte) {
		rows, err := suppressions.ReadFile(strings.NewReader(string(file)), suppressions.FileOptions{Reason: "import"})
		if err != nil {
			return
		}
		for _, r := range rows {
			if (r.Problem == "") != (r.Value != "" && r.Kind != "") {
				t.Errorf("%+v", r)
			}
		}
	})
}
