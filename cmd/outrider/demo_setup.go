package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/internal/identity"
	"outrider/internal/lab/demo"
	"outrider/internal/lab/mailserver"
)

// demoZone is the organisation's, of its mailboxes and of people of whom no zone is known.
const demoZone = "Europe/Berlin"

// demoScene is what is to be shown, before anything has been set up.
type demoScene struct {
	file    string // CSV
	people  []demo.Lead
	count   demo.Count
	promise demo.Promise
	plan    string
	senders []demo.Sender
	secret  string // of the mailboxes' passwords
	run     string // makes the Idempotency-Keys of this demonstration its own
}

// demoOrganization is what was set up.
type demoOrganization struct {
	ID       uuid.UUID `json:"organization"`
	Key      string    `json:"key"`
	Campaign uuid.UUID `json:"campaign"`

	Imported demo.Count     `json:"imported"`
	Enrolled int            `json:"enrolled"`
	Refused  map[string]int `json:"refused"` // by code
	position string         // of the last write
}

// demoSetup sets an organisation up as a customer would, by the API alone.
type demoSetup struct {
	demoScene
	api  *demoAPI // with the platform's key at first
	mail *mailserver.Process
	plot demoPlot
	pass func(ctx context.Context, d time.Duration) error // lets time go on while something is waited for
	say  func(format string, args ...any)
	done demoOrganization
}

// do runs all of it; asked again with the same run it changes nothing.
func (s *demoSetup) do(ctx context.Context) (demoOrganization, error) {
	if err := s.prepare(ctx); err != nil {
		return s.done, err
	}
	s.say("launch")
	return s.done, wrap("launch", s.launch(ctx))
}

// prepare does all but launch.
func (s *demoSetup) prepare(ctx context.Context) error {
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"create the organisation", s.organization},
		{"connect mailboxes", s.mailboxes},
		{"import leads", s.leads},
		{"make the campaign", s.campaign},
		{"enrol leads", s.enrol},
	} {
		s.say("%s", step.what)
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return nil
}

// write asks for something new under a key of its own.
func (s *demoSetup) write(ctx context.Context, method, path, what string, body, out any) error {
	position, err := s.api.do(ctx, ask{method: method, path: path, once: s.run + " " + what, body: body}, out)
	if position != "" {
		s.done.position = position
	}
	return err
}

func (s *demoSetup) organization(ctx context.Context) error {
	var org struct{ ID uuid.UUID }
	slug := "demo-" + strings.ToLower(s.run[:6])
	if err := s.write(ctx, http.MethodPost, "/v1/organizations", "organization", map[string]any{"slug": slug, "name": "Acme", "plan": s.plan, "time_zone": demoZone,
		"postal_address": "Acme GmbH, 1 Main Street, 10115 Berlin, Germany", "trial_days": 0}, &org); err != nil {
		return err
	}
	s.done.ID = org.ID
	var key struct{ Token string }
	// A key is shown only once, so a set-up that begins again asks for another.
	if err := s.write(ctx, http.MethodPost, "/v1/api-keys", "key "+uuid.NewString(), map[string]any{"organization_id": org.ID, "name": "demo", "scopes": identity.OrganizationScopes()}, &key); err != nil {
		return err
	}
	s.done.Key = key.Token
	s.api = s.api.as(s.done.Key)
	// Until the read model knows it, the plan's requests of a minute are a newcomer's.
	if _, err := s.api.do(ctx, ask{method: http.MethodGet, path: "/v1/organizations/" + org.ID.String(), position: s.done.position}, nil); err != nil {
		return err
	}
	return s.write(ctx, http.MethodPut, "/v1/booking-hours", "booking hours", map[string]any{"window": map[string]any{"days": []int{1, 2, 3, 4, 5}, "from": "08:00", "to": "18:00"},
		"zone": demoZone, "slot_minutes": 30, "notice_minutes": 60, "days_ahead": 14}, nil)
}

// until asks again until nothing is left to wait for. Now and then time goes on for a second: something may wait for it.
func (s *demoSetup) until(ctx context.Context, left func() (string, error)) error {
	wait, last, began := 200*time.Millisecond, "", time.Now()
	for {
		what, err := left()
		if err != nil || what == "" {
			return err
		}
		if what != last {
			last, began = what, time.Now()
		}
		if time.Since(began) > 3*time.Minute {
			return errors.New("nothing moves: " + what)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		if wait = min(wait*3/2, 2*time.Second); time.Since(began) > time.Second {
			if err := s.pass(ctx, time.Second); err != nil {
				return err
			}
		}
	}
}

func sentence(so bool, format string, args ...any) string {
	if !so {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

func (s *demoSetup) open() (*os.File, error) {
	f, err := os.Open(s.file)
	if err != nil {
		return nil, fmt.Errorf("open leads: %w", err)
	}
	return f, nil
}
