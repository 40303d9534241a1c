package worker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/google/uuid"
)

// process is one child.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}
	why   error // once it has ended

	write sync.Mutex
	in    io.WriteCloser

	mu      sync.Mutex
	next    uint64
	pending map[uint64]*asked
	killed  error // why it was ended by us
	broken  int   // calls that were under way at its end
	unknown int   // of those, of mailboxes for which no turn has ended well yet

	// The pool's, under its lock.
	tenants map[uuid.UUID]*tenancy
	alone   Mailbox   // that it is for, when that is under suspicion
	idle    time.Time // since when it has no tenants
}

// tenancy is an organisation that a child works for.
type tenancy struct {
	turns   int
	last    time.Time
	clients map[string]bool // that may be connected
}

// asked is a call under way.
type asked struct {
	got   chan answered
	atEnd bool
	known bool
}

type answered struct {
	answer
	body []byte
}

// startProcess starts this program again, with nothing in its environment but what finds the system's certificates.
func startProcess(s Setup) (*process, error) {
	exe := "/proc/self/exe"
	if runtime.GOOS != "linux" {
		var err error
		if exe, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("find own executable: %w", err)
		}
	}
	cmd := exec.Command(exe) //nolint:noctx // ourselves; its life is longer than a call's
	cmd.Args = []string{"outrider", childArgument}
	cmd.Env = []string{childVariable + "=1", "GOMAXPROCS=1", "GOTRACEBACK=single"}
	for _, name := range []string{"SSL_CERT_FILE", "SSL_CERT_DIR"} {
		if v, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is the parent's affair
	last := &lastWords{}
	cmd.Stderr = last
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start mail worker: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("start mail worker: %w", err)
	}
	p := &process{cmd: cmd, ended: make(chan struct{}), in: in, pending: map[uint64]*asked{}, tenants: map[uuid.UUID]*tenancy{}, idle: time.Now()}
	go p.hear(out, last)
	go p.watch()
	if err := p.tell(call{Do: doSetup, Setup: &s}, nil); err != nil {
		p.kill(err)
		return nil, fmt.Errorf("start mail worker: %w", err)
	}
	return p, nil
}

// hear reads answers until the child has ended.
func (p *process) hear(out io.Reader, last *lastWords) {
	from := bufio.NewReaderSize(out, 64<<10)
	var err error
	for err == nil {
		var a answer
		var body []byte
		if body, err = readFrame(from, &a); err == nil {
			p.deliver(a, body)
		}
	}
	if !errors.Is(err, io.EOF) {
		p.kill(fmt.Errorf("%w: it answers what can't be read: %w", ErrCrashed, err))
	}
	state := p.cmd.Wait()
	if state == nil {
		state = errEnded
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.why = p.killed; p.why == nil {
		p.why = fmt.Errorf("%w: %w: %s", ErrCrashed, state, last)
	}
	p.broken = len(p.pending)
	for _, is := range p.pending {
		if !is.known {
			p.unknown++
		}
	}
	close(p.ended)
}

func (p *process) deliver(a answer, body []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	is := p.pending[a.ID]
	switch {
	case is == nil:
	case a.AtEnd:
		is.atEnd = true
	default:
		delete(p.pending, a.ID)
		is.got <- answered{a, body}
	}
}

// ask waits for an answer. atEnd says whether the end of a message may have been sent. An error says that there is none: the child has ended, or the
// context.
func (p *process) ask(ctx context.Context, c call, body []byte) (got answered, atEnd bool, err error) {
	is := &asked{got: make(chan answered, 1), known: c.known}
	p.mu.Lock()
	p.next++
	c.ID = p.next
	p.pending[c.ID] = is
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.pending, c.ID)
		atEnd = is.atEnd
	}()
	if err := p.tell(c, body); err != nil {
		p.kill(fmt.Errorf("%w: %w", ErrCrashed, err))
		<-p.ended
		return got, false, p.why
	}
	select {
	case got = <-is.got:
		return got, false, nil
	case <-p.ended:
		return got, false, p.lastAnswer(is, &got)
	case <-ctx.Done():
	}
	_ = p.tell(call{ID: c.ID, Do: doCancel}, nil) // it gives its answer then, unless it can't any more
	grace := time.NewTimer(cancelGrace)
	defer grace.Stop()
	select {
	case got = <-is.got:
		return got, false, nil
	case <-p.ended:
		return got, false, p.lastAnswer(is, &got)
	case <-grace.C:
		p.kill(fmt.Errorf("%w: it doesn't stop when it is told to", ErrOverran))
		<-p.ended
		return got, false, p.why
	}
}

// lastAnswer is one that came just before the end.
func (p *process) lastAnswer(is *asked, got *answered) error {
	select {
	case *got = <-is.got:
		return nil
	default:
		return p.why
	}
}

const cancelGrace = 5 * time.Second

var errEnded = errors.New("by itself")

func (p *process) tell(c call, body []byte) error {
	p.write.Lock()
	defer p.write.Unlock()
	return writeFrame(p.in, c, body)
}

// stop lets it end by itself.
func (p *process) stop() { _ = p.in.Close() }

// kill ends it at once, for a reason.
func (p *process) kill(why error) {
	p.mu.Lock()
	if p.killed == nil {
		p.killed = why
	}
	p.mu.Unlock()
	_ = p.cmd.Process.Kill()
	_ = p.in.Close()
}

// watch ends it when it takes more memory or time of the processor than it may.
func (p *process) watch() {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	began := time.Now()
	_, used := usageOf(p.cmd.Process.Pid)
	for {
		select {
		case <-p.ended:
			return
		case <-tick.C:
		}
		rss, cpu := usageOf(p.cmd.Process.Pid)
		if rss > maxRSS {
			p.kill(fmt.Errorf("%w: %d MB of memory", ErrOverran, rss>>20))
			return
		}
		if time.Since(began) < cpuWindow {
			continue
		}
		if cpu-used > cpuWindow*95/100 {
			p.kill(fmt.Errorf("%w: all of a processor for %s", ErrOverran, cpuWindow))
			return
		}
		began, used = time.Now(), cpu
	}
}

// lastWords keeps the beginning of what a child writes to standard error: why a Go program ends stands there first.
type lastWords struct {
	mu   sync.Mutex
	text []byte
}

// Write is io.Writer's.
func (l *lastWords) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, b[:min(len(b), 1024-len(l.text))]...)
	return len(b), nil
}

func (l *lastWords) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	first, _, _ := strings.Cut(strings.TrimSpace(string(l.text)), "\n")
	return first
}
