package chaos

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"outrider/internal/engines"
)

// plans are the limits that the load runs into.
func plans() string {
	return fmt.Sprintf(`{"chaos": {"leads_per_month": %d, "mailboxes": %d}, "crew": {"seats": %d}}`, leadLimit, mailboxLimit, crewSeats)
}

const (
	leadLimit    = 60
	mailboxLimit = 3
)

func (s *system) startParts(context.Context) error {
	file := filepath.Join(s.cfg.Dir, "plans.json")
	if err := os.WriteFile(file, []byte(plans()), 0o600); err != nil {
		return fmt.Errorf("write plans: %w", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // waits for nothing
	if err != nil {
		return fmt.Errorf("listen for the api: %w", err)
	}
	s.listen, s.url = l.(*net.TCPListener), "http://"+l.Addr().String()
	for what, start := range map[string]func() error{"payments": s.startPayments, "endpoints of webhooks": s.startEndpoints, "a CRM": s.startCRM, "a language model": s.startAI, "a provider of mail": s.startGrid, "web sites": s.startSites} {
		if slices.Contains(s.cfg.Leave, loadNames()[what]) {
			continue
		}
		if err := start(); err != nil {
			return fmt.Errorf("start %s: %w", what, err)
		}
	}
	inherited, err := s.listen.File()
	if err != nil {
		return fmt.Errorf("share the api's listener: %w", err)
	}
	s.closers = append(s.closers, func() { _ = errors.Join(inherited.Close(), s.listen.Close()) })
	trusted, err := s.trustedFile()
	if err != nil {
		return err
	}
	seeds, via := []string{}, []string{}
	for i, a := range s.broker.Addresses() {
		seeds = append(seeds, s.proxies[brokerProxy(i)].listenAddress())
		via = append(via, a+"="+s.proxies[brokerProxy(i)].listenAddress())
	}
	s.flags = []string{"--data", s.cfg.Dir, "--kafka", strings.Join(seeds, ","), "--via", strings.Join(via, ";"), "--session", s.cfg.Session.String(), "--lifeline",
		"--postgres", withoutOwner(s.proxiedURL(engines.Postgres, s.engines.Postgres)), "--clickhouse", s.proxiedURL(engines.ClickHouse, s.engines.ClickHouse), "--blobs", s.engines.Blobs,
		"--plans", file, "--public-url", s.url, "--mail-loopback", "--mail-ca", trusted, "--resolver", s.names.Addr(), "--poll", s.cfg.Poll.String(), "--webhooks", "loopback"}
	parts := []*nodeProcess{{name: "api A", role: roleAPI, file: inherited}, {name: "api B", role: roleAPI, file: inherited}, {name: "processor A", role: roleCommands}, {name: "processor B", role: roleCommands},
		{name: "projector A", role: roleProjections}, {name: "projector B", role: roleProjections}, {name: "consumer A", role: roleConsumers}, {name: "consumer B", role: roleConsumers}}
	if s.cfg.OneProcess {
		parts = []*nodeProcess{{name: "server", role: strings.Join([]string{roleAPI, roleCommands, roleProjections, roleConsumers}, ","), file: inherited}}
	}
	for _, p := range parts {
		if err := s.startPart(p); err != nil {
			return err
		}
	}
	return nil
}

// startPart starts a process of the product, which runs until it is ended.
func (s *system) startPart(p *nodeProcess) error {
	at := "127.0.0.1:0"
	if p.file != nil {
		at = "fd:3"
	}
	p.args = append([]string{"serve", "--roles", p.role, "--listen", at}, s.flags...)
	if strings.Contains(p.role, roleAPI) || strings.Contains(p.role, roleConsumers) {
		p.args = append(p.args, slices.Concat(s.payments.flags, s.crm.flags, s.grid.flags, s.sites.flags)...)
		if !s.cfg.OneProcess {
			p.args = append(p.args, "--system-smtp", s.systemMail())
		}
	}
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
	p.crashed = func(p *nodeProcess) { s.logLine("%s ended by itself: %s", p.name, s.lastLine(p)) }
	if err := p.startSupervised(); err != nil {
		return err
	}
	s.parts = append(s.parts, p)
	return nil
}

// trustedFile is a file with the certificates of all mail servers.
func (s *system) trustedFile() (string, error) {
	own, err := os.ReadFile(s.mail.CA())
	if err != nil {
		return "", fmt.Errorf("read the mail server's certificate: %w", err)
	}
	file := filepath.Join(s.cfg.Dir, "trusted.pem")
	if err := os.WriteFile(file, append(own, s.hostile.ca...), 0o600); err != nil {
		return "", fmt.Errorf("write trusted certificates: %w", err)
	}
	return file, nil
}

// endDecisions ends those who ask and decide: nothing happens any more, and what is done about it comes to its end. One process for everything ends.
func (s *system) endDecisions() error {
	if s.cfg.OneProcess {
		return s.endAllButProjections()
	}
	for _, p := range s.parts {
		if p.role == roleAPI || p.role == roleCommands {
			p.endProcess()
		}
	}
	return nil
}

// endAllButProjections ends all processes that decide or send; projections have to come to the end of the log first.
func (s *system) endAllButProjections() error {
	for _, p := range s.parts {
		if p.role != roleProjections {
			p.endProcess()
		}
	}
	if s.cfg.OneProcess && len(s.partsWithRole(roleProjections)) == 0 {
		return s.startPart(&nodeProcess{name: "projector", role: roleProjections})
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
func (s *system) partsWithRole(role string) (out []*nodeProcess) {
	for _, p := range s.parts {
		if p.role == role {
			out = append(out, p)
		}
	}
	return out
}
