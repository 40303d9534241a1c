package hostilemail

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"time"

	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/mailserver/child"
	"outrider/internal/lab/mailserver/loopback"
)

// ChildArgument is the argument with which main must call Main.
const ChildArgument = "child-hostilemail"

// Main is a process in which every mode is served: main calls it when the first argument is ChildArgument, and ends with its result.
func Main() int { return child.Run(serveAll) }

type orders struct {
	Dir string // of the certificate
}

// Process serves all modes, each at a port of its own, in a process of its own: what it sends costs nobody else's memory.
type Process struct {
	ports   map[string]int
	counts  string // host:port that tells how often somebody came
	dir     string
	process *child.Process
}

// PID is that of the process.
func (p *Process) PID() int { return p.process.PID }

func imapName(m Mode) string { return "imap: " + m.Name }
func smtpName(m Mode) string { return "smtp: " + m.Name }

// served are all modes by their names.
func served() (names []string, protocols []string, modes []Mode) {
	for _, m := range append(IMAP(), EndlessInbox()) {
		names, protocols, modes = append(names, imapName(m)), append(protocols, "imap"), append(modes, m)
	}
	for _, m := range SMTP() {
		names, protocols, modes = append(names, smtpName(m)), append(protocols, "smtp"), append(modes, m)
	}
	return names, protocols, modes
}

// Start starts it. Clients must trust CA.
func Start(ctx context.Context, dir string, log io.Writer) (*Process, error) {
	p := &Process{ports: map[string]int{}, dir: dir}
	names, _, _ := served()
	var listeners []*net.TCPListener
	defer func() {
		for _, l := range listeners {
			_ = l.Close() // the child has its own
		}
	}()
	for _, name := range append(names, "counts") {
		l, err := loopback.Listen("127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		listeners = append(listeners, l)
		p.ports[name], p.counts = l.Addr().(*net.TCPAddr).Port, l.Addr().String()
	}
	var err error
	p.process, err = child.Start(ctx, child.Spec{Name: ChildArgument, Orders: orders{dir}, Listeners: listeners, Log: log})
	return p, err
}

// Names are those of all modes, as "imap: junk".
func Names() []string {
	names, _, _ := served()
	return names
}

// Port is where a mode is played.
func (p *Process) Port(name string) int { return p.ports[name] }

// CA is the path of the certificate that clients must trust.
func (p *Process) CA() string { return filepath.Join(p.dir, mailserver.CAFile) }

// Sessions says how often somebody has come to each mode.
func (p *Process) Sessions(ctx context.Context) (out map[string]int, err error) {
	conn, err := loopback.Dialer().DialContext(ctx, "tcp", p.counts)
	if err != nil {
		return nil, fmt.Errorf("ask hostile mail servers who came: %w", err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second)) // it is open
	if err := json.NewDecoder(conn).Decode(&out); err != nil {
		return nil, fmt.Errorf("ask hostile mail servers who came: %w", err)
	}
	return out, nil
}

// Stop ends it.
func (p *Process) Stop() error { return p.process.Stop() }

func serveAll(ctx context.Context, o orders, listeners []net.Listener, ready func()) error {
	names, protocols, modes := served()
	if len(listeners) != len(modes)+1 {
		return fmt.Errorf("serve hostile mail: %d listeners instead of %d", len(listeners), len(modes)+1)
	}
	secure, err := mailserver.Certificate(o.Dir, []string{"localhost", "127.0.0.1"})
	if err != nil {
		return err
	}
	all := map[string]*Server{}
	for i, m := range modes {
		s := serveOn(listeners[i], protocols[i], m, secure)
		defer s.Close()
		all[names[i]] = s
	}
	counts := listeners[len(modes)]
	defer context.AfterFunc(ctx, func() { _ = counts.Close() })()
	ready()
	for {
		conn, err := counts.Accept()
		if err != nil {
			return nil // closed: that is the end
		}
		now := map[string]int{}
		for name, s := range all {
			now[name] = s.Sessions()
		}
		_ = json.NewEncoder(conn).Encode(now) // who asked sees what is missing
		_ = conn.Close()
	}
}
