package prospects

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"outrider/internal/lab/mailserver/loopback"
)

// Clock is simulated time; *simclock.Participant is one.
type Clock interface {
	Now() time.Time
	At(t time.Time, f func()) (cancel func() bool) // time stands still until f returns
	Busy() (done func())                           // time stands still until done is called
}

// Config of a simulator. Dir and Clock must be set.
type Config struct {
	Dir        string // of the journal
	Clock      Clock
	Seed       uint64
	Rates      Rates             // all zero means DefaultRates
	Exchangers map[string]string // where answers to a domain (or "*", any) go: its MX, host:port on loopback
	Hosts      map[string]string // where web hosts are: "host" or "host:port" in a URL -> host:port on loopback
	Roots      *x509.CertPool    // trusted on https; nil: the system's
	Until      time.Time         // nobody does anything later than this; zero: no end
	Patience   time.Duration     // real time for which what doesn't answer is tried again; 0 means 60 s
}

// JournalFile is the simulator's journal, in its folder.
const JournalFile = "prospects.jsonl"

// Simulator is the prospects' mail server and the prospects.
type Simulator struct {
	config  Config
	clock   Clock
	journal *journal
	web     *web
	post    *mailCarrier
	smtp    *smtp.Server
	life    context.Context //nolint:containedctx // ends with Close; what people do has no caller
	end     context.CancelFunc

	ramp sendingRamp

	mu     sync.Mutex
	people map[string]*prospectMemory
}

// prospectMemory is what a person remembers.
type prospectMemory struct {
	Prospect
	mu       sync.Mutex
	arrivals int
	refusals int
	tries    int                  // messages that came as far as DATA
	greyed   map[string]time.Time // when a mailbox was first refused for being unknown here
	messages map[string]bool      // by Message-ID
	over     bool                 // the outcome has come
	back     time.Time            // zero: not away; set with the first message
	noted    map[string]time.Time
}

// New makes the folder and the journal; Serve begins.
func New(c Config) (*Simulator, error) {
	if c.Rates == (Rates{}) {
		c.Rates = DefaultRates()
	}
	if c.Patience == 0 {
		c.Patience = time.Minute
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make %s: %w", c.Dir, err)
	}
	f, err := os.OpenFile(filepath.Join(c.Dir, JournalFile), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	s := &Simulator{config: c, clock: c.Clock, journal: &journal{now: c.Clock.Now, file: f}, people: map[string]*prospectMemory{},
		web: newWeb(c.Hosts, c.Roots, c.Patience), post: &mailCarrier{c.Exchangers, c.Patience, make(chan struct{}, 16)}}
	s.life, s.end = context.WithCancel(context.Background())
	s.smtp = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{simulator: s, conn: c}, nil }))
	s.smtp.Domain, s.smtp.MaxMessageBytes, s.smtp.MaxRecipients, s.smtp.MaxLineLength = "mx.prospects.test", 25<<20, 100, 10000
	s.smtp.ErrorLog = silentLogger{}
	return s, nil
}

// Serve takes mail on l until Close.
func (s *Simulator) Serve(l net.Listener) error {
	if a, ok := l.Addr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() {
		return fmt.Errorf("serve on %s: %w", l.Addr(), loopback.ErrOutside)
	}
	if err := s.smtp.Serve(l); err != nil && s.life.Err() == nil {
		return fmt.Errorf("serve on %s: %w", l.Addr(), err)
	}
	return nil
}

// Close ends everything.
func (s *Simulator) Close() error {
	s.end()
	err := s.smtp.Close()
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	s.web.client.CloseIdleConnections()
	return errors.Join(err, s.journal.file.Close())
}

func (s *Simulator) personAt(address string) *prospectMemory {
	address = strings.ToLower(address)
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.people[address]
	if k == nil {
		k = &prospectMemory{Prospect: NewPerson(s.config.Seed, s.config.Rates, address), greyed: map[string]time.Time{}, messages: map[string]bool{}, noted: map[string]time.Time{}}
		s.people[address] = k
	}
	return k
}

// runLater has f done at a time, unless that is after the end.
func (s *Simulator) runLater(t time.Time, f func()) {
	if until := s.config.Until; until.IsZero() || !t.After(until) {
		s.clock.At(t, f)
	}
}

type silentLogger struct{}

func (silentLogger) Printf(string, ...any) {}
func (silentLogger) Println(...any)        {}
