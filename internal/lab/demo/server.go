package demo

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
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"outrider/internal/app/node"
)

// serverProcess is an `outrider dev` as a child process that can be killed alone and started again on the same data and address.
type serverProcess struct {
	at   *net.TCPListener // stays open while the process is started again
	args []string
	ai   modelOf
	log  io.Writer

	mu    sync.Mutex
	now   node.Running
	cmd   *exec.Cmd
	line  io.Closer // its lifeline
	ended chan struct{}
	kills int
	asked bool          // the present process was told to end
	died  chan struct{} // closed when one ended that nobody told to
}

// modelOf is which language model a server may use.
type modelOf struct {
	fromEnvironment bool
	environment     []string // that names it
}

// startServerProcess waits until it is ready.
func startServerProcess(ctx context.Context, at *net.TCPListener, ai modelOf, log io.Writer, args ...string) (*serverProcess, error) {
	s := &serverProcess{at: at, args: append([]string{"dev", "--json", "--lifeline", "--listen", "fd:3"}, args...), ai: ai, log: log, died: make(chan struct{})}
	return s, s.startOnce(ctx)
}

// startAgain tries a few times: a child of the one that was killed may hold a lock for a moment.
func (s *serverProcess) startAgain(ctx context.Context) (err error) {
	for try := range 5 {
		if err = s.startOnce(ctx); err == nil || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(try+1) * 500 * time.Millisecond):
		}
	}
	return err
}

func (s *serverProcess) startOnce(ctx context.Context) error {
	exe, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find own executable: %w", err)
	}
	cmd := exec.Command(exe, s.args...) //nolint:noctx // ourselves; it ends with its lifeline
	cmd.Stderr, cmd.Env = s.log, s.childEnvironment()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is the driver's affair
	f, err := s.at.File()
	if err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	defer f.Close()
	cmd.ExtraFiles = []*os.File{f}
	line, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	text, err := bufio.NewReader(out).ReadBytes('\n')
	var r node.Running
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if !stop() {
		err = errors.Join(err, ctx.Err())
	}
	if err != nil {
		_ = cmd.Process.Kill()
		return fmt.Errorf("start the server: %w", errors.Join(err, cmd.Wait()))
	}
	ended := make(chan struct{})
	s.mu.Lock()
	s.now, s.cmd, s.line, s.ended, s.asked = r, cmd, line, ended, false
	s.mu.Unlock()
	go func() {
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait() // why it ended stands in its log
		s.mu.Lock()
		if s.cmd == cmd && !s.asked {
			close(s.died)
		}
		s.mu.Unlock()
		close(ended)
	}()
	return nil
}

// childEnvironment leaves out what was meant for the parent, and the keys of language models: a demonstration costs nothing, unless that is asked for.
func (s *serverProcess) childEnvironment() []string {
	kept := slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return name == "OUTRIDER_DEMO" || name == "OUTRIDER_RESET" || name == "OUTRIDER_PPROF" || !s.ai.fromEnvironment && strings.HasPrefix(name, "OPENAI_")
	})
	return append(kept, s.ai.environment...)
}

// runningNow is where its engines are now.
func (s *serverProcess) runningNow() node.Running {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// killAndRestart ends it with SIGKILL, in the middle of whatever it does, and waits until it is ready again.
func (s *serverProcess) killAndRestart(ctx context.Context) error {
	s.mu.Lock()
	cmd, ended := s.cmd, s.ended
	s.kills++
	s.asked = true
	s.mu.Unlock()
	_ = cmd.Process.Kill() // an error says that it is gone already
	<-ended
	return s.startAgain(ctx)
}

// killCount says how often.
func (s *serverProcess) killCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kills
}

// stopProcess asks it to end, and waits; after a minute it is killed.
func (s *serverProcess) stopProcess() error {
	s.mu.Lock()
	cmd, ended, line := s.cmd, s.ended, s.line
	s.asked = true
	s.mu.Unlock()
	if cmd == nil {
		return nil
	}
	_ = line.Close()
	_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-ended:
		return nil
	case <-time.After(time.Minute):
		_ = cmd.Process.Kill()
		<-ended
		return errors.New("the server didn't end when it was asked to, and was killed")
	}
}
