package processor

import (
	"sync"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"
)

// handoff is what others leave for the one goroutine that works on a partition.
type handoff struct {
	wake chan struct{}
	full atomic.Bool // too much of the log is fetched already

	mu       sync.Mutex
	log      [][]*kgo.Record
	unread   int // records in log
	commands [][]*kgo.Record
	queued   int   // records in commands
	failed   error // an append that may not have happened
	lost     error // a topic can't be read on
}

func newHandoff() *handoff { return &handoff{wake: make(chan struct{}, 1)} }

func (m *handoff) kick() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// putLog returns the number of records of the log that wait.
func (m *handoff) putLog(rs []*kgo.Record) int {
	m.mu.Lock()
	m.log = append(m.log, rs)
	m.unread += len(rs)
	n := m.unread
	m.mu.Unlock()
	m.kick()
	return n
}

// putCommands returns the number of commands that wait.
func (m *handoff) putCommands(rs []*kgo.Record) int {
	m.mu.Lock()
	m.commands = append(m.commands, rs)
	m.queued += len(rs)
	n := m.queued
	m.mu.Unlock()
	m.kick()
	return n
}

func (m *handoff) fail(err error) {
	m.mu.Lock()
	if m.failed == nil {
		m.failed = err
	}
	m.mu.Unlock()
	m.kick()
}

func (m *handoff) lose(err error) {
	m.mu.Lock()
	if m.lost == nil {
		m.lost = err
	}
	m.mu.Unlock()
	m.kick()
}

func (m *handoff) takeLog() (log [][]*kgo.Record, failed, lost error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	log, m.log, m.unread = m.log, nil, 0
	return log, m.failed, m.lost
}

// takeCommands returns at most one fetch and the number that still wait.
func (m *handoff) takeCommands() ([]*kgo.Record, int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.commands) == 0 {
		return nil, 0
	}
	rs := m.commands[0]
	m.commands[0] = nil
	m.commands = m.commands[1:]
	m.queued -= len(rs)
	return rs, m.queued
}

func (m *handoff) dropCommands() {
	m.mu.Lock()
	m.commands, m.queued = nil, 0
	m.mu.Unlock()
}
