package processor

import (
	"sync"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"
)

// workQueue holds what other goroutines leave for the one that works on a partition.
type workQueue struct {
	wake chan struct{}
	full atomic.Bool // too much of the log is fetched already

	mu       sync.Mutex
	log      [][]*kgo.Record
	unread   int // records in log
	commands [][]*kgo.Record
	queued   int   // records in commands
	failed   error // an append that may not have happened
	lost     error // reading a topic failed for good
}

func newWorkQueue() *workQueue { return &workQueue{wake: make(chan struct{}, 1)} }

func (q *workQueue) wakeUp() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// putLog returns the number of records of the log that wait.
func (q *workQueue) putLog(rs []*kgo.Record) int {
	q.mu.Lock()
	q.log = append(q.log, rs)
	q.unread += len(rs)
	n := q.unread
	q.mu.Unlock()
	q.wakeUp()
	return n
}

// putCommands returns the number of commands that wait.
func (q *workQueue) putCommands(rs []*kgo.Record) int {
	q.mu.Lock()
	q.commands = append(q.commands, rs)
	q.queued += len(rs)
	n := q.queued
	q.mu.Unlock()
	q.wakeUp()
	return n
}

func (q *workQueue) noteFailed(err error) {
	q.mu.Lock()
	if q.failed == nil {
		q.failed = err
	}
	q.mu.Unlock()
	q.wakeUp()
}

func (q *workQueue) noteLost(err error) {
	q.mu.Lock()
	if q.lost == nil {
		q.lost = err
	}
	q.mu.Unlock()
	q.wakeUp()
}

func (q *workQueue) takeLog() (log [][]*kgo.Record, failed, lost error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	log, q.log, q.unread = q.log, nil, 0
	return log, q.failed, q.lost
}

// takeCommands returns at most one fetch and the number that still wait.
func (q *workQueue) takeCommands() ([]*kgo.Record, int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.commands) == 0 {
		return nil, 0
	}
	rs := q.commands[0]
	q.commands[0] = nil
	q.commands = q.commands[1:]
	q.queued -= len(rs)
	return rs, q.queued
}

func (q *workQueue) dropCommands() {
	q.mu.Lock()
	q.commands, q.queued = nil, 0
	q.mu.Unlock()
}
