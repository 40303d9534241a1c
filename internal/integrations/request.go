package integrations

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"outrider/internal/retry"
)

// Why a connection needs somebody; the words are those of events.
const (
	Ended   = "permission_ended"
	Refused = "refused"
	Gone    = "account_gone"
	Mapping = "mapping"
)

// NeedsYou is an error that only a person ends.
type NeedsYou struct{ Reason, Detail string }

func (n *NeedsYou) Error() string { return n.Reason + ": " + n.Detail }

// Later is an error that time ends: the service is away, or wants to be left alone.
type Later struct {
	After time.Duration
	Why   string
}

func (l *Later) Error() string { return l.Why + "; it is tried again" }

// StatusError is an answer that says that a request is wrong.
type StatusError struct {
	Status int
	Body   []byte
}

func (s *StatusError) Error() string { return "it answered " + strconv.Itoa(s.Status) }

// Caller makes requests as one connection. All of them can be made again: what was done stays done once.
type Caller struct {
	HTTP   *http.Client
	Access func(ctx context.Context) (string, error)
	Refuse func(ctx context.Context) bool                   // after 401; reports whether asking again may help
	Limit  func(ctx context.Context, r *http.Request) error // nil = none
	Read   func(status int, answer []byte) error            // what the service means by an answer that isn't a success; nil = a StatusError
	Seen   func(r *http.Response)                           // told of every answer; nil = nobody
	Sleep  func(ctx context.Context, d time.Duration) error // nil = real
	Header http.Header                                      // sent with every request; nil = none
	Now    func() time.Time                                 // for who compares clocks; nil = real
	First  time.Duration                                    // wait before the second try; 0 = a second
}

const (
	tries      = 4
	patience   = 15 * time.Second // that is waited here; who is told to wait longer comes again
	maxAnswer  = 32 << 20
	timeOfOne  = 60 * time.Second
	laterAfter = time.Minute
)

// Do asks once, or again after an answer that may not come again: cut connections, 429 and 5xx. The answer is decoded into out; nil = it isn't read.
func (c *Caller) Do(ctx context.Context, method, url string, body, out any) (status int, err error) {
	var sent []byte
	if body != nil {
		if sent, err = json.Marshal(body); err != nil {
			return 0, fmt.Errorf("encode request: %w", err)
		}
	}
	wait, refused := c.First, false
	if wait == 0 {
		wait = time.Second
	}
	for n := 1; ; n++ {
		status, answer, after, err := c.once(ctx, method, url, sent)
		switch needs := (*NeedsYou)(nil); {
		case ctx.Err() != nil:
			return 0, context.Cause(ctx)
		case errors.As(err, &needs):
			return 0, err
		case status == http.StatusUnauthorized:
			if refused || !c.Refuse(ctx) {
				return status, &NeedsYou{Reason: Ended, Detail: "the service doesn't take our permission any more; sign in again"}
			}
			refused = true
			continue
		case err == nil && status < http.StatusMultipleChoices:
			return status, decode(answer, out)
		case err == nil && status != http.StatusTooManyRequests && status < http.StatusInternalServerError:
			return status, c.meaning(status, answer)
		}
		if after == 0 {
			after = wait
			wait *= 3
		}
		if n == tries || after > patience {
			return status, &Later{After: max(after, laterAfter), Why: whyLater(status, err)}
		}
		sleep := c.Sleep
		if sleep == nil {
			sleep = retry.Sleep
		}
		if err := sleep(ctx, after); err != nil {
			return 0, err
		}
	}
}

func whyLater(status int, err error) string {
	switch {
	case err != nil:
		return "the service can't be reached"
	case status == http.StatusTooManyRequests:
		return "the service wants to be asked less"
	}
	return "the service answers " + strconv.Itoa(status)
}

func decode(answer []byte, out any) error {
	if out == nil || len(answer) == 0 {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return &Later{After: laterAfter, Why: "the service's answer can't be read"}
	}
	return nil
}

func (c *Caller) meaning(status int, answer []byte) error {
	if c.Read != nil {
		if err := c.Read(status, answer); err != nil {
			return err
		}
	}
	return &StatusError{Status: status, Body: answer}
}

func (c *Caller) once(ctx context.Context, method, url string, body []byte) (status int, answer []byte, after time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeOfOne)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, 0, fmt.Errorf("make request: %w", err)
	}
	access, err := c.Access(ctx)
	if err != nil {
		return 0, nil, 0, err
	}
	r.Header.Set("Authorization", "Bearer "+access)
	r.Header.Set("Accept", "application/json")
	if len(body) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, values := range c.Header {
		r.Header[name] = values
	}
	if c.Limit != nil {
		if err := c.Limit(ctx, r); err != nil {
			return 0, nil, 0, err
		}
	}
	a, err := c.HTTP.Do(r)
	if err != nil {
		return 0, nil, 0, fmt.Errorf("ask: %w", err)
	}
	defer func() { _ = a.Body.Close() }()
	if c.Seen != nil {
		c.Seen(a)
	}
	answer, err = io.ReadAll(io.LimitReader(a.Body, maxAnswer))
	if err != nil {
		return 0, nil, 0, fmt.Errorf("read answer: %w", err)
	}
	if s, convErr := strconv.Atoi(a.Header.Get("Retry-After")); convErr == nil && s > 0 {
		after = time.Duration(min(s, 86_400)) * time.Second
	}
	return a.StatusCode, answer, after, nil
}
