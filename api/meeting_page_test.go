package api_test

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	ical "github.com/arran4/golang-ical"
	"github.com/google/uuid"

	"outrider/internal/linktoken"
)

// meetingPage is the address of the page of a meeting.
func (l letter) meetingPage(meeting string) string {
	return "/m/" + l.cfg.Signer.Sign(linktoken.Meeting, linktoken.Token{Org: l.org, Message: uuid.MustParse(meeting)})
}

func TestAGuestMovesAndCancels(t *testing.T) {
	t.Parallel()
	c := letters(t)
	c.hours()
	l := c.sent("ann@acme.test", "", time.Hour)
	offered := slots(c.seen(200, "GET", l.book(), browser))
	booked := c.seen(200, "POST", l.book(), browser, "slot", offered[0], "time_zone", "America/New_York", "name", "Ann")
	m := c.until("/v1/meetings", func(a answer) bool { return len(a.list("data")) == 1 }).list("data")[0].(map[string]any)
	path := l.meetingPage(m["id"].(string))
	says(t, booked, `href="`+path+`"`) // for who has just booked
	if again := c.seen(200, "GET", l.book(), browser); bytes.Contains(again.body, []byte("/m/")) {
		t.Error("whoever has the link of the message can cancel the meeting")
	}
	page := c.seen(200, "GET", path, browser)
	says(t, page, "America/New_York")
	for _, part := range []string{"/move", "/cancel"} { // what follows links changes nothing
		c.visit("GET", path+part+"?slot="+url.QueryEscape(offered[4]), browser)
	}
	if got := c.ok("GET", "/v1/meetings/"+m["id"].(string), nil); got.json["moves"] != 0.0 || got.text("status") != "booked" {
		t.Errorf("a GET changed it: %s", got.body)
	}
	free := slots(page)
	if len(free) < 10 || strings.Contains(strings.Join(free, " "), offered[0]) {
		t.Fatalf("the page offers %v", free)
	}
	zones := c.seen(200, "GET", path+"?time_zone=Asia/Tokyo", browser)
	start, err := time.Parse(time.RFC3339, offered[0])
	check(t, err)
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	check(t, err)
	says(t, zones, start.In(tokyo).Format("Monday, 2 January 2006, 15:04"))
	later := regexp.MustCompile(`href="([^"]*from=[^"]*)">Later`).FindSubmatch(zones.body)
	if later == nil || !strings.HasPrefix(string(later[1]), path+"?") {
		t.Fatalf("later days are at %q", later)
	}
	says(t, c.seen(422, "POST", path+"/move", browser, "slot", "soon"), "choose a time")
	says(t, c.seen(409, "POST", path+"/move", browser, "slot", "2031-01-01T10:00:00Z"), "no longer offered")

	other := c.sent("bob@other.test", "", time.Hour)
	c.seen(200, "POST", other.book(), browser, "slot", free[5], "name", "Bob")
	says(t, c.seen(409, "POST", path+"/move", browser, "slot", free[5]), "just taken")

	to, err := time.Parse(time.RFC3339, free[2])
	check(t, err)
	for range 2 { // pressed twice
		says(t, c.seen(200, "POST", path+"/move", browser, "slot", free[2], "time_zone", "UTC"), to.UTC().Format("Monday, 2 January 2006, 15:04"))
	}
	got := c.ok("GET", "/v1/meetings/"+m["id"].(string), nil)
	if got.json["moves"] != 1.0 || got.text("starts_at") != to.UTC().Format(time.RFC3339) || got.text("moved_by") != "guest" {
		t.Errorf("got %s", got.body)
	}
	file := c.seen(200, "GET", path+"/meeting.ics", browser)
	calendar, err := ical.ParseCalendar(bytes.NewReader(file.body))
	check(t, err)
	if at, err := calendar.Events()[0].GetStartAt(); err != nil || !at.Equal(to) || !bytes.Contains(file.body, []byte("SEQUENCE:1")) {
		t.Errorf("%v %s", err, file.body)
	}
	says(t, c.seen(200, "POST", path+"/move", browser, "slot", offered[0], "time_zone", "UTC"), start.UTC().Format("15:04")) // back: it is free again
	for range 2 {
		says(t, c.seen(200, "POST", path+"/cancel", browser), "Your meeting is cancelled")
	}
	says(t, c.seen(200, "GET", path, browser), "Find another time")
	says(t, c.seen(409, "POST", path+"/move", browser, "slot", free[2]), "cancelled before")
	got = c.ok("GET", "/v1/meetings/"+m["id"].(string), nil)
	if got.text("status") != "cancelled" || got.text("cancelled_by") != "guest" || got.json["moves"] != 2.0 {
		t.Errorf("got %s", got.body)
	}
	c.seen(404, "GET", path+"/meeting.ics", browser)
	if l.stopped() != "meeting_booked" {
		t.Error("the sequence goes on after the meeting is cancelled")
	}
	for _, wrong := range []string{"/m/x", "/m/" + l.sign(linktoken.Booking, 0)} {
		c.seen(404, "GET", wrong, browser)
		c.seen(404, "POST", wrong+"/cancel", browser)
	}

	other.begins(c)
}

// begins moves the meeting of a letter to a moment from now, waits until it has begun, and finds that its guest can't change it any more.
func (l letter) begins(c *campaign) {
	c.t.Helper()
	id := c.ok("GET", "/v1/meetings?lead_id="+l.lead.String(), nil).list("data")[0].(map[string]any)["id"].(string)
	path := l.meetingPage(id)
	c.ok("POST", "/v1/meetings/"+id+"/reschedule", obj{"starts_at": time.Now().Add(2 * time.Second).UTC().Format(time.RFC3339Nano)})
	for !bytes.Contains(c.seen(200, "GET", path, browser).body, []byte("has begun")) {
		time.Sleep(200 * time.Millisecond)
	}
	for _, part := range []string{"/cancel", "/move"} {
		if a := c.seen(409, "POST", path+part, browser, "slot", "2031-01-01T10:00:00Z"); !bytes.Contains(a.body, []byte("has begun, or is over")) {
			c.t.Errorf("%s: %s", part, a.body)
		}
	}
	if got := c.ok("GET", "/v1/meetings/"+id, nil); got.text("status") != "booked" || got.text("moved_by") != "member" {
		c.t.Errorf("got %s", got.body)
	}
}
