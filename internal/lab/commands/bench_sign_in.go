package commands

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/valyala/fasthttp"

	"outrider/internal/identity"
	"outrider/internal/lab/bench"
)

type benchSignInCmd struct {
	benchBroker
	Tries   int    `default:"200" help:"Wrong passwords for accounts that there are, and as many for accounts that there aren't, in any order."`
	People  int    `default:"40" help:"Accounts that there are; each takes 8 wrong passwords before it slows down who guesses."`
	Callers int    `default:"4" help:"Callers that sign in as fast as they are let, afterwards."`
	Seconds int    `default:"10" help:"For how long."`
	In      string `help:"Data folder to use and keep; default: one that goes afterwards." placeholder:"DIR"`
	JSON    bool   `help:"Print one line of JSON."`
	Pprof   string `hidden:"" help:"Write a CPU profile of the server to this file."`
}

type signInFigures struct {
	Rate       float64            `json:"sign_ins_per_second"`
	P50        float64            `json:"p50_ms"`
	P99        float64            `json:"p99_ms"`
	Known      map[string]float64 `json:"known_ms"`    // wrong passwords of accounts that there are
	Unknown    map[string]float64 `json:"unknown_ms"`  // of accounts that there aren't
	Distance   float64            `json:"ks_distance"` // the largest difference between both cumulated shares (Kolmogorov-Smirnov)
	Noise      float64            `json:"ks_noise"`    // what chance alone exceeds once in twenty times
	Tries      int                `json:"tries"`       // of each
	Errors     int64              `json:"errors"`
	FirstError string             `json:"first_error,omitempty"`
	benchConditions
}

// Run signs in over HTTP. Each request comes from an address of its own in 127.0.0.0/8, as one address is let try few times; so it runs on Linux.
func (c benchSignInCmd) Run(ctx context.Context) error {
	if c.Tries > 8*c.People {
		return fmt.Errorf("%d tries need %d people: an account that is guessed at often slows down who asks", c.Tries, (c.Tries+7)/8)
	}
	return onBenchServer(ctx, c.benchBroker, c.In, c.Pprof, c.JSON, c.measureSignIn)
}

func (c benchSignInCmd) measureSignIn(ctx context.Context, s *benchServer) (signInFigures, error) {
	out := signInFigures{Tries: c.Tries, benchConditions: benchConditions{Bench: "sign-in", CPUs: runtime.NumCPU(), Broker: c.brokerName()}}
	known, err := c.addPeople(ctx, s)
	if err != nil {
		return out, err
	}
	caller := newSignInCaller(s.URL)
	if err := caller.warmUp(known[0], c.warmUpTime()); err != nil {
		return out, err
	}
	gauged, err := s.startGauge(ctx)
	if err != nil {
		return out, err
	}
	took, err := c.signInWrongly(ctx, caller, known)
	if err != nil {
		return out, err
	}
	right := c.signInOften(ctx, caller, known, &out)
	if err := gauged(&out.benchConditions); err != nil {
		return out, err
	}
	out.Rate, out.P50, out.P99 = float64(len(right))/float64(c.Seconds), bench.Quantile(right, 0.5), bench.Quantile(right, 0.99)
	out.Known, out.Unknown = quantiles(took[0]), quantiles(took[1])
	out.Distance, out.Noise = bench.KolmogorovSmirnov(took[0], took[1])
	return out, ctx.Err()
}

// signInWrongly returns how long wrong passwords took for accounts that there are, and for others. Which comes first is left to chance: the
// server's collector of garbage comes round at every second hash or so, and would seem to tell them apart.
func (c benchSignInCmd) signInWrongly(ctx context.Context, caller *signInCaller, known []string) (took [2][]time.Duration, err error) {
	for i := range c.Tries {
		if err := ctx.Err(); err != nil {
			return took, err
		}
		of := [2]string{known[i%len(known)], "nobody-" + strconv.Itoa(i) + "-" + known[0]}
		first := rand.IntN(2) //nolint:gosec // no secret
		for _, which := range []int{first, 1 - first} {
			d, err := caller.signIn(of[which], "wrong "+benchPassword, fasthttp.StatusUnauthorized)
			if err != nil {
				return took, err
			}
			took[which] = append(took[which], d)
		}
	}
	return took, nil
}

