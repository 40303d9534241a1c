package storm

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"outrider/internal/blob"
	"outrider/internal/es/processor"
	"outrider/internal/es/snapshot"
	"outrider/internal/kafka"
	"outrider/internal/retry"
)

// roleVariable makes a process a child of a storm; its value is a role as JSON.
const roleVariable = "OUTRIDER_STORM_ROLE"

// role is what a child is told to be: a broker when Port is set, else a processor.
type role struct {
	Name string `json:"name"`

	Port       int    `json:"port,omitempty"`
	Dir        string `json:"dir,omitempty"`
	SyncWrites bool   `json:"sync_writes,omitempty"`

	Log     kafka.Log     `json:"log"`
	Quota   int           `json:"quota"`
	Session time.Duration `json:"session"`
	Shelf   string        `json:"shelf"` // folder of snapshots; empty = there are none
	Standby bool          `json:"standby"`
}

// Child runs this process as a part of a storm when it was started as one, and says so when it has ended; otherwise it
// does nothing and gives false. Programs that start storms call it first.
func Child() bool {
	var r role
	v := os.Getenv(roleVariable)
	if v == "" {
		return false
	}
	if err := json.Unmarshal([]byte(v), &r); err != nil {
		fmt.Fprintln(os.Stderr, "storm child:", err)
		return true
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // the parent's end of the pipe is our lifeline
		os.Exit(0)
	}()
	run := r.runProcessor
	if r.Port != 0 {
		run = r.serveRole
	}
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "storm child:", err)
	}
	return true
}

func (r role) serveRole(ctx context.Context) error {
	opts := []kfake.Opt{kfake.Ports(r.Port), kfake.DataDir(r.Dir), kfake.GroupMinSessionTimeout(time.Second)}
	if r.SyncWrites {
		opts = append(opts, kfake.SyncWrites())
	}
	c, err := kfake.NewCluster(opts...)
	if err != nil {
		return fmt.Errorf("serve broker: %w", err)
	}
	<-ctx.Done()
	c.Close()
	return nil
}

func (r role) runProcessor(ctx context.Context) error {
	say := func(what string, attrs ...any) {
		fmt.Fprintln(os.Stderr, append([]any{time.Now().Format("15:04:05.000"), r.Name, os.Getpid(), what}, attrs...)...)
	}
	shelf, err := r.openSnapshots(ctx, say)
	if err != nil {
		return fmt.Errorf("open snapshots: %w", err)
	}
	p, err := processor.New(processor.Config{Log: r.Log, Domain: Seats(r.Quota), Session: r.Session, Report: say,
		Snapshots: shelf, SnapshotPace: processor.SnapshotPace{Every: snapshotEvery, Least: 1}, Standby: r.Standby,
		Watch: func(partition int32, st processor.Status) {
			if st.State == processor.Owned && st.From > 0 {
				say(beganFromSnapshot, "partition", partition, "offset", st.From)
			}
		}})
	if err != nil {
		return fmt.Errorf("make processor: %w", err)
	}
	return p.Run(ctx)
}

// snapshotEvery is short, so that every owner after the first begins from one.
const snapshotEvery = 300 * time.Millisecond

// beganFromSnapshot is said by an owner that didn't read the whole log.
const beganFromSnapshot = "owns a partition from a snapshot on"

// openSnapshots waits for a broker that may have been killed just now.
func (r role) openSnapshots(ctx context.Context, say func(string, ...any)) (*snapshot.Store, error) {
	if r.Shelf == "" {
		return nil, nil
	}
	b, err := blob.Open(ctx, r.Shelf)
	if err != nil {
		return nil, err
	}
	for {
		code, err := snapshot.Code(Seats(r.Quota))
		if err != nil {
			return nil, err
		}
		st, err := snapshot.Open(ctx, snapshot.Config{Log: r.Log, Domain: Seats(r.Quota), Code: code, Bucket: b, Report: say})
		if err == nil || ctx.Err() != nil {
			return st, err
		}
		_ = retry.Sleep(ctx, 100*time.Millisecond)
	}
}

// child is a process of ours.
type child struct {
	cmd   *exec.Cmd
	stdin io.Closer
}

// startChild runs this program, or another one, in a role; what it says goes to said.
func startChild(program string, r role, said io.Writer) (*child, error) {
	v, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", r.Name, err)
	}
	if program == "" {
		if program, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("start %s: %w", r.Name, err)
		}
	}
	c := exec.Command(program) //nolint:noctx // ended by kill and by its lifeline, in that order
	c.Env = append(os.Environ(), roleVariable+"="+string(v))
	c.Stdout, c.Stderr = said, said
	stdin, err := c.StdinPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", r.Name, err)
	}
	return &child{c, stdin}, nil
}

func (c *child) killChild() { c.endChild(syscall.SIGKILL) }

// endChild sends a signal and waits for the end.
func (c *child) endChild(s syscall.Signal) {
	_ = c.cmd.Process.Signal(s) // it may have ended already
	_ = c.cmd.Wait()
	_ = c.stdin.Close()
}

// childOutput keeps what children say, for when something is wrong.
type childOutput struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *childOutput) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *childOutput) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
