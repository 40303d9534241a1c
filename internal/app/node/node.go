package node

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"outrider/api"
	"outrider/commands"
	"outrider/consumers"
	"outrider/consumers/calendars"
	"outrider/consumers/crm"
	"outrider/consumers/exports"
	"outrider/consumers/imports"
	"outrider/consumers/notices"
	"outrider/consumers/payments"
	"outrider/consumers/privacy"
	"outrider/consumers/sending"
	"outrider/consumers/webhooks"
	"outrider/events"
	"outrider/internal/app/bookings"
	"outrider/internal/app/catchup"
	"outrider/internal/app/firstrun"
	"outrider/internal/app/models"
	"outrider/internal/connlimit"
	"outrider/internal/es/processor"
	"outrider/internal/es/project"
	"outrider/internal/es/react"
	"outrider/internal/heartbeat"
	"outrider/internal/identity"
	"outrider/projections"
	"outrider/projections/analytics"
)

// projectionPace is what a reader of its own write may wait under load, for half of Postgres' work at many small commands.
const projectionPace = 15 * time.Millisecond

// analyticsLinger is how old a block may get before it is inserted: each costs the engine 15 ms of CPU and Postgres two
// commits, whatever is in it. A block that somebody waits for goes at once.
const analyticsLinger = 3 * time.Second

// Node is one process with its roles.
type Node struct {
	*Stores
	log         *slog.Logger
	roles       []string
	processor   *processor.Processor // nil without that role
	postgres    *project.Postgres
	columns     []*project.ClickHouse
	consumers   consumers.Reactors
	mails       *notices.MemberMails // nil = this installation sends no mail
	webhooks    *webhooks.Sender
	pages       *bookings.Watcher
	outreach    *outreach
	mailing     mailingSetup
	models      *models.Client // of the roles api and consumers
	auditing    Auditing
	plans       map[string]events.Limits
	clock       clock
	own         bool // Config.Own
	ownership   *ownership
	server      *api.Server
	heart       *heartbeat.Heart // of the role api
	listener    net.Listener
	door        *Door        // nil = nobody answered before
	operations  net.Listener // nil = nowhere
	connections connlimit.Options
	proxies     []netip.Prefix
	country     string // header
	signIn      signIn
	selling     selling
	requests    requests
	services    services
	crm         *crm.Worker
	calendars   *calendars.Worker
}

// New makes what the roles need and listens; Run starts them. The stores are the caller's to close.
func New(ctx context.Context, s *Stores, c Config, log *slog.Logger) (_ *Node, err error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	n := &Node{Stores: s, log: log, roles: c.Roles, connections: c.Connections.options(), proxies: c.Connections.Proxies, country: c.Connections.CountryHeader, auditing: c.Auditing, clock: clock{c.Clock}, own: c.Own, ownership: newOwnership(s.Log.Partitions)}
	if n.mailing, err = c.Sending.prepareMailing(); err != nil {
		return nil, err
	}
	if n.plans, err = c.PlanFile.Limits(); err != nil {
		return nil, err
	}
	if n.door = c.Door; n.door != nil {
		n.listener = n.door.listener
	} else if n.listener, err = listenOn(ctx, c.Listen); err != nil {
		return nil, err
	}
	if n.operations, err = c.Operations.listenForOperations(ctx, n.listener, log); err != nil {
		return nil, err
	}
	if n.mailing.base == "" {
		n.mailing.base = "http://" + n.listener.Addr().String()
	}
	if n.hasRole(RoleAPI) || n.hasRole(RoleConsumers) { // the others may not look at people
		if n.signIn, err = n.newSignIn(c.SigningIn, c.Own); err != nil {
			return nil, err
		}
		n.signIn.parts.Awaited = identity.AwaitLink(c.FirstLink, firstrun.LinkTime)
	}
	if n.hasRole(RoleAPI) || n.hasRole(RoleConsumers) { // the others have no keys of people
		if n.models, err = n.newModels(); err != nil {
			return nil, err
		}
	}
	if n.selling, err = n.newSelling(c.Selling); err != nil {
		return nil, err
	}
	if n.hasRole(RoleAPI) || n.hasRole(RoleConsumers) {
		if n.requests, err = n.newRequests(ctx, c.Limiting); err != nil {
			return nil, err
		}
		n.services = n.newServices()
	}
	if n.hasRole(RoleCommands) {
		if n.processor, err = n.newProcessor(ctx, c.Restarting); err != nil {
			return nil, err
		}
		n.clock.attachProcessor(n.processor)
	}
	if n.hasRole(RoleProjections) {
		n.postgres, n.columns = n.newPostgresProjections(), n.newAnalytics()
	}
	if n.hasRole(RoleConsumers) {
		if err := n.prepareConsumers(); err != nil {
			return nil, err
		}
	}
	if n.hasRole(RoleAPI) { // last: it shows the others' counters
		if n.heart, err = heartbeat.Join(ctx, n.Pools.Identity, RoleAPI); err != nil {
			return nil, err
		}
		if n.server, err = n.newAPI(); err != nil {
			return nil, fmt.Errorf("make api: %w", err)
		}
	}
	return n, nil
}

