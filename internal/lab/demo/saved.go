package demo

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"outrider/internal/lab/mailserver"
)

// savedDemo is what `dev --demo` keeps in the data folder, so that the organisation is made once and time goes on.
type savedDemo struct {
	Start   time.Time        `json:"start"`
	Now     time.Time        `json:"now"` // simulated
	Run     string           `json:"run"`
	Secret  string           `json:"secret"`
	Ports   mailserver.Ports `json:"ports"` // of the mail server: the mailboxes are connected there
	Ready   bool             `json:"ready"` // the organisation is set up
	Played  bool             `json:"played"`
	Senders int              `json:"senders"`
	Grid    int              `json:"grid"` // of them, that send through SendGrid
	Plan    Plan             `json:"plan"`
	Report  string           `json:"report,omitempty"` // see findingsOf
	Organization
}

func memoryFile(data string) string { return filepath.Join(data, "demo", "demo.json") }

// loadSaved gives what is remembered, or a new beginning: three weeks before now.
func loadSaved(data string, now time.Time) (m savedDemo, err error) {
	b, err := os.ReadFile(memoryFile(data))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		m.Start = now.UTC().AddDate(0, 0, -liveDays).Truncate(time.Hour)
		m.Now, m.Run, m.Secret = m.Start, strings.ToLower(rand.Text()), rand.Text()
		return m, m.saveTo(data)
	case err == nil:
		err = json.Unmarshal(b, &m)
	}
	if err != nil {
		return m, fmt.Errorf("read the demonstration's memory: %w", err)
	}
	return m, nil
}

// saveTo writes it, whole or not at all.
func (m savedDemo) saveTo(data string) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("remember the demonstration: %w", err)
	}
	file := memoryFile(data)
	err = os.MkdirAll(filepath.Dir(file), 0o700)
	if err == nil {
		err = os.WriteFile(file+".new", b, 0o600)
	}
	if err == nil {
		err = os.Rename(file+".new", file)
	}
	if err != nil {
		return fmt.Errorf("remember the demonstration: %w", err)
	}
	return nil
}

// saveNow writes the memory with what the time is now.
func (l *liveDemo) saveNow(changes ...func(*savedDemo)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, change := range changes {
		change(&l.memory)
	}
	if l.world != nil && l.world.Clock != nil {
		l.memory.Now = l.world.Clock.Now()
	}
	return l.memory.saveTo(l.data)
}

// keepSaving keeps the time, so that the next start goes on from it.
func (l *liveDemo) keepSaving(ctx context.Context) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := l.saveNow(); err != nil {
				l.screen.printNote("%v", err)
			}
		}
	}
}

func portsOf(m *mailserver.ServerProcess) (p mailserver.Ports, err error) {
	for _, x := range []struct {
		address string
		port    *int
	}{{m.Submission, &p.Submission}, {m.Submissions, &p.Submissions}, {m.MX, &p.MX}, {m.IMAP, &p.IMAP}, {m.IMAPS, &p.IMAPS}, {m.Admin, &p.Admin}} {
		_, port, err := net.SplitHostPort(x.address)
		if err == nil {
			*x.port, err = strconv.Atoi(port)
		}
		if err != nil {
			return p, fmt.Errorf("port of %s: %w", x.address, err)
		}
	}
	return p, nil
}

// lastInstant is when the last whole line of a journal was written, in simulated time; zero without one.
func lastInstant(journal string) (at time.Time) {
	b, err := os.ReadFile(journal)
	if err != nil {
		return at
	}
	lines := strings.Split(string(b), "\n")
	for i := len(lines) - 1; i >= 0 && at.IsZero(); i-- {
		var l struct{ At time.Time }
		if json.Unmarshal([]byte(lines[i]), &l) == nil {
			at = l.At
		}
	}
	return at
}
