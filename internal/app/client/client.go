// Package client speaks to the API as its users do.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Client speaks to the API over HTTP.
type Client struct{ URL, Key string }

// Send asks and reads the answer into out. An answer that is a problem becomes an error that says it.
func (c Client) Send(ctx context.Context, method, path, contentType string, body io.Reader, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, c.URL+path, body)
	if err != nil {
		return fmt.Errorf("ask %s: %w", path, err)
	}
	req.Header.Set("Authorization", "Bearer "+c.Key)
	if body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask the api: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode >= http.StatusMultipleChoices {
		return problemIn(res)
	}
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if err := json.Unmarshal(b, out); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return nil
}

// problemIn is what an answer that isn't the one hoped for says.
func problemIn(res *http.Response) error {
	var p struct {
		Title, Detail, Code string
		Errors              []struct{ Field, Reason string }
	}
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if json.Unmarshal(b, &p) != nil || p.Code == "" {
		return fmt.Errorf("the api answers %s", res.Status)
	}
	text := fmt.Sprintf("%s (%d %s)", p.Title, res.StatusCode, p.Code)
	if p.Detail != "" {
		text += ": " + p.Detail
		p.Errors = p.Errors[min(1, len(p.Errors)):] // the detail is the first
	}
	for _, e := range p.Errors {
		text += fmt.Sprintf("; %s %s", e.Field, e.Reason)
	}
	return errors.New(text)
}

// Open gives the body of a long answer.
func (c Client) Open(ctx context.Context, path string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL+path, nil)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", path, err)
	}
	req.Header.Set("Authorization", "Bearer "+c.Key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the api: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		defer res.Body.Close()
		return nil, problemIn(res)
	}
	return res.Body, nil
}

// Post asks with a body in JSON.
func (c Client) Post(ctx context.Context, path string, body, out any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return c.Send(ctx, http.MethodPost, path, "application/json", bytes.NewReader(b), out)
}
