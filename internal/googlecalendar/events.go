package googlecalendar

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"google.golang.org/api/calendar/v3"
	"google.golang.org/api/googleapi"

	"outrider/internal/integrations"
	"outrider/internal/zone"
)

// EventID is that of a meeting's event: our own, so that it is made once however often that is asked for. Google takes letters a to v and digits.
func EventID(meeting uuid.UUID) string { return hex.EncodeToString(meeting[:]) }

// Appointment is what is written into a calendar.
type Appointment struct {
	Meeting     uuid.UUID
	Start, End  time.Time
	Summary     string
	Description string
	Meet        bool // with a link to a Google Meet
}

// Event is one as the calendar has it.
type Event struct {
	ID         string
	Off        bool // it was deleted
	Start, End time.Time
	ETag       string
	Link       string // where people meet
	Waiting    bool   // the link is being made
}

// What becomes of requests about one event.
var (
	// ErrGone says that there is no such event any more, or no such calendar.
	ErrGone = errors.New("the event is gone")
	// ErrChanged says that somebody has changed the event since.
	ErrChanged = errors.New("the event was changed since")
	// ErrExists says that the id is taken: by the same event, as an answer was lost, or by it after it was deleted.
	ErrExists = errors.New("the event is there already")
	// ErrForbidden says that the calendar may not be written to.
	ErrForbidden = errors.New("the calendar may not be changed")
)

// propertyMeeting marks our events, for people who look at them by other programs.
const propertyMeeting = "outrider_meeting"

// Insert writes an appointment. Nobody is invited by Google: guests have our mail, with the calendar file.
func (c *Client) Insert(ctx context.Context, calendarID string, a Appointment) (Event, error) {
	e := &calendar.Event{Id: EventID(a.Meeting), Summary: a.Summary, Description: a.Description, Start: at(a.Start), End: at(a.End),
		ExtendedProperties: &calendar.EventExtendedProperties{Private: map[string]string{propertyMeeting: a.Meeting.String()}}}
	if a.Meet {
		e.ConferenceData = &calendar.ConferenceData{CreateRequest: &calendar.CreateConferenceRequest{RequestId: a.Meeting.String(), ConferenceSolutionKey: &calendar.ConferenceSolutionKey{Type: "hangoutsMeet"}}}
	}
	return c.ask(ctx, func(ctx context.Context) (*calendar.Event, error) {
		return c.api.Events.Insert(calendarID, e).ConferenceDataVersion(1).SendUpdates("none").Context(ctx).Do()
	})
}

// Get reads one; a deleted one is off.
func (c *Client) Get(ctx context.Context, calendarID, id string) (Event, error) {
	return c.ask(ctx, func(ctx context.Context) (*calendar.Event, error) {
		return c.api.Events.Get(calendarID, id).Context(ctx).Do()
	})
}

// Move gives an event another time, unless somebody has changed it since: ErrChanged.
func (c *Client) Move(ctx context.Context, calendarID, id, etag string, start, end time.Time) (Event, error) {
	return c.ask(ctx, func(ctx context.Context) (*calendar.Event, error) {
		call := c.api.Events.Patch(calendarID, id, &calendar.Event{Start: at(start), End: at(end)}).ConferenceDataVersion(1).SendUpdates("none").Context(ctx)
		if etag != "" {
			call.Header().Set("If-Match", etag)
		}
		return call.Do()
	})
}

// Describe gives an event other words.
func (c *Client) Describe(ctx context.Context, calendarID, id, summary, description string) (Event, error) {
	return c.ask(ctx, func(ctx context.Context) (*calendar.Event, error) {
		return c.api.Events.Patch(calendarID, id, &calendar.Event{Summary: summary, Description: description, ForceSendFields: []string{"Description"}}).SendUpdates("none").Context(ctx).Do()
	})
}

// Delete takes an event away; one that is gone already is well.
func (c *Client) Delete(ctx context.Context, calendarID, id string) error {
	_, err := c.ask(ctx, func(ctx context.Context) (*calendar.Event, error) {
		return nil, c.api.Events.Delete(calendarID, id).SendUpdates("none").Context(ctx).Do()
	})
	if errors.Is(err, ErrGone) {
		return nil
	}
	return err
}

func (c *Client) ask(ctx context.Context, do func(ctx context.Context) (*calendar.Event, error)) (Event, error) {
	var got *calendar.Event
	err := c.try(ctx, func(ctx context.Context) (err error) {
		got, err = do(ctx)
		return err
	})
	switch status(err) {
	case http.StatusNotFound, http.StatusGone:
		return Event{Off: true}, ErrGone
	case http.StatusConflict:
		return Event{}, ErrExists
	case http.StatusPreconditionFailed:
		return Event{}, ErrChanged
	case http.StatusForbidden, http.StatusBadRequest:
		return Event{}, fmt.Errorf("%w: %w", ErrForbidden, err)
	}
	if err != nil || got == nil {
		return Event{}, err
	}
	return readEvent(got, time.UTC)
}

func at(t time.Time) *calendar.EventDateTime {
	return &calendar.EventDateTime{DateTime: t.UTC().Format(time.RFC3339), TimeZone: "UTC"}
}

