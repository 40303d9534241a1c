package node

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"outrider/api"
	"outrider/internal/engines"
)

// Whoever asks while a door hands over is answered by one or the other, and never turned away.
func TestADoorHandsOverWithoutTurningAnybodyAway(t *testing.T) {
	t.Parallel()
	startup := NewStartup(Addresses{Kafka: engines.Embedded, Postgres: engines.Embedded, ClickHouse: "http://127.0.0.1:1"})
	d, err := OpenDoor(t.Context(), "127.0.0.1:0", startup)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	ask := func() (int, error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.URL()+"/readyz", nil)
		if err != nil {
			return 0, err
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return 0, err
		}
		_, _ = io.Copy(io.Discard, res.Body)
		return res.StatusCode, res.Body.Close()
	}
	if status, err := ask(); status != http.StatusServiceUnavailable || err != nil {
		t.Fatalf("the door answers %d, %v", status, err)
	}
	var taken atomic.Bool
	next := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { taken.Store(true) }), ReadHeaderTimeout: time.Minute}
	defer next.Close()
	handed := make(chan error, 1)
	go func() {
		handed <- d.handOver(context.Background())
		_ = next.Serve(d.listener)
	}()
	for late := time.Now().Add(time.Minute); !taken.Load(); {
		status, err := ask()
		if err != nil || status != http.StatusOK && status != http.StatusServiceUnavailable {
			t.Fatalf("somebody was turned away: %d, %v", status, err)
		}
		if time.Now().After(late) {
			t.Fatal("nobody took the listener")
		}
	}
	if err := <-handed; err != nil {
		t.Error(err)
	}
}

// lateServer is a server that is told to end before it has begun to listen.
type lateServer struct{ told chan struct{} }

func (s lateServer) Listen(l net.Listener) error {
	<-s.told
	for {
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		_ = c.Close()
	}
}

func (s lateServer) Shutdown(context.Context) error {
	close(s.told)
	return nil
}

func TestAnAPIThatEndsBeforeItListensEnds(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	over, end := context.WithCancel(t.Context())
	end()
	if err := (&Node{}).serveAPI(over, lateServer{told: make(chan struct{})}, l); err != nil {
		t.Error(err)
	}
}

func TestADoorThatIsHandedOverBeforeItListensEnds(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, err := api.NewStartingServer(nil, NewStartup(Addresses{}))
	if err != nil {
		t.Fatal(err)
	}
	d := &Door{listener: l, pass: &passingListener{Listener: l}, server: server, ended: make(chan error, 1)}
	defer d.Close()
	go func() {
		for late := time.Now().Add(time.Minute); !d.pass.over.Load() && time.Now().Before(late); {
			time.Sleep(time.Millisecond)
		}
		d.ended <- server.Listen(d.pass)
	}()
	if err := d.handOver(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAStartupTellsItsParts(t *testing.T) {
	t.Parallel()
	s := NewStartup(Addresses{Kafka: "broker:9092", Postgres: engines.Embedded, ClickHouse: engines.Embedded})
	names := func() (out []string) {
		for _, p := range s.Phases() {
			state := "waits"
			switch {
			case !p.Ended.IsZero():
				state = "ended"
			case !p.Began.IsZero():
				state = "began"
			}
			out = append(out, p.Name+" "+state)
		}
		return out
	}
	want := func(all ...string) {
		t.Helper()
		got := names()
		if len(got) != len(all) {
			t.Fatalf("got %v, want %v", got, all)
		}
		for i := range all {
			if got[i] != all[i] {
				t.Fatalf("got %v, want %v", got, all)
			}
		}
	}
	want("postgres began", "clickhouse began", "tables waits", "processors waits")
	s.End("kafka") // which is elsewhere
	s.End("postgres")
	s.Begin("tables")
	want("postgres ended", "clickhouse began", "tables began", "processors waits")
	var none *Startup
	none.End("postgres")
}
