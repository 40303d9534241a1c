package skim_test

import (
	"bytes"
	"strings"
	"testing"

	"outrider/internal/mail/inbound"
	"outrider/internal/mail/skim"
)

// file is a part with so many bytes of a file.
func file(size int) string {
	return "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + strings.Repeat(strings.Repeat("A", 76)+"\r\n", size/78) + "\r\n"
}

// skimmed gives a message in pieces, and says after how many bytes there was a text.
func skimmed(raw string, piece int) (kept []byte, textAt int) {
	var w skim.Writer
	for at := 0; at < len(raw); at += piece {
		_, _ = w.Write([]byte(raw[at:min(at+piece, len(raw))]))
		if textAt == 0 && w.HasText() {
			textAt = min(at+piece, len(raw))
		}
	}
	return w.Bytes(), textAt
}

func TestATextIsFoundBehindAFile(t *testing.T) {
	t.Parallel()
	const head, text = "From: bob@example.com\r\nSubject: x\r\nContent-Type: multipart/mixed;\r\n boundary=\"aa\"\r\n\r\n", "Content-Type: text/plain\r\n\r\nPlease call me.\r\n"
	big := file(6 << 20)
	for name, c := range map[string]struct {
		raw   string
		early bool // long before the end
	}{
		"behind it":            {head + "--aa\r\n" + big + "--aa\r\n" + text + "--aa--\r\n", false},
		"in front of it":       {head + "--aa\r\n" + text + "--aa\r\n" + big + "--aa--\r\n", true},
		"deeper":               {head + "--aa\r\n" + big + "--aa\r\nContent-Type: multipart/alternative; boundary=bb\r\n\r\n--bb\r\n" + text + "--bb--\r\n--aa--\r\n", false},
		"another boundary":     {head + "--zz\r\n" + big + "--zz\r\n" + text + "--zz--\r\n", false},
		"between two":          {head + "--aa\r\n" + big + "--aa\r\n" + text + "--aa\r\n" + big + "--aa--\r\n", true},
		"a file that is text":  {head + "--aa\r\nContent-Type: text/csv\r\nContent-Disposition: attachment\r\n\r\n" + strings.Repeat("a,b,c\r\n", 1<<19) + "--aa\r\n" + text + "--aa--\r\n", false},
		"a line without end":   {head + "--aa\r\nContent-Type: image/png\r\n\r\n" + strings.Repeat("x", 5<<20) + "\r\n--aa\r\n" + text + "--aa--\r\n", false},
		"lines that end in LF": {strings.ReplaceAll(head+"--aa\r\n"+big+"--aa\r\n"+text+"--aa--\r\n", "\r\n", "\n"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, piece := range []int{1 << 20, 4099, len(c.raw)} {
				kept, at := skimmed(c.raw, piece)
				if m := inbound.Read(kept); m.Text != "Please call me." || m.Subject != "x" {
					t.Errorf("pieces of %d: read %q", piece, m.Text)
				}
				if len(kept) > 2<<20 || at == 0 || c.early && piece < len(c.raw) && at > len(c.raw)*3/4 {
					t.Errorf("pieces of %d: kept %d of %d bytes, text after %d", piece, len(kept), len(c.raw), at)
				}
			}
		})
	}
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"text":           "Subject: x\r\n\r\n" + strings.Repeat("word ", 4<<20),
		"headers":        strings.Repeat("X-A: "+strings.Repeat("x", 100)+"\r\n", 1<<17),
		"parts":          "Content-Type: multipart/mixed; boundary=a\r\n\r\n" + strings.Repeat("--a\r\n\r\n"+strings.Repeat("word ", 200), 1<<14),
		"new boundaries": strings.Repeat("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n", 1<<18),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if kept, _ := skimmed(raw, 1<<16); len(kept) > skim.MaxBytes {
				t.Errorf("kept %d bytes", len(kept))
			}
		})
	}
}

func FuzzWriter(f *testing.F) {
	f.Add([]byte("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: image/png\r\n\r\nxx\r\n--a\r\n\r\nhi\r\n--a--"), 7)
	f.Add([]byte("a: b\n\n--\n--x\ncontent-type: text\n\n\n"), 1)
	f.Fuzz(func(t *testing.T, raw []byte, piece int) {
		piece = 1 + max(piece, 0)%4096
		whole, _ := skimmed(string(raw), len(raw)+1)
		pieces, _ := skimmed(string(raw), piece)
		if !bytes.Equal(whole, pieces) || len(whole) > len(raw) {
			t.Errorf("in pieces of %d: %q, whole %q", piece, pieces, whole)
		}
	})
}
