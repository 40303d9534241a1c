package client

import (
	"io"
	"net/http"
	"time"

	"outrider/internal/retry"
)

// Unhurried sends a request again that was one too many for now (429) after the time that the answer names (Retry-After, RFC 9110, 10.2.3), as
// nothing was done for it. Every other answer is final, and so is one that names no time, or one that would have it wait longer than For in all.
type Unhurried struct {
	HTTP HttpRequestDoer
	For  time.Duration
}

// Do sends a request whose body can be read again (http.Request.GetBody).
func (u Unhurried) Do(req *http.Request) (*http.Response, error) {
	left := u.For
	for next := req; ; {
		res, err := u.HTTP.Do(next)
		if err != nil || res.StatusCode != http.StatusTooManyRequests {
			return res, err //nolint:wrapcheck // it is what was asked
		}
		wait := retryAfter(res)
		if wait <= 0 || wait > left {
			return res, nil
		}
		again, err := sameRequest(req)
		if err != nil {
			return res, nil //nolint:nilerr // the answer tells more
		}
		_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
		_ = res.Body.Close()
		if err := retry.Sleep(req.Context(), wait); err != nil {
			return nil, err //nolint:wrapcheck // the context's
		}
		next, left = again, left-wait
	}
}
