package chaos

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"outrider/internal/embedded"
	"outrider/internal/kafka"
	"outrider/internal/mailserver"
	"outrider/internal/mailserver/zone"
)

// partitions of the log: enough that every processor has some, few enough that an organisation has company.
const partitions = 8

// system is the whole product, each part a process.
type system struct {
	cfg     Config
	engines *embedded.Engines
	broker  Broker
	log     kafka.Log // past the proxies
	proxies map[string]*proxy
	mail    *mailserver.Process
	token   string // of the mail server's administration
	names   *zone.Server
	parts   []*part
	listen  *net.TCPListener
	url     string
	closers []func()
}

// open starts everything. What it gives is to be closed also after an error.
func open(ctx context.Context, cfg Config) (*system, error) {
	s := &system{cfg: cfg, proxies: map[string]*proxy{}, token: rand.Text()}
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{{"start the stores", s.stores}, {"start the broker", s.startBroker}, {"start proxies", s.startProxies}, {"start the mail server", s.startMail},
		{"migrate", s.migrate}, {"start the product", s.startParts}} {
		if err := step.do(ctx); err != nil {
			return s, fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return s, nil
}

func (s *system) stores(ctx context.Context) (err error) {
	if err := os.MkdirAll(s.cfg.Dir, 0o755); err != nil { //nolint:gosec // Postgres runs as another user when we are root
		return fmt.Errorf("make the data folder: %w", err)
	}
	o := embedded.Options{Data: s.cfg.Dir, PostgresSettings: map[string]string{"max_connections": "400"}} // nine processes with pools of their own
	if s.cfg.Broker != nil {
		o.Kafka = embedded.None
	}
	if s.engines, err = embedded.Start(ctx, o); err == nil {
		s.closers = append(s.closers, s.engines.Stop)
	}
	return err
}

func (s *system) startBroker(ctx context.Context) (err error) {
	s.broker = embeddedBroker{s.engines}
	if s.cfg.Broker != nil {
		if s.broker, err = s.cfg.Broker(ctx, filepath.Join(s.cfg.Dir, "kafka"), s.say); err != nil {
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
	for name, address := range map[string]string{embedded.Postgres: s.engines.Postgres, embedded.ClickHouse: s.engines.ClickHouse} {
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
		s.closers = append(s.closers, p.stop)
	}
	return nil
}

// proxied is an engine's URL by way of its proxy.
func (s *system) proxied(name, address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address // startProxies has read it
	}
	u.Host = s.proxies[name].address()
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
	if err == nil {
		s.closers = append(s.closers, func() { _ = s.mail.Stop() })
	}
	return err
}

func (s *system) migrate(ctx context.Context) error {
	exe, err := self()
	if err != nil {
		return err
	}
	replication := "1"
	if len(s.broker.Addresses()) >= 3 {
		replication = "3"
	}
	cmd := exec.CommandContext(ctx, exe, "migrate", "--data", s.cfg.Dir, "--kafka", strings.Join(s.log.Seeds, ","), "--postgres", s.engines.Postgres, "--clickhouse", s.engines.ClickHouse,
		"--blobs", s.engines.Blobs, "--partitions", fmt.Sprint(partitions), "--replication", replication) //nolint:gosec // ourselves
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	s.log, err = s.log.Measure(ctx)
	return err
}

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
	s.listen, s.url = l.(*net.TCPListener), "http://"+l.Addr().String() //nolint:forcetypeassert // of TCP
	inherited, err := s.listen.File()
	if err != nil {
		return fmt.Errorf("share the api's listener: %w", err)
	}
	s.closers = append(s.closers, func() { _ = errors.Join(inherited.Close(), s.listen.Close()) })
	seeds, via := []string{}, []string{}
	for i, a := range s.broker.Addresses() {
		seeds = append(seeds, s.proxies[brokerProxy(i)].address())
		via = append(via, a+"="+s.proxies[brokerProxy(i)].address())
	}
	for _, p := range []*part{{name: "api", role: roleAPI, file: inherited}, {name: "processor A", role: roleCommands}, {name: "processor B", role: roleCommands},
		{name: "projector A", role: roleProjections}, {name: "projector B", role: roleProjections}, {name: "consumer A", role: roleConsumers}, {name: "consumer B", role: roleConsumers}} {
		at := "127.0.0.1:0"
		if p.file != nil {
			at = "fd:3"
		}
		p.args = []string{"serve", "--roles", p.role, "--data", s.cfg.Dir, "--kafka", strings.Join(seeds, ","), "--via", strings.Join(via, ";"), "--session", s.cfg.Session.String(), "--lifeline",
			"--postgres", s.proxied(embedded.Postgres, s.engines.Postgres), "--clickhouse", s.proxied(embedded.ClickHouse, s.engines.ClickHouse), "--blobs", s.engines.Blobs,
			"--listen", at, "--plans", file, "--public-url", s.url, "--mail-loopback", "--mail-ca", s.mail.CA(), "--resolver", s.names.Addr(), "--poll", "5s"}
		p.env = []string{"OUTRIDER_MUTANT=" + s.cfg.Without}
		out, err := openLog(s.cfg.Dir, strings.ReplaceAll(p.name, " ", "-"))
		if err != nil {
			return err
		}
		s.closers = append(s.closers, func() { _ = out.Close() })
		p.log = out
		if err := p.supervise(); err != nil {
			return err
		}
		s.parts = append(s.parts, p)
	}
	return nil
}

func (s *system) restarts() (n int) {
	for _, p := range s.parts {
		p.mu.Lock()
		n += p.crashes
		p.mu.Unlock()
	}
	return n
}

// of gives the parts with a role.
func (s *system) of(role string) (out []*part) {
	for _, p := range s.parts {
		if p.role == role {
			out = append(out, p)
		}
	}
	return out
}

// close ends everything, the last first.
func (s *system) close() {
	for _, p := range s.parts {
		p.end()
	}
	for i := len(s.closers) - 1; i >= 0; i-- {
		s.closers[i]()
	}
}
