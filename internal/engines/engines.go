package engines

import (
	"context"
	"fmt"
	"sync"
)

// PIDs are the embedded engines' processes; of one that is being restarted, the one that died.
func (e *Engines) PIDs() map[string]int {
	e.mu.Lock()
	defer e.mu.Unlock()
	pids := map[string]int{}
	for name, s := range e.services {
		pids[name] = s.currentPID()
	}
	return pids
}

// Kill ends an engine's process with SIGKILL, for tests; it comes back by itself. Returns when the process is gone.
func (e *Engines) Kill(name string) error {
	s, err := e.serviceNamed(name)
	if err != nil {
		return err
	}
	return s.killNow()
}

// WaitReady returns when the engine answers (at once when it does).
func (e *Engines) WaitReady(ctx context.Context, name string) error {
	s, err := e.serviceNamed(name)
	if err != nil {
		return err
	}
	return s.waitReady(ctx)
}

// Stop ends the engines cleanly and gives up the data folder. No process is left when it returns; one that does not
// end within 20 s is killed.
func (e *Engines) Stop() {
	e.stopOnce.Do(func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		var wg sync.WaitGroup
		for _, s := range e.services {
			wg.Go(s.stopService)
		}
		wg.Wait()
		_ = e.lock.Close()
	})
}

func (e *Engines) serviceNamed(name string) (*service, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s, ok := e.services[name]
	if !ok {
		return nil, fmt.Errorf("find engine %s: it is not embedded here", name)
	}
	return s, nil
}
