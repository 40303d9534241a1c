package prospects

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"outrider/internal/lab/mailserver/child"
	"outrider/internal/lab/simclock"
)

// ChildArgument is the argument with which main must call Main.
const ChildArgument = "child-prospects"

// Orders are what the simulator's process is told; see Config.
type Orders struct {
	Dir        string
	Clock      string // the coordinator's address, host:port
	Seed       uint64
	Rates      Rates
	Exchangers map[string]string
	Hosts      map[string]string
	CAFile     string // PEM; "" = the system's
	Until      time.Time
	Patience   time.Duration
}

// Main is the simulator's process: main calls it when the first argument is ChildArgument, and ends with its result.
func Main() int { return child.Run(runPeople) }

// ClockName is the simulator's name at the coordinator.
const ClockName = "prospects"

func runPeople(ctx context.Context, o Orders, listeners []net.Listener, ready func()) error {
	if len(listeners) != 1 {
		return fmt.Errorf("simulate prospects: %d listeners instead of 1", len(listeners))
	}
	c := Config{Dir: o.Dir, Seed: o.Seed, Rates: o.Rates, Exchangers: o.Exchangers, Hosts: o.Hosts, Until: o.Until, Patience: o.Patience}
	if o.CAFile != "" {
		pem, err := os.ReadFile(o.CAFile)
		if err != nil {
			return fmt.Errorf("read CA: %w", err)
		}
		c.Roots = x509.NewCertPool()
		if !c.Roots.AppendCertsFromPEM(pem) {
			return fmt.Errorf("read CA: no certificate in %s", o.CAFile)
		}
	}
	clock, err := simclock.Dial(ctx, o.Clock, ClockName)
	if err != nil {
		return err
	}
	defer clock.Close()
	c.Clock = clock
	s, err := New(c)
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(listeners[0]) }()
	clock.Ready()
	ready()
	select {
	case <-ctx.Done():
	case <-clock.Gone():
	case err = <-served:
		return errors.Join(err, s.Close())
	}
	return errors.Join(s.Close(), <-served)
}

// SimulatorProcess is a simulator in a process of its own.
type SimulatorProcess struct {
	MX       string // host:port
	dir      string
	child    *child.Process
	listener *net.TCPListener
}

// StartOn starts the simulator on a listener that the caller has opened before, so that others could be told of it. It is closed by Stop.
// Log gets what the simulator prints. What the simulated people remember ends with the process.
func StartOn(ctx context.Context, l *net.TCPListener, o Orders, log io.Writer) (*SimulatorProcess, error) {
	c, err := child.Start(ctx, child.Spec{Name: ChildArgument, Orders: o, Listeners: []*net.TCPListener{l}, Log: log})
	if err != nil {
		_ = l.Close()
		return nil, err
	}
	return &SimulatorProcess{MX: l.Addr().String(), dir: o.Dir, child: c, listener: l}, nil
}

// Journal is the path of its journal.
func (p *SimulatorProcess) Journal() string { return filepath.Join(p.dir, JournalFile) }

// Exited is closed when the process has ended, for whatever reason.
func (p *SimulatorProcess) Exited() <-chan struct{} { return p.child.Exited() }

// Stop ends it.
func (p *SimulatorProcess) Stop() error {
	err := p.child.Stop()
	_ = p.listener.Close()
	return err
}

// PID is the process's id.
func (p *SimulatorProcess) PID() int { return p.child.PID }
