package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"outrider/api"
	"outrider/commands"
	"outrider/consumers"
	"outrider/events"
	"outrider/internal/es/processor"
	"outrider/internal/es/project"
	"outrider/internal/es/react"
	"outrider/projections"
	"outrider/projections/analytics"
)

// Roles that a process can have.
const (
	roleAPI         = "api"
	roleCommands    = "commands"
	roleProjections = "projections"
	roleConsumers   = "consumers"
)

// projectionPace is what a reader of its own write may wait under load, for half of Postgres' work at many small commands.
const projectionPace = 15 * time.Millisecond

// analyticsLinger is how old a block may get before it is inserted: each costs the engine 15 ms of CPU and Postgres two
// commits, whatever is in it. A block that somebody waits for goes at once.
const analyticsLinger = 3 * time.Second

// node is one process with its roles.
type node struct {
	*stores
	log       *slog.Logger
	processor *processor.Processor // nil without that role
	postgres  *project.Postgres
	columns   []*project.ClickHouse
	consumers *consumers.Deps
	outreach  *outreach
	mailing   mailing
	auditing  Auditing
	plans     map[string]events.Limits
	clock     clock
	server    *api.Server
	listener  net.Listener
}

// nodeOptions say what a process is.
type nodeOptions struct {
	roles    []string
	listen   string
	mailing  mailing
	auditing Auditing
	plans    map[string]events.Limits
	clock    clock
	// restarting is for those who decide commands.
	restarting Restarting
	owned      func(int32, processor.Status) // told of every change of a partition that is decided here; may be nil
}

// newNode makes what the roles need and listens; run starts them.
func newNode(ctx context.Context, s *stores, o nodeOptions, log *slog.Logger) (*node, error) {
	roles, listen := o.roles, o.listen
	n := &node{stores: s, log: log, mailing: o.mailing, auditing: o.auditing, plans: o.plans, clock: o.clock}
	l, err := listenOn(ctx, listen)
	if err != nil {
		return nil, err
	}
	n.listener = l
	if n.mailing.base == "" {
		n.mailing.base = "http://" + l.Addr().String()
	}
	for _, r := range roles {
		switch r {
		case roleCommands:
			snapshots, err := openSnapshots(ctx, s.log, s.blobs, report(log, r))
			if err != nil {
				return nil, err
			}
			p, err := processor.New(processor.Config{Log: s.log, Domain: commands.Domain(), Now: n.clock.Now, Timers: n.clock.timers(), Report: report(log, r), Watch: o.owned,
				Snapshots: snapshots, SnapshotPace: o.restarting.pace(), Standby: o.restarting.Standby,
				Trace: processor.Trace{Decide: s.tracing.Decide(), Append: s.tracing.Append()}})
			if err != nil {
				return nil, fmt.Errorf("make processor: %w", err)
			}
			n.processor = p
			n.clock.attach(p)
		case roleProjections:
			n.postgres = &project.Postgres{Log: s.log, Group: "outrider-projections", Pool: s.pools.Projector, Projections: projections.All(s.vault),
				Pace: n.clock.patience(projectionPace), Decode: projections.Decode, Decoders: runtime.GOMAXPROCS(0), Positions: s.positions, Report: report(log, "postgres projections"),
				Trace: s.tracing.Project("postgres")}
			n.columns = []*project.ClickHouse{
				{Log: s.log, Group: "outrider-analytics", Pool: s.pools.Projector, Conn: s.click, Table: analytics.Events(), Linger: analyticsLinger,
					Positions: s.positions, Report: report(log, "clickhouse projections"), Trace: s.tracing.Project("clickhouse events")},
				{Log: s.log, Group: "outrider-engagement", Pool: s.pools.Projector, Conn: s.click, Table: analytics.Engagement(), Decode: projections.Decode, Linger: analyticsLinger,
					Positions: s.positions, Report: report(log, "clickhouse projections"), Trace: s.tracing.Project("clickhouse engagement")},
			}
		case roleConsumers:
			n.outreach = newOutreach(s, n.mailing, n.clock, log.With("role", r))
			n.consumers = &consumers.Deps{Vault: s.vault, Slugs: s.slugs, Imports: n.imports(), Write: n.outreach.write, Dispatch: n.outreach.dispatch, Send: n.outreach.send, Verify: n.outreach.verify, Confirm: n.outreach.confirm}
		case roleAPI:
		default:
			return nil, fmt.Errorf("there is no role %q", r)
		}
	}
	if slices.Contains(roles, roleAPI) { // last: it shows the others' counters
		if n.server, err = n.newAPI(); err != nil {
			return nil, fmt.Errorf("make api: %w", err)
		}
	}
	return n, nil
}

