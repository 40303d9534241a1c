package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/app/client"
	"outrider/internal/googlecalendar"
	"outrider/internal/lab/googlecalendarlike"
	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/zone"
	"outrider/projections"
)

// teamCalendar is looked at, too: whoever is met isn't while the team meets.
const teamCalendar = "team@ours.example"

// hostCalendar is a stand-in of Google Calendar beside the demonstration.
type hostCalendar struct {
	*googlecalendarlike.Server
	flags []string // by which the server finds it
	web   *http.Server
}

// openCalendar opens the calendar of somebody who is busy at noon, on Friday afternoons and while the team meets, until three weeks after an instant. It is kept in a file, if one is named.
func openCalendar(from, until time.Time, file string) (*hostCalendar, error) {
	c := &hostCalendar{Server: googlecalendarlike.New("", nil)}
	c.OAuth.Lifetime = 100 * 24 * time.Hour
	if file != "" {
		if err := c.KeepIn(file); err != nil {
			return nil, err
		}
	}
	if err := c.fill(from, until.AddDate(0, 0, 21)); err != nil {
		return nil, err
	}
	l, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c.web = &http.Server{Handler: c.Server, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = c.web.Serve(l) }() // until close
	c.flags = []string{"--google-calendar-url", "http://" + l.Addr().String(), "--google-calendar-client-id", c.OAuth.ID, "--google-calendar-client-secret", c.OAuth.Secret}
	return c, nil
}

func (c *hostCalendar) close() error {
	if err := errors.Join(c.web.Close(), c.Kept()); err != nil {
		return fmt.Errorf("close a calendar: %w", err)
	}
	return nil
}

// fill writes what keeps its owner and the team, from the day after the last that was filled.
func (c *hostCalendar) fill(from, until time.Time) error {
	here, err := zone.Load(Zone)
	if err != nil {
		return fmt.Errorf("load the zone of a calendar: %w", err)
	}
	before := c.Busy(googlecalendarlike.Account)
	if len(before) == 0 {
		c.PutCalendar(teamCalendar, "Team", Zone, "reader")
	}
	for _, e := range before {
		if next := e.Start.In(here).AddDate(0, 0, 1); next.After(from) {
			from = next
		}
	}
	at := func(day time.Time, hour int) time.Time {
		return time.Date(day.Year(), day.Month(), day.Day(), hour, 0, 0, 0, here)
	}
	for day := from.In(here); day.Before(until); day = day.AddDate(0, 0, 1) {
		switch day.Weekday() {
		case time.Saturday, time.Sunday:
			continue
		case time.Monday:
			c.Put(teamCalendar, at(day, 9), at(day, 10), false)
		case time.Wednesday:
			c.Put(googlecalendarlike.Account, at(day, 8), at(day, 18), true) // which keeps nobody
		case time.Friday:
			c.Put(googlecalendarlike.Account, at(day, 15), at(day, 18), false)
		default:
		}
		c.Put(googlecalendarlike.Account, at(day, 12), at(day, 13), false)
	}
	return nil
}

// connectCalendar has meetings written into the calendar, and offered when its owner and the team have time.
func (s *Setup) connectCalendar(ctx context.Context) error {
	if !s.Calendar {
		return nil
	}
	made, err := s.signInAtCalendar(ctx)
	if err != nil {
		return err
	}
	write, meet := googlecalendarlike.Account, true
	if err := s.waitUntil(ctx, func() (string, error) { // who came back by the browser has no position of the connection
		err := s.write(s.API.ChooseIntegrationCalendars(ctx, made, nil, client.IntegrationCalendarsInput{Look: []string{teamCalendar}, Write: &write, Meet: &meet}, s.Once("calendars")))
		if refused, ok := client.RefusalIn(err); ok && refused.Status == http.StatusNotFound {
			return "the connection isn't shown yet", nil
		}
		return "", err
	}); err != nil {
		return err
	}
	return s.waitUntil(ctx, func() (string, error) {
		hosts, _, err := client.Read[client.BookingHostList](s.API.ListBookingHosts(ctx, nil))
		if err != nil {
			return "", err
		}
		ready := slices.ContainsFunc(hosts.Data, func(h client.BookingHost) bool {
			return h.IntegrationID == made && h.State == client.BookingHostStateReady
		})
		return sentenceIf(!ready, "nothing is known of the calendar"), nil
	})
}

