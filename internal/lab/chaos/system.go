package chaos

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"outrider/internal/engines"
	"outrider/internal/kafka"
	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/mailserver/zone"
)

// system is the whole product, each part a process.
type system struct {
	cfg        Config
	engines    *engines.Engines
	broker     Broker
	log        kafka.Log // past the proxies
	proxies    map[string]*proxy
	mail       *mailserver.ServerProcess
	token      string // of the mail server's administration
	names      *zone.Nameserver
	parts      []*nodeProcess
	listen     *net.TCPListener
	url        string
	flags      []string // of every process of the product
	hostile    hostileServers
	payments   payments
	endpoints  endpoints
	crm        crm
	ai         ai
	grid       grid
	sites      sites
	turnsFlags bool // an operator does
	closers    []func()
}

// openSystem starts everything. What it gives is to be closed also after an error.
func openSystem(ctx context.Context, cfg Config) (*system, error) {
	s := &system{cfg: cfg, proxies: map[string]*proxy{}, token: rand.Text()}
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{{"start the stores", s.startStores}, {"start the broker", s.startBroker}, {"start proxies", s.startProxies}, {"start the mail server", s.startMail}, {"start hostile mail servers", s.startHostileServers},
		{"migrate", s.runMigrate}, {"start the product", s.startParts}} {
		if err := step.do(ctx); err != nil {
			return s, fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return s, nil
}

func (s *system) startStores(ctx context.Context) (err error) {
	if err := os.MkdirAll(s.cfg.Dir, 0o755); err != nil { // Postgres runs as another user when we are root
		return fmt.Errorf("make the data folder: %w", err)
	}
	o := engines.Options{Data: s.cfg.Dir, PostgresSettings: map[string]string{"max_connections": "400"}} // nine processes with pools of their own
	if s.cfg.Broker != nil {
		o.Kafka = engines.None
	}
	if s.engines, err = engines.Start(ctx, o); err == nil {
		s.closers = append(s.closers, s.engines.Stop)
	}
	return err
}

func (s *system) startBroker(ctx context.Context) (err error) {
	s.broker = embeddedBroker{s.engines}
	if s.cfg.Broker != nil {
		if s.broker, err = s.cfg.Broker(ctx, filepath.Join(s.cfg.Dir, "kafka"), s.logLine); err != nil {
			return err
		}
		s.closers = append(s.closers, s.broker.Stop)
	}
	s.log = kafka.Log{Seeds: s.broker.Addresses(), Generation: 1, Session: s.cfg.Session}
	return nil
}

func brokerProxy(i int) string { return fmt.Sprint("broker ", i) }

func (s *system) startProxies(context.Context) error {
	to := map[string]string{}
	for i, a := range s.broker.Addresses() {
		to[brokerProxy(i)] = a
	}
	for name, address := range map[string]string{engines.Postgres: s.engines.Postgres, engines.ClickHouse: s.engines.ClickHouse} {
		u, err := url.Parse(address)
		if err != nil {
			return fmt.Errorf("read the address of %s: %w", name, err)
		}
		to[name] = u.Host
	}
	for name, address := range to {
		p, err := newProxy(name, address)
		if err != nil {
			return err
		}
		s.proxies[name] = p
		s.closers = append(s.closers, p.stopProxy)
	}
	return nil
}

// proxiedURL is an engine's URL by way of its proxy.
func (s *system) proxiedURL(name, address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address // startProxies has read it
	}
	u.Host = s.proxies[name].listenAddress()
	return u.String()
}

// withoutOwner is a URL of Postgres without its owner, whom no process is told of.
func withoutOwner(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address // it was read before
	}
	u.User = nil
	return u.String()
}

func (s *system) startMail(ctx context.Context) (err error) {
	// A name server for the senders' domains; accounts come with the load.
	if s.names, err = zone.Listen("127.0.0.1:0", zone.Zone{TXT: map[string][]string{}, MX: map[string][]string{}, A: map[string][]netip.Addr{}}); err != nil {
		return err
	}
	s.closers = append(s.closers, func() { _ = s.names.Close() })
	out, err := openLog(s.cfg.Dir, "mail")
	if err != nil {
		return err
	}
	s.closers = append(s.closers, func() { _ = out.Close() })
	s.mail, err = mailserver.Start(ctx, mailserver.Orders{Dir: filepath.Join(s.cfg.Dir, "mail"), AdminToken: s.token, Sink: true}, mailserver.Ports{}, out)
	if err != nil {
		return err
	}
	s.closers = append(s.closers, func() { _ = s.mail.Stop() })
	return mailserver.AddAccounts(ctx, s.mail.Admin, s.token, map[string]string{systemSender: systemSecret})
}

// The account from which invitations leave.
const systemSender, systemSecret = "outrider@system.example.com", "chaos"

func (s *system) systemMail() string {
	u := url.URL{Scheme: "smtps", User: url.UserPassword(systemSender, systemSecret), Host: s.mail.Submissions}
	return u.String()
}

func (s *system) runMigrate(ctx context.Context) error {
	exe, err := ownExecutable()
	if err != nil {
		return err
	}
	replication := "1"
	if len(s.broker.Addresses()) >= 3 {
		replication = "3"
	}
	cmd := exec.CommandContext(ctx, exe, "migrate", "--data", s.cfg.Dir, "--kafka", strings.Join(s.log.Seeds, ","), "--postgres", s.engines.Postgres, "--clickhouse", s.engines.ClickHouse,
		"--blobs", s.engines.Blobs, "--partitions", fmt.Sprint(s.cfg.Partitions), "--replication", replication)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	s.log, err = s.log.Measure(ctx)
	return err
}

// closeAll ends everything, the last first.
func (s *system) closeAll() {
	for _, p := range s.parts {
		p.endProcess()
	}
	for i := len(s.closers) - 1; i >= 0; i-- {
		s.closers[i]()
	}
}