func (n *Node) hasRole(role string) bool { return slices.Contains(n.roles, role) }

// Address is where the node answers, host:port.
func (n *Node) Address() string { return n.listener.Addr().String() }

// OperationsAddress is where the node answers its operator, host:port; empty = nowhere.
func (n *Node) OperationsAddress() string {
	if n.operations == nil {
		return ""
	}
	return n.operations.Addr().String()
}

// newProcessor makes who decides commands.
func (n *Node) newProcessor(ctx context.Context, r Restarting) (*processor.Processor, error) {
	report := Report(n.log, RoleCommands)
	snapshots, err := OpenSnapshots(ctx, n.Stores.Log, n.blobs, report)
	if err != nil {
		return nil, err
	}
	p, err := processor.New(processor.Config{Log: n.Stores.Log, Domain: commands.Domain(), Now: n.clock.Now, Timers: n.clock.processorTimers(), Report: report, Watch: n.ownership.observeStatus,
		Shortcut: n.shortcut, Keys: n.commands, Unsigned: n.unsigned, Alarms: AlarmsOf(n.Stores.Log, n.blobs),
		Snapshots: snapshots, SnapshotPace: r.snapshotPace(), Standby: r.Standby,
		Trace: processor.Trace{Decide: n.tracing.Decide(), Append: n.tracing.Append()}})
	if err != nil {
		return nil, fmt.Errorf("make processor: %w", err)
	}
	return p, nil
}

func (n *Node) newPostgresProjections() *project.Postgres {
	return &project.Postgres{Log: n.Stores.Log, Shared: n.shared, Group: "outrider-projections", Pool: n.Pools.Projector, Projections: projections.All(n.vault),
		Pace: n.clock.batchWait(projectionPace), Decode: projections.Decode, Decoders: runtime.GOMAXPROCS(0), Positions: n.Positions, Report: Report(n.log, "postgres projections"),
		Trace: n.tracing.Project("postgres")}
}

func (n *Node) newAnalytics() []*project.ClickHouse {
	report := Report(n.log, "clickhouse projections")
	return []*project.ClickHouse{
		{Log: n.Stores.Log, Shared: n.shared, Group: "outrider-analytics", Pool: n.Pools.Projector, Conn: n.ClickHouse, Table: analytics.Events(), Linger: analyticsLinger,
			Positions: n.Positions, Report: report, Trace: n.tracing.Project("clickhouse events")},
		{Log: n.Stores.Log, Shared: n.shared, Group: "outrider-engagement", Pool: n.Pools.Projector, Conn: n.ClickHouse, Table: analytics.Engagement(), Decode: projections.Decode, Linger: analyticsLinger,
			Positions: n.Positions, Report: report, Trace: n.tracing.Project("clickhouse engagement")},
	}
}

// ForgetFirstLink says that the link of the first run is never issued.
func (n *Node) ForgetFirstLink() { n.signIn.parts.Awaited.End() }

