package api_test

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	ical "github.com/arran4/golang-ical"
	"github.com/google/uuid"

	"outrider/commands"
)

var slotValue = regexp.MustCompile(`name="slot" value="([^"]+)"`)

// slots are what a page offers.
func slots(page answer) (out []string) {
	for _, m := range slotValue.FindAllSubmatch(page.body, -1) {
		out = append(out, strings.ReplaceAll(string(m[1]), "&#43;", "+"))
	}
	return out
}

func says(t *testing.T, page answer, words string) {
	t.Helper()
	if !bytes.Contains(page.body, []byte(words)) {
		t.Errorf("the page doesn't say %q: %s", words, page.body)
	}
}

func TestAMeetingIsBooked(t *testing.T) {
	t.Parallel()
	c := letters(t)
	l := c.sent("ann@acme.test", "", time.Hour)
	says(t, c.seen(200, "GET", l.book(), browser), "no times to choose from yet")
	c.refused(404, "not_found", "GET", "/v1/booking-hours", nil)
	c.hours()
	page := c.seen(200, "GET", l.book()+"?time_zone=America/New_York", browser)
	c.seen(200, "HEAD", l.book(), browser)
	offered := slots(page)
	if len(offered) == 0 {
		t.Fatalf("no slots: %s", page.body)
	}
	start, err := time.Parse(time.RFC3339, offered[0])
	check(t, err)
	newYork, err := time.LoadLocation("America/New_York")
	check(t, err)
	berlin, err := time.LoadLocation("Europe/Berlin")
	check(t, err)
	if h := start.In(berlin).Hour(); h < 9 || h >= 17 {
		t.Errorf("%s is not in the hours", start)
	}
	says(t, page, ">"+start.In(newYork).Format("15:04")+"</label>")
	says(t, c.seen(422, "POST", l.book(), browser, "slot", offered[0], "time_zone", "America/New_York", "name", " "), "tell us your name")
	says(t, c.seen(422, "POST", l.book(), browser, "slot", "soon", "name", "Ann"), "choose a time")
	says(t, c.seen(422, "POST", l.book(), browser, "slot", offered[0], "name", "Ann", "email", "nobody"), "e-mail address")
	if n := len(c.ok("GET", "/v1/meetings", nil).list("data")); n != 0 {
		t.Fatalf("%d meetings before one is booked", n)
	}
	form := []string{"slot", offered[0], "time_zone", "America/New_York", "name", "Ann <b>", "email", "ann@acme.test", "note", "Prices"}
	for range 2 { // pressed twice
		says(t, c.seen(200, "POST", l.book(), browser, form...), start.In(newYork).Format("Monday, 2 January 2006, 15:04"))
	}
	says(t, c.seen(200, "GET", l.book(), browser), "Your meeting is booked")
	if l.stopped() != "meeting_booked" {
		t.Error("the sequence goes on")
	}
	c.seen(409, "POST", l.book(), browser, append(form[2:], "slot", offered[1])...) // this link has one
	list := c.ok("GET", "/v1/meetings?lead_id="+l.lead.String(), nil).list("data")
	if len(list) != 1 {
		t.Fatalf("%d meetings, want 1", len(list))
	}
	m := list[0].(map[string]any)
	guest := m["guest"].(map[string]any)
	if guest["name"] != "Ann <b>" || guest["note"] != "Prices" || m["time_zone"] != "America/New_York" || m["message_id"] != l.message.String() || m["status"] != "booked" {
		t.Errorf("got %v", m)
	}
	file := c.seen(200, "GET", l.book()+"/meeting.ics", browser)
	calendar, err := ical.ParseCalendar(bytes.NewReader(file.body))
	check(t, err)
	if at, err := calendar.Events()[0].GetStartAt(); err != nil || !at.Equal(start) || !bytes.Contains(file.body, []byte("METHOD:PUBLISH")) || !strings.HasPrefix(file.header.Get("Content-Type"), "text/calendar") {
		t.Errorf("%v %s", err, file.body)
	}
	other := c.sent("bob@other.test", "", time.Hour)
	if strings.Contains(strings.Join(slots(c.seen(200, "GET", other.book(), browser)), " "), offered[0]) {
		t.Error("a slot that is taken is offered")
	}
	path := "/v1/meetings/" + m["id"].(string)
	if a := c.ok("POST", path+"/cancel", obj{"reason": "ill"}); a.text("status") != "cancelled" || a.text("cancelled_reason") != "ill" {
		t.Errorf("got %s", a.body)
	}
	c.refused(404, "not_found", "POST", path+"/cancel", nil)
	_, told := c.submit(commands.TellMeetingCancelled{MeetingID: parsed(m["id"].(string))})
	if a := c.ok("GET", path, nil, "Outrider-Position", told); a.text("guest_told_at") == "" {
		t.Errorf("got %s", a.body)
	}
	c.seen(404, "GET", l.book()+"/meeting.ics", browser)
	says(t, c.seen(200, "POST", l.book(), browser, form...), "Your meeting is booked") // anew
}

