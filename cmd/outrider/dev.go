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

	"github.com/google/uuid"

	"outrider/internal/app/client"
	"outrider/internal/app/firstrun"
	"outrider/internal/app/node"
	"outrider/internal/engines"
	"outrider/internal/identity"
	"outrider/internal/kafka"
	"outrider/internal/postgres"
)

type devCmd struct {
	Kafka      string `default:"embedded" help:"embedded, apache (a real Apache Kafka, see 'make kafka'), or host:port,..." placeholder:"ADDR"`
	Postgres   string `default:"embedded" help:"embedded, or a URL of a role that owns the database." placeholder:"URL"`
	ClickHouse string `name:"clickhouse" default:"embedded" help:"embedded, or a URL." placeholder:"URL"`
	Blobs      string `default:"embedded" help:"embedded (a folder), or s3://bucket?region=..." placeholder:"URL"`
	kafka.Access
	node.Topics
	Listen string `default:"127.0.0.1:8080" help:"Where to answer."`
	node.Sending
	node.Auditing
	node.Snapshots
	node.PlanFile
	node.Connections
	node.Operations
	node.SigningIn
	node.Selling
	devLab
	NoBrowser bool `name:"no-browser" help:"Don't open a browser; the link that signs in is printed all the same."`
	JSON      bool `help:"Print one line of JSON on standard output when all is ready."`
	Reset     bool `help:"Empty the data folder first; asks."`
	Yes       bool `help:"Don't ask."`
	// A parent holds the other end: whoever started it has ended when it closes.
	Lifeline  bool      `hidden:"" help:"End when standard input does."`
	FirstLink uuid.UUID `hidden:"" help:"Id of the link of the first run, which whoever started this process issues."`
	Pprof     string    `hidden:"" help:"Write a CPU profile of this process to this file when it ends."`
}

// Run starts engines and roles in this process until it is told to stop.
func (c devCmd) Run(ctx context.Context, f *node.Folder, log *slog.Logger) (err error) {
	if c.Lifeline {
		var end context.CancelFunc
		ctx, end = node.WhileInputLasts(ctx)
		defer end()
	}
	node.LimitMemory(node.MemoryWithEngines, log)
	began := time.Now()
	stop, err := node.Profile(c.Pprof)
	if err != nil {
		return err
	}
	defer stop()
	if c.Reset {
		if err := c.resetData(f.Data, os.Stdin, os.Stderr); err != nil {
			return err
		}
	}
	if c.playsDemo() {
		return c.playDemo(ctx, demoOptions{data: f.Data, listen: c.Listen, serverFlags: c.serverFlags(), json: c.JSON, browser: !c.NoBrowser && !c.JSON})
	}
	asked := node.Addresses{Kafka: c.Kafka, Postgres: c.Postgres, ClickHouse: c.ClickHouse, Blobs: c.Blobs, Access: c.Access}
	startup := node.NewStartup(asked)
	door, err := node.OpenDoor(ctx, c.Listen, startup)
	if err != nil {
		return err
	}
	defer door.Close()
	link := "" // of the first run
	if !c.JSON {
		link = firstrun.Announce(os.Stdout, door.URL(), !c.NoBrowser)
		c.FirstLink = identity.LinkID(link)
	}
	partitions := node.PartitionsFor(asked, c.Partitions)
	a, engines, err := node.StartEngines(ctx, f.Data, asked, startup, log)
	if err != nil {
		return err
	}
	defer engines.Stop()
	topics := c.Log(a)
	topics.Partitions = partitions
	if asked.OwnKafka() {
		topics.Member = "dev" // the data folder's lock keeps a second one away
	}
	if topics, err = startup.Migrate(ctx, a, f.Keys(), topics); err != nil {
		return err
	}
	clock, err := c.joinClock(ctx, topics)
	if err != nil {
		return err
	}
	s, err := node.OpenStores(ctx, node.StoresConfig{Addresses: a, Keys: f.Keys(), Log: topics, Clock: clock, Logger: log})
	if err != nil {
		return err
	}
	defer s.Close()
	n, err := node.New(ctx, s, node.Config{Roles: node.Roles(), Door: door, FirstLink: c.FirstLink, Sending: c.Sending, Auditing: c.Auditing, Restarting: node.Restarting{Snapshots: c.Snapshots},
		PlanFile: c.PlanFile, Connections: c.Connections, Operations: c.Operations, SigningIn: c.SigningIn, Selling: c.Selling, Own: true, Clock: clock}, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, node.Forget(f.Data)) }()
	return n.RunAlone(ctx, func() error {
		r, err := c.describeRunning(f, a, s, n)
		if err != nil {
			return err
		}
		r.BootMS = time.Since(began).Milliseconds()
		if err := r.Write(f.Data); err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(os.Stdout).Encode(r)
		}
		signIn := firstrun.OpenLogged(ctx, firstrun.Place{API: client.Open(r.URL, r.PlatformKey, nil), Postgres: r.Postgres, URL: r.URL, Token: link}, log)
		if signIn == "" {
			n.ForgetFirstLink()
		}
		return printReady(os.Stdout, r, signIn)
	})
}

func (c devCmd) describeRunning(f *node.Folder, a node.Addresses, s *node.Stores, n *node.Node) (node.Running, error) {
	data, err := filepath.Abs(f.Data)
	if err != nil {
		return node.Running{}, fmt.Errorf("data folder: %w", err)
	}
	secrets, err := postgres.ReadSecrets(f.Keys().Roles())
	if err != nil {
		return node.Running{}, fmt.Errorf("load passwords of roles: %w", err)
	}
	api, err := postgres.RoleURL(a.Postgres, postgres.RoleAPI, secrets.API)
	if err != nil {
		return node.Running{}, fmt.Errorf("address of the api role: %w", err)
	}
	return node.Running{URL: "http://" + n.Address(), Operations: n.OperationsAddress(), PlatformKey: s.Platform, Kafka: a.Kafka, Postgres: a.Postgres, PostgresAPI: api, ClickHouse: a.ClickHouse,
		Blobs: a.Blobs, Data: data, PID: os.Getpid()}, nil
}

func printReady(w io.Writer, r node.Running, signIn string) error {
	_, err := fmt.Fprintf(w, `Outrider is ready after %d ms: %s
%s  platform key   %s
  kafka          %s
  postgres       %s
  as the api     %s
  clickhouse     %s
  data           %s
Ctrl-C ends it; the data stays.
`, r.BootMS, r.URL, signIn, r.PlatformKey, r.Kafka, r.Postgres, r.PostgresAPI, r.ClickHouse, r.Data)
	return err
}

// resetData empties the data folder when that was meant.
func (c devCmd) resetData(data string, in io.Reader, out io.Writer) error {
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
	if err := engines.Reset(data); err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	return nil
}
