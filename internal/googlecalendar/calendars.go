package googlecalendar

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"google.golang.org/api/calendar/v3"

	"outrider/internal/integrations"
)

// Calendar is one that an account shows.
type Calendar struct {
	ID       string // an address
	Name     string
	Primary  bool
	Writable bool
	Zone     string
}

// Account returns whose the permission is: their address, by which their own calendar is called.
func (c *Client) Account(ctx context.Context) (id string, err error) {
	err = c.try(ctx, func(ctx context.Context) error {
		got, err := c.api.CalendarList.Get("primary").Context(ctx).Do()
		if err == nil {
			id = got.Id
		}
		return err
	})
	if status(err) == http.StatusNotFound {
		return "", &integrations.NeedsYou{Reason: integrations.Gone, Detail: "the account has no calendar"}
	}
	return id, err
}

const mostCalendars = 250

// Calendars lists what the account shows, its own first.
func (c *Client) Calendars(ctx context.Context) (out []Calendar, err error) {
	for page := ""; ; {
		var got *calendar.CalendarList
		if err := c.try(ctx, func(ctx context.Context) (err error) {
			got, err = c.api.CalendarList.List().MaxResults(mostCalendars).PageToken(page).Context(ctx).Do()
			return err
		}); err != nil {
			return nil, fmt.Errorf("list calendars: %w", err)
		}
		for _, x := range got.Items {
			name := x.SummaryOverride
			if name == "" {
				name = x.Summary
			}
			out = append(out, Calendar{ID: x.Id, Name: name, Primary: x.Primary, Writable: x.AccessRole == "owner" || x.AccessRole == "writer", Zone: x.TimeZone})
		}
		if page = got.NextPageToken; page == "" || len(out) >= mostCalendars {
			break
		}
	}
	slices.SortStableFunc(out, func(a, b Calendar) int {
		switch {
		case a.Primary == b.Primary:
			return 0
		case a.Primary:
			return -1
		}
		return 1
	})
	return out, nil
}

// Span is a time at which somebody is busy.
type Span struct{ From, To time.Time }

// Busy is what one calendar says. A problem means that nothing is known of it, though Google answers 200.
type Busy struct {
	Spans   []Span
	Problem string
}

// Google answers for at most 50 calendars, and not for any length of time.
const (
	busyCalendars = 50
	busyDays      = 60
)

// FreeBusy says when calendars are busy. All-day events count as their owner has set them, and what is marked as free doesn't; nights on which clocks change are Google's to know.
func (c *Client) FreeBusy(ctx context.Context, calendars []string, from, to time.Time) (map[string]Busy, error) {
	out := map[string]Busy{}
	for ids := range slices.Chunk(calendars, busyCalendars) {
		for at := from; at.Before(to); at = at.AddDate(0, 0, busyDays) {
			end := at.AddDate(0, 0, busyDays)
			if end.After(to) {
				end = to
			}
			if err := c.addBusy(ctx, out, ids, at, end); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func (c *Client) addBusy(ctx context.Context, out map[string]Busy, ids []string, from, to time.Time) error {
	asked := &calendar.FreeBusyRequest{TimeMin: from.UTC().Format(time.RFC3339), TimeMax: to.UTC().Format(time.RFC3339)}
	for _, id := range ids {
		asked.Items = append(asked.Items, &calendar.FreeBusyRequestItem{Id: id})
	}
	var got *calendar.FreeBusyResponse
	if err := c.try(ctx, func(ctx context.Context) (err error) {
		got, err = c.api.Freebusy.Query(asked).Context(ctx).Do()
		return err
	}); err != nil {
		return fmt.Errorf("ask when calendars are busy: %w", err)
	}
	for _, id := range ids {
		b := out[id]
		said, ok := got.Calendars[id]
		switch {
		case !ok:
			b.Problem = "noAnswer"
		case len(said.Errors) > 0:
			b.Problem = said.Errors[0].Reason
		}
		for _, p := range said.Busy {
			s, err := readSpan(p)
			if err != nil {
				b.Problem = "unreadable"
				break
			}
			b.Spans = append(b.Spans, s)
		}
		out[id] = b
	}
	return nil
}

func readSpan(p *calendar.TimePeriod) (s Span, err error) {
	if s.From, err = time.Parse(time.RFC3339, p.Start); err == nil {
		s.To, err = time.Parse(time.RFC3339, p.End)
	}
	return s, err //nolint:wrapcheck // it is told as "unreadable"
}
