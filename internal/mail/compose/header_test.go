package compose_test

import (
	"bytes"
	"errors"
	"mime"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	gomessage "github.com/emersion/go-message"

	"outrider/internal/mail/compose"
)

// FuzzHeader composes any subject and name, and reads them with parsers that aren't ours.
func FuzzHeader(f *testing.F) {
	for _, s := range []string{"", "A question", "御社のサポート業務の効率化について、木曜日に十分だけお時間をいただけますでしょうか🎉🎉", "a  b ", " a", "=?utf-8?q?x?=", "Hi\x00there", "x\r\nBcc: all@example.com",
		strings.Repeat("ä ", 60), strings.Repeat("y", 1200), strings.Repeat("word ", 300), "a\u202eb\u2028c\u200bd", "\xff\xfe", "Zoë \"Z\" \\ Müller, (Büro) <x@y>", "a\tb\u0085c", "\u0301\u0301"} {
		f.Add(s, s, "zoe@sender.test")
		f.Add("A question", s, "zoe+tag@sender.test")
	}
	f.Add("A question", "Zoë", "team#1&a=b?c%/@sender.test")
	f.Add("A question", "Zoë", "\"a b\"@sender.test")
	f.Fuzz(func(t *testing.T, subject, name, address string) {
		m := example()
		m.Subject, m.From.Name, m.To.Name, m.ReplyTo = subject, name, name, mail.Address{Name: name, Address: address}
		m.UnsubscribeMailto, m.UnsubscribeSubject = address, subject
		raw, err := compose.Bytes(m)
		if errors.Is(err, compose.ErrInvalid) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		header, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
		checkHeader(t, string(header))
		got, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if read, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject")); err != nil || read != seen(subject, true) {
			t.Errorf("Subject: got %q (%v), want %q", read, err, seen(subject, true))
		}
		for _, field := range []string{"From", "To", "Reply-To"} {
			if list, err := got.Header.AddressList(field); (field != "Reply-To" || address != "") && (err != nil || len(list) != 1 || list[0].Name != seen(name, false)) {
				t.Errorf("%s: got %v (%v), want %q", field, list, err, seen(name, false))
			}
		}
		_, to, _ := strings.Cut(got.Header.Get("List-Unsubscribe"), "<mailto:")
		u, err := url.Parse("mailto:" + strings.TrimSuffix(to, ">"))
		if err != nil {
			t.Fatal(err)
		}
		if written, err := url.PathUnescape(u.Opaque); address != "" && (err != nil || written != address || u.Fragment != "") {
			t.Errorf("List-Unsubscribe: %q leads to %q (%v)", to, written, err)
		}
	})
}

// seen is what a reader gets of a text in a header.
func seen(s string, subject bool) string {
	var out strings.Builder
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case strings.ContainsRune("\t\u0085\u2028\u2029", r):
			out.WriteByte(' ')
		case unicode.IsControl(r), subject && strings.ContainsRune("\u00ad\u200b\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", r):
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// checkHeader is what holds for every header: RFC 5322, 2.1.1 and 2.2; RFC 2047, 2 and 5.
func checkHeader(t *testing.T, header string) {
	t.Helper()
	words := regexp.MustCompile(`=\?[^? ]+\?[qQbB]\?[^? ]*\?=`)
	for line := range strings.SplitSeq(header, "\r\n") {
		found := words.FindAllString(line, -1)
		if len(line) > 998 || strings.TrimSpace(line) == "" || strings.ContainsFunc(line, unicode.IsControl) || len(found) > 0 && len(line) > 76 {
			t.Errorf("a line of %d bytes: %q", len(line), line)
		}
		for _, w := range found {
			if decoded, err := new(mime.WordDecoder).Decode(w); err != nil || len(w) > 75 || !utf8.ValidString(decoded) {
				t.Errorf("%d bytes, %q, reads %q (%v)", len(w), w, decoded, err)
			}
		}
	}
	e, err := gomessage.Read(strings.NewReader(header + "\r\n\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	for f := e.Header.Fields(); f.Next(); {
		if decoded, err := f.Text(); err != nil || strings.ContainsFunc(decoded, unicode.IsControl) {
			t.Errorf("%s: %q (%v)", f.Key(), decoded, err)
		}
	}
}

func TestNothingIsHiddenInAnAddress(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"bob\u202e@example.com", "bob\u200b@example.com", "bob@exa\u200dmple.com", "bob\u00ad@example.com", "bob\u00a0@example.com"} {
		m := example()
		m.To.Address = address
		if _, err := compose.Bytes(m); !errors.Is(err, compose.ErrInvalid) {
			t.Errorf("%q: got %v", address, err)
		}
	}
}

func TestATextOfWhichNothingIsSeenIsNotSent(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " \n\t", "\u00a0\n", "\u200b\u200d\ufeff", "\x00", "\u2800\u3164"} {
		m := example()
		m.Text = text
		if _, err := compose.Bytes(m); !errors.Is(err, compose.ErrInvalid) {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

func TestNoControlCharacterIsSent(t *testing.T) {
	t.Parallel()
	m := example()
	m.Text, m.HTML = "a\x00b\x07\tc\x1b[31m\vd\fe\u0085f\u009bg\r\nh\xffi\u2028j", "<p>a\x00b</p>"
	raw, err := compose.Bytes(m)
	if err != nil {
		t.Fatal(err)
	}
	e, err := gomessage.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := e.Walk(func(_ []int, part *gomessage.Entity, err error) error {
		var text bytes.Buffer
		if part.MultipartReader() == nil {
			_, err = text.ReadFrom(part.Body)
			got = append(got, text.String())
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0] != "ab\tc[31m\r\nd\r\ne\r\nfg\r\nh\uFFFDi\u2028j\r\n" || got[1] != "<p>ab</p>\r\n" {
		t.Errorf("got %q", got)
	}
}
