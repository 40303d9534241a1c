// Package googlecalendar speaks to Google Calendar: what Outrider uses of it, through Google's own library.
package googlecalendar

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/api/calendar/v3"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"

	"outrider/internal/integrations"
	"outrider/internal/mail/mailoauth"
	"outrider/internal/retry"
)

const (
	// Name of the provider.
	Name = "google_calendar"
	base = "https://www.googleapis.com/calendar/v3/"
)

// Scopes that are asked for: to list calendars, to see when people are busy, and to read and write events.
func Scopes() []string {
	return []string{"https://www.googleapis.com/auth/calendar.calendarlist.readonly", "https://www.googleapis.com/auth/calendar.freebusy", calendar.CalendarEventsScope}
}

// Provider is Google Calendar for a registry. standIn takes the place of all its hosts; "" = none.
func Provider(client mailoauth.Client, standIn string) integrations.Provider {
	p := integrations.Provider{Name: Name, Kind: integrations.Calendar, OAuth: mailoauth.Registration{Client: client, Auth: "https://accounts.google.com/o/oauth2/v2/auth", Token: "https://oauth2.googleapis.com/token", Scopes: Scopes(),
		Parameters: map[string]string{"access_type": "offline", "prompt": "consent"}}}
	if standIn != "" {
		standIn = strings.TrimSuffix(standIn, "/")
		p.OAuth.Auth, p.OAuth.Token = standIn+"/authorize", standIn+"/token"
	}
	return p
}

// Rate of an account: below the 600 a minute that Google lets a project ask for one.
func Rate() integrations.Rate { return integrations.Rate{Most: 300, Window: time.Minute} }

// Config is how a client asks as one connection.
type Config struct {
	Base   string // of the API with its slash at the end, "" = Google's
	HTTP   *http.Client
	Access func(ctx context.Context) (string, error)
	Refuse func(ctx context.Context) bool                   // after 401; reports whether asking again may help
	Limit  func(ctx context.Context) error                  // nil = none
	Sleep  func(ctx context.Context, d time.Duration) error // nil = real
	First  time.Duration                                    // wait before the second try; 0 = a second
}

// Client asks as one connection.
type Client struct {
	Config
	api *calendar.Service
}

// StandInBase is where the API of a stand-in is; "" = there is none.
func StandInBase(standIn string) string {
	if standIn == "" {
		return ""
	}
	return strings.TrimSuffix(standIn, "/") + "/calendar/v3/"
}

// New returns a client.
func New(c Config) (*Client, error) {
	if c.Base == "" {
		c.Base = base
	}
	if c.First == 0 {
		c.First = time.Second
	}
	if c.Sleep == nil {
		c.Sleep = retry.Sleep
	}
	client := *c.HTTP
	inner := client.Transport
	if inner == nil {
		inner = http.DefaultTransport
	}
	client.Transport = authorized{inner, c.Access, c.Limit}
	api, err := calendar.NewService(context.Background(), option.WithHTTPClient(&client), option.WithEndpoint(c.Base), option.WithUserAgent("Outrider"))
	if err != nil {
		return nil, fmt.Errorf("make client of Google Calendar: %w", err)
	}
	return &Client{Config: c, api: api}, nil
}

// authorized says who we are.
type authorized struct {
	inner  http.RoundTripper
	access func(ctx context.Context) (string, error)
	limit  func(ctx context.Context) error
}

// RoundTrip is http.RoundTripper's.
func (a authorized) RoundTrip(r *http.Request) (*http.Response, error) {
	access, err := a.access(r.Context())
	if err == nil && a.limit != nil {
		err = a.limit(r.Context())
	}
	if err != nil {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+access)
	return a.inner.RoundTrip(r) //nolint:wrapcheck // the client wraps it
}

const (
	tries      = 4
	patience   = 15 * time.Second // that is waited here; who is told to wait longer comes again
	laterAfter = time.Minute
	timeOfOne  = time.Minute
)

// try asks once, or again after an answer that may not come again. All that is asked can be asked again: what was done stays done once.
func (c *Client) try(ctx context.Context, ask func(ctx context.Context) error) error {
	wait, refused := c.First, false
	for n := 1; ; n++ {
		one, cancel := context.WithTimeout(ctx, timeOfOne)
		err := ask(one)
		cancel()
		var said *googleapi.Error
		var needs *integrations.NeedsYou
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.As(err, &needs):
			return err
		case errors.As(err, &said) && said.Code == http.StatusUnauthorized:
			if refused || !c.Refuse(ctx) {
				return &integrations.NeedsYou{Reason: integrations.Ended, Detail: "Google doesn't take our permission any more; sign in again"}
			}
			refused = true
			n--
			continue
		case said != nil && !mayPass(said):
			if hasReason(said, "insufficientPermissions", "accessNotConfigured") {
				return &integrations.NeedsYou{Reason: integrations.Refused, Detail: "Google wasn't allowed to show and change calendars; sign in again and allow all that is asked for"}
			}
			return err
		}
		after := retryAfter(said)
		if after == 0 {
			after = wait
			wait *= 3
		}
		if n == tries || after > patience {
			return &integrations.Later{After: max(after, laterAfter), Why: whyLater(said)}
		}
		if err := c.Sleep(ctx, after); err != nil {
			return err
		}
	}
}

// mayPass reports whether an answer says that time helps. Google says that it is asked too often by 403 or 429, as it likes.
func mayPass(e *googleapi.Error) bool {
	return e.Code == http.StatusTooManyRequests || e.Code >= http.StatusInternalServerError || isLimited(e)
}

func isLimited(e *googleapi.Error) bool {
	return e.Code == http.StatusForbidden && hasReason(e, "rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "calendarUsageLimitsExceeded")
}

func hasReason(e *googleapi.Error, reasons ...string) bool {
	return slices.ContainsFunc(e.Errors, func(i googleapi.ErrorItem) bool { return slices.Contains(reasons, i.Reason) })
}

func retryAfter(e *googleapi.Error) time.Duration {
	if e == nil {
		return 0
	}
	s, err := strconv.Atoi(e.Header.Get("Retry-After"))
	if err != nil || s < 1 {
		return 0
	}
	return time.Duration(min(s, 86_400)) * time.Second
}

func whyLater(e *googleapi.Error) string {
	switch {
	case e == nil:
		return "Google can't be reached"
	case e.Code >= http.StatusInternalServerError:
		return "Google answers " + strconv.Itoa(e.Code)
	}
	return "Google wants to be asked less"
}

// status returns what an answer says, 0 for none.
func status(err error) int {
	if said := (*googleapi.Error)(nil); errors.As(err, &said) {
		return said.Code
	}
	return 0
}
