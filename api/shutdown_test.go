package api_test

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/api"
	"outrider/internal/es"
)

// held answers when it is let go.
type held struct {
	api.Gateway
	entered, release chan struct{}
}

func (h held) Ask(ctx context.Context, org, id uuid.UUID) (es.Answer, error) {
	close(h.entered)
	<-h.release
	return h.Gateway.Ask(ctx, org, id)
}

func TestShutdownLetsRequestsEnd(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("growth")
	h := held{w.cfg.Commands, make(chan struct{}), make(chan struct{})}
	cfg := w.cfg
	cfg.Commands = h
	s, err := api.New(cfg)
	check(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	served, stopped := make(chan error, 1), make(chan error, 1)
	go func() { served <- s.Listen(l) }()
	answered := make(chan answer, 1)
	slow := &client{world: &world{t: t, spec: w.spec, urls: []string{"http://" + l.Addr().String()}}, key: c.key}
	go func() { answered <- slow.do("GET", "/v1/operations/"+anID, nil) }()
	<-h.entered
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		defer cancel()
		stopped <- s.Shutdown(ctx)
	}()
	check(t, <-served) // takes no new connections
	select {
	case err := <-stopped:
		t.Fatalf("shut down before the request ended: %v", err)
	default:
	}
	close(h.release)
	if a := <-answered; a.status != http.StatusNotFound || a.text("code") != "not_found" {
		t.Errorf("got %d %s", a.status, a.body)
	}
	check(t, <-stopped)
}
