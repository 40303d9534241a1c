// Package engines runs Outrider's engines on one machine: a Kafka broker, a real Postgres, the real ClickHouse engine
// and a blob folder, as child processes that live and die with us.
package engines

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// The engines' names, in Engines.PIDs, Kill and WaitReady.
const (
	Kafka      = "kafka"
	Postgres   = "postgres"
	ClickHouse = "clickhouse"
)

// Values of Options.Kafka, Postgres and ClickHouse; anything else is the address of an engine that runs elsewhere.
const (
	Embedded = "embedded" // also the empty string
	None     = "none"     // for tests that need only some
)

// Options say what to run and where.
type Options struct {
	Data    string // the data folder; ".outrider" if empty. One process at a time.
	Engines string // a node_modules folder with the engines; found by itself if empty (see OUTRIDER_ENGINES)

	Kafka      string // or Apache, or host:port,host:port
	Postgres   string // or a URL of a role that may create roles and schemas
	ClickHouse string // or a DSN as clickhouse-go reads it: http://user:password@host:8123/database, clickhouse://...:9000/...

	KafkaPort, PostgresPort, ClickHousePort int // 0: the one of the last start if free, else any

	Fsync            bool              // safe against a power cut: Kafka syncs every batch to the disk, see docs/adr/0002-embedded-engines.md
	KafkaQuick       bool              // see ApacheOptions.Quick
	PostgresSettings map[string]string // over our own, e.g. fsync=off in tests

	Log *slog.Logger        // nil: silent
	Up  func(engine string) // told of each embedded engine that answers, possibly at once; may be nil
}

// Engines are up. Addresses stay the same while they run, whatever happens to the children.
type Engines struct {
	Kafka      string                   // seeds, comma separated
	Postgres   string                   // URL of the owner; embedded, a superuser
	ClickHouse string                   // DSN for internal/clickhouse.Open
	Blobs      string                   // folder, for gocloud.dev's fileblob
	Data       string                   // the data folder, absolute
	Boot       map[string]time.Duration // how long each embedded engine took until it answered

	options Options
	lock    *os.File
	memory  *folderMemory
	install install
	log     *slog.Logger

	stopOnce sync.Once
	mu       sync.Mutex // services and, during Start, Boot
	services map[string]*service
}

// Start brings up what the options ask for, all at once, and returns when everything answers. What a person can put
// right comes back as a *Problem. The engines run until Stop, not until ctx ends.
func Start(ctx context.Context, o Options) (*Engines, error) {
	if o.Data == "" {
		o.Data = ".outrider"
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	data, err := makeData(o.Data)
	if err != nil {
		return nil, err
	}
	lock, err := takeLock(ctx, data)
	if err != nil {
		return nil, err
	}
	e := &Engines{Data: data, Blobs: filepath.Join(data, "blobs"), Boot: map[string]time.Duration{},
		options: o, lock: lock, log: o.Log, services: map[string]*service{}}
	if err := e.startAll(ctx); err != nil {
		e.Stop()
		return nil, err
	}
	return e, nil
}

func (e *Engines) startAll(ctx context.Context) error {
	var err error
	if e.memory, err = loadMemory(e.Data); err != nil {
		return err
	}
	if err := os.MkdirAll(e.Blobs, 0o700); err != nil {
		return unwritableProblem(e.Blobs, err)
	}
	if isEmbedded(e.options.ClickHouse) && !hasClickHouse {
		return noClickHouse()
	}
	if isEmbedded(e.options.Postgres) || isEmbedded(e.options.ClickHouse) {
		if e.install, err = findInstall(e.options.Engines); err != nil {
			return err
		}
	}
	startKafka, inUs := e.startKafka, isEmbedded(e.options.Kafka)
	if inUs && !hasBroker {
		return noBroker()
	}
	if e.options.Kafka == Apache {
		startKafka, inUs = e.startApache, true
	}
	if inUs {
		if err := e.sameBroker(); err != nil {
			return err
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	for _, x := range []struct {
		where string
		put   *string
		start func(context.Context) (string, error)
	}{
		{e.options.Kafka, &e.Kafka, startKafka},
		{e.options.Postgres, &e.Postgres, e.startPostgres},
		{e.options.ClickHouse, &e.ClickHouse, e.startClickHouse},
	} {
		switch {
		case isEmbedded(x.where), x.where == Apache:
			g.Go(func() (err error) {
				*x.put, err = x.start(ctx)
				return err
			})
		case x.where != None:
			*x.put = x.where
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return e.memory.saveNews()
}

func isEmbedded(s string) bool { return s == "" || s == Embedded }

func (e *Engines) startKafka(ctx context.Context) (string, error) {
	// The limit is soft: it makes the collector work sooner after the peak of a restart.
	return e.startChild(ctx, Kafka, childOrders{Fsync: e.options.Fsync}, e.options.KafkaPort, "GOMEMLIMIT=256MiB", "GOGC=300")
}

// startChild starts an engine that is this program again, and gives its address.
func (e *Engines) startChild(ctx context.Context, name string, o childOrders, port int, env ...string) (string, error) {
	l, err := e.memory.listenFor(name, port)
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }() // the file is a duplicate
	f, err := l.File()
	if err != nil {
		return "", fmt.Errorf("share the listener of %s: %w", name, err)
	}
	o.Engine, o.Dir = name, filepath.Join(e.Data, name)
	k := &childKind{orders: o, env: env, listener: f, lock: e.lock, logPath: e.logPath(name)}
	return l.Addr().String(), e.runService(ctx, name, k.spawnChild, func() { _ = f.Close() })
}

// runService starts a service; after is called when it has ended for good.
func (e *Engines) runService(ctx context.Context, name string, spawn func(context.Context) (*process, error), after func()) error {
	s, err := startService(ctx, name, e.log, spawn)
	if err != nil {
		after()
		return err
	}
	go func() {
		<-s.done
		after()
	}()
	e.mu.Lock()
	e.services[name], e.Boot[name] = s, s.boot
	e.mu.Unlock()
	if e.options.Up != nil {
		e.options.Up(name)
	}
	e.log.Info("embedded engine is up", "engine", name, "pid", s.currentPID(), "boot", s.boot.Round(time.Millisecond))
	return nil
}

func (e *Engines) logPath(name string) string { return filepath.Join(e.Data, "logs", name+".log") }
