package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"outrider/internal/engines"
	"outrider/internal/postgres"
)

type devCmd struct {
	Kafka      string `default:"embedded" help:"embedded, apache (a real Apache Kafka, see 'make kafka'), or host:port,..." placeholder:"ADDR"`
	Postgres   string `default:"embedded" help:"embedded, or a URL of a role that owns the database." placeholder:"URL"`
	ClickHouse string `name:"clickhouse" default:"embedded" help:"embedded, or a URL." placeholder:"URL"`
	Blobs      string `default:"embedded" help:"embedded (a folder), or s3://bucket?region=..." placeholder:"URL"`
	Topics
	Listen string `default:"127.0.0.1:8080" help:"Where to answer."`
	Sending
	Auditing
	Snapshots
	PlanFile
	Clock string `hidden:"" help:"Coordinator (host:port) of simulated time."`
	JSON  bool   `help:"Print one line of JSON on standard output when all is ready."`
	Reset bool   `help:"Empty the data folder first; asks."`
	Yes   bool   `help:"Don't ask."`
	Demo  bool   `help:"Play the demonstration in the data folder: an organisation, a campaign, and people who answer, in simulated time."`
	// A parent holds the other end: whoever started it has ended when it closes.
	Lifeline bool   `hidden:"" help:"End when standard input does."`
	Pprof    string `hidden:"" help:"Write a CPU profile of this process to this file when it ends."`
}

// Run starts engines and roles in this process until it is told to stop.
func (c devCmd) Run(ctx context.Context, f *Folder, log *slog.Logger) (err error) {
	if c.Lifeline {
		var end context.CancelFunc
		ctx, end = whileInputLasts(ctx)
		defer end()
	}
	began := time.Now()
	stop, err := profile(c.Pprof)
	if err != nil {
		return err
	}
	defer stop()
	if c.Reset {
		if err := c.reset(f.Data, os.Stdin, os.Stderr); err != nil {
			return err
		}
	}
	if c.Demo {
		return c.demo(ctx, f)
	}
	asked := Addresses{Kafka: c.Kafka, Postgres: c.Postgres, ClickHouse: c.ClickHouse, Blobs: c.Blobs}
	partitions := partitionsFor(asked, c.Partitions)
	a, engines, err := startEngines(ctx, f.Data, asked, log)
	if err != nil {
		return err
	}
	defer engines.Stop()
	topics := c.log(a)
	topics.Partitions = partitions
	if asked.ownKafka() {
		topics.Member = "dev" // the data folder's lock keeps a second one away
	}
	if topics, err = migrate(ctx, a, f.keys(), topics); err != nil {
		return err
	}
	at, err := joinClock(ctx, c.Clock, topics)
	if err != nil {
		return err
	}
	s, err := openStores(ctx, a, f.keys(), topics, at.Now, log)
	if err != nil {
		return err
	}
	defer s.close()
	watch := newOwnership(topics.Partitions)
	o := nodeOptions{roles: []string{roleAPI, roleCommands, roleProjections, roleConsumers}, listen: c.Listen, clock: at, owned: watch.see, auditing: c.Auditing, restarting: Restarting{Snapshots: c.Snapshots}}
	if o.mailing, err = c.Sending.ready(); err != nil {
		return err
	}
	if o.plans, err = c.limits(); err != nil {
		return err
	}
	n, err := newNode(ctx, s, o, log)
	if err != nil {
		return err
	}

	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return n.run(gctx) })
	quiet := make(chan struct{})
	g.Go(func() error { return o.clock.run(gctx, func() { close(quiet) }) })
	g.Go(func() error {
		if err := watch.wait(gctx); err != nil {
			return err
		}
		if !o.clock.wait(gctx, quiet) {
			return nil
		}
		r, err := c.describe(f, a, s, n.listener.Addr().String())
		if err != nil {
			return err
		}
		r.BootMS = time.Since(began).Milliseconds()
		if err := r.write(f.Data); err != nil {
			return err
		}
		return c.say(os.Stdout, r)
	})
	defer func() { err = errors.Join(err, forget(f.Data)) }()
	return g.Wait()
}

func (c devCmd) describe(f *Folder, a Addresses, s *stores, at string) (running, error) {
	data, err := filepath.Abs(f.Data)
	if err != nil {
		return running{}, fmt.Errorf("data folder: %w", err)
	}
	secrets, err := postgres.LoadSecrets(f.keys().roles())
	if err != nil {
		return running{}, fmt.Errorf("load passwords of roles: %w", err)
	}
	api, err := postgres.RoleURL(a.Postgres, postgres.RoleAPI, secrets.API)
	if err != nil {
		return running{}, fmt.Errorf("address of the api role: %w", err)
	}
	return running{URL: "http://" + at, PlatformKey: s.platform, Kafka: a.Kafka, Postgres: a.Postgres, PostgresAPI: api, ClickHouse: a.ClickHouse,
		Blobs: a.Blobs, Data: data, PID: os.Getpid()}, nil
}

func (c devCmd) say(w io.Writer, r running) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(r)
	}
	_, err := fmt.Fprintf(w, `Outrider is ready after %d ms: %s
  platform key   %s
  kafka          %s
  postgres       %s
  as the api     %s
  clickhouse     %s
  data           %s
Ctrl-C ends it; the data stays.
`, r.BootMS, r.URL, r.PlatformKey, r.Kafka, r.Postgres, r.PostgresAPI, r.ClickHouse, r.Data)
	return err
}

// reset empties the data folder when that was meant.
func (c devCmd) reset(data string, in io.Reader, out io.Writer) error {
	if !c.Yes {
		fmt.Fprintf(out, "Empty %s, with the log, both databases and all keys? Type yes: ", data)
		line, err := bufio.NewReader(in).ReadString('\n')
		if strings.TrimSpace(line) != "yes" {
			if err != nil {
				return fmt.Errorf("reset %s: nobody answered yes (--yes doesn't ask)", data)
			}
			return errors.New("nothing was emptied")
		}
	}
	return wrap("reset", engines.Reset(data))
}
