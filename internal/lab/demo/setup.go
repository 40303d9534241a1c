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

	"outrider/internal/app/client"
	"outrider/internal/identity"
	"outrider/internal/lab/mailserver"
)

// Zone is the organisation's, of its mailboxes and of people whose zone is unknown.
const Zone = "Europe/Berlin"

// Scene is what is to be shown, before anything has been set up.
type Scene struct {
	File    string // CSV
	people  []Lead
	count   Count
	Promise Promise
	Plan    string
	Senders []SendingMailbox
	Secret  string // of the mailboxes' passwords
	Run     string // makes the Idempotency-Keys of this demonstration its own
}

// Organization is what was set up.
type Organization struct {
	ID       uuid.UUID `json:"organization"`
	Key      string    `json:"key"`
	Campaign uuid.UUID `json:"campaign"`
	Tried    uuid.UUID `json:"experiment"`

	Imported Count          `json:"imported"`
	Enrolled int            `json:"enrolled"`
	Refused  map[string]int `json:"refused"` // by code
	position string         // of the last write
}

// Setup sets an organisation up as a customer would, by the API alone.
type Setup struct {
	Scene
	API         *client.Client // with the platform's key at first
	Mail        *mailserver.ServerProcess
	Campaign    CampaignSpec
	LetTimePass func(ctx context.Context, d time.Duration) error // lets time go on while something is waited for
	Note        func(format string, args ...any)
	Model       bool                                               // a language model writes
	Research    bool                                               // the web sites of people's companies are read
	Experiment  bool                                               // the variants of the first step are tried against each other
	LetIn       func(ctx context.Context, made Organization) error // as soon as the organisation is there; nil = nobody is let in
	Outside     *outside                                           // others who are told and pay; nil = nobody
	Calendar    bool                                               // people are met by a calendar
	Grid        *grid                                              // where some mailboxes send; nil = nowhere
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
		{"let its owner in", s.letIn},
		{"tell and pay others", s.wantOutside},
		{"meet people by a calendar", s.connectCalendar},
		{"connect mailboxes", s.connectMailboxes},
		{"hear of what is sent elsewhere", s.connectGrid},
		{"import leads", s.importLeads},
		{"make the campaign", s.createCampaign},
		{"want web sites read", s.wantResearch},
		{"want scores and a language model", s.wantModel},
		{"try two first messages", s.startExperiment},
		{"enrol leads", s.enrolLeads},
	} {
		s.Note("%s", step.what)
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return nil
}

// Once names a write of this demonstration, so that asking for it again changes nothing.
func (s *Setup) Once(what string) client.RequestEditorFn { return client.Once(s.Run + " " + what) }

// Scopes are all that a key of an organisation can have.
func Scopes() (out []string) {
	for _, s := range identity.OrganizationScopes() {
		out = append(out, string(s))
	}
	return out
}

// remember keeps the position of the last write.
func (s *Setup) remember(position string) {
	if position != "" {
		s.Made.position = position
	}
}

// write is for a write whose answer says nothing else that is needed.
func (s *Setup) write(res *http.Response, err error) error {
	_, position, err := client.Read[any](res, err)
	s.remember(position)
	return err
}

func (s *Setup) createOrganization(ctx context.Context) error {
	slug := "demo-" + strings.ToLower(s.Run[:6])
	org, position, err := client.Read[client.Organization](s.API.CreateOrganization(ctx, nil, client.OrganizationCreate{Slug: slug, Name: "Acme", Plan: &s.Plan, TimeZone: new(Zone),
		PostalAddress: new("Acme GmbH, 1 Main Street, 10115 Berlin, Germany"), TrialDays: new(0)}, s.Once("organization")))
	if err != nil {
		return err
	}
	s.remember(position)
	s.Made.ID = org.ID
	// A key is shown only once, so a set-up that begins again asks for another.
	key, position, err := client.Read[client.APIKey](s.API.CreateAPIKey(ctx, nil, client.APIKeyCreate{OrganizationID: &org.ID, Name: "demo", Scopes: Scopes()}, s.Once("key "+uuid.NewString())))
	if err != nil {
		return err
	}
	s.remember(position)
	s.Made.Key = *key.Token
	s.API = s.API.WithKey(s.Made.Key)
	// Until the read model knows it, the plan's requests of a minute are a newcomer's.
	if err := s.write(s.API.GetOrganization(ctx, org.ID, nil, client.Showing(s.Made.position))); err != nil {
		return err
	}
	return s.write(s.API.SetBookingHours(ctx, nil, client.BookingHours{Windows: &[]client.BookingWindow{{Days: []int{1, 2, 3, 4, 5}, From: "08:00", To: "18:00"}},
		TimeZone: new(Zone), SlotMinutes: 30, NoticeMinutes: 60, DaysAhead: 14}, s.Once("booking hours")))
}

func (s *Setup) letIn(ctx context.Context) error {
	if s.LetIn == nil {
		return nil
	}
	return s.LetIn(ctx, s.Made)
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
