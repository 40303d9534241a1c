package api

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"outrider/internal/connlimit"
	"outrider/internal/identity"
	"outrider/internal/ratelimit"
)

// What who has no valid key may cost.
const (
	wrongKeys   = 30 // of one address (a /64 of IPv6) in a minute that are looked up by this process
	sampleEvery = time.Minute
)

// strangers are bounded in the keys that they try, and in the lines that they make this process write.
type strangers struct {
	tries  *ratelimit.Limiter[netip.Addr]
	logger *slog.Logger

	mu      sync.Mutex
	samples map[string]*sample // by the code of the answer: there are few
}

// sample is one line for many requests that were answered alike.
type sample struct {
	until  time.Time // the next line
	silent int       // requests since the last one
}

func newStrangers(logger *slog.Logger) *strangers {
	return &strangers{tries: ratelimit.New[netip.Addr](wrongKeys, time.Minute), logger: logger, samples: map[string]*sample{}}
}

// authenticateKey says who calls. An address that has tried many wrong keys is answered before its next one is looked at; a key that
// was valid of late works from there too, as many may share an address.
func (s *Server) authenticateKey(c *call) error {
	token := c.credential()
	from := connlimit.Neighbourhood(c.address())
	counts := identity.IsToken(token)
	if full, retry := s.strangers.tries.Full(from, time.Now()); full && counts && !s.cfg.Keys.Knows(token) {
		p := newProblem(codeRateLimited, "too many keys that aren't valid came from this address")
		p.retry = retry
		return p
	}
	var err error
	c.who, err = s.authenticate(c)
	wrongPlace := errors.Is(err, identity.ErrAddress)
	if counts && (wrongPlace || errors.Is(err, identity.ErrUnauthenticated)) {
		s.strangers.tries.Take(from, time.Now())
	}
	if wrongPlace {
		return newProblem(codeAddress, "the key may not be used from "+c.address().String())
	}
	return err
}

// takeSample reports whether a request that was answered with a code gets a line of its own, and how many had none before it.
// Who had none is counted in a line at the end of the minute.
func (x *strangers) takeSample(code string) (ok bool, silent int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	is, now := x.samples[code], time.Now()
	if is == nil {
		is = &sample{}
		x.samples[code] = is
	}
	if now.Before(is.until) {
		if is.silent++; is.silent == 1 {
			time.AfterFunc(is.until.Sub(now), func() { x.tellSilent(code) })
		}
		return false, 0
	}
	silent, is.silent, is.until = is.silent, 0, now.Add(sampleEvery)
	return true, silent
}

func (x *strangers) tellSilent(code string) {
	x.mu.Lock()
	is := x.samples[code]
	silent := is.silent
	is.silent = 0
	if silent > 0 {
		is.until = time.Now().Add(sampleEvery)
	}
	x.mu.Unlock()
	if silent > 0 {
		x.logger.LogAttrs(context.Background(), slog.LevelInfo, "requests without a valid key had no line of their own", slog.String("code", code), slog.Int("requests", silent))
	}
}
