package demo

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

	"outrider/internal/lab/mailserver/loopback"
)

// API speaks to the API as a user with patience: what isn't answered, or is to be asked later, is asked again under the same
// Idempotency-Key, also over a kill of the server.
type API struct {
	url, key string
	http     *http.Client
}

// NewAPI speaks to the API at a loopback URL with a key.
func NewAPI(url, key string) *API {
	return &API{url, key, &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DialContext: loopback.Dialer().DialContext}}}
}

// withKey is the same with another key.
func (a *API) withKey(key string) *API {
	b := *a
	b.key = key
	return &b
}

// apiProblem is an answer of 4xx.
type apiProblem struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	body   []byte
}

func (p *apiProblem) Error() string {
	return fmt.Sprintf("%s (%d %s): %s", p.Title, p.Status, p.Code, bytes.TrimSpace(p.body))
}

// ask is one request.
type ask struct {
	method, path string
	once         string // Idempotency-Key
	body         any    // JSON, or multipart
	position     string // of a write that the answer must show
}

// apiForm is a form that is ready.
type apiForm struct {
	contentType string
	body        []byte
}

// apiPatience is how long, in real time, one request is tried: a server that was killed is back by then.
const apiPatience = 90 * time.Second

// askUntilAnswered asks until there is an answer, and gives the position of what was written.
func (a *API) askUntilAnswered(ctx context.Context, q ask, out any) (position string, err error) {
	contentType, body := "application/json", []byte(nil)
	switch b := q.body.(type) {
	case nil:
	case apiForm:
		contentType, body = b.contentType, b.body
	default:
		if body, err = json.Marshal(b); err != nil {
			return "", fmt.Errorf("ask %s: %w", q.path, err)
		}
	}
	began := time.Now()
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		r, err := a.askOnce(ctx, q, contentType, body)
		switch {
		case err == nil && r.status == http.StatusTooManyRequests:
			seconds, _ := strconv.Atoi(r.header.Get("Retry-After"))
			wait = time.Duration(max(seconds, 1)) * time.Second
			err = errors.New("too many requests")
		case err == nil && r.status < 500 && r.status != http.StatusAccepted:
			if r.status/100 != 2 {
				p := &apiProblem{body: r.body}
				_ = json.Unmarshal(r.body, p) // what isn't a problem document shows as it is
				p.Status = r.status
				return "", fmt.Errorf("%s %s: %w", q.method, q.path, p)
			}
			if out != nil {
				if err := json.Unmarshal(r.body, out); err != nil {
					return "", fmt.Errorf("read the answer to %s: %w", q.path, err)
				}
			}
			return r.header.Get("Outrider-Position"), nil
		case err == nil:
			err = fmt.Errorf("%d: %s", r.status, r.body)
		}
		if ctx.Err() != nil || time.Since(began) > apiPatience {
			return "", fmt.Errorf("%s %s: no answer in %s: %w", q.method, q.path, time.Since(began).Round(time.Second), err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// reply is an answer, read.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (a *API) askOnce(ctx context.Context, q ask, contentType string, body []byte) (r reply, err error) {
	req, err := http.NewRequestWithContext(ctx, q.method, a.url+q.path, bytes.NewReader(body))
	if err != nil {
		return r, err
	}
	req.Header.Set("Authorization", "Bearer "+a.key)
	if body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	if q.once != "" {
		req.Header.Set("Idempotency-Key", q.once)
	}
	if q.position != "" {
		req.Header.Set("Outrider-Position", q.position)
	}
	res, err := a.http.Do(req)
	if err != nil {
		return r, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header, text}, err
}

// problem gives what the API refused, if that is what went wrong.
func problemOf(err error) (*apiProblem, bool) {
	var p *apiProblem
	return p, errors.As(err, &p)
}