// readEvent reads one; loc is the calendar's, in which whole days begin.
func readEvent(x *calendar.Event, loc *time.Location) (e Event, err error) {
	e = Event{ID: x.Id, Off: x.Status == "cancelled", ETag: x.Etag, Link: x.HangoutLink}
	if x.ConferenceData != nil {
		for _, p := range x.ConferenceData.EntryPoints {
			if p.EntryPointType == "video" && e.Link == "" {
				e.Link = p.Uri
			}
		}
		r := x.ConferenceData.CreateRequest
		e.Waiting = e.Link == "" && r != nil && r.Status != nil && r.Status.StatusCode == "pending"
	}
	if e.Off {
		return e, nil // of a deleted one Google may say no more than that
	}
	if e.Start, err = readTime(x.Start, loc); err == nil {
		e.End, err = readTime(x.End, loc)
	}
	return e, err
}

func readTime(t *calendar.EventDateTime, loc *time.Location) (at time.Time, err error) {
	switch {
	case t == nil:
		err = errors.New("an event without a time")
	case t.Date != "":
		at, err = time.ParseInLocation(time.DateOnly, t.Date, loc)
	default:
		at, err = time.Parse(time.RFC3339, t.DateTime)
	}
	if err != nil {
		return at, fmt.Errorf("read event: %w", err)
	}
	return at.UTC(), nil
}

// ErrResync says that what was known of a calendar is too old: all of it is to be read again.
var ErrResync = errors.New("the calendar is to be read from the beginning")

// Changes returns what has changed since a token, "" = all there is to come, and the token to go on from. Deleted events are among them only where there is a token.
func (c *Client) Changes(ctx context.Context, calendarID, token string) (out []Event, next string, err error) {
	for page := ""; ; {
		var got *calendar.Events
		err := c.try(ctx, func(ctx context.Context) (err error) {
			call := c.api.Events.List(calendarID).MaxResults(2500).PageToken(page).Fields("items(id,status,start,end,etag,hangoutLink,conferenceData)", "nextPageToken", "nextSyncToken", "timeZone").Context(ctx)
			if token != "" {
				call.SyncToken(token)
			}
			got, err = call.Do()
			return err
		})
		switch status(err) {
		case http.StatusGone:
			return nil, "", ErrResync
		case http.StatusNotFound:
			return nil, "", ErrGone
		case http.StatusForbidden:
			return nil, "", fmt.Errorf("%w: %w", ErrForbidden, err)
		}
		if err != nil {
			return nil, "", fmt.Errorf("read changes of calendar: %w", err)
		}
		loc, wrong := zone.Load(got.TimeZone)
		if wrong != nil {
			loc = time.UTC
		}
		for _, x := range got.Items {
			e, err := readEvent(x, loc)
			if err != nil {
				continue // it isn't one of ours: those have times
			}
			out = append(out, e)
		}
		if page = got.NextPageToken; page == "" {
			return out, got.NextSyncToken, nil
		}
	}
}

// Channel is what has Google tell us that a calendar has changed.
type Channel struct {
	ID       string
	Token    string
	Resource string // Google's, by which it is stopped
	Until    time.Time
}

// channelLost ends tries with an id that is taken.
const channelLost = "channel_lost"

// Watch opens a channel to an address of ours. It ends by itself, within seven days.
func (c *Client) Watch(ctx context.Context, calendarID string, ch Channel, address string, ttl time.Duration) (Channel, error) {
	err := c.try(ctx, func(ctx context.Context) error {
		got, err := c.api.Events.Watch(calendarID, &calendar.Channel{Id: ch.ID, Type: "web_hook", Address: address, Token: ch.Token, Params: map[string]string{"ttl": fmt.Sprint(int(ttl / time.Second))}}).Context(ctx).Do()
		if err == nil {
			ch.Resource, ch.Until = got.ResourceId, time.UnixMilli(got.Expiration)
		}
		if said := (*googleapi.Error)(nil); errors.As(err, &said) && hasReason(said, "channelIdNotUnique") { // an answer was lost; another id will do
			return &integrations.NeedsYou{Reason: channelLost}
		}
		return err
	})
	if needs := (*integrations.NeedsYou)(nil); errors.As(err, &needs) && needs.Reason == channelLost {
		return ch, &integrations.Later{After: laterAfter, Why: "a channel of Google's has no answer"}
	}
	switch status(err) {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound: // not every calendar can be watched, and not every address of ours can be reached
		return ch, fmt.Errorf("%w: %w", ErrForbidden, err)
	}
	return ch, err
}

// Stop closes a channel; what it still tells is let go.
func (c *Client) Stop(ctx context.Context, ch Channel) error {
	err := c.try(ctx, func(ctx context.Context) error {
		return c.api.Channels.Stop(&calendar.Channel{Id: ch.ID, ResourceId: ch.Resource}).Context(ctx).Do()
	})
	if s := status(err); s == http.StatusNotFound || s == http.StatusGone {
		return nil
	}
	return err
}

// Probe reports ErrForbidden for a calendar that isn't there for us any more.
func (c *Client) Probe(ctx context.Context, calendarID string) error {
	err := c.try(ctx, func(ctx context.Context) error {
		_, err := c.api.Events.List(calendarID).MaxResults(1).Fields("kind").Context(ctx).Do()
		return err
	})
	switch status(err) {
	case http.StatusNotFound, http.StatusForbidden:
		return fmt.Errorf("%w: %w", ErrForbidden, err)
	}
	return err
}
