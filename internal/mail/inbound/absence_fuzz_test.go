package inbound

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func FuzzReturnDate(f *testing.F) {
	received := time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	for _, said := range []string{"back on the 16th", "2-13 March, 24/7", "March 10-31", "3月2日から3月13日まで", "bis Ende der Woche, 31.02.", "until 2026-03-16 10.5.1.1", "до 16.03.2026 г.", "13 Mart'a kadar", "16. – 20.3.", "in two weeks", "İ 16 may"} {
		f.Add(said)
	}
	f.Fuzz(func(t *testing.T, said string) {
		day, words := returnDate(said, received)
		if day.IsZero() != (words == "") || !day.IsZero() && (day.Before(startOfDay(received)) || day.Sub(received) > 2*farthest) {
			t.Errorf("got %v from %q", day, words)
		}
		askAgainDate(said, received)
	})
}

func FuzzViews(f *testing.F) {
	f.Add([]byte("a=\r\nb=3D\r\n\r\nSGVsbG8gV29ybGQsIHRoaXMgaXMgYSB0ZXN0IG9mIGJhc2U2NAo=\r\nAAAA\r\n"))
	f.Add([]byte("=\n=\n=3D"))
	f.Fuzz(func(t *testing.T, body []byte) {
		size := 0
		for _, view := range viewsOf(body, 2) {
			size += len(view)
		}
		if size > 16*max(len(body), 1) {
			t.Errorf("%d bytes of %d", size, len(body))
		}
	})
}

func TestXtextIsRead(t *testing.T) {
	t.Parallel()
	for _, named := range []string{"bob+2Bsales@example.com", "bob+sales@example.com", "BOB+sales@example.com"} {
		if d := (RecipientReport{Final: named}); !d.Names("bob+sales@example.com") {
			t.Errorf("%s isn't the address", named)
		}
	}
	if (RecipientReport{Recipient: "bob+3Dsales@example.com"}).Names("bob+sales@example.com") {
		t.Error("another address is taken for it")
	}
}

func TestTheBytesAreSeenThroughEncodings(t *testing.T) {
	t.Parallel()
	raw := "From: a@example.com\r\n\r\n> https://go.example/u/abc=\r\ndef?x=3D1\r\n\r\nQ29udGVudC1UeXBlOiB0ZXh0L3BsYWluDQoNCmdoaT0NCmprbA0KbW5vCg==\r\n"
	all := Read([]byte(raw)).Views()
	for _, want := range []string{"abcdef?x=1", "ghijkl"} {
		if !slices.ContainsFunc(all, func(view []byte) bool { return contains(view, want) }) {
			t.Errorf("%q isn't seen in %q", want, all)
		}
	}
}

func contains(view []byte, s string) bool { return strings.Contains(string(view), s) }
