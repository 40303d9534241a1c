package worker

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"outrider/internal/dial"
	"outrider/internal/mail/imap"
	"outrider/internal/mail/smtp"
	"outrider/internal/mail/transport"
	"outrider/internal/turns"
)

// ErrResting says that a mail server isn't asked for a while, as it failed several times in a row.
var ErrResting = errors.New("the mail server is left alone for a while")

// After so many failures in a row a host, or one account there, is left alone: twice as long each time. Then one call tries it.
const (
	hostFailures  = 5
	loginFailures = 3
	firstRest     = 30 * time.Second
	longestRest   = 15 * time.Minute
	maxBreakers   = 10_000 // that are remembered; of others nothing is
)

// hosts bounds the calls to one mail server at once, whoever they are for, and leaves alone what doesn't answer.
type hosts struct {
	now        func() time.Time
	all, ofOrg int // calls to one host

	mu       sync.Mutex
	gates    map[string]*hostGate
	breakers map[string]*breaker
}

type hostGate struct {
	*turns.Gate
	users int
}

// breaker is what is known of a host, or of an account.
type breaker struct {
	failures int
	rests    int
	until    time.Time
	trying   bool
}

func newHosts(now func() time.Time, all, ofOrg int) *hosts {
	return &hosts{now: now, all: all, ofOrg: ofOrg, gates: map[string]*hostGate{}, breakers: map[string]*breaker{}}
}

func hostOf(a *transport.ServerLogin) string { return net.JoinHostPort(a.Host, strconv.Itoa(a.Port)) }

// enter waits for a place at a host. Nobody gets one while the host or the account rests, but who asks whether it works.
func (h *hosts) enter(ctx context.Context, of Mailbox, c call) (leave func(), err error) {
	if c.Login == nil {
		return func() {}, nil
	}
	host := hostOf(c.Login)
	if c.Do != doVerify {
		if err := h.mayTry(host, host, c.Client); err != nil {
			return nil, err
		}
	}
	h.mu.Lock()
	g := h.gates[host]
	if g == nil {
		g = &hostGate{Gate: turns.NewGate(h.all, h.ofOrg)}
		h.gates[host] = g
	}
	g.users++
	h.mu.Unlock()
	out := func() {}
	if c.Do != doIdle { // who only listens takes nobody's place
		out, err = g.Enter(ctx, of.Org)
	}
	gone := func() {
		out()
		h.mu.Lock()
		defer h.mu.Unlock()
		if g.users--; g.users == 0 {
			delete(h.gates, host)
		}
	}
	if err != nil {
		out = func() {}
		gone()
		h.note(c, answered{}, errClosed) // it was not asked
		return nil, fmt.Errorf("wait for a place at %s: %w", host, context.Cause(ctx))
	}
	return gone, nil
}

// mayTry reports whether none of what is asked for rests. What has rested is tried by one call.
func (h *hosts) mayTry(host string, keys ...string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	for _, key := range keys {
		if b := h.breakers[key]; b != nil && !b.until.IsZero() && (now.Before(b.until) || b.trying) {
			return fmt.Errorf("%w: %s failed %d times in a row, and is tried again at %s", ErrResting, host, b.failures, b.until.UTC().Format("15:04:05"))
		}
	}
	for _, key := range keys {
		if b := h.breakers[key]; b != nil && !b.until.IsZero() {
			b.trying = true
		}
	}
	return nil
}

// note counts how a call ended.
func (h *hosts) note(c call, got answered, err error) {
	if c.Login == nil {
		return
	}
	host, account := outcomeOf(got, err)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.count(hostOf(c.Login), host, hostFailures)
	h.count(c.Client, account, loginFailures)
}

// callOutcome is what the end of a call says of a host or an account.
type callOutcome int

const (
	saysNothing callOutcome = iota
	answers
	fails
)

// outcomeOf tells a host that isn't there, or is too busy to greet, from an account that isn't let in.
func outcomeOf(got answered, err error) (host, account callOutcome) {
	if got.Failed != nil && isOurs(got.Failed) {
		return saysNothing, saysNothing
	}
	if r := got.Result; r != nil {
		switch {
		case r.Outcome == smtp.Accepted, r.Stage != smtp.StageConnect && r.Stage != smtp.StageTLS && r.Stage != smtp.StageAuth:
			return answers, answers
		case r.Stage == smtp.StageAuth && r.Code != 0:
			return answers, fails
		}
		return fails, fails
	}
	if err == nil && got.Failed != nil {
		err = got.Failed
	}
	switch {
	case err == nil, errors.Is(err, imap.ErrNoIdle):
		return answers, answers
	case errors.Is(err, imap.ErrLogin):
		return answers, fails
	case errors.Is(err, dial.ErrUnreachable), errors.Is(err, os.ErrDeadlineExceeded):
		return fails, fails
	}
	return saysNothing, saysNothing
}

// isOurs reports whether a call ended because whoever asked had no more time.
func isOurs(err error) bool {
	return (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)) && !errors.Is(err, dial.ErrUnreachable)
}

func (h *hosts) count(key string, is callOutcome, most int) {
	b := h.breakers[key]
	switch {
	case is == answers:
		delete(h.breakers, key)
		return
	case b == nil && (is != fails || len(h.breakers) >= maxBreakers):
		return
	case b == nil:
		b = &breaker{}
		h.breakers[key] = b
	}
	b.trying = false
	if is != fails {
		return
	}
	if b.failures++; b.failures >= most {
		b.until = h.now().Add(restFor(key, b.rests))
		b.rests++
	}
}

// restFor differs by what rests, so that many don't come back in the same moment.
func restFor(key string, rests int) time.Duration {
	long := longestRest
	if rests < 5 {
		long = min(firstRest<<rests, longestRest)
	}
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(key)) // never fails
	return long + time.Duration(rand.New(rand.NewPCG(sum.Sum64(), uint64(rests))).Float64()*float64(long)/2)
}
