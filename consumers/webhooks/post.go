package webhooks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"outrider/consumers/reaction"
	"outrider/internal/app/webhooks"
	"outrider/internal/dial"
	"outrider/internal/retry"
)

const (
	postTimeout = 20 * time.Second // of one try, from the look-up of the name to the answer
	mostHeaders = 32 << 10         // bytes of an answer's
	mostAnswer  = 16 << 10         // bytes of an answer's body that are read, so that its connection can be used again
)

// newClient makes the client of all endpoints. It follows no redirect, asks no proxy, and reaches what the dialer reaches.
func newClient(d dial.Dialer) *http.Client {
	return &http.Client{
		Timeout:       postTimeout,
		CheckRedirect: dial.NoRedirect,
		Transport: &http.Transport{DialContext: d.DialContext, MaxIdleConns: 200, MaxIdleConnsPerHost: 4, IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: postTimeout,
			ResponseHeaderTimeout: postTimeout, MaxResponseHeaderBytes: mostHeaders, DisableCompression: true, ForceAttemptHTTP2: true},
	}
}

// answer is what an endpoint said to a delivery.
type answer struct {
	status     int // 0 = nothing
	retryAfter time.Duration
	err        string
}

func (a answer) ok() bool { return a.status >= 200 && a.status < 300 }

// post delivers a body once.
func post(ctx context.Context, client *http.Client, now time.Time, url string, signed http.Header, body []byte) answer {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return answer{err: "the URL can't be used"}
	}
	req.Header = signed.Clone()
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Outrider-Webhooks/1.0")
	res, err := client.Do(req)
	if err != nil {
		return answer{err: failureText(err)}
	}
	defer res.Body.Close()
	_, _ = io.CopyN(io.Discard, res.Body, mostAnswer) // what comes after it is left behind with its connection
	a := answer{status: res.StatusCode}
	switch {
	case a.ok():
		return a
	case a.status >= 300 && a.status < 400:
		a.err = "it redirects: give the URL that it leads to"
	default:
		a.err = strings.TrimSpace("it answered " + strconv.Itoa(a.status) + " " + http.StatusText(a.status))
	}
	a.retryAfter = retryAfter(res.Header.Get("Retry-After"), now)
	return a
}

// failureText says why there was no answer, and nothing of our network.
func failureText(err error) string {
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, dial.ErrUnreachable):
		return dial.Unreachable
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Sprintf("no answer within %d seconds", postTimeout/time.Second)
	case strings.Contains(err.Error(), "tls: ") || strings.Contains(err.Error(), "x509: "):
		return "its certificate isn't good, or it doesn't speak TLS"
	}
	return "the connection broke off"
}

// retryAfter reads the header, in seconds or as a date; 0 = it says nothing.
func retryAfter(text string, now time.Time) time.Duration {
	wait, _ := retry.HeaderAfter(text, now)
	return min(wait, longestWait)
}

// longestWait between two tries of a delivery, whatever the endpoint asks for.
const longestWait = 24 * time.Hour

// waits are those after each try that failed: 75 hours in all (Standard Webhooks).
func waits() []time.Duration {
	return []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}
}

// outcomeOf says what follows from an answer to the try of this number, from 1. jitter is between 0 and 1.
func outcomeOf(a answer, try int, at time.Time, took time.Duration, jitter float64) outcome {
	o := outcome{ok: a.ok(), attempt: webhooks.Attempt{At: at, Status: a.status, Ms: took.Milliseconds(), Error: reaction.HideAddresses(a.err)}}
	if all := waits(); !o.ok && try <= len(all) {
		wait := all[try-1]
		wait += time.Duration(jitter * float64(wait) / 5) // up to a fifth more
		o.retryAt = at.Add(max(wait, a.retryAfter))
	}
	if a.retryAfter > 0 && (a.status == http.StatusTooManyRequests || a.status == http.StatusServiceUnavailable) {
		o.rest = at.Add(a.retryAfter)
	}
	return o
}
