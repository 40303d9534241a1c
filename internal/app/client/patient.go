package client

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"outrider/internal/retry"
)

// Patient sends a request until it has an answer that stays: what isn't answered, or is to be asked later, is asked again as it is,
// over a restart of the server too. Writes should have an Idempotency-Key.
type Patient struct {
	HTTP *http.Client
	For  time.Duration // how long a request is tried
}

// Do sends a request whose body can be read again (http.Request.GetBody).
func (p Patient) Do(req *http.Request) (res *http.Response, err error) {
	began := time.Now()
	err = retry.Do(req.Context(), retry.Policy{First: 100 * time.Millisecond, Longest: 2 * time.Second, For: p.For}, func() (err error) {
		if res, err = p.send(req); err != nil || isFinal(res.StatusCode) {
			return err
		}
		return unfinished(res)
	})
	if err != nil {
		return nil, fmt.Errorf("%s %s: no answer in %s: %w", req.Method, req.URL.Path, time.Since(began).Round(time.Second), err)
	}
	return res, nil
}

func (p Patient) send(req *http.Request) (*http.Response, error) {
	again, err := sameRequest(req)
	if err != nil {
		return nil, retry.Stop(err)
	}
	return p.HTTP.Do(again)
}

// sameRequest returns a request with the same body, to be read from its beginning.
func sameRequest(req *http.Request) (*http.Request, error) {
	again := req.Clone(req.Context())
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, fmt.Errorf("read a request again: %w", err)
		}
		again.Body = body
	}
	return again, nil
}

// isFinal tells an answer that stays from one that says to ask again.
func isFinal(status int) bool {
	return status < http.StatusInternalServerError && status != http.StatusAccepted && status != http.StatusTooManyRequests
}

// unfinished closes an answer, and returns it as an error.
func unfinished(res *http.Response) error {
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	err = fmt.Errorf("%s: %s", res.Status, text)
	if res.StatusCode == http.StatusTooManyRequests {
		return retry.After(max(retryAfter(res), time.Second), err)
	}
	return err
}

// retryAfter returns how long an answer says to wait; 0 = it doesn't say.
func retryAfter(res *http.Response) time.Duration {
	seconds, _ := strconv.Atoi(res.Header.Get("Retry-After"))
	return time.Duration(seconds) * time.Second
}
