package embedded

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Names under which this program runs itself again as an engine.
const (
	kafkaChild      = "internal-kafka"
	clickhouseChild = "internal-clickhouse"
)

// RunChild must come first in main and in every TestMain: when this process was started as an engine it runs that and
// doesn't return.
func RunChild() {
	if len(os.Args) < 2 {
		return
	}
	var run func([]string) error
	switch os.Args[1] {
	case kafkaChild:
		run = kafkaMain
	case clickhouseChild:
		run = clickhouseMain
	default:
		return
	}
	if err := run(os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// child is this program run again as an engine. Its listener is ours, so it comes back on the same port when it is
// killed; its standard input is a pipe of ours, so it ends when we do.
type child struct {
	name     string
	args     []string
	env      []string
	listener *os.File
	addr     string
	log      *slog.Logger

	mu       sync.Mutex
	cmd      *exec.Cmd
	lifeline io.WriteCloser
	stopping bool
	done     chan struct{}
}

// listen takes a port: the wanted one, or any when it is 0 or when any is welcome.
func listen(want int, strict bool) (*os.File, string, error) {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", want))
	if err != nil && !strict {
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, "", fmt.Errorf("port %d is taken by another program: %w", want, err)
	}
	defer func() { _ = l.Close() }() // the duplicate keeps the socket
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		return nil, "", fmt.Errorf("pass on a listener: %w", err)
	}
	return f, l.Addr().String(), nil
}

func startChild(c *child) (*child, error) {
	c.done = make(chan struct{})
	if err := c.spawn(); err != nil {
		_ = c.listener.Close()
		return nil, err
	}
	go c.supervise()
	return c, nil
}

func (c *child) spawn() error {
	exe, err := os.Executable()
	if err != nil {
		return fmt.Errorf("start %s: %w", c.name, err)
	}
	cmd := exec.Command(exe, append([]string{c.name}, c.args...)...)
	cmd.Env = append(os.Environ(), c.env...)
	cmd.ExtraFiles = []*os.File{c.listener}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C in a terminal is ours to handle
	in, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("start %s: %w", c.name, err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start %s: %w", c.name, err)
	}
	errs := &lastLines{}
	cmd.Stderr = errs
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", c.name, err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "READY") {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return errors.New(strings.TrimPrefix(c.name, "internal-") + " did not start: " + errs.String())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cmd, c.lifeline = cmd, in
	return nil
}

func (c *child) supervise() {
	defer close(c.done)
	for {
		err := c.cmd.Wait()
		for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
			c.mu.Lock()
			stopping := c.stopping
			c.mu.Unlock()
			if stopping {
				return
			}
			c.log.Warn("an embedded engine ended; starting it again", "engine", c.name, "error", err)
			time.Sleep(wait)
			if err = c.spawn(); err == nil {
				break
			}
		}
	}
}

func (c *child) pid() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cmd.Process.Pid
}

func (c *child) stop() {
	c.mu.Lock()
	c.stopping = true
	_ = c.lifeline.Close()
	c.mu.Unlock()
	select {
	case <-c.done:
	case <-time.After(20 * time.Second):
		_ = c.cmd.Process.Kill()
		<-c.done
	}
	_ = c.listener.Close()
}

// inherited is a child's view of the listener that its parent owns.
func inherited() (net.Listener, error) {
	l, err := net.FileListener(os.NewFile(3, "listener"))
	if err != nil {
		return nil, fmt.Errorf("this command is started by outrider itself: %w", err)
	}
	return l, nil
}

// lifelineCut closes when the parent has gone or wants us to end.
func lifelineCut() <-chan struct{} {
	cut := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(cut)
	}()
	return cut
}

// lastLines keeps the end of what an engine says, for the error when it doesn't start.
type lastLines struct {
	mu sync.Mutex
	b  []byte
}

func (l *lastLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b = append(l.b, p...)
	if len(l.b) > 8<<10 {
		l.b = append([]byte(nil), l.b[len(l.b)-4<<10:]...)
	}
	return len(p), nil
}

func (l *lastLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.TrimSpace(string(l.b))
}
