package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"outrider/internal/dial"
	"outrider/internal/es"
	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/retry"
)

// op is what a client saw of one request; times are since the load began.
type op struct {
	what      string
	org       uuid.UUID
	command   uuid.UUID // that its key makes; nil for what has no key
	lead      uuid.UUID // whom an unsubscribe is about
	call, ret time.Duration
	answered  bool
	status    int
	position  es.Position // zero = none was given
	quota     *quotaUse
}

// wasAccepted says that it was answered with success.
func (o *op) wasAccepted() bool { return o.answered && o.status/100 == 2 }

// request is what is asked once, however often it is sent.
type request struct {
	what, method, path string
	key                string    // API key
	org                uuid.UUID // whose
	scope              uuid.UUID // of the Idempotency-Key; nil = org
	once               string    // Idempotency-Key; "" = none
	position           string    // of a write that the answer rests on
	contentType        string
	body               []byte
	visitor            bool // no API key: a person's browser
	lead               uuid.UUID
	quota              *quotaUse
}

// response is a final answer.
type response struct {
	status   int
	position string
	body     []byte
}

// asker asks until it is answered.
type asker struct {
	url    string
	web    *http.Client
	now    func() time.Duration
	counts *counts
}

// counts are what all clients met together.
type counts struct{ repeats, failures atomic.Int64 }

func newAsker(url string, now func() time.Duration, counts *counts) *asker {
	return &asker{url: url, now: now, counts: counts,
		web: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DialContext: loopback.Dialer().DialContext, MaxIdleConnsPerHost: 2},
			CheckRedirect: dial.NoRedirect}}
}

// isFinal tells an answer that stays from one that says to ask again.
func isFinal(status int) bool {
	switch status {
	case http.StatusAccepted, http.StatusTooManyRequests, http.StatusRequestTimeout:
		return false
	}
	return status < http.StatusInternalServerError
}

// errUnanswered says that ctx ended before there was an answer.
var errUnanswered = errors.New("no answer")

// askUntilAnswered sends a request until it has an answer that stays, or ctx ends.
func (a *asker) askUntilAnswered(ctx context.Context, r request) (op, response, error) {
	o := op{what: r.what, org: r.org, lead: r.lead, call: a.now(), quota: r.quota}
	if r.once != "" {
		scope := r.scope
		if scope == uuid.Nil {
			scope = r.org
		}
		o.command = es.DeriveID(scope, "Idempotency-Key", r.once)
	}
	var last string
	for n := 0; ; n++ {
		if n > 0 {
			a.counts.repeats.Add(1)
			_ = retry.Sleep(ctx, min(time.Duration(n)*25*time.Millisecond, 250*time.Millisecond))
		}
		if ctx.Err() != nil {
			return o, response{}, fmt.Errorf("%w to %s in %.0f s: %s", errUnanswered, r.what, (a.now() - o.call).Seconds(), last)
		}
		res, err := a.sendOnce(ctx, r)
		switch {
		case err != nil:
			last = err.Error()
		case !isFinal(res.status):
			last = fmt.Sprint(res.status, " ", string(res.body))
		default:
			o.answered, o.status, o.ret = true, res.status, a.now()
			if res.position != "" {
				o.position, err = es.ParsePosition(res.position[:max(strings.LastIndexByte(res.position, '.'), 0)]) // behind it stands a keyed hash
			}
			return o, res, err
		}
	}
}

func (a *asker) sendOnce(ctx context.Context, r request) (response, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, a.url+r.path, bytes.NewReader(r.body))
	if err != nil {
		return response{}, err
	}
	for name, value := range map[string]string{"Idempotency-Key": r.once, "Outrider-Position": r.position, "Content-Type": r.contentType} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	if r.visitor {
		req.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	} else {
		req.Header.Set("Authorization", "Bearer "+r.key)
	}
	res, err := a.web.Do(req)
	if err != nil {
		return response{}, err
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusInternalServerError {
		a.counts.failures.Add(1)
	}
	b, err := io.ReadAll(res.Body)
	return response{res.StatusCode, res.Header.Get("Outrider-Position"), b}, err
}

func encodeBody(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain maps and texts
	}
	return b
}