// Run works until ctx ends or a role fails.
func (n *Node) Run(ctx context.Context) error {
	defer n.requests.end(n.log)
	g, ctx := errgroup.WithContext(ctx)
	start := func(name string, f func(context.Context) error) {
		g.Go(func() error { return wrapError(name, f(ctx)) })
	}
	if n.processor != nil {
		start("commands", n.processor.Run)
	}
	if n.postgres != nil {
		start("postgres projections", n.postgres.Serve)
		start("wishes", func(ctx context.Context) error {
			n.Positions.Listen(ctx)
			return nil
		})
		for _, c := range n.columns {
			start("clickhouse projections", c.Serve)
		}
		start("nightly comparison", n.reconcileNightly)
		start("asked comparisons", n.reconcileAsked)
	}
	if n.outreach != nil {
		start("consumers", n.runReactors)
		start("mailboxes", n.readMailboxes)
		start("webhooks", n.webhooks.Run)
		start("booking pages", n.pages.Run)
		start("old pages", n.sweepPages)
		start("crm", n.crm.Run)
		start("calendars", n.calendars.Run)
		start("checkpoints", n.signCheckpoints)
		if n.mails != nil {
			start("mails of notifications", n.mails.Run)
		}
		if n.selling.parts != nil {
			start("payments", n.followPayments)
			start("comparison of payments", n.comparePayments)
		}
	}
	if n.requests.calls != nil {
		start("counts of requests", func(ctx context.Context) error { return n.requests.run(ctx, n.log) })
	}
	if n.server != nil && n.signIn.mailer != nil {
		start("mail of the system", n.signIn.mailer.Run)
	}
	if n.server != nil {
		start("old sessions", n.cleanSessions)
		start("second factors", n.tellSecondFactors)
	}
	if n.server != nil {
		start("api", func(ctx context.Context) error { return n.serveAPI(ctx, n.server, n.listener) })
		start("heartbeat", func(ctx context.Context) error {
			return n.heart.Run(ctx, func(err error) {
				n.log.Warn("the number of api processes isn't known anew; the last one holds", "processes", n.heart.Count(), "error", err)
			})
		})
	} else {
		start("health", func(ctx context.Context) error { return n.serveHealth(ctx, n.listener) })
	}
	if n.operations != nil {
		start("operations", func(ctx context.Context) error { return n.serveOperations(ctx, n.operations) })
	}
	if n.keys == nil {
		return g.Wait()
	}
	start("last uses of api keys", func(ctx context.Context) error {
		return n.keys.Run(ctx, func(err error) { n.log.Warn("last uses of api keys were not written", "error", err) })
	})
	return g.Wait()
}

// RunAlone works like Run in a process that has the log to itself. ready is called once, when it decides every partition and
// simulated time, if there is one, has caught up; its error ends the node.
func (n *Node) RunAlone(ctx context.Context, ready func() error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return n.Run(ctx) })
	caughtUp := make(chan struct{})
	g.Go(func() error { return n.clock.takePart(ctx, func() { close(caughtUp) }) })
	g.Go(func() error {
		if err := n.ownership.waitForAll(ctx); err != nil {
			return err
		}
		select {
		case <-caughtUp:
			n.door.finish()
			return ready()
		case <-ctx.Done():
			return nil
		}
	})
	return g.Wait()
}

// newImports bring files in and take them out again.
func (n *Node) newImports() (*imports.Imports, error) {
	leads := ReadModel("leads")
	return imports.New(imports.Config{Vault: n.vault, Bucket: n.blobs, Commands: n.Gateway, Reads: n.Pools.API, Now: n.clock.Now, Log: n.log,
		Position: func(ctx context.Context, partition int32, pseq int64) error {
			return n.Positions.Wait(ctx, leads, partition, pseq)
		}, Await: n.awaitReads})
}

// newExports write files for people to download.
func (n *Node) newExports() (*exports.Exports, error) {
	return exports.New(exports.Config{Vault: n.vault, Bucket: n.blobs, Commands: n.Gateway, Reads: n.Pools.API, Now: n.clock.Now, Log: n.log,
		Await: n.awaitReads})
}

