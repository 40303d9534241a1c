package compose_test

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	gomail "github.com/emersion/go-message/mail"

	"outrider/internal/mail/compose"
)

func example() compose.Parts {
	return compose.Parts{
		From:              mail.Address{Name: "Zoë Müller", Address: "zoe@sender.test"},
		To:                mail.Address{Name: "李雷, Inc.", Address: "li@example.com"},
		ReplyTo:           mail.Address{Address: "zoe+abc@sender.test"},
		Subject:           "Grüße: a subject that is so long that no line of a header could ever hold all of it, 大家好, and goes on",
		MessageID:         "token2@sender.test",
		InReplyTo:         "token1@sender.test",
		Refs:              []string{"token0@sender.test", "token1@sender.test"},
		Date:              time.Date(2026, 3, 1, 9, 30, 0, 0, time.FixedZone("", 3600)),
		Text:              "Hello 李雷,\n\n.a line that begins with a dot\nZoë\n",
		HTML:              "<p>Hello 李雷,</p>" + strings.Repeat("<b>long</b> ", 300),
		UnsubscribeURL:    "https://outrider.test/u/" + strings.Repeat("t", 90),
		UnsubscribeMailto: "zoe+u0@sender.test",
	}
}

func TestAMessageReadsAsItWasWritten(t *testing.T) {
	t.Parallel()
	raw, err := compose.Bytes(example())
	if err != nil {
		t.Fatal(err)
	}
	got, err := mail.ReadMessage(bytes.NewReader(raw)) // the standard library's reader, not that of the writer
	if err != nil {
		t.Fatal(err)
	}
	decoder := mime.WordDecoder{}
	for key, want := range map[string]string{
		"Subject":               example().Subject,
		"Message-Id":            "<token2@sender.test>",
		"In-Reply-To":           "<token1@sender.test>",
		"References":            "<token0@sender.test> <token1@sender.test>",
		"Date":                  "Sun, 01 Mar 2026 09:30:00 +0100",
		"List-Unsubscribe":      "<" + example().UnsubscribeURL + ">, <mailto:zoe+u0@sender.test?subject=unsubscribe>",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"Mime-Version":          "1.0",
		"Auto-Submitted":        "",
	} {
		if decoded, err := decoder.DecodeHeader(got.Header.Get(key)); err != nil || decoded != want {
			t.Errorf("%s: got %q (%v), want %q", key, decoded, err, want)
		}
	}
	for key, want := range map[string]mail.Address{"From": example().From, "To": example().To, "Reply-To": example().ReplyTo} {
		if list, err := got.Header.AddressList(key); err != nil || len(list) != 1 || *list[0] != want {
			t.Errorf("%s: got %v (%v), want %v", key, list, err, want)
		}
	}
	mediaType, params, _ := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if mediaType != "multipart/alternative" {
		t.Fatalf("got %s", mediaType)
	}
	parts := multipart.NewReader(got.Body, params["boundary"])
	for _, want := range []struct{ mediaType, content string }{{"text/plain", example().Text}, {"text/html", example().HTML + "\n"}} {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		if encoding := part.Header.Get("Content-Transfer-Encoding"); encoding != "quoted-printable" {
			t.Errorf("got %s", encoding)
		}
		content, err := io.ReadAll(quotedprintable.NewReader(part))
		if got := strings.ReplaceAll(string(content), "\r\n", "\n"); err != nil || got != want.content || !strings.HasPrefix(part.Header.Get("Content-Type"), want.mediaType+"; charset=utf-8") {
			t.Errorf("got %s %q (%v), want %q", part.Header.Get("Content-Type"), got, err, want)
		}
	}
	if _, err := parts.NextPart(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want the end", err)
	}
}

func TestAnyMessageIsShortLinesOfASCIIAndAlwaysTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := example()
		m.Subject = rapid.StringOfN(rapid.Rune().Filter(func(r rune) bool { return unicode.IsGraphic(r) && r != '\ufffd' }), -1, 300, -1).Draw(t, "subject")
		m.From.Name = rapid.SampledFrom([]string{"", "Zoë \"Z\" Müller", "a\\b", strings.Repeat("long name ", 30)}).Draw(t, "name")
		m.Text = "x" + rapid.String().Draw(t, "text")
		m.HTML = rapid.SampledFrom([]string{"", strings.Repeat("x", 5000), "大家好"}).Draw(t, "html")
		raw, err := compose.Bytes(m)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := compose.Bytes(m)
		if !bytes.Equal(raw, again) {
			t.Fatal("another time, other bytes")
		}
		for i, line := range bytes.Split(bytes.TrimSuffix(raw, []byte("\r\n")), []byte("\r\n")) {
			if len(line) > 998 || bytes.ContainsAny(line, "\r\n") {
				t.Fatalf("line %d: %q", i, line)
			}
		}
		for _, b := range raw {
			if b >= 0x80 {
				t.Fatalf("not ASCII: %q", raw)
			}
		}
		r, err := gomail.CreateReader(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.Header.Subject(); err != nil || got != m.Subject {
			t.Fatalf("got %q (%v), want %q", got, err, m.Subject)
		}
	})
}

func TestWhatCannotBeSentIsRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*compose.Parts){
		"a header in the subject":               func(m *compose.Parts) { m.Subject = "x\r\nBcc: all@example.com" },
		"a header in a name":                    func(m *compose.Parts) { m.To.Name = "x\nBcc: all@example.com" },
		"a header in an address":                func(m *compose.Parts) { m.To.Address = "x@example.com>\r\nBcc: <all@example.com" },
		"two addresses":                         func(m *compose.Parts) { m.To.Address = "x@example.com, y@example.com" },
		"no address":                            func(m *compose.Parts) { m.To.Address = "" },
		"a header in the Message-ID":            func(m *compose.Parts) { m.MessageID = "x@y>\r\nBcc: <a@example.com" },
		"no Message-ID":                         func(m *compose.Parts) { m.MessageID = "" },
		"no date":                               func(m *compose.Parts) { m.Date = time.Time{} },
		"no text":                               func(m *compose.Parts) { m.Text = "" },
		"an unsubscribe link without TLS":       func(m *compose.Parts) { m.UnsubscribeURL = "http://outrider.test/u" },
		"a second link in the unsubscribe link": func(m *compose.Parts) { m.UnsubscribeURL += ">, <https://example.org" },
		"a method that is none":                 func(m *compose.Parts) { m.Calendar = &compose.Calendar{Method: "X\r\nY", ICS: "x"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := example()
			spoil(&m)
			if _, err := compose.Bytes(m); !errors.Is(err, compose.ErrInvalid) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAnInvitationIsShownAndCanBeSaved(t *testing.T) {
	t.Parallel()
	m := example()
	m.HTML, m.UnsubscribeURL, m.UnsubscribeMailto, m.AutoGenerated = "", "", "", true
	m.Calendar = &compose.Calendar{Method: "REQUEST", ICS: "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"}
	raw, err := compose.Bytes(m)
	if err != nil {
		t.Fatal(err)
	}
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil || msg.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Fatalf("%v in\n%s", err, raw)
	}
	kind, params, _ := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	outer := multipart.NewReader(msg.Body, params["boundary"])
	first, err := outer.NextPart()
	if err != nil || kind != "multipart/mixed" {
		t.Fatalf("%s, %v in\n%s", kind, err, raw)
	}
	kind, params, _ = mime.ParseMediaType(first.Header.Get("Content-Type"))
	inner := multipart.NewReader(first, params["boundary"])
	for _, want := range []string{"text/plain; charset=utf-8", "text/calendar; charset=utf-8; method=REQUEST"} {
		if part, err := inner.NextPart(); err != nil || kind != "multipart/alternative" || part.Header.Get("Content-Type") != want {
			t.Fatalf("no %s (%v) in\n%s", want, err, raw)
		}
	}
	file, err := outer.NextPart()
	if err != nil || file.FileName() != "meeting.ics" {
		t.Fatalf("no file (%v) in\n%s", err, raw)
	}
	if text, err := io.ReadAll(file); err != nil || string(text) != m.Calendar.ICS {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestATextAloneIsNotMultipart(t *testing.T) {
	t.Parallel()
	m := example()
	m.HTML, m.Text, m.UnsubscribeURL, m.UnsubscribeMailto, m.AutoReplied = "", "大家好", "", "", true
	raw, err := compose.Bytes(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Content-Type: text/plain; charset=utf-8\r\n", "Content-Transfer-Encoding: base64\r\n", "Auto-Submitted: auto-replied\r\n", "\r\n\r\n5aSn5a625aW9DQo="} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("no %q in\n%s", want, raw)
		}
	}
	if strings.Contains(string(raw), "List-") {
		t.Errorf("an unsubscribe header without a way to unsubscribe:\n%s", raw)
	}
}

func BenchmarkCompose(b *testing.B) {
	m := example()
	for b.Loop() {
		if _, err := compose.Bytes(m); err != nil {
			b.Fatal(err)
		}
	}
}
