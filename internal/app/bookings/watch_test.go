package bookings_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/internal/app/bookings"
	"outrider/internal/es"
	"outrider/internal/integrations"
	"outrider/internal/lab/bookingpages"
	"outrider/internal/linktoken"
	"outrider/internal/pii"
	"outrider/internal/scheduling"
)

// vault keeps secrets in memory.
type vault struct{ sync.Map }

func (v *vault) Secret(_ context.Context, _ uuid.UUID, name string) ([]byte, error) {
	s, ok := v.Load(name)
	if !ok {
		return nil, fmt.Errorf("%s: %w", name, pii.ErrNotFound)
	}
	return s.([]byte), nil
}

func (v *vault) PutSecret(_ context.Context, _ uuid.UUID, name string, s []byte) error {
	v.Store(name, s)
	return nil
}

type watched struct {
	*bookings.Watcher
	vault    *vault
	is       bookings.Connected
	said     []string // commands
	failures []error
}

func watching(t *testing.T, provider, key string, service scheduling.Service) *watched {
	t.Helper()
	signer, err := linktoken.NewSigner(linktoken.SigningKey{ID: 1, Secret: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{vault: &vault{}, is: bookings.Connected{Org: uuid.New(), ID: uuid.New(), Provider: provider}}
	w.Watcher = bookings.NewWatcher(bookings.Watcher{Services: map[string]scheduling.Service{provider: service}, Secrets: w.vault, Links: linktoken.Links{Signer: signer, Base: "https://outrider.test"}, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		List:  func(context.Context) ([]bookings.Connected, error) { return []bookings.Connected{w.is}, nil },
		Alone: func(_ context.Context, _ uuid.UUID, do func() error) error { return do() },
		Worked: func(_ context.Context, _ bookings.Connected, err error) error {
			w.failures = append(w.failures, err)
			return nil
		},
		Submit: func(_ context.Context, c *es.Command) (es.Answer, error) {
			w.said = append(w.said, c.Type+" "+string(c.Data))
			return es.Answer{Outcome: es.Accepted}, nil
		},
		As: func(bookings.Connected) scheduling.Doer {
			return &integrations.Caller{HTTP: &http.Client{Timeout: time.Minute}, Access: func(context.Context) (string, error) { return key, nil }, Refuse: func(context.Context) bool { return false }, Sleep: func(context.Context, time.Duration) error { return nil }}
		}})
	return w
}

func (w *watched) look(t *testing.T) bookings.Subscription {
	t.Helper()
	if err := w.LookAt(t.Context(), w.is); err != nil {
		t.Fatal(err)
	}
	s, err := bookings.LoadSubscription(t.Context(), w.vault, w.is.Org, w.is.ID)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestASubscriptionOfCalendlysIsWatched(t *testing.T) {
	t.Parallel()
	c := bookingpages.NewCalendly()
	t.Cleanup(c.Server.Close)
	w := watching(t, scheduling.Calendly, c.Token, scheduling.CalendlyAPI{Base: c.Server.URL})
	first := w.look(t)
	if active, made, scope := c.Hooks(); active != 1 || made != 1 || scope != "organization" || first.Keys[0] != c.Key() {
		t.Fatalf("%d active of %d, %s", active, made, scope)
	}
	if again := w.look(t); again.ID != first.ID {
		t.Error("one that works is made anew")
	}
	c.Disable() // for good, and nobody is told
	second := w.look(t)
	if active, made, _ := c.Hooks(); active != 1 || made != 2 || second.Keys[0] != c.Key() || len(second.Keys) != 2 || second.Keys[1] != first.Keys[0] {
		t.Errorf("%d active of %d, keys %v", active, made, second.Keys)
	}
	c.Delete()
	third := w.look(t)
	if active, _, _ := c.Hooks(); active != 1 || len(third.Keys) != 2 {
		t.Errorf("%d active, keys %v", active, third.Keys)
	}
	// Made, though the answer said that it wasn't: what follows finds it, and has one only.
	c.Delete()
	c.Set(func(c *bookingpages.Calendly) { c.FailAfter = true })
	last := w.look(t)
	if active, _, _ := c.Hooks(); active != 1 || last.Keys[0] != c.Key() {
		t.Errorf("%d active, keys %v", active, last.Keys)
	}
	if len(w.said) != 0 {
		t.Errorf("said %v", w.said)
	}
}

func TestWhatOnlyAPersonCanMendIsSaid(t *testing.T) {
	t.Parallel()
	c := bookingpages.NewCalendly()
	t.Cleanup(c.Server.Close)
	w := watching(t, scheduling.Calendly, c.Token, scheduling.CalendlyAPI{Base: c.Server.URL})
	c.Set(func(c *bookingpages.Calendly) { c.NoOrganization = true }) // a member's token
	w.look(t)
	if _, _, scope := c.Hooks(); scope != "user" {
		t.Errorf("scope %q", scope)
	}
	c.Set(func(c *bookingpages.Calendly) { c.NoWebhooks = true }) // the plan has none any more
	w.look(t)
	c.Set(func(c *bookingpages.Calendly) { c.NoWebhooks, c.Token = false, "pat-2" }) // ours was revoked
	w.look(t)
	if len(w.said) != 2 {
		t.Fatalf("said %v", w.said)
	}
	for i, want := range []string{`"reason":"refused"`, `"reason":"permission_ended"`} {
		if !strings.HasPrefix(w.said[i], "connection.interrupt.v1") || !strings.Contains(w.said[i], want) {
			t.Errorf("said %s, want %s", w.said[i], want)
		}
	}
	if last := w.failures[len(w.failures)-1]; last != nil {
		t.Errorf("noted %v", last)
	}
}

func TestASubscriptionOfCalcomsIsWatched(t *testing.T) {
	t.Parallel()
	c := bookingpages.NewCalcom()
	t.Cleanup(c.Server.Close)
	w := watching(t, scheduling.Calcom, "cal_live_1", scheduling.CalcomAPI{Base: c.Server.URL + "/v2"})
	first := w.look(t)
	if again := w.look(t); first.ID == "" || again.ID != first.ID {
		t.Errorf("%+v, then %+v", first, again)
	}
	c.Each(func(_ string, active *bool, secret string) {
		if secret != first.Keys[0] {
			t.Error("another secret")
		}
		*active = false
	})
	second, n := w.look(t), 0
	c.Each(func(id string, active *bool, _ string) {
		n++
		if !*active || id != second.ID {
			t.Errorf("%s is active: %v", id, *active)
		}
	})
	if n != 1 || second.ID == first.ID {
		t.Errorf("%d subscriptions", n)
	}
}

func TestAServiceThatIsAwayIsTriedAgain(t *testing.T) {
	t.Parallel()
	c := bookingpages.NewCalendly()
	w := watching(t, scheduling.Calendly, c.Token, scheduling.CalendlyAPI{Base: c.Server.URL})
	c.Server.Close()
	var later *integrations.Later
	if err := w.LookAt(t.Context(), w.is); !errors.As(err, &later) || len(w.said) != 0 || len(w.failures) != 1 || w.failures[0] == nil {
		t.Errorf("%v, said %v", err, w.said)
	}
}
