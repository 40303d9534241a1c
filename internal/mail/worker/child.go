package worker

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"
)

// childArgument is what the program is started with to be a child; childVariable says that it was started by a parent.
const (
	childArgument = "internal-mail"
	childVariable = "OUTRIDER_MAIL_CHILD"
)

// RunChild must be called first by main, and by every TestMain whose tests read or send mail in children: a child is this same program started again. In
// such a child it talks to mail servers until its parent ends, and ends the process; anywhere else it does nothing.
func RunChild() { runChild(newEngine) }

func runChild(newEngine func(Setup) (engine, error)) {
	if len(os.Args) != 2 || os.Args[1] != childArgument {
		return
	}
	if os.Getenv(childVariable) == "" {
		fmt.Fprintln(os.Stderr, childArgument+" is started by outrider itself, not by hand")
		os.Exit(2)
	}
	signal.Ignore(syscall.SIGINT, syscall.SIGHUP, syscall.SIGPIPE) // the parent says when it is over
	limitOwn()
	if err := serve(os.Stdin, os.Stdout, newEngine); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// limitOwn bounds what this process may take; the parent watches it besides.
func limitOwn() {
	debug.SetMemoryLimit(softMemory)
	debug.SetMaxStack(16 << 20)
	for which, limit := range map[int]uint64{syscall.RLIMIT_CORE: 0, syscall.RLIMIT_NOFILE: maxFiles, syscall.RLIMIT_AS: ownAddressSpace() + hardMemory} {
		_ = syscall.Setrlimit(which, &syscall.Rlimit{Cur: limit, Max: limit}) // fewer are allowed already
	}
}

// engine does what is asked. atEnd is called before the end of a message is sent.
type engine interface {
	do(ctx context.Context, c call, body []byte, atEnd func() error) (a answer, messages [][]byte)
}

// serve answers calls until the input ends. Each is done beside the others.
func serve(in io.Reader, out io.Writer, newEngine func(Setup) (engine, error)) error {
	from := bufio.NewReaderSize(in, 64<<10)
	var setup call
	if _, err := readFrame(from, &setup); err != nil || setup.Setup == nil {
		return fmt.Errorf("read setup: %w", err)
	}
	work, err := newEngine(*setup.Setup)
	if err != nil {
		return err
	}
	s := &server{engine: work, out: out, running: map[uint64]context.CancelFunc{}}
	for {
		var c call
		body, err := readFrame(from, &c)
		if err == io.EOF { //nolint:errorlint // as io.ReadFull gives it
			return nil
		}
		if err != nil {
			return fmt.Errorf("read call: %w", err)
		}
		s.begin(c, body)
	}
}

type server struct {
	engine  engine
	mu      sync.Mutex
	out     io.Writer
	running map[uint64]context.CancelFunc
}

func (s *server) begin(c call, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.Do == doCancel {
		if cancel := s.running[c.ID]; cancel != nil {
			cancel()
		}
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.running[c.ID] = cancel
	go func() {
		defer cancel()
		a, messages := s.engine.do(ctx, c, body, func() error { return s.write(answer{ID: c.ID, AtEnd: true}) })
		a.ID = c.ID
		if err := s.write(a, messages...); err != nil {
			fmt.Fprintln(os.Stderr, "write answer:", err)
			os.Exit(1) // nobody hears us
		}
	}()
}

func (s *server) write(a answer, messages ...[]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !a.AtEnd {
		delete(s.running, a.ID)
	}
	return writeFrame(s.out, a, messages...)
}