// signInAtCalendar does what a browser does whose owner allows everything.
func (s *Setup) signInAtCalendar(ctx context.Context) (made uuid.UUID, err error) {
	begun, err := s.API.BeginIntegrationSignIn(ctx, client.IntegrationSignInCreate{Provider: googlecalendar.Name, ReturnTo: new("/")})
	if err != nil {
		return made, fmt.Errorf("begin to sign in: %w", err)
	}
	cookie, _, _ := strings.Cut(begun.Header.Get("Set-Cookie"), ";")
	to, _, err := client.Read[client.IntegrationSignIn](begun, nil)
	if err != nil {
		return made, err
	}
	back, err := s.follow(ctx, to.AuthorizeURL, "")
	if err != nil {
		return made, err
	}
	end, err := s.follow(ctx, back, cookie)
	if err != nil {
		return made, err
	}
	_, id, ok := strings.Cut(end, "connected=")
	if made, err = uuid.Parse(id); !ok || err != nil {
		return made, fmt.Errorf("sign in at the calendar: the browser ends at %s", end)
	}
	return made, nil
}

// follow returns where an address sends a browser.
func (s *Setup) follow(ctx context.Context, url, cookie string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	web := http.Client{Timeout: time.Minute, Transport: &http.Transport{DialContext: loopback.Dialer().DialContext, DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	a, err := web.Do(r)
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	_ = a.Body.Close()
	if a.Header.Get("Location") == "" {
		return "", errors.New("sign in: " + a.Status)
	}
	return a.Header.Get("Location"), nil
}

// CalendarFigures are what stands in a calendar, beside what the product says.
type CalendarFigures struct {
	Meetings     Classed `json:"meetings"`      // events of meetings, and meetings that are booked
	Busy         int     `json:"busy"`          // other events of the calendars
	DoubleBooked int     `json:"double_booked"` // meetings at a time at which somebody is busy, or meets somebody else
}

// compareCalendar holds the events of the calendar against the meetings.
func (d *demonstration) compareCalendar(ctx context.Context) (f *CalendarFigures, mismatches []string, err error) {
	if d.host == nil {
		return nil, nil, nil
	}
	mismatches, err = awaitEqual(ctx, func() (differs []string, err error) {
		f, differs, err = d.lookAtCalendar(ctx)
		return differs, err
	})
	return f, mismatches[:min(len(mismatches), examples)], err
}

func (d *demonstration) lookAtCalendar(ctx context.Context) (f *CalendarFigures, mismatches []string, err error) {
	type meeting struct {
		ID         uuid.UUID
		Start, End time.Time
	}
	var booked []meeting
	if err := d.queryAsAPI(ctx, d.server.runningNow(), func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select meeting_id, starts_at, ends_at from read.meetings where org_id = $1 and status = $2 order by starts_at, meeting_id`, d.shown.ID, projections.MeetingBooked)
		if err == nil {
			booked, err = pgx.CollectRows(rows, pgx.RowToStructByPos[meeting])
		}
		if err != nil {
			return fmt.Errorf("list meetings: %w", err)
		}
		return nil
	}); err != nil {
		return nil, nil, err
	}
	f = &CalendarFigures{}
	there := map[string]googlecalendarlike.Entry{}
	taken := slices.Concat(d.host.Busy(googlecalendarlike.Account), d.host.Busy(teamCalendar))
	f.Busy = len(taken)
	for _, e := range d.host.Events(googlecalendarlike.Account) {
		if !strings.HasPrefix(e.ID, googlecalendarlike.OwnPrefix) {
			there[e.ID] = e
		}
	}
	f.Meetings = Classed{len(there), len(booked)}
	for i, m := range booked {
		id := googlecalendar.EventID(m.ID)
		switch e, ok := there[id]; {
		case !ok:
			mismatches = append(mismatches, fmt.Sprintf("calendar: meeting %s at %s isn't in it", m.ID, m.Start.Format(time.RFC3339)))
		case !e.Start.Equal(m.Start) || !e.End.Equal(m.End):
			mismatches = append(mismatches, fmt.Sprintf("calendar: meeting %s is at %s, and the product says %s", m.ID, e.Start.Format(time.RFC3339), m.Start.Format(time.RFC3339)))
		}
		delete(there, id)
		clash := func(other meeting) bool { return m.Start.Before(other.End) && m.End.After(other.Start) }
		if slices.ContainsFunc(booked[:i], clash) || slices.ContainsFunc(taken, func(e googlecalendarlike.Entry) bool { return clash(meeting{Start: e.Start, End: e.End}) }) {
			f.DoubleBooked++
			mismatches = append(mismatches, fmt.Sprintf("calendar: meeting %s at %s is at a time that is taken", m.ID, m.Start.Format(time.RFC3339)))
		}
	}
	for id := range there {
		mismatches = append(mismatches, "calendar: event "+id+" is in it, and no meeting of the product")
	}
	return f, mismatches, nil
}
