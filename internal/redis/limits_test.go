package redis_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"outrider/internal/redis"
)

// log is what was logged, for more than one goroutine.
type log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), text)
}

func open(t *testing.T, address string) (*redis.Limits, *log) {
	t.Helper()
	lines := &log{}
	l, err := redis.Open(t.Context(), "redis://"+address, time.Minute, slog.New(slog.NewTextHandler(lines, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l, lines
}

// eachRedis runs a test on the stand-in and, where it is installed, on the real server.
func eachRedis(t *testing.T, test func(t *testing.T, address string)) {
	t.Parallel()
	t.Run("miniredis", func(t *testing.T) {
		t.Parallel()
		test(t, miniredis.RunT(t).Addr())
	})
	t.Run("redis-server", func(t *testing.T) {
		t.Parallel()
		program, err := exec.LookPath("redis-server")
		if err != nil {
			t.Skip("*** NOT TESTED ON A REAL REDIS: redis-server isn't installed (Debian: apt-get install redis-server) ***")
		}
		test(t, serve(t, program))
	})
}

// serve runs a real Redis for the test.
func serve(t *testing.T, program string) (address string) {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := free.Addr().(*net.TCPAddr).Port
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	server := exec.Command(program, "--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill() // it has ended, or ends by this
		_ = server.Wait()
	})
	address = "127.0.0.1:" + strconv.Itoa(port)
	for late := time.Now().Add(time.Minute); ; {
		_, err := redis.Probe(t.Context(), "redis://"+address)
		if err == nil {
			return address
		}
		if time.Now().After(late) {
			t.Fatal(err)
		}
	}
}

func TestProcessesShareABucket(t *testing.T) {
	eachRedis(t, func(t *testing.T, address string) {
		a, _ := open(t, address)
		b, _ := open(t, address)
		allowed := 0
		for i := range 60 {
			l := []*redis.Limits{a, b}[i%2]
			taken, counted := l.Take(t.Context(), "org", 30, 1, time.Hour)
			if !counted {
				t.Fatalf("not counted: %v", l.Gone())
			}
			if taken.OK {
				allowed++
			}
			if taken.OK && taken.Left != 30-allowed || !taken.OK && (taken.Left != 0 || taken.Wait <= 0 || taken.Wait > 2*time.Minute) || taken.Left == 0 && taken.Wait <= 0 {
				t.Fatalf("after %d: %+v", i+1, taken)
			}
		}
		if allowed != 30 {
			t.Errorf("%d were allowed, of 30", allowed)
		}
		if taken, _ := a.Take(t.Context(), "other", 30, 10, time.Hour); !taken.OK || taken.Left != 20 {
			t.Errorf("another bucket, at a cost of 10: %+v", taken)
		}
		if taken, _ := a.Take(t.Context(), "other", 30, 21, time.Hour); taken.OK {
			t.Errorf("more than is left: %+v", taken)
		}
		if taken, _ := a.Take(t.Context(), "other", 30, 20, time.Hour); !taken.OK {
			t.Errorf("what was refused took something: %+v", taken)
		}
		if version, err := redis.Probe(t.Context(), "redis://"+address); err != nil || version == "" {
			t.Errorf("version %q, %v", version, err)
		}
	})
}

func TestAClockThatWasPutBackLocksNobodyOut(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	server.SetTime(now)
	l, _ := open(t, server.Addr())
	for range 60 {
		l.Take(t.Context(), "org", 60, 1, time.Minute)
	}
	server.SetTime(now.Add(-time.Hour))
	if taken, counted := l.Take(t.Context(), "org", 60, 1, time.Minute); !counted || !taken.OK {
		t.Errorf("an hour before: %+v, %v", taken, counted)
	}
}

func TestRedisGoesAndComesBack(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	l, lines := open(t, server.Addr())
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = l.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
	server.Close()
	for range 50 {
		if _, counted := l.Take(t.Context(), "org", 60, 1, time.Minute); counted {
			t.Fatal("counted by nobody")
		}
	}
	if l.Gone() == nil || lines.count("can't be reached") != 1 {
		t.Errorf("gone: %v; said %d times", l.Gone(), lines.count("can't be reached"))
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	for late := time.Now().Add(5 * time.Minute); l.Gone() != nil; {
		if time.Now().After(late) {
			t.Fatal("it never came back")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if taken, counted := l.Take(t.Context(), "org", 60, 1, time.Minute); !counted || !taken.OK || lines.count("Redis is back") != 1 {
		t.Errorf("after it came back: %+v, %v", taken, counted)
	}
}

// What can't be written to counts nothing, whatever else it answers.
func TestARedisThatTakesNoWritesIsGone(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	l, _ := open(t, server.Addr())
	server.SetError("READONLY You can't write against a read only replica.")
	if _, counted := l.Take(t.Context(), "org", 60, 1, time.Minute); counted || l.Gone() == nil {
		t.Errorf("counted %v, gone %v", counted, l.Gone())
	}
}

func TestWhatIsNoURLIsRefused(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"localhost:6379", "http://localhost", "redis://h:6379/x"} {
		if redis.CheckURL(url) == nil {
			t.Errorf("%s is taken", url)
		}
	}
}
