package mailserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"outrider/internal/lab/mailserver/child"
	"outrider/internal/lab/mailserver/loopback"
	"outrider/internal/lab/simclock"
)

// ChildArgument is the argument with which main must call Main.
const ChildArgument = "child-mail"

// Orders are what the mail process is told.
type Orders struct {
	Dir        string
	Name       string
	Names      []string
	Fsync      bool
	Exchangers map[string]string
	AdminToken string
	NoSent     bool
	NoTags     bool
	Sink       bool   // take what is submitted for domains without a way and keep nothing of it but the journal: to measure senders
	Clock      string // the coordinator's address; "" = this machine's clock

	LoseAnswers float64 // see Options
	Seed        uint64
}

// ClockName is the mail process's name at the coordinator.
const ClockName = "mail"

// Main is the mail process: main calls it when the first argument is ChildArgument, and ends with its result.
func Main() int { return child.Run(runServer) }

func runServer(ctx context.Context, o Orders, listeners []net.Listener, ready func()) error {
	if len(listeners) != listenerCount {
		return fmt.Errorf("serve mail: %d listeners instead of %d", len(listeners), listenerCount)
	}
	options := Options{Dir: o.Dir, Name: o.Name, Names: o.Names, Fsync: o.Fsync, Exchangers: o.Exchangers, AdminToken: o.AdminToken, NoSent: o.NoSent || o.Sink, NoTags: o.NoTags, Sink: o.Sink, LoseAnswers: o.LoseAnswers, Seed: o.Seed,
		Log: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	if o.Clock != "" {
		clock, err := simclock.Dial(ctx, o.Clock, ClockName)
		if err != nil {
			return err
		}
		defer clock.Close()
		clock.Ready() // the mail process only reads the time: what it takes it has passed on before it answers
		options.Now = clock.Now
	}
	s, err := New(options)
	if err != nil {
		return err
	}
	l := Listeners{listeners[0], listeners[1], listeners[2], listeners[3], listeners[4], listeners[5]}
	if err := s.Serve(l); err != nil {
		return errors.Join(err, s.Close())
	}
	ready()
	<-ctx.Done()
	return s.Close()
}

const listenerCount = 6

// ServerProcess is a mail server in a process of its own. Its ports stay the same when it is started again.
type ServerProcess struct {
	Submission, Submissions, MX, IMAP, IMAPS, Admin string // host:port

	orders    Orders
	log       io.Writer
	listeners []*net.TCPListener
	child     *child.Process
}

// Ports may fix ports of a Process; 0 chooses one.
type Ports struct{ Submission, Submissions, MX, IMAP, IMAPS, Admin int }

// Start starts a mail process; log gets what it prints.
func Start(ctx context.Context, o Orders, ports Ports, log io.Writer) (*ServerProcess, error) {
	p := &ServerProcess{orders: o, log: log}
	addresses := []*string{&p.Submission, &p.Submissions, &p.MX, &p.IMAP, &p.IMAPS, &p.Admin}
	for i, port := range []int{ports.Submission, ports.Submissions, ports.MX, ports.IMAP, ports.IMAPS, ports.Admin} {
		l, err := loopback.Listen(fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			p.releaseChild()
			return nil, err
		}
		p.listeners = append(p.listeners, l)
		*addresses[i] = l.Addr().String()
	}
	if err := p.Restart(ctx); err != nil {
		p.releaseChild()
		return nil, err
	}
	return p, nil
}

// Restart starts the process again after it ended or was killed.
func (p *ServerProcess) Restart(ctx context.Context) error {
	c, err := child.Start(ctx, child.Spec{Name: ChildArgument, Orders: p.orders, Listeners: p.listeners, Log: p.log})
	if err != nil {
		return err
	}
	p.child = c
	return nil
}

// Kill ends the process at once and waits until it is gone.
func (p *ServerProcess) Kill() {
	p.child.Kill()
	<-p.child.Exited()
}

// Exited is closed when the process has ended, for whatever reason.
func (p *ServerProcess) Exited() <-chan struct{} { return p.child.Exited() }

// PID is the process's id.
func (p *ServerProcess) PID() int { return p.child.PID }

// Journal is the path of its journal.
func (p *ServerProcess) Journal() string { return filepath.Join(p.orders.Dir, JournalFile) }

// CA is the path of the certificate that clients must trust.
func (p *ServerProcess) CA() string { return filepath.Join(p.orders.Dir, CAFile) }

// Stop ends the process and gives its ports back.
func (p *ServerProcess) Stop() error {
	err := p.child.Stop()
	p.releaseChild()
	return err
}

func (p *ServerProcess) releaseChild() {
	for _, l := range p.listeners {
		_ = l.Close()
	}
}
