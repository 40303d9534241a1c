package node

import (
	"errors"
	"log/slog"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// Shares of the memory that a process may use before it collects garbage more often: of the container's, or of the machine's.
const (
	MemoryAlone       = 0.8
	MemoryWithEngines = 0.4 // Postgres, ClickHouse and Kafka have the rest
)

// LimitMemory sets the soft limit of Go's memory to a share of what the container, or else the machine, has. GOMEMLIMIT in the environment
// stands before it, and AUTOMEMLIMIT names another share.
func LimitMemory(share float64, log *slog.Logger) {
	limit, err := memlimit.Set(memlimit.WithRatio(share), memlimit.WithProvider(memlimit.ApplyFallback(memlimit.FromCgroup, memlimit.FromSystem)))
	switch {
	case err != nil && !errors.Is(err, memlimit.ErrNoLimit):
		log.Warn("the memory of this machine isn't known: there is no soft limit", "error", err)
	case limit > 0:
		log.Debug("soft limit of memory", "bytes", limit)
	}
}
