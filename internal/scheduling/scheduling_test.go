package scheduling_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"outrider/internal/lab/bookingpages"
	"outrider/internal/scheduling"
)

// The signatures were made by openssl: printf '1700000000.%s' BODY | openssl dgst -sha256 -hmac signing-key-1
func TestSignatures(t *testing.T) {
	t.Parallel()
	const (
		body = `{"event":"invitee.created"}`
		good = "b0f0d3db978de43281c090028c5d2bfd8a13624890c08d0699c049049802d360"
		ping = "9a3a4cae54e1b13889501ec148710f2e0fa69c19cc95c21b078af5f6fb16626a"
	)
	at := time.Unix(1_700_000_000, 0)
	keys := []string{"another", "signing-key-1"}
	for name, x := range map[string]struct {
		keys         []string
		header, body string
		now          time.Time
		want         error
	}{
		"a good one":                       {keys, "t=1700000000,v1=" + good, body, at, nil},
		"four minutes later":               {keys, "t=1700000000,v1=" + good, body, at.Add(4 * time.Minute), nil},
		"blanks, and an older key's first": {keys, "t=1700000000, v1=" + strings.Repeat("0", 64) + ", v1=" + good, body, at, nil},
		"six minutes later":                {keys, "t=1700000000,v1=" + good, body, at.Add(6 * time.Minute), scheduling.ErrOld},
		"from six minutes ahead":           {keys, "t=1700000000,v1=" + good, body, at.Add(-6 * time.Minute), scheduling.ErrOld},
		"another time":                     {keys, "t=1700000001,v1=" + good, body, at, scheduling.ErrSignature},
		"another body":                     {keys, "t=1700000000,v1=" + good, body + " ", at, scheduling.ErrSignature},
		"another key":                      {keys[:1], "t=1700000000,v1=" + good, body, at, scheduling.ErrSignature},
		"no key":                           {nil, "t=1700000000,v1=" + good, body, at, scheduling.ErrSignature},
		"an empty key":                     {[]string{""}, "t=1700000000,v1=" + good, body, at, scheduling.ErrSignature},
		"no time":                          {keys, "v1=" + good, body, at, scheduling.ErrSignature},
		"nothing":                          {keys, "", body, at, scheduling.ErrSignature},
		"no hexadecimal":                   {keys, "t=1700000000,v1=zz", body, at, scheduling.ErrSignature},
	} {
		if err := scheduling.VerifyCalendly(x.keys, x.header, []byte(x.body), x.now); !errors.Is(err, x.want) {
			t.Errorf("%s: %v, want %v", name, err, x.want)
		}
	}
	if err := scheduling.VerifyCalcom([]string{"x", "cal-secret"}, ping, []byte(`{"triggerEvent":"PING"}`)); err != nil {
		t.Error(err)
	}
	for _, keys := range [][]string{nil, {""}, {"x"}} {
		if err := scheduling.VerifyCalcom(keys, ping, []byte(`{"triggerEvent":"PING"}`)); !errors.Is(err, scheduling.ErrSignature) {
			t.Errorf("%q: %v", keys, err)
		}
	}
}

