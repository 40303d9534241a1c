// Package billing speaks to the payment provider (Stripe): it sells plans, reads back what became of that, and brings it into the log as commands.
package billing

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"outrider/events"
	"outrider/internal/retry"
)

// APIVersion is the version of Stripe's API that this program speaks, and that its webhook endpoint must be made with.
const APIVersion = stripe.APIVersion

// Config says how the provider is reached.
type Config struct {
	Key          string // secret key of the account
	URL          string // "" = Stripe's own
	Plans        map[string]events.Limits
	AutomaticTax bool                                // the account has Stripe Tax set up
	Wait         time.Duration                       // between two tries of a call, doubled each time; 0 = half a second
	Transport    http.RoundTripper                   // nil = http.DefaultTransport
	Demo         bool                                // it is a stand-in: nobody pays anything
	Report       func(err error, wait time.Duration) // told of calls that are tried again; may be nil
}

// Provider speaks to Stripe, by a client of its own: the library's global key and backends are never used.
type Provider struct {
	api    *client.API
	cfg    Config
	prices priceList
}

// callTime bounds one try of a call.
const callTime = 20 * time.Second

// maxTries of a call that fails for now. Each has the idempotency key of the first, so nothing is done twice.
const maxTries = 4

// NewProvider makes the client. It asks nothing yet.
func NewProvider(cfg Config) (*Provider, error) {
	if cfg.Key == "" {
		return nil, errors.New("open the payment provider: its key is missing")
	}
	if cfg.Wait == 0 {
		cfg.Wait = 500 * time.Millisecond
	}
	backend := &stripe.BackendConfig{HTTPClient: &http.Client{Timeout: callTime, Transport: cfg.Transport}, MaxNetworkRetries: stripe.Int64(0), EnableTelemetry: stripe.Bool(false),
		LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull}}
	if cfg.URL != "" {
		backend.URL = stripe.String(cfg.URL)
	}
	of := func(kind stripe.SupportedBackend) stripe.Backend { return stripe.GetBackendWithConfig(kind, backend) }
	return &Provider{api: client.New(cfg.Key, &stripe.Backends{API: of(stripe.APIBackend), Connect: of(stripe.ConnectBackend), Uploads: of(stripe.UploadsBackend)}), cfg: cfg}, nil
}

// Demo reports whether it is a stand-in.
func (p *Provider) Demo() bool { return p.cfg.Demo }

// ErrGone says that the provider has no such object, or no longer.
var ErrGone = errors.New("the payment provider doesn't have it")

// ErrRefused says that the provider won't do it, with its words in the error's text: another try changes nothing.
var ErrRefused = errors.New("the payment provider refuses")

// call tries something until it is answered for good.
func (p *Provider) call(ctx context.Context, what string, do func() error) error {
	err := retry.Do(ctx, retry.Policy{First: p.cfg.Wait, Longest: 8 * p.cfg.Wait, Attempts: maxTries, Report: p.cfg.Report}, func() error {
		err := do()
		if isFinal(err) {
			return retry.Stop(err)
		}
		return err
	})
	if err == nil {
		return nil
	}
	if s := (*stripe.Error)(nil); errors.As(err, &s) {
		err = fmt.Errorf("%s: %s %d: %s", s.Type, s.Code, s.HTTPStatusCode, s.Msg)
		switch {
		case s.HTTPStatusCode == http.StatusNotFound || s.Code == stripe.ErrorCodeResourceMissing:
			err = fmt.Errorf("%w: %w", ErrGone, err)
		case s.HTTPStatusCode < 500 && s.HTTPStatusCode != http.StatusTooManyRequests && s.HTTPStatusCode != http.StatusConflict:
			err = fmt.Errorf("%w: %w", ErrRefused, err)
		}
	}
	return fmt.Errorf("%s at the payment provider: %w", what, err)
}

// isFinal reports whether the same call would be answered the same way. What broke on the way, was too much or was locked (409) is tried again.
func isFinal(err error) bool {
	s := (*stripe.Error)(nil)
	if !errors.As(err, &s) {
		return err == nil
	}
	return s.HTTPStatusCode >= 400 && s.HTTPStatusCode < 500 && s.HTTPStatusCode != http.StatusTooManyRequests && s.HTTPStatusCode != http.StatusConflict
}

// params are those of every call; key makes it happen once.
func params(ctx context.Context, key string) stripe.Params {
	p := stripe.Params{Context: ctx}
	if key != "" {
		p.IdempotencyKey = stripe.String(key)
	}
	return p
}

func listParams(ctx context.Context) stripe.ListParams {
	return stripe.ListParams{Context: ctx, Limit: stripe.Int64(100)}
}
