// Package embedded runs the engines that Outrider stands on as children of its own process: Kafka (kfake), the real
// Postgres and the real ClickHouse, with their data in one folder that is kept between starts.
package embedded

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

const (
	postgresUser   = "outrider"
	clickhouseUser = "outrider"
	// Embedded stands for an engine of our own where an address could be.
	Embedded = "embedded"
)

// Options of Start. The zero value of an address means Embedded.
type Options struct {
	Data       string // folder, made when missing
	Engines    string // node_modules with the engines; "" = look for it
	Kafka      string // "embedded", "none", or host:port[,host:port]
	Postgres   string // "embedded", "none", or a URL of a role that may create roles and schemas
	ClickHouse string // "embedded", "none", or an http(s) URL with user and password
	Fsync      bool   // Kafka syncs every batch to disk: safe against a power cut, see docs/adr/0002-embedded-engines.md
	Log        *slog.Logger
}

// none leaves an engine out, for tests that need only some.
const none = "none"

// Engines are up. Addresses stay the same while it runs, whatever happens to the children.
type Engines struct {
	Kafka      string // seeds, comma separated
	Postgres   string // URL of the owner
	ClickHouse string // http URL with user and password
	Blobs      string // folder
	Data       string
	Boot       map[string]time.Duration // of each engine that we started

	lock       *lock
	kafka      *child
	clickhouse *child
	postgres   *postgresServer
}

// remembered is what a data folder keeps from start to start.
type remembered struct {
	PostgresPort       int    `json:"postgres_port"`
	KafkaPort          int    `json:"kafka_port"`
	ClickHousePort     int    `json:"clickhouse_port"`
	PostgresPassword   string `json:"postgres_password"`
	ClickHousePassword string `json:"clickhouse_password"`
}

