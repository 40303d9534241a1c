package engines

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"syscall"
	"time"
)

// ApacheBroker is one broker of a cluster, for tests that kill and freeze it. It keeps its port and its data.
type ApacheBroker struct {
	node *apacheNode
	log  *slog.Logger

	mu sync.Mutex // held during Start and Stop
	p  *process   // nil before the first start
}

// ID is the broker's number in the cluster, from 1.
func (b *ApacheBroker) ID() int { return b.node.id }

// Addr is where it answers, the same after every start.
func (b *ApacheBroker) Addr() string { return b.node.listenAddress() }

// LogPath is the file that it logs to.
func (b *ApacheBroker) LogPath() string { return b.node.logPath }

// Pid is its process; 0 while it is not running.
func (b *ApacheBroker) Pid() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.runningProcess() {
		return 0
	}
	return b.p.pid
}

func (b *ApacheBroker) runningProcess() bool {
	if b.p == nil {
		return false
	}
	select {
	case <-b.p.exited:
		return false
	default:
		return true
	}
}

// Start starts it, again with the same port and data, and returns when it answers and the controllers know it.
func (b *ApacheBroker) Start(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.runningProcess() {
		return fmt.Errorf("start broker %d: it is running", b.node.id)
	}
	began := time.Now()
	p, err := b.node.spawnProcess(ctx)
	if err != nil {
		return err
	}
	b.p = p
	b.log.Info("Apache Kafka is up", "broker", b.node.id, "pid", p.pid, "boot", time.Since(began).Round(time.Millisecond))
	return nil
}

// Kill ends it with SIGKILL, frozen or not. Returns when the process is gone.
func (b *ApacheBroker) Kill() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.runningProcess() {
		return fmt.Errorf("kill broker %d: it is not running", b.node.id)
	}
	b.p.kill()
	<-b.p.exited
	return nil
}

// Freeze stops it with SIGSTOP: its connections stay open and nothing answers.
func (b *ApacheBroker) Freeze() error { return b.signalProcess("freeze", syscall.SIGSTOP) }

// Thaw lets a frozen one go on.
func (b *ApacheBroker) Thaw() error { return b.signalProcess("thaw", syscall.SIGCONT) }

func (b *ApacheBroker) signalProcess(what string, s syscall.Signal) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.runningProcess() {
		return fmt.Errorf("%s broker %d: it is not running", what, b.node.id)
	}
	if err := syscall.Kill(b.p.pid, s); err != nil {
		return fmt.Errorf("%s broker %d: %w", what, b.node.id, err)
	}
	return nil
}

// Stop ends it cleanly (it hands its partitions over), frozen or not; after 20 s it is killed. Returns when the process
// is gone.
func (b *ApacheBroker) Stop() error { return b.endProcess(stopPatience) }

func (b *ApacheBroker) endProcess(patience time.Duration) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.runningProcess() {
		return fmt.Errorf("stop broker %d: it is not running", b.node.id)
	}
	_ = syscall.Kill(b.p.pid, syscall.SIGCONT) // a frozen process can't hear
	b.p.stop()
	select {
	case <-b.p.exited:
	case <-time.After(patience):
		b.log.Warn("Apache Kafka does not stop, killing it", "broker", b.node.id, "pid", b.p.pid)
		b.p.kill()
		<-b.p.exited
	}
	return nil
}
