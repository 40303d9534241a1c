// Package child runs a part of outrider as a process of its own: this same program started again, which inherits its
// listening sockets and ends when its parent does.
package child

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// The files a child inherits after stdin (its lifeline: it ends when the parent does), stdout and stderr.
const (
	readyFD     = 3 // one line: "ready", or why not
	listenersFD = 4 // and the following
	readyLine   = "ready"
	variable    = "OUTRIDER_PART" // what it is told, as JSON (arguments would show it to every user)
)

// briefing is what a child is told.
type briefing[T any] struct {
	Listeners int
	Orders    T
}

// patience is how long a child may take to end after it was told to.
const patience = 10 * time.Second

// Spec says what to start.
type Spec struct {
	Name      string // the first argument; main gives it to Run
	Orders    any    // JSON
	Listeners []*net.TCPListener
	Log       io.Writer // its stdout and stderr; nil discards them
}

// Process is a child that has said that it is ready.
type Process struct {
	PID      int
	lifeline io.Closer
	process  *os.Process
	exited   chan struct{}
	err      error
}

// Start returns when the child is ready. The listeners stay the caller's, so the next child is back on the same ports, and
// clients that connect in between wait.
func Start(ctx context.Context, s Spec) (*Process, error) {
	exe, err := os.Executable()
	if runtime.GOOS == "linux" {
		exe, err = "/proc/self/exe", nil // also after the file was replaced
	}
	if err != nil {
		return nil, fmt.Errorf("find own executable: %w", err)
	}
	told, err := json.Marshal(briefing[any]{len(s.Listeners), s.Orders})
	if err != nil {
		return nil, fmt.Errorf("encode orders for %s: %w", s.Name, err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", s.Name, err)
	}
	defer r.Close()
	cmd := exec.Command(exe) //nolint:noctx // ourselves; its life is longer than the context's
	cmd.Args = []string{"outrider", s.Name}
	cmd.Env = append(os.Environ(), variable+"="+string(told))
	cmd.Stdout, cmd.Stderr = s.Log, s.Log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is the parent's affair
	cmd.ExtraFiles = []*os.File{w}
	for _, l := range s.Listeners {
		f, err := l.File()
		if err != nil {
			_ = w.Close()
			return nil, fmt.Errorf("hand a listener to %s: %w", s.Name, err)
		}
		defer f.Close()
		cmd.ExtraFiles = append(cmd.ExtraFiles, f)
	}
	lifeline, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	_ = w.Close()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", s.Name, err)
	}
	p := &Process{PID: cmd.Process.Pid, lifeline: lifeline, process: cmd.Process, exited: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.exited)
	}()
	if err := p.awaitReady(ctx, r); err != nil {
		return nil, fmt.Errorf("start %s: %w", s.Name, err)
	}
	return p, nil
}

// awaitReady reads that the child is ready, or why it isn't; then it is killed.
func (p *Process) awaitReady(ctx context.Context, ready io.Reader) error {
	stop := context.AfterFunc(ctx, p.Kill)
	line, _ := bufio.NewReader(ready).ReadString('\n') // a child that dies closes it
	stop()
	if line = strings.TrimSpace(line); line == readyLine {
		return nil
	}
	p.Kill()
	<-p.exited
	if err := ctx.Err(); err != nil {
		return err
	}
	if line == "" {
		line = fmt.Sprintf("it ended: %v", p.err)
	}
	return errors.New(line)
}

// Kill ends it at once (SIGKILL).
func (p *Process) Kill() { _ = p.process.Kill() } // an error says that it is gone already

// Exited is closed when it has ended.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// Stop asks it to end, and waits; after 15 s it is killed.
func (p *Process) Stop() error {
	_ = p.lifeline.Close()
	select {
	case <-p.exited:
	case <-time.After(patience + 5*time.Second):
		p.Kill()
		<-p.exited
	}
	return p.err
}

// Run is the child's side: it decodes the orders, takes over the listeners and calls run, which calls ready when it answers
// and returns when ctx is done. The result is the exit status.
func Run[T any](run func(ctx context.Context, orders T, listeners []net.Listener, ready func()) error) int {
	text := os.Getenv(variable)
	if text == "" {
		fmt.Fprintln(os.Stderr, strings.Join(os.Args[1:], " ")+" is started by outrider itself, not by hand")
		return 2
	}
	pipe := os.NewFile(readyFD, "ready")
	signal.Ignore(syscall.SIGINT, syscall.SIGHUP)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	context.AfterFunc(ctx, func() {
		time.Sleep(patience)
		os.Exit(3) // whatever hangs, no child outlives its parent for long
	})
	var told briefing[T]
	err := json.Unmarshal([]byte(text), &told)
	var listeners []net.Listener
	for i := 0; err == nil && i < told.Listeners; i++ {
		f := os.NewFile(uintptr(listenersFD+i), "listener")
		var l net.Listener
		if l, err = net.FileListener(f); err == nil {
			listeners = append(listeners, l)
		}
		_ = f.Close()
	}
	if err == nil {
		err = run(ctx, told.Orders, listeners, func() {
			fmt.Fprintln(pipe, readyLine)
			_ = pipe.Close()
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		fmt.Fprintln(pipe, strings.ReplaceAll(err.Error(), "\n", " "))
		return 1
	}
	return 0
}