func TestASlotIsGivenOnce(t *testing.T) {
	t.Parallel()
	c := letters(t)
	c.hours()
	letters := []letter{c.sent("ann@acme.test", "", time.Hour), c.sent("bob@other.test", "", time.Hour)}
	slot := slots(c.seen(200, "GET", letters[0].book(), browser))[3]
	pages := make([]answer, len(letters))
	var both sync.WaitGroup
	for i, l := range letters {
		both.Go(func() { pages[i] = c.visit("POST", l.book(), browser, "slot", slot, "name", "Guest") })
	}
	both.Wait()
	if pages[0].status > pages[1].status {
		pages[0], pages[1] = pages[1], pages[0]
	}
	if pages[0].status != 200 || pages[1].status != 409 {
		t.Fatalf("got %d and %d", pages[0].status, pages[1].status)
	}
	says(t, pages[1], "Somebody else has just taken this time")
	if again := slots(pages[1]); len(again) == 0 || strings.Contains(strings.Join(again, " "), slot) {
		t.Errorf("the page again offers %v", again)
	}
}

func TestThePageOffersWhatIsGiven(t *testing.T) {
	t.Parallel()
	c := letters(t)
	c.hours()
	l := c.sent("ann@acme.test", "", time.Hour)
	page := c.seen(200, "GET", l.book(), browser)
	pages, all := 0, map[string]bool{}
	later := regexp.MustCompile(`href="(\?[^"]*from=[^"]*)">Later`)
	for ; pages < 5; pages++ {
		for _, s := range slots(page) {
			if all[s] {
				t.Errorf("%s is on two pages", s)
			}
			all[s] = true
		}
		next := later.FindSubmatch(page.body)
		if next == nil {
			break
		}
		page = c.seen(200, "GET", l.book()+strings.ReplaceAll(string(next[1]), "&amp;", "&"), browser)
	}
	if pages != 1 && pages != 2 || len(all) < 13*16 {
		t.Errorf("%d slots on %d pages", len(all), pages+1)
	}
	for s := range all {
		at, err := time.Parse(time.RFC3339, s)
		check(t, err)
		a := c.command(commands.BookMeeting{SentMessageRef: c.about(l), MeetingID: uuid.New(), StartsAt: at}) // fails when it is refused
		_ = a
	}
}

