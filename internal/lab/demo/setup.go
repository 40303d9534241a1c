package demo

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
	"outrider/internal/lab/mailserver"
)

// Zone is the organisation's, of its mailboxes and of people of whom no zone is known.
const Zone = "Europe/Berlin"

// Scene is what is to be shown, before anything has been set up.
type Scene struct {
	File    string // CSV
	people  []Lead
	count   Count
	Promise Promise
	Plan    string
	Senders []Sender
	Secret  string // of the mailboxes' passwords
	Run     string // makes the Idempotency-Keys of this demonstration its own
}

// Organization is what was set up.
type Organization struct {
	ID       uuid.UUID `json:"organization"`
	Key      string    `json:"key"`
	Campaign uuid.UUID `json:"campaign"`

	Imported Count          `json:"imported"`
	Enrolled int            `json:"enrolled"`
	Refused  map[string]int `json:"refused"` // by code
	position string         // of the last write
}

// Setup sets an organisation up as a customer would, by the API alone.
type Setup struct {
	Scene
	API         *API // with the platform's key at first
	Mail        *mailserver.Process
	Campaign    CampaignSpec
	LetTimePass func(ctx context.Context, d time.Duration) error // lets time go on while something is waited for
	Note        func(format string, args ...any)
	Made        Organization
}

// setUpAndLaunch runs all of it; asked again with the same run it changes nothing.
func (s *Setup) setUpAndLaunch(ctx context.Context) (Organization, error) {
	if err := s.Prepare(ctx); err != nil {
		return s.Made, err
	}
	s.Note("launch")
	if err := s.Launch(ctx); err != nil {
		return s.Made, fmt.Errorf("launch: %w", err)
	}
	return s.Made, nil
}

// Prepare does all but launch.
func (s *Setup) Prepare(ctx context.Context) error {
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"create the organisation", s.createOrganization},
		{"connect mailboxes", s.connectMailboxes},
		{"import leads", s.importLeads},
		{"make the campaign", s.createCampaign},
		{"enrol leads", s.enrolLeads},
	} {
		s.Note("%s", step.what)
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return nil
}

// Write asks for something new under a key of its own.
func (s *Setup) Write(ctx context.Context, method, path, what string, body, out any) error {
	position, err := s.API.askUntilAnswered(ctx, ask{method: method, path: path, once: s.Run + " " + what, body: body}, out)
	if position != "" {
		s.Made.position = position
	}
	return err
}

func (s *Setup) createOrganization(ctx context.Context) error {
	var org struct{ ID uuid.UUID }
	slug := "demo-" + strings.ToLower(s.Run[:6])
	if err := s.Write(ctx, http.MethodPost, "/v1/organizations", "organization", map[string]any{"slug": slug, "name": "Acme", "plan": s.Plan, "time_zone": Zone,
		"postal_address": "Acme GmbH, 1 Main Street, 10115 Berlin, Germany", "trial_days": 0}, &org); err != nil {
		return err
	}
	s.Made.ID = org.ID
	var key struct{ Token string }
	// A key is shown only once, so a set-up that begins again asks for another.
	if err := s.Write(ctx, http.MethodPost, "/v1/api-keys", "key "+uuid.NewString(), map[string]any{"organization_id": org.ID, "name": "demo", "scopes": identity.OrganizationScopes()}, &key); err != nil {
		return err
	}
	s.Made.Key = key.Token
	s.API = s.API.withKey(s.Made.Key)
	// Until the read model knows it, the plan's requests of a minute are a newcomer's.
	if _, err := s.API.askUntilAnswered(ctx, ask{method: http.MethodGet, path: "/v1/organizations/" + org.ID.String(), position: s.Made.position}, nil); err != nil {
		return err
	}
	return s.Write(ctx, http.MethodPut, "/v1/booking-hours", "booking hours", map[string]any{"window": map[string]any{"days": []int{1, 2, 3, 4, 5}, "from": "08:00", "to": "18:00"},
		"zone": Zone, "slot_minutes": 30, "notice_minutes": 60, "days_ahead": 14}, nil)
}

// waitUntil asks again until nothing is left to wait for. Now and then time goes on for a second: something may wait for it.
func (s *Setup) waitUntil(ctx context.Context, left func() (string, error)) error {
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
			if err := s.LetTimePass(ctx, time.Second); err != nil {
				return err
			}
		}
	}
}

func sentenceIf(so bool, format string, args ...any) string {
	if !so {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

func (s *Setup) openLeads() (*os.File, error) {
	f, err := os.Open(s.File)
	if err != nil {
		return nil, fmt.Errorf("open leads: %w", err)
	}
	return f, nil
}
