package chaos

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"outrider/internal/engines"
)

// plans are the limits that the load runs into.
const plans = `{"chaos": {"leads_per_month": 60, "mailboxes": 3}}`

const (
	leadLimit    = 60
	mailboxLimit = 3
)

func (s *system) startParts(context.Context) error {
	file := filepath.Join(s.cfg.Dir, "plans.json")
	if err := os.WriteFile(file, []byte(plans), 0o600); err != nil {
		return fmt.Errorf("write plans: %w", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // waits for nothing
	if err != nil {
		return fmt.Errorf("listen for the api: %w", err)
	}
	s.listen, s.url = l.(*net.TCPListener), "http://"+l.Addr().String()
	inherited, err := s.listen.File()
	if err != nil {
		return fmt.Errorf("share the api's listener: %w", err)
	}
	s.closers = append(s.closers, func() { _ = errors.Join(inherited.Close(), s.listen.Close()) })
	seeds, via := []string{}, []string{}
	for i, a := range s.broker.Addresses() {
		seeds = append(seeds, s.proxies[brokerProxy(i)].listenAddress())
		via = append(via, a+"="+s.proxies[brokerProxy(i)].listenAddress())
	}
	for _, p := range []*part{{name: "api A", role: roleAPI, file: inherited}, {name: "api B", role: roleAPI, file: inherited}, {name: "processor A", role: roleCommands}, {name: "processor B", role: roleCommands},
		{name: "projector A", role: roleProjections}, {name: "projector B", role: roleProjections}, {name: "consumer A", role: roleConsumers}, {name: "consumer B", role: roleConsumers}} {
		at := "127.0.0.1:0"
		if p.file != nil {
			at = "fd:3"
		}
		p.args = []string{"serve", "--roles", p.role, "--data", s.cfg.Dir, "--kafka", strings.Join(seeds, ","), "--via", strings.Join(via, ";"), "--session", s.cfg.Session.String(), "--lifeline",
			"--postgres", s.proxiedURL(engines.Postgres, s.engines.Postgres), "--clickhouse", s.proxiedURL(engines.ClickHouse, s.engines.ClickHouse), "--blobs", s.engines.Blobs,
			"--listen", at, "--plans", file, "--public-url", s.url, "--mail-loopback", "--mail-ca", s.mail.CA(), "--resolver", s.names.Addr(), "--poll", "5s"}
		if p.role == roleCommands {
			p.args = append(p.args, "--standby", "--snapshot-every", "5s") // owners begin from a snapshot of seconds ago, or have followed
		}
		p.env = []string{"OUTRIDER_MUTANT=" + s.cfg.Without}
		out, err := openLog(s.cfg.Dir, p.logName())
		if err != nil {
			return err
		}
		s.closers = append(s.closers, func() { _ = out.Close() })
		p.log = out
		p.crashed = func(p *part) { s.logLine("%s ended by itself: %s", p.name, s.lastLine(p)) }
		if err := p.startSupervised(); err != nil {
			return err
		}
		s.parts = append(s.parts, p)
	}
	return nil
}

func (s *system) countRestarts() (n int) {
	for _, p := range s.parts {
		p.mu.Lock()
		n += p.crashes
		p.mu.Unlock()
	}
	return n
}

// partsWithRole gives the parts with a role.
func (s *system) partsWithRole(role string) (out []*part) {
	for _, p := range s.parts {
		if p.role == role {
			out = append(out, p)
		}
	}
	return out
}
