package engines

import (
	"context"
	"fmt"
	"log/slog"
	"outrider/internal/retry"
	"sync"
	"time"
)

// process is one running engine process.
type process struct {
	pid    int
	stop   func()        // asks it to end cleanly
	kill   func()        // SIGKILL
	exited chan struct{} // closed when it has ended, after err is set
	err    error

	noticed chan struct{} // closed when its supervisor knows that it died
}

// service keeps one engine running: when its process dies it starts another.
type service struct {
	name   string
	log    *slog.Logger
	spawn  func(context.Context) (*process, error) // returns once the engine answers
	cancel context.CancelFunc                      // gives up a spawn that is under way
	done   chan struct{}

	mu      sync.Mutex
	current *process // the newest; it may have died
	up      bool
	ready   chan struct{} // closed while it is up
	boot    time.Duration
}

const stopPatience = 20 * time.Second

func startService(ctx context.Context, name string, log *slog.Logger, spawn func(context.Context) (*process, error)) (*service, error) {
	began := time.Now()
	p, err := spawn(ctx)
	if err != nil {
		return nil, err
	}
	s := &service{name: name, log: log, spawn: spawn, done: make(chan struct{}), current: p, up: true, ready: make(chan struct{}), boot: time.Since(began)}
	close(s.ready)
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.cancel = cancel
	go s.superviseProcess(life, p)
	return s, nil
}

func (s *service) superviseProcess(ctx context.Context, p *process) {
	defer close(s.done)
	for {
		select {
		case <-ctx.Done():
			s.endProcess(p)
			return
		case <-p.exited:
		}
		if ctx.Err() != nil {
			return
		}
		s.markDown()
		close(p.noticed)
		s.log.Warn("embedded engine died, starting it again", "engine", s.name, "pid", p.pid, "cause", p.err)
		if p = s.spawnUntilUp(ctx); p == nil {
			return
		}
		s.markUp(p)
		s.log.Info("embedded engine is back", "engine", s.name, "pid", p.pid)
	}
}

// spawnUntilUp tries until it works or the service is stopped (nil).
func (s *service) spawnUntilUp(ctx context.Context) (p *process) {
	report := func(err error, wait time.Duration) {
		s.log.Error("embedded engine does not start", "engine", s.name, "error", err, "again_in", wait)
	}
	if retry.Do(ctx, retry.Policy{First: 50 * time.Millisecond, Longest: 5 * time.Second, Report: report}, func() (err error) {
		p, err = s.spawn(ctx)
		return err
	}) != nil {
		return nil
	}
	return p
}

func (s *service) endProcess(p *process) {
	p.stop()
	select {
	case <-p.exited:
	case <-time.After(stopPatience):
		s.log.Warn("embedded engine does not stop, killing it", "engine", s.name, "pid", p.pid)
		p.kill()
		<-p.exited
	}
}

func (s *service) markDown() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.up, s.ready = false, make(chan struct{})
}

func (s *service) markUp(p *process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current, s.up = p, true
	close(s.ready)
}

// currentPID is that of the newest process, never 0: a signal to 0 would hit the caller's own group.
func (s *service) currentPID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current.pid
}

// killNow ends the process the hard way and returns when the supervisor knows.
func (s *service) killNow() error {
	s.mu.Lock()
	p, up := s.current, s.up
	s.mu.Unlock()
	if !up {
		return fmt.Errorf("kill %s: it is not running", s.name)
	}
	p.kill()
	select {
	case <-p.noticed:
	case <-s.done:
	}
	return nil
}

func (s *service) waitReady(ctx context.Context) error {
	s.mu.Lock()
	ready := s.ready
	s.mu.Unlock()
	select {
	case <-ready:
		return nil
	case <-s.done:
		return fmt.Errorf("wait for %s: it was stopped", s.name)
	case <-ctx.Done():
		return fmt.Errorf("wait for %s: %w", s.name, ctx.Err())
	}
}

// stopService ends the service; the process is gone when it returns.
func (s *service) stopService() {
	s.cancel()
	<-s.done
}
