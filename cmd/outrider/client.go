package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
)

// Server says which API a command speaks to.
type Server struct {
	URL string `help:"Address of the API; default: that of the 'outrider dev' running on --data." placeholder:"URL"`
	Key string `help:"API key." placeholder:"KEY"`
}

// client speaks to the API over HTTP.
type client struct{ url, key string }

// client fills what was not given from the `outrider dev` on the data folder; platform lets it use the operator's key.
func (s Server) client(f *Folder, platform bool) (client, error) {
	c := client{s.URL, s.Key}
	if c.url != "" && c.key != "" {
		return c, nil
	}
	r, err := findRunning(f.Data)
	if err != nil {
		return c, err
	}
	if c.url == "" {
		c.url = r.URL
	}
	if c.key == "" && platform {
		c.key = r.PlatformKey
	}
	if c.key == "" {
		return c, errors.New("name an API key of the organisation with --key or OUTRIDER_KEY")
	}
	return c, nil
}

// send asks and reads the answer into out. An answer that is a problem becomes an error that says it.
func (c client) send(ctx context.Context, method, path, contentType string, body io.Reader, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, body)
	if err != nil {
		return fmt.Errorf("ask %s: %w", path, err)
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
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
	return wrap("read the answer", json.Unmarshal(b, out))
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

type orgsCreateCmd struct {
	Server
	Slug          string `arg:"" help:"Short name, unique among all."`
	Name          string `help:"Its name; default: the slug."`
	Plan          string `default:"starter" help:"starter, growth, scale or enterprise."`
	TimeZone      string `default:"UTC" help:"IANA zone."`
	PostalAddress string `help:"Stands below each e-mail."`
}

// Run creates an organisation and prints what the api says of it.
func (c orgsCreateCmd) Run(ctx context.Context, f *Folder) error {
	api, err := c.client(f, true)
	if err != nil {
		return err
	}
	if c.Name == "" {
		c.Name = c.Slug
	}
	ask := map[string]string{"slug": c.Slug, "name": c.Name, "plan": c.Plan, "time_zone": c.TimeZone}
	if c.PostalAddress != "" {
		ask["postal_address"] = c.PostalAddress
	}
	b, err := json.Marshal(ask)
	if err != nil {
		return err
	}
	var org json.RawMessage
	if err := api.send(ctx, http.MethodPost, "/v1/organizations", "application/json", bytes.NewReader(b), &org); err != nil {
		return err
	}
	_, err = fmt.Fprintf(os.Stdout, "%s\n", org)
	return err
}
