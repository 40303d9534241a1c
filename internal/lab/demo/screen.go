package demo

import (
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/mattn/go-isatty"
)

// screen shows how far something is: on a terminal one line that changes, elsewhere a line each time.
type screen struct {
	mu       sync.Mutex
	out      io.Writer
	terminal bool
	open     bool   // a line that changes stands there
	last     string // that was shown live
}

func newScreen(f *os.File) *screen { return &screen{out: f, terminal: isatty.IsTerminal(f.Fd())} }

// showLive replaces the line that changes.
func (s *screen) showLive(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if text == s.last {
		return
	}
	if s.last = text; !s.terminal {
		fmt.Fprintln(s.out, text)
		return
	}
	fmt.Fprint(s.out, "\r\x1b[K", text)
	s.open = true
}

// printNote writes a line that stays.
func (s *screen) printNote(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endLine()
	fmt.Fprintf(s.out, format+"\n", args...)
}

func (s *screen) endLine() {
	if s.open {
		fmt.Fprintln(s.out)
		s.open = false
	}
}

// endLive ends the line that changes.
func (s *screen) endLive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endLine()
}
