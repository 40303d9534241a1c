package node

import (
	"context"
	"slices"
	"sync"
	"time"

	"outrider/api"
	"outrider/internal/engines"
	"outrider/internal/kafka"
)

// Parts of a start besides the engines.
const (
	partTables     = "tables"     // roles, schemas, tables, topics
	partProcessors = "processors" // who decides commands, and all who follow the log
)

// Startup knows how far the start of a process is.
type Startup struct {
	mu    sync.Mutex
	parts []api.Phase
}

// NewStartup is of a process that starts the engines which aren't elsewhere. They all begin now.
func NewStartup(a Addresses) *Startup {
	s, now := &Startup{}, time.Now()
	for _, x := range []struct{ name, where string }{{engines.Kafka, a.Kafka}, {engines.Postgres, a.Postgres}, {engines.ClickHouse, a.ClickHouse}} {
		if x.where == engines.Embedded || x.where == engines.Apache {
			s.parts = append(s.parts, api.Phase{Name: x.name, Began: now})
		}
	}
	s.parts = append(s.parts, api.Phase{Name: partTables}, api.Phase{Name: partProcessors})
	return s
}

// Begin says that a part begins.
func (s *Startup) Begin(name string) {
	s.change(name, func(p *api.Phase) { p.Began = time.Now() })
}

// End says that a part is ready.
func (s *Startup) End(name string) { s.change(name, func(p *api.Phase) { p.Ended = time.Now() }) }

func (s *Startup) change(name string, change func(*api.Phase)) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.parts, func(p api.Phase) bool { return p.Name == name }); i >= 0 {
		change(&s.parts[i])
	}
}

// Migrate is Migrate as a part of the start; the processors begin after it.
func (s *Startup) Migrate(ctx context.Context, a Addresses, k KeyFiles, log kafka.Log) (kafka.Log, error) {
	s.Begin(partTables)
	log, err := Migrate(ctx, a, k, log)
	if err == nil {
		s.End(partTables)
		s.Begin(partProcessors)
	}
	return log, err
}

// Phases are the parts in their order.
func (s *Startup) Phases() []api.Phase {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.parts)
}