// Start brings the engines up, all at once. Whatever is wrong is said in one sentence with its fix.
func Start(ctx context.Context, o Options) (_ *Engines, err error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	data, err := filepath.Abs(o.Data)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	for _, a := range []*string{&o.Kafka, &o.Postgres, &o.ClickHouse} {
		if *a == "" {
			*a = Embedded
		}
	}
	l, err := lockFolder(data)
	if err != nil {
		return nil, err
	}
	e := &Engines{Kafka: o.Kafka, Postgres: o.Postgres, ClickHouse: o.ClickHouse, Data: data, Blobs: filepath.Join(data, "blobs"), Boot: map[string]time.Duration{}, lock: l}
	defer func() {
		if err != nil {
			e.Stop()
		}
	}()
	if err := enoughSpace(data); err != nil {
		return nil, err
	}
	mem, err := remember(data)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(e.Blobs, 0o755); err != nil {
		return nil, fmt.Errorf("make %s: %w", e.Blobs, err)
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	var errs []error
	for _, x := range []struct {
		name, address string
		start         func() error
	}{
		{"kafka", o.Kafka, func() error { return e.startKafka(o, mem) }},
		{"postgres", o.Postgres, func() error { return e.startPostgres(ctx, o, mem) }},
		{"clickhouse", o.ClickHouse, func() error { return e.startClickHouse(o, mem) }},
	} {
		if x.address != Embedded {
			continue
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			t := time.Now()
			err := x.start()
			mu.Lock()
			defer mu.Unlock()
			e.Boot[x.name] = time.Since(t)
			errs = append(errs, err)
		}()
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return e, mem.save(data)
}

func (e *Engines) startKafka(o Options, mem *remembered) error {
	f, addr, err := listen(mem.KafkaPort, false)
	if err != nil {
		return err
	}
	args := []string{"-dir", filepath.Join(e.Data, "kafka")}
	if o.Fsync {
		args = append(args, "-fsync")
	}
	e.kafka, err = startChild(&child{name: kafkaChild, args: args, env: []string{"GOMEMLIMIT=400MiB"}, listener: f, addr: addr, log: o.Log})
	if err != nil {
		return err
	}
	e.Kafka, mem.KafkaPort = addr, port(addr)
	return nil
}

func (e *Engines) startPostgres(ctx context.Context, o Options, mem *remembered) error {
	modules, err := findEngines(o.Engines)
	if err != nil {
		return err
	}
	native, _, err := libraries()
	if err != nil {
		return err
	}
	f, addr, err := listen(mem.PostgresPort, false) // finds a free port; Postgres opens it itself
	if err != nil {
		return err
	}
	_ = f.Close()
	mem.PostgresPort = port(addr)
	p := &postgresServer{native: filepath.Join(modules, native), data: filepath.Join(e.Data, "postgres"), password: mem.PostgresPassword, port: mem.PostgresPort, log: o.Log}
	if _, err := os.Stat(p.native); err != nil {
		return fmt.Errorf("%w (no %s)", ErrNotInstalled, p.native)
	}
	if err := p.start(ctx); err != nil {
		return err
	}
	e.postgres, e.Postgres = p, p.url("postgres")
	return nil
}

func (e *Engines) startClickHouse(o Options, mem *remembered) error {
	modules, err := findEngines(o.Engines)
	if err != nil {
		return err
	}
	_, lib, err := libraries()
	if err != nil {
		return err
	}
	if lib == "" {
		return errors.New("there is no embedded ClickHouse for this platform; give a server's address with --clickhouse")
	}
	lib = filepath.Join(modules, lib)
	if _, err := os.Stat(lib); err != nil {
		return fmt.Errorf("%w (no %s)", ErrNotInstalled, lib)
	}
	f, addr, err := listen(mem.ClickHousePort, false)
	if err != nil {
		return err
	}
	e.clickhouse, err = startChild(&child{name: clickhouseChild, args: []string{"-dir", filepath.Join(e.Data, "clickhouse"), "-lib", lib},
		env: []string{clickhousePasswordEnv + "=" + mem.ClickHousePassword, "GODEBUG=asyncpreemptoff=1"}, listener: f, addr: addr, log: o.Log}) // the engine's threads don't like Go's preemption signals
	if err != nil {
		return err
	}
	u := url.URL{Scheme: "http", User: url.UserPassword(clickhouseUser, mem.ClickHousePassword), Host: addr, Path: "/default"}
	e.ClickHouse, mem.ClickHousePort = u.String(), port(addr)
	return nil
}

// PIDs are the processes that run now, by engine.
func (e *Engines) PIDs() map[string]int {
	out := map[string]int{}
	if e.kafka != nil {
		out["kafka"] = e.kafka.pid()
	}
	if e.postgres != nil {
		out["postgres"] = e.postgres.pid()
	}
	if e.clickhouse != nil {
		out["clickhouse"] = e.clickhouse.pid()
	}
	return out
}

// Stop ends the children cleanly and lets go of the data folder.
func (e *Engines) Stop() {
	var wg sync.WaitGroup
	run := func(f func()) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			f()
		}()
	}
	if e.kafka != nil {
		run(e.kafka.stop)
	}
	if e.clickhouse != nil {
		run(e.clickhouse.stop)
	}
	if e.postgres != nil {
		run(e.postgres.stop)
	}
	wg.Wait()
	if e.lock != nil {
		e.lock.release()
		e.lock = nil
	}
}

func remember(data string) (*remembered, error) {
	m := &remembered{PostgresPassword: rand.Text(), ClickHousePassword: rand.Text()}
	b, err := os.ReadFile(filepath.Join(data, "engines.json"))
	if errors.Is(err, os.ErrNotExist) {
		return m, m.save(data)
	}
	if err != nil {
		return nil, fmt.Errorf("read the data folder: %w", err)
	}
	if err := json.Unmarshal(b, m); err != nil {
		return nil, fmt.Errorf("%s is damaged (%w); restore it, or empty the data folder with outrider dev --reset", filepath.Join(data, "engines.json"), err)
	}
	return m, nil
}

func (m *remembered) save(data string) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("save engines.json: %w", err)
	}
	tmp := filepath.Join(data, "engines.json.new")
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return fmt.Errorf("write in the data folder: %w; is the disk full", err)
	}
	if err := os.Rename(tmp, filepath.Join(data, "engines.json")); err != nil {
		return fmt.Errorf("write in the data folder: %w", err)
	}
	return nil
}

func port(addr string) int {
	_, p, _ := net.SplitHostPort(addr)
	n, _ := strconv.Atoi(p)
	return n
}