// run works until ctx ends or a role fails.
func (n *node) run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	start := func(name string, f func(context.Context) error) {
		g.Go(func() error { return wrap(name, f(ctx)) })
	}
	if n.processor != nil {
		start("commands", n.processor.Run)
	}
	if n.postgres != nil {
		start("postgres projections", n.postgres.Serve)
		start("wishes", func(ctx context.Context) error {
			n.positions.Listen(ctx)
			return nil
		})
		for _, c := range n.columns {
			start("clickhouse projections", c.Serve)
		}
		start("nightly comparison", n.reconcileNightly)
		start("asked comparisons", n.reconcileAsked)
	}
	if n.consumers != nil {
		start("consumers", n.react)
		start("mailboxes", n.readMailboxes)
		start("checkpoints", n.signCheckpoints)
	}
	if n.server != nil {
		start("api", func(ctx context.Context) error { return n.serveAPI(ctx, n.server, n.listener) })
	} else {
		start("health", func(ctx context.Context) error { return n.serveHealth(ctx, n.listener) })
	}
	start("last uses of api keys", func(ctx context.Context) error {
		return n.keys.Run(ctx, func(err error) { n.log.Warn("last uses of api keys were not written", "error", err) })
	})
	return g.Wait()
}

// imports bring files in and take them out again.
func (n *node) imports() *consumers.Imports {
	leads := readModel(n.stores, "leads")
	return &consumers.Imports{Vault: n.vault, Bucket: n.blobs, Commands: n.gateway, Reads: n.pools.API, Now: n.clock.Now, Log: n.log,
		Position: func(ctx context.Context, partition int32, pseq int64) error {
			return n.positions.Wait(ctx, leads, partition, pseq)
		}}
}

// react runs every reactor until ctx ends.
func (n *node) react(ctx context.Context) error {
	pub, err := react.NewPublisher(n.stores.log)
	if err != nil {
		return err
	}
	defer pub.Close()
	router, err := react.NewRouter(react.Options{Logger: quiet(n.log), Watch: n.watchReactor, Trace: n.tracing.React(), Config: react.Config{Log: n.stores.log, Report: report(n.log, roleConsumers)}}, pub, consumers.All(*n.consumers)...)
	if err != nil {
		return err
	}
	var g errgroup.Group
	g.Go(func() error { return router.Run(ctx) })
	g.Go(func() error {
		n.consumers.Housekeeping(ctx)
		return nil
	})
	return g.Wait()
}

// watchReactor is told of each reactor before it begins.
func (n *node) watchReactor(name string, s *react.Subscriber) {
	n.clock.watch(name, s)
	if name == consumers.DispatchReactor {
		n.outreach.assigned.Store(s)
	}
}

// readMailboxes goes through the mailboxes again and again until ctx ends.
func (n *node) readMailboxes(ctx context.Context) error {
	defer n.outreach.close()
	n.clock.every(ctx, n.mailing.poll, func(ctx context.Context) { n.outreach.round(ctx, n.log) })
	return nil
}

func readModel(s *stores, name string) project.Key {
	for _, p := range projections.All(s.vault) {
		if p.Name == name {
			return project.Key{Name: p.Name, Version: p.Version}
		}
	}
	panic("there is no projection " + name) // the list is in the code
}

func report(log *slog.Logger, role string) func(string, ...any) {
	log = log.With("role", role)
	return func(what string, attrs ...any) { log.Warn(what, attrs...) }
}
