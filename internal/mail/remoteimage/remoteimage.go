// Package remoteimage fetches images that mails of strangers show from their servers, so that these learn nothing of who looks. Strangers name the
// hosts: only public web servers are asked, within bounds of bytes, time and number, and nothing of what they say is passed on but an image.
package remoteimage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"

	"outrider/internal/dial"
	"outrider/internal/picture"
	"outrider/internal/ratelimit"
)

// Bounds of what is fetched by a process.
const (
	MaxBytes  = 5 << 20 // of an image
	PerMinute = 600     // images of an organisation

	perImage      = 10 * time.Second
	mostRedirects = 5
	orgAtOnce     = 4
	orgWaiting    = 100
	allAtOnce     = 16
	allWaiting    = 400
)

// Why an image isn't there. ErrUnavailable is all of it, and all that who looks is told: which hosts can be reached from here is nobody's to find out.
var (
	ErrUnavailable = errors.New("the image can't be shown")
	ErrTooLarge    = errors.New("it is too large")
	ErrForbidden   = errors.New("it leads where nothing is fetched")
	ErrStatus      = errors.New("its server doesn't have it")
)

// BusyError says that an organisation has fetched as much as it may, and when it may again.
type BusyError struct{ Retry time.Duration }

func (*BusyError) Error() string { return "as many images are fetched as may be" }

// Config is how servers are reached.
type Config struct {
	Dialer  dial.Dialer
	Timeout time.Duration // of an image with all redirects; 0 = 10 s
}

// Fetcher fetches images. It is safe for concurrent use.
type Fetcher struct {
	client  *http.Client
	timeout time.Duration
	rate    *ratelimit.Limiter[uuid.UUID]
	orgs    *ratelimit.Slots[uuid.UUID]
	all     *ratelimit.Slots[struct{}]
}

// New returns a fetcher.
func New(c Config) *Fetcher {
	if len(c.Dialer.Ports) == 0 && c.Dialer.Reach == dial.Public {
		c.Dialer.Ports = []int{80, 443}
	}
	if c.Timeout == 0 {
		c.Timeout = perImage
	}
	return &Fetcher{
		timeout: c.Timeout,
		client: &http.Client{CheckRedirect: dial.NoRedirect, Transport: &http.Transport{DialContext: c.Dialer.DialContext, DisableCompression: true, MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConns: 32, MaxIdleConnsPerHost: 2, IdleConnTimeout: 10 * time.Second}},
		rate: ratelimit.New[uuid.UUID](PerMinute, time.Minute),
		orgs: ratelimit.NewSlots[uuid.UUID](func() int { return orgAtOnce }, orgWaiting),
		all:  ratelimit.NewSlots[struct{}](func() int { return allAtOnce }, allWaiting),
	}
}

// Image is one as it is shown.
type Image struct {
	MediaType string
	Bytes     []byte
}

// Wanted is which image is fetched, and for whom.
type Wanted struct {
	Org     uuid.UUID
	Address string
	Ours    func(address string) bool // reports whether an address leads to ourselves, where looking would count; redirects don't lead there either
}

// Fetch returns an image; a *BusyError, or an ErrUnavailable.
func (f *Fetcher) Fetch(ctx context.Context, w Wanted) (Image, error) {
	if ok, retry := f.rate.Take(w.Org, time.Now()); !ok {
		return Image{}, &BusyError{retry}
	}
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	leaveOrg, err := f.orgs.Acquire(ctx, w.Org)
	if err != nil {
		return Image{}, &BusyError{time.Second}
	}
	defer leaveOrg()
	leave, err := f.all.Acquire(ctx, struct{}{})
	if err != nil {
		return Image{}, &BusyError{time.Second}
	}
	defer leave()
	file, err := f.read(ctx, w)
	if err != nil {
		return Image{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	mediaType, err := picture.MediaType(file)
	if err != nil {
		return Image{}, fmt.Errorf("%w: it %w", ErrUnavailable, err)
	}
	return Image{mediaType, file}, nil
}

// read returns a file from where its address leads.
func (f *Fetcher) read(ctx context.Context, w Wanted) ([]byte, error) {
	at, err := url.Parse(w.Address)
	if err != nil {
		return nil, ErrForbidden
	}
	for range mostRedirects + 1 {
		if at.Scheme != "http" && at.Scheme != "https" || at.Host == "" || at.User != nil || w.Ours != nil && w.Ours(at.String()) {
			return nil, ErrForbidden
		}
		file, to, err := f.ask(ctx, at)
		if err != nil || to == nil {
			return file, err
		}
		at = to
	}
	return nil, ErrForbidden
}

// ask makes one request, which says nothing of who looks: no cookie, no page that it stands in, and the same program for all. to is where it leads.
func (f *Fetcher) ask(ctx context.Context, at *url.URL) (file []byte, to *url.URL, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), http.NoBody)
	if err != nil {
		return nil, nil, ErrForbidden
	}
	r.Header.Set("User-Agent", "Mozilla/5.0 (compatible; mail images)")
	r.Header.Set("Accept", "image/webp,image/png,image/jpeg,image/gif")
	a, err := f.client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer a.Body.Close()
	if to, err = a.Location(); err == nil && a.StatusCode >= 300 && a.StatusCode < 400 {
		return nil, to, nil
	}
	switch {
	case a.StatusCode != http.StatusOK:
		return nil, nil, ErrStatus
	case a.ContentLength > MaxBytes:
		return nil, nil, ErrTooLarge
	}
	file, err = io.ReadAll(io.LimitReader(a.Body, MaxBytes+1))
	if err == nil && len(file) > MaxBytes {
		err = ErrTooLarge
	}
	return file, nil, err
}