// prepareConsumers makes the reactors and what they work with.
func (n *Node) prepareConsumers() (err error) {
	log := n.log.With("role", RoleConsumers)
	if n.outreach, err = newOutreach(n.Stores, n.mailing, n.models, n.clock, log); err != nil {
		return err
	}
	o := n.outreach
	n.consumers = consumers.Reactors{Verifier: o.verifier, Domains: o.domains, Drafter: o.drafter, Dispatch: o.dispatch, Send: o.send, Response: o.response, Tests: o.tests, Confirm: o.confirm, Answer: o.answer}
	if n.consumers.Imports, err = n.newImports(); err != nil {
		return err
	}
	if n.consumers.Exports, err = n.newExports(); err != nil {
		return err
	}
	if n.consumers.Bulk, err = n.newBulk(); err != nil {
		return err
	}
	if n.consumers.Eraser, err = privacy.NewEraser(n.vault, n.blobs, n.Pools.API, n.awaitReads, n.log); err != nil {
		return err
	}
	if n.consumers.Slugs, err = privacy.NewSlugConfirmer(n.Slugs); err != nil {
		return err
	}
	if n.consumers.Access, err = privacy.NewAccessKeeper(n.keys); err != nil {
		return err
	}
	if n.consumers.Listing, err = privacy.NewDirectoryKeeper(identity.NewDirectory(n.Pools.Identity)); err != nil {
		return err
	}
	if n.consumers.Members, err = privacy.NewMembershipKeeper(n.signIn.parts.Sessions); err != nil {
		return err
	}
	if n.consumers.Links, err = privacy.NewIdentityLinkKeeper(n.signIn.parts.External.Links); err != nil {
		return err
	}
	if n.consumers.Flags, err = n.newFlags(); err != nil {
		return err
	}
	if n.consumers.Reports, err = n.newReports(); err != nil {
		return err
	}
	if n.consumers.Research, err = n.newResearch(); err != nil {
		return err
	}
	if n.consumers.Scoring, err = n.newScoring(); err != nil {
		return err
	}
	var biller payments.Biller // nil = nothing is sold here
	var ender payments.Ender
	if n.selling.parts != nil {
		biller, ender = n.selling.parts.Mirror, n.selling.parts.Mirror
	}
	n.consumers.Extra, n.consumers.Ended = payments.NewExtraLeads(biller), payments.NewDeletedOrganizations(ender)
	if err := n.prepareNotices(); err != nil {
		return err
	}
	if err := n.prepareBookings(log); err != nil {
		return err
	}
	if err := n.prepareCalendars(log); err != nil {
		return err
	}
	if err := n.prepareCRM(log); err != nil {
		return err
	}
	return n.prepareWebhooks(log)
}

// runReactors runs every reactor until ctx ends.
func (n *Node) runReactors(ctx context.Context) error {
	pub, err := react.NewPublisher(n.Stores.Log, n.commands)
	if err != nil {
		return err
	}
	defer pub.Close()
	router, err := react.NewRouter(react.Options{Logger: Quiet(n.log), Watch: n.watchReactor, Trace: n.tracing.React(), Config: react.Config{Log: n.Stores.Log, Shared: n.shared, Report: Report(n.log, RoleConsumers)}}, pub, n.consumers.List()...)
	if err != nil {
		return err
	}
	var g errgroup.Group
	g.Go(func() error { return router.Run(ctx) })
	g.Go(func() error {
		n.consumers.Eraser.DestroyExpired(ctx)
		return nil
	})
	g.Go(func() error {
		n.keepErasing(ctx)
		return nil
	})
	return g.Wait()
}

// watchReactor is told of each reactor before it begins.
func (n *Node) watchReactor(name string, s *react.Subscriber) {
	n.clock.watchReactor(name, s)
	if name == sending.DispatchReactor {
		n.outreach.assigned.Store(s)
	}
}

// readMailboxes goes through the mailboxes again and again until ctx ends.
func (n *Node) readMailboxes(ctx context.Context) error {
	defer n.outreach.closeClients()
	n.clock.runEvery(ctx, n.mailing.poll, func(ctx context.Context) { n.outreach.runRound(ctx, n.log) })
	return nil
}

// catchUpAtMost bounds how long whoever was told something waits for read models; after it they have to be told again.
const catchUpAtMost = 5 * time.Second

// catchUp returns when read models show all of an organisation that the log holds now.
func (s *Stores) catchUp(ctx context.Context, org uuid.UUID, names ...string) error {
	return catchup.Reader{Pool: s.Pools.API, Log: s.Log, Wait: s.Positions.Wait, Key: ReadModel, AtMost: catchUpAtMost}.CatchUp(ctx, org, names...)
}

// ReadModel names the projection that runs now under a name of the list. It is asked for each event that somebody waits for.
func ReadModel(name string) project.ProjectionKey {
	key, known := readModels()[name]
	if !known {
		panic("there is no projection " + name) // the list is in the code
	}
	return key
}

var readModels = sync.OnceValue(func() map[string]project.ProjectionKey { //nolint:gochecknoglobals // made once
	keys := map[string]project.ProjectionKey{}
	for _, t := range analytics.Tables() {
		keys[t.Name] = project.ProjectionKey{Name: t.Name, Version: t.Version}
	}
	for _, p := range projections.All(nil) { // nothing is folded: it needs no keys
		keys[p.Name] = project.ProjectionKey{Name: p.Name, Version: p.Version}
	}
	return keys
})

// Report returns what a part of the process tells its operator by.
func Report(log *slog.Logger, role string) func(string, ...any) {
	log = log.With("role", role)
	return func(what string, attrs ...any) { log.Warn(what, attrs...) }
}
