package oidc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	coreos "github.com/coreos/go-oidc/v3/oidc"
	"github.com/golang-jwt/jwt/v5"

	"outrider/internal/dial"
)

// Options change how a Provider works.
type Options struct {
	RefetchEvery time.Duration    // how often a key that isn't known may cost a fetch; 0 = 10 s
	Now          func() time.Time // nil = time.Now
}

// Provider is an identity provider that the operator trusts. One serves all goroutines of a process.
type Provider struct {
	Config
	now     func() time.Time
	client  *http.Client
	keys    *keySet
	keyfunc keyfunc.Keyfunc

	mu         sync.Mutex
	discovered *coreos.Provider
	read       time.Time
}

// discoveredFor is how long what a provider says of itself is believed.
const discoveredFor = time.Hour

// NewProvider asks nothing yet: a provider may be away when we start.
func NewProvider(c Config, o Options) (*Provider, error) {
	if o.RefetchEvery == 0 {
		o.RefetchEvery = refetchEvery
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &Provider{Config: c, now: o.Now, client: newClient(c.Private)}
	p.keys = newKeySet(p.client, o.RefetchEvery, p.keysURI)
	var err error
	p.keyfunc, err = keyfunc.New(keyfunc.Options{Storage: p.keys, UseWhitelist: []jwkset.USE{jwkset.UseSig, ""}})
	if err != nil {
		return nil, fmt.Errorf("provider %s: %w", c.Name, err)
	}
	return p, nil
}

// discover returns what the provider says of itself. What it said before holds as long as nothing newer can be had.
func (p *Provider) discover(ctx context.Context) (*coreos.Provider, error) {
	p.mu.Lock()
	known, fresh := p.discovered, time.Since(p.read) < discoveredFor
	p.mu.Unlock()
	if known != nil && fresh {
		return known, nil
	}
	found, err := coreos.NewProvider(coreos.ClientContext(ctx, p.client), p.Issuer) // it compares the issuer
	if err != nil && known != nil {
		return known, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: discover %s: %w", ErrUnavailable, p.Issuer, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.discovered, p.read = found, time.Now()
	return found, nil
}

func (p *Provider) keysURI(ctx context.Context) (string, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	var says struct {
		Keys string `json:"jwks_uri"`
	}
	if err := found.Claims(&says); err != nil {
		return "", fmt.Errorf("discover %s: %w", p.Issuer, err)
	}
	return says.Keys, nil
}

// methods are the algorithms that tokens of providers may be signed with; which of them it is the key says.
func methods() []string {
	return []string{jwt.SigningMethodRS256.Alg(), jwt.SigningMethodES256.Alg(), jwt.SigningMethodEdDSA.Alg()}
}

const (
	clientTime = 10 * time.Second
	maxAnswer  = 1 << 20
)

// newClient reaches public addresses only, unless the provider lies in a private network. It follows no redirect.
func newClient(private bool) *http.Client {
	dialer := dial.Dialer{Timeout: fetchTime}
	if private {
		dialer.Reach = dial.Anywhere
	}
	return &http.Client{
		Timeout: clientTime,
		Transport: boundedAnswers{&http.Transport{DialContext: dialer.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: fetchTime,
			ResponseHeaderTimeout: fetchTime, MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 64 << 10}},
		CheckRedirect: dial.NoRedirect,
	}
}

// boundedAnswers reads no more of an answer than any provider has to say.
type boundedAnswers struct{ http.RoundTripper }

func (b boundedAnswers) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		response.Body = &boundedBody{response.Body, maxAnswer}
	}
	return response, err
}

type boundedBody struct {
	io.ReadCloser
	left int
}

var errAnswer = errors.New("the answer is too long")

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errAnswer
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