func TestPostsAreRead(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	start := at.AddDate(0, 0, 2)
	calendly := func(i bookingpages.Invitee) scheduling.Change {
		t.Helper()
		c, err := scheduling.ReadCalendly(i.Body(at))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := calendly(bookingpages.Invitee{ID: "A", Email: "ann@example.com", Token: "tok", Start: start})
	if c.State != scheduling.Booked || c.ID != "A" || c.Token != "tok" || !c.Start.Equal(start) || c.End.Sub(c.Start) != 30*time.Minute || c.TimeZone != "America/New_York" || c.Name != "Ann Lee" || !strings.Contains(c.Note, "Bread") || c.ChangeURL == "" {
		t.Errorf("got %+v", c)
	}
	if c = calendly(bookingpages.Invitee{ID: "A", New: "B", Email: "ann@example.com", Start: start, Cancelled: true}); c.State != scheduling.Cancelled || !c.Moved || c.ReplacedBy != "B" || c.Reason != "" || c.Token != "" {
		t.Errorf("moved: %+v", c)
	}
	if c = calendly(bookingpages.Invitee{ID: "B", Old: "A", Email: "ann@example.com", Start: start}); c.State != scheduling.Booked || c.Moved || c.Replaces != "A" {
		t.Errorf("moved to: %+v", c)
	}
	if c = calendly(bookingpages.Invitee{ID: "B", Email: "ann@example.com", Start: start, Cancelled: true}); c.Moved || !c.ByGuest || c.Reason != "ill" {
		t.Errorf("cancelled: %+v", c)
	}
	if c = calendly(bookingpages.Invitee{ID: "B", Email: "ann@example.com", Start: start, Cancelled: true, ByHost: true}); c.ByGuest {
		t.Errorf("cancelled by the host: %+v", c)
	}
	calcom := func(trigger string, b bookingpages.Booking) scheduling.Change {
		t.Helper()
		c, err := scheduling.ReadCalcom(b.Body(trigger, at))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c = calcom("BOOKING_RESCHEDULED", bookingpages.Booking{UID: "u2", Old: "u1", Email: "ann@example.com", Token: "tok", Start: start}); c.State != scheduling.Booked || c.Replaces != "u1" || c.Token != "tok" || c.TimeZone != "Europe/Paris" {
		t.Errorf("got %+v", c)
	}
	if c = calcom("BOOKING_REQUESTED", bookingpages.Booking{UID: "u2", Email: "ann@example.com", Start: start}); c.State != scheduling.Booked {
		t.Errorf("got %+v", c)
	}
	if c = calcom("BOOKING_CANCELLED", bookingpages.Booking{UID: "u2", Email: "ann@example.com", Start: start, CancelledBy: "Ann@example.com"}); c.State != scheduling.Cancelled || c.Moved || !c.ByGuest || c.Reason != "ill" {
		t.Errorf("got %+v", c)
	}
	if c = calcom("MEETING_ENDED", bookingpages.Booking{UID: "u2", Start: start}); c.State != scheduling.None {
		t.Errorf("got %+v", c)
	}
	if c = (scheduling.Change{At: at}); c.IsOld(at.Add(6*24*time.Hour)) || !c.IsOld(at.Add(8*24*time.Hour)) {
		t.Error("posts are taken for a week")
	}
}

func TestWhatIsNoPostOfTheirsIsRefused(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "{", `[]`, `{"event":"invitee.created","payload":{}}`, `{"event":"invitee.created","payload":{"uri":"x/A","email":"a@b.c","scheduled_event":{"start_time":"2026-03-02T09:00:00Z","end_time":"2026-03-02T09:00:00Z"}}}`,
		`{"event":"invitee.created","payload":{"uri":"x/A","email":"","scheduled_event":{"start_time":"2026-03-02T09:00:00Z","end_time":"2026-03-02T10:00:00Z"}}}`, `{"event":"invitee.created","payload":{"uri":7}}`} {
		if _, err := scheduling.ReadCalendly([]byte(body)); !errors.Is(err, scheduling.ErrMalformed) {
			t.Errorf("%s: %v", body, err)
		}
	}
	for _, body := range []string{"", "null,", `{"triggerEvent":"BOOKING_CREATED","payload":{"uid":"x"}}`, `{"triggerEvent":"BOOKING_CREATED","payload":{"uid":"x","startTime":"soon"}}`} {
		if _, err := scheduling.ReadCalcom([]byte(body)); !errors.Is(err, scheduling.ErrMalformed) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestPagesAndTheirLinks(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"https://calendly.com/acme/30min", "https://calendly.com/d/abc?month=2026-03"} {
		if err := scheduling.CheckPage(scheduling.Calendly, page); err != nil {
			t.Errorf("%s: %v", page, err)
		}
		u, err := url.Parse(scheduling.LinkFor(scheduling.Calendly, page, "tok-1_2"))
		if q := u.Query(); err != nil || q.Get("utm_source") != "outrider" || q.Get("utm_content") != "tok-1_2" || strings.Contains(page, "month") && q.Get("month") != "2026-03" {
			t.Errorf("%s: %s", page, u)
		}
	}
	for _, page := range []string{"http://calendly.com/acme", "https://calendly.com", "https://calendly.com.evil.test/x", "https://evil.test/calendly.com", "https://u@calendly.com/x", "javascript:alert(1)", "https://calendly.com/x y", "https://calendly.com/x#a"} {
		if scheduling.CheckPage(scheduling.Calendly, page) == nil {
			t.Errorf("%s is taken", page)
		}
	}
	if err := scheduling.CheckPage(scheduling.Calcom, "https://meet.acme.test/jane/30min"); err != nil {
		t.Error(err)
	}
	if u, err := url.Parse(scheduling.LinkFor(scheduling.Calcom, "https://cal.com/jane/30min", "tok")); err != nil || u.Query().Get("metadata[outrider]") != "tok" {
		t.Error(u, err)
	}
}
