package demo

import (
	"context"
	"crypto/rand"
	"net/http"
	"path/filepath"
	"time"

	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/lab/stripelike"
)

// What plans cost in the demonstration, in cents a month.
func demoPrices() map[string]int64 {
	return map[string]int64{"starter": 1_900, "growth": 9_900, "scale": 29_900}
}

// startPayments starts a stand-in of Stripe beside the demonstration, so that who looks on can buy a plan, be declined, and recover. It returns the flags by
// which the server finds it, and what ends it. now is the demonstration's time, hooks is where the server answers.
func startPayments(ctx context.Context, now func() time.Time, data, hooks string) (flags []string, stop func() error, err error) {
	l, err := loopback.Listen("127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	file := filepath.Join(data, "demo", "payments.json")
	url, key, secret := "http://"+l.Addr().String(), "sk_test_"+rand.Text(), "whsec_"+rand.Text()
	s := stripelike.New(stripelike.Config{Key: key, BaseURL: url, Now: now, Endpoint: hooks + "/hooks/stripe", Secret: secret, Client: &http.Client{Timeout: 10 * time.Second}})
	if err := s.Load(file); err != nil {
		_ = l.Close() // nobody has come
		return nil, nil, err
	}
	s.Sell("usd", demoPrices(), map[string]int64{"growth": 5, "scale": 3})
	web := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = web.Serve(l) }() // until it is closed
	ctx, end := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for kept := 0; ; {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			s.Tick()
			if n := s.Changes(); n != kept && s.Save(file) == nil {
				kept = n
			}
		}
	}()
	return []string{"--stripe-key", key, "--stripe-webhook-secret", secret, "--stripe-url", url, "--stripe-demo"}, func() error {
		end()
		<-done
		_ = web.Close() // what is under way is lost, as nobody waits for it
		s.Close()
		return s.Save(file)
	}, nil
}
