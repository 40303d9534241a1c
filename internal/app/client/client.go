// Package client speaks to the API as its users do, by what is generated from api/openapi.yaml: one method an operation.
//
//	made, position, err := client.Read[client.Lead](api.CreateLead(ctx, nil, lead, client.Once("lead 7")))
package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -config config.yaml ../../../api/openapi.yaml

// limitPatience is how long a request waits in all for limits of requests a minute; it isn't enough for one of an hour, which is told.
const limitPatience = 2 * time.Minute

// Open returns a client of the API at a URL, with an API key. Doer sends the requests; nil = http.DefaultClient, which waits for limits (Unhurried).
func Open(url, key string, doer HttpRequestDoer) *Client {
	if doer == nil {
		doer = Unhurried{HTTP: http.DefaultClient, For: limitPatience}
	}
	return &Client{Server: strings.TrimSuffix(url, "/") + "/", Client: doer, RequestEditors: []RequestEditorFn{setHeader("Authorization", "Bearer "+key)}}
}

// WithKey returns the same client with another API key.
func (c *Client) WithKey(key string) *Client { return Open(c.Server, key, c.Client) }

// Once gives a request an Idempotency-Key: asked again under it, it is done once.
func Once(key string) RequestEditorFn { return setHeader("Idempotency-Key", key) }

// Showing asks for an answer that shows the write of a position; empty = any.
func Showing(position string) RequestEditorFn { return setHeader("Outrider-Position", position) }

func setHeader(name, value string) RequestEditorFn {
	return func(_ context.Context, r *http.Request) error {
		if value != "" {
			r.Header.Set(name, value)
		}
		return nil
	}
}

// Refusal is an answer that isn't the one hoped for.
type Refusal struct {
	Problem
	Status int // HTTP
}

// Error says what the problem says, and each field that it names.
func (r *Refusal) Error() string {
	if r.Code == "" {
		return fmt.Sprintf("the api answers %d %s", r.Status, http.StatusText(r.Status))
	}
	text := fmt.Sprintf("%s (%d %s)", r.Title, r.Status, r.Code)
	var fields []FieldError
	if r.Errors != nil {
		fields = *r.Errors
	}
	if r.Detail != nil {
		text += ": " + *r.Detail
		fields = fields[min(1, len(fields)):] // the detail is the first
	}
	for _, e := range fields {
		text += fmt.Sprintf("; %s %s", e.Field, e.Reason)
	}
	return text
}

// Read reads the answer to a request into a T and closes it; position is of what was written, empty for what writes nothing. An answer
// that is no success is a *Refusal.
func Read[T any](res *http.Response, err error) (out T, position string, _ error) {
	body, err := Stream(res, err)
	if err != nil {
		return out, "", err
	}
	defer body.Close()
	b, err := io.ReadAll(body)
	if err != nil {
		return out, "", fmt.Errorf("read the answer: %w", err)
	}
	if len(b) > 0 {
		if err := json.Unmarshal(b, &out); err != nil {
			return out, "", fmt.Errorf("read the answer: %w", err)
		}
	}
	return out, res.Header.Get("Outrider-Position"), nil
}

// ReadDecided reads the answer to a write as Read does. One that isn't decided yet (202) is an error that says where to ask.
func ReadDecided[T any](res *http.Response, err error) (out T, position string, _ error) {
	if err == nil && res.StatusCode == http.StatusAccepted {
		_ = res.Body.Close()
		return out, "", fmt.Errorf("the api hasn't decided yet; GET %s tells once it has", res.Header.Get("Location"))
	}
	return Read[T](res, err)
}

// Stream returns the body of an answer, to be closed. An answer that is no success is a *Refusal.
func Stream(res *http.Response, err error) (io.ReadCloser, error) {
	if err != nil {
		return nil, fmt.Errorf("ask the api: %w", err)
	}
	if res.StatusCode < http.StatusMultipleChoices {
		return res.Body, nil
	}
	defer res.Body.Close()
	refusal := &Refusal{}
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if json.Unmarshal(b, &refusal.Problem) != nil {
		refusal.Problem = Problem{} // not ours: a proxy's page, say
	}
	refusal.Status = res.StatusCode
	return nil, refusal
}

// RefusalIn returns what the API refused, where that is what went wrong.
func RefusalIn(err error) (*Refusal, bool) { return errors.AsType[*Refusal](err) }