func TestBookingHoursOfSeveralWindows(t *testing.T) {
	t.Parallel()
	c := letters(t)
	l := c.sent("ann@acme.test", "", time.Hour)
	week := []int{7, 1, 2, 3, 4, 5, 6}
	hours := obj{"windows": []obj{{"days": week, "from": "14:00", "to": "16:00"}, {"days": week, "from": "09:00", "to": "10:00"}}, "time_zone": "Europe/Berlin", "slot_minutes": 30, "notice_minutes": 60, "days_ahead": 5,
		"buffer_after_minutes": 30, "headline": " Half an hour\n about bread "}
	first := c.ok("PUT", "/v1/booking-hours", hours)
	if again := c.ok("GET", "/v1/booking-hours", nil, "Outrider-Position", first.header.Get("Outrider-Position")); string(again.body) != string(first.body) {
		t.Errorf("set %s, got %s", first.body, again.body)
	}
	windows := first.list("windows")
	if one := first.json["window"].(map[string]any); len(windows) != 2 || windows[0].(map[string]any)["from"] != "09:00" || one["from"] != "09:00" || len(one["days"].([]any)) != 7 {
		t.Errorf("got %s", first.body)
	}
	page := c.seen(200, "GET", l.book()+"?time_zone=Europe/Berlin", browser)
	says(t, page, "Half an hour about bread")
	berlin, err := time.LoadLocation("Europe/Berlin")
	check(t, err)
	all := slots(page)
	day := ""
	for _, s := range all[4:] {
		at, err := time.Parse(time.RFC3339, s)
		check(t, err)
		if h := at.In(berlin).Hour(); h != 9 && h != 14 && h != 15 {
			t.Errorf("%s is in no window", at.In(berlin))
		}
		if day == "" && at.In(berlin).Hour() == 14 {
			day = s
		}
	}
	at, err := time.Parse(time.RFC3339, day)
	check(t, err)
	says(t, c.seen(200, "POST", l.book(), browser, "slot", day, "name", "Ann"), "Your meeting is booked")
	other := c.sent("bob@other.test", "", time.Hour)
	page = c.seen(200, "GET", other.book(), browser)
	offered := strings.Join(slots(page), " ")
	for minutes, free := range map[int]bool{0: false, 30: false, 60: true} { // half an hour is left after it
		if s := at.Add(time.Duration(minutes) * time.Minute).Format(time.RFC3339); strings.Contains(offered, s) != free {
			t.Errorf("%s: offered is %v", s, !free)
		}
	}
	says(t, c.seen(409, "POST", other.book(), browser, "slot", at.Add(30*time.Minute).Format(time.RFC3339), "name", "Bob"), "just taken")
	hours["days_off"] = []string{at.In(berlin).Format(time.DateOnly)}
	c.ok("PUT", "/v1/booking-hours", hours)
	c.until("/v1/booking-hours", func(a answer) bool { return len(a.list("days_off")) == 1 })
	for _, s := range slots(c.seen(200, "GET", other.book(), browser)) {
		if x, err := time.Parse(time.RFC3339, s); err != nil || x.In(berlin).YearDay() == at.In(berlin).YearDay() {
			t.Errorf("%s is on a day off", s)
		}
	}
	c.refused(422, "invalid", "PUT", "/v1/booking-hours", obj{"slot_minutes": 30, "notice_minutes": 60, "days_ahead": 5})
}

func TestAMeetingIsMovedAndHeld(t *testing.T) {
	t.Parallel()
	c := letters(t)
	c.hours()
	l := c.sent("ann@acme.test", "", time.Hour)
	offered := slots(c.seen(200, "GET", l.book(), browser))
	c.seen(200, "POST", l.book(), browser, "slot", offered[0], "name", "Ann")
	m := c.until("/v1/meetings", func(a answer) bool { return len(a.list("data")) == 1 }).list("data")[0].(map[string]any)
	path := "/v1/meetings/" + m["id"].(string)
	to, err := time.Parse(time.RFC3339, offered[3])
	check(t, err)
	c.refused(409, "wrong_status", "PUT", path+"/outcome", obj{"outcome": "held"})
	moved := c.ok("POST", path+"/reschedule", obj{"starts_at": to})
	if moved.text("starts_at") != to.UTC().Format(time.RFC3339) || moved.json["moves"] != 1.0 || moved.text("moved_at") == "" || moved.text("move_told_at") != "" {
		t.Errorf("got %s", moved.body)
	}
	_, told := c.submit(commands.TellMeetingMoved{MeetingID: parsed(m["id"].(string)), Move: 1})
	if a := c.ok("GET", path, nil, "Outrider-Position", told); a.text("move_told_at") == "" {
		t.Errorf("got %s", a.body)
	}
	says(t, c.seen(200, "GET", l.book()+"?time_zone=UTC", browser), to.UTC().Format("15:04"))
	other := c.sent("bob@other.test", "", time.Hour)
	if free := strings.Join(slots(c.seen(200, "GET", other.book(), browser)), " "); !strings.Contains(free, offered[0]) || strings.Contains(free, offered[3]) {
		t.Error("the page offers the new time, or not the old one")
	}
	c.refused(422, "invalid", "POST", path+"/reschedule", obj{"starts_at": "2020-01-01T10:00:00Z"})
	c.refused(422, "invalid", "PUT", path+"/outcome", obj{"outcome": "fun"})
	c.refused(404, "not_found", "PUT", "/v1/meetings/"+anID+"/outcome", obj{"outcome": "held"})
}