const benchPassword = "correct horse battery"

// addPeople makes accounts by the database: signing up needs somebody who reads mail.
func (c benchSignInCmd) addPeople(ctx context.Context, s *benchServer) (emails []string, err error) {
	pool, err := pgxpool.New(ctx, s.Postgres)
	if err != nil {
		return nil, fmt.Errorf("open the server's Postgres: %w", err)
	}
	defer pool.Close()
	people := identity.NewPeople(pool, nil)
	hash, err := people.HashPassword(ctx, benchPassword)
	if err != nil {
		return nil, err
	}
	for range c.People {
		who := identity.Person{ID: uuid.New()}
		who.Email = "bench-" + who.ID.String() + "@example.com"
		if err := people.Add(ctx, who, hash); err != nil {
			return nil, err
		}
		emails = append(emails, who.Email)
	}
	return emails, nil
}

// signInOften signs in in closed loops, with the right password.
func (c benchSignInCmd) signInOften(ctx context.Context, caller *signInCaller, known []string, out *signInFigures) (took []time.Duration) {
	ctx, stop := context.WithTimeout(ctx, time.Duration(c.Seconds)*time.Second)
	defer stop()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range c.Callers {
		wg.Go(func() {
			for n := i; ctx.Err() == nil; n += c.Callers {
				d, err := caller.signIn(known[n%len(known)], benchPassword, fasthttp.StatusOK)
				mu.Lock()
				switch {
				case err == nil:
					took = append(took, d)
				case ctx.Err() == nil:
					if out.Errors++; out.Errors == 1 {
						out.FirstError = err.Error()
					}
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return took
}

func quantiles(d []time.Duration) map[string]float64 {
	out := map[string]float64{}
	for name, q := range map[string]float64{"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95, "p99": 0.99} {
		out[name] = bench.Quantile(d, q)
	}
	return out
}

// signInCaller comes from another address each time.
type signInCaller struct {
	url  string
	web  fasthttp.Client
	from atomic.Uint32
}

func newSignInCaller(url string) *signInCaller {
	c := &signInCaller{url: url + "/v1/auth/sign-in"}
	c.web = fasthttp.Client{ReadTimeout: time.Minute, WriteTimeout: time.Minute, Dial: func(address string) (net.Conn, error) {
		n := c.from.Add(1)
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, byte(16+n>>16), byte(n>>8), byte(n))}} //nolint:gosec // it wraps around
		return d.Dial("tcp", address)
	}}
	return c
}

func (c *signInCaller) signIn(email, password string, want int) (time.Duration, error) {
	body, err := json.Marshal(map[string]string{"email": email, "password": password})
	if err != nil {
		return 0, err
	}
	req, res := newPost(c.url, ""), fasthttp.AcquireResponse()
	req.Header.Del("Authorization")
	req.SetConnectionClose() // the next one comes from elsewhere
	req.SetBody(body)
	began := time.Now()
	if err := c.web.Do(req, res); err != nil {
		return 0, fmt.Errorf("sign in: %w", err)
	}
	took := time.Since(began)
	if res.StatusCode() != want {
		return 0, fmt.Errorf("sign in: got %d %s, want %d", res.StatusCode(), res.Body(), want)
	}
	return took, nil
}

// warmUp signs in for a while.
func (c *signInCaller) warmUp(email string, lasts time.Duration) error {
	for end := time.Now().Add(lasts); time.Now().Before(end); {
		if _, err := c.signIn(email, benchPassword, fasthttp.StatusOK); err != nil {
			return err
		}
	}
	return nil
}
