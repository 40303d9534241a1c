package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"outrider/internal/retry"
)

// Roles of a part, as `outrider serve` names them.
const (
	roleAPI         = "api"
	roleCommands    = "commands"
	roleProjections = "projections"
	roleConsumers   = "consumers"
)

// nodeProcess is one `outrider serve`, started again whenever it ends.
type nodeProcess struct {
	name, role string
	args       []string
	env        []string
	file       *os.File // its listener; nil = it makes one
	log        io.Writer
	crashed    func(*nodeProcess) // told when it has ended by itself

	mu      sync.Mutex
	cmd     *exec.Cmd
	told    bool // the end that comes next is not its own
	over    bool
	crashes int
	running chan struct{} // closed when it has ended for good
}

// ownExecutable is this program's file; on Linux also after it was replaced.
func ownExecutable() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	return os.Executable()
}

func (p *nodeProcess) startProcess() error {
	exe, err := ownExecutable()
	if err != nil {
		return fmt.Errorf("find own executable: %w", err)
	}
	cmd := exec.Command(exe) //nolint:noctx // ourselves; ended by kill and by its lifeline
	cmd.Args = append([]string{"outrider"}, p.args...)
	cmd.Env = append(os.Environ(), p.env...)
	cmd.Stdout, cmd.Stderr = p.log, p.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is the parent's affair
	if p.file != nil {
		cmd.ExtraFiles = []*os.File{p.file}
	}
	if _, err = cmd.StdinPipe(); err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	p.cmd = cmd
	return nil
}

// startSupervised keeps it running.
func (p *nodeProcess) startSupervised() error {
	p.running = make(chan struct{})
	if err := p.startProcess(); err != nil {
		return err
	}
	go func() {
		defer close(p.running)
		for {
			p.mu.Lock()
			cmd := p.cmd
			p.mu.Unlock()
			_ = cmd.Wait() // why it ended stands in its log
			p.mu.Lock()
			if p.over {
				p.mu.Unlock()
				return
			}
			told := p.told
			if !told {
				p.crashes++
			}
			p.told = false
			p.mu.Unlock()
			if !told {
				p.crashed(p)
				time.Sleep(200 * time.Millisecond) // what it needs may be away
			}
			p.mu.Lock()
			if p.over || p.startProcess() != nil {
				p.mu.Unlock()
				return
			}
			p.mu.Unlock()
		}
	}()
	return nil
}

// signalProcess sends one; ends says that it is meant to end of it.
func (p *nodeProcess) signalProcess(sig syscall.Signal, ends bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = p.told || ends
	_ = p.cmd.Process.Signal(sig) // it may have ended
}

// endPatience is how long a process may take to end when it is asked to.
const endPatience = 40 * time.Second

var errHung = errors.New("a process doesn't end when it is asked to")

// replaceProcess sends a signal that ends it, and returns when another one was started.
func (p *nodeProcess) replaceProcess(ctx context.Context, sig syscall.Signal) error {
	p.mu.Lock()
	old := p.cmd
	p.mu.Unlock()
	p.signalProcess(sig, true)
	hung := false
	for began := time.Now(); ; _ = retry.Sleep(ctx, 5*time.Millisecond) {
		p.mu.Lock()
		now := p.cmd
		p.mu.Unlock()
		switch {
		case now != old && hung:
			return fmt.Errorf("%w: %s, %s after %s; its log says where it was", errHung, p.name, endPatience, sig)
		case now != old:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Since(began) > endPatience && !hung:
			hung = true
			p.signalProcess(syscall.SIGQUIT, true) // it tells its log where it hangs, and ends
		case time.Since(began) > 2*endPatience:
			return fmt.Errorf("%s doesn't end on %s", p.name, sig)
		}
	}
}

// endProcess ends it for good: cleanly, or after a while by force.
func (p *nodeProcess) endProcess() {
	p.mu.Lock()
	if p.cmd == nil {
		p.mu.Unlock()
		return
	}
	p.over = true
	_ = p.cmd.Process.Signal(syscall.SIGCONT)
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	p.mu.Unlock()
	select {
	case <-p.running:
	case <-time.After(20 * time.Second):
		p.signalProcess(syscall.SIGKILL, true)
		<-p.running
	}
}

func logFile(dir, name string) string { return filepath.Join(dir, "logs", name+".log") }

func openLog(dir, name string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Join(dir, "logs"), 0o755); err != nil { // Postgres runs as another user when we are root
		return nil, fmt.Errorf("make folder of logs: %w", err)
	}
	f, err := os.OpenFile(logFile(dir, name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log of %s: %w", name, err)
	}
	return f, nil
}

// lastLine is the end of a part's log, where the reason stands when it ended by itself.
func (s *system) lastLine(p *nodeProcess) string {
	b, err := os.ReadFile(logFile(s.cfg.Dir, p.logName()))
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return lines[len(lines)-1]
}

func (p *nodeProcess) logName() string { return strings.ReplaceAll(p.name, " ", "-") }
