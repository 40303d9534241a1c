package prospects

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"outrider/internal/dial"
	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/retry"
)

// web is how the simulator reaches pages. Hosts that it isn't told of are the rest of the world: they are never dialled.
type web struct {
	client   *http.Client
	patience time.Duration // real time; how long a page that doesn't answer is tried again
	slots    chan struct{}
}

var errElsewhere = errors.New("host is elsewhere in the world")

// newWeb: hosts says where a host (with or without port) is, as host:port on loopback. Loopback addresses in URLs are reached as they are.
func newWeb(hosts map[string]string, roots *x509.CertPool, patience time.Duration) *web {
	dialer := loopback.Dialer()
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			to := hosts[address]
			if to == "" {
				host, _, _ := net.SplitHostPort(address)
				to = hosts[host]
			}
			if to == "" {
				if a, err := netip.ParseAddrPort(address); err != nil || !a.Addr().IsLoopback() {
					return nil, fmt.Errorf("%w: %s", errElsewhere, address)
				}
				to = address
			}
			return dialer.DialContext(ctx, network, to)
		},
		TLSClientConfig:     &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		MaxIdleConnsPerHost: 32,
	}
	return &web{
		client: &http.Client{Transport: transport, Timeout: 15 * time.Second,
			CheckRedirect: dial.NoRedirect},
		patience: patience,
		slots:    make(chan struct{}, 32),
	}
}

// webAnswer is what came back from a request.
type webAnswer struct {
	code     int
	url      *url.URL // of the request
	location *url.URL // of a redirect
	body     string   // at most 1 MB
}

func (a webAnswer) isGood() bool      { return a.code/100 == 2 }
func (a webAnswer) redirectsTo() bool { return a.code/100 == 3 && a.location != nil }

// newRequest asks once.
func (w *web) newRequest(ctx context.Context, method, to, agent string, form url.Values) (webAnswer, error) {
	w.slots <- struct{}{}
	defer func() { <-w.slots }()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(ctx, method, to, body)
	if err != nil {
		return webAnswer{}, fmt.Errorf("ask for %s: %w", to, err)
	}
	r.Header.Set("User-Agent", agent)
	r.Header.Set("Accept", "*/*")
	r.Header.Set("Accept-Language", "en-GB,en;q=0.8")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := w.client.Do(r)
	if err != nil {
		return webAnswer{}, fmt.Errorf("ask for %s: %w", to, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return webAnswer{}, fmt.Errorf("read %s: %w", to, err)
	}
	location, _ := res.Location()
	return webAnswer{res.StatusCode, r.URL, location, string(text)}, nil
}

// tryOnce asks until there is an answer other than "later" (5xx, 429, no connection), as long as patience lasts. Hosts elsewhere aren't tried.
func (w *web) tryOnce(ctx context.Context, method, to, agent string, form url.Values) (a webAnswer, err error) {
	err = retry.Do(ctx, patient(w.patience), func() (err error) {
		a, err = w.newRequest(ctx, method, to, agent, form)
		switch {
		case errors.Is(err, errElsewhere):
			return retry.Stop(err)
		case err == nil && (a.code >= 500 || a.code == http.StatusTooManyRequests):
			return fmt.Errorf("ask for %s: %d", to, a.code)
		}
		return err
	})
	return a, err
}

// followRedirects goes where redirects lead, as far as that is here; the last answer counts.
func (w *web) followRedirects(ctx context.Context, a webAnswer, agent string) (webAnswer, error) {
	for range 5 {
		if !a.redirectsTo() {
			return a, nil
		}
		next, err := w.tryOnce(ctx, http.MethodGet, a.location.String(), agent, nil)
		if err != nil {
			return a, err
		}
		a = next
	}
	return a, nil
}
