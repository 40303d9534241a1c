package reactortest

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/pii"
	"outrider/internal/postgres/postgrestest"
	"outrider/projections"
)

// Organization is decided in this process by the product's own code, and its read models are in Postgres; its clock stands still until it is moved.
type Organization struct {
	ID    uuid.UUID
	DB    *postgrestest.Database
	Vault *pii.Vault

	t     *testing.T
	shown []project
	lanes int

	mu   sync.Mutex
	now  time.Time
	told int // of the log, to reactors
	decisions
}

// project takes events into a read model.
type project func(context.Context, pgx.Tx, []*es.Event) error

// NewOrganization creates one of the plan enterprise, with the read models that are named.
func NewOrganization(t *testing.T, now time.Time, readModels ...string) *Organization {
	t.Helper()
	o := &Organization{t: t, DB: postgrestest.New(t, projections.Migrations()), now: now, decisions: newDecisions()}
	o.ID = o.org
	master, err := pii.CreateMaster(filepath.Join(t.TempDir(), "master.key"))
	o.check(err)
	o.Vault, err = pii.NewVault(o.DB.Pools.Vault, master, pii.Options{})
	o.check(err)
	for _, x := range projections.All(o.Vault) {
		if slices.Contains(readModels, x.Name) {
			o.shown = append(o.shown, x.Handle)
		}
	}
	o.Do(commands.CreateOrganization{OrganizationID: o.ID, Slug: "acme", Name: "Acme", Plan: "enterprise", Limits: commands.Plans()["enterprise"], TimeZone: "UTC", PostalAddress: "1 Main St", TrialDays: commands.TrialDays})
	return o
}

func (o *Organization) check(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// Clock is when it is.
func (o *Organization) Clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

// Pass moves the clock.
func (o *Organization) Pass(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(d)
}

// Submit is reaction.Commander's: it decides a command as an owner would, and has the read models show it.
func (o *Organization) Submit(ctx context.Context, c *es.Command) (es.Answer, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.decide(c, o.now, func(news []*es.Event) error { return o.show(ctx, news) })
}

func (o *Organization) show(ctx context.Context, news []*es.Event) error {
	return pgx.BeginFunc(ctx, o.DB.Pools.Projector, func(tx pgx.Tx) error {
		for _, into := range o.shown {
			if err := into(ctx, tx, news); err != nil {
				return err
			}
		}
		return nil
	})
}

// Ask is a command of a person.
func (o *Organization) Ask(c commands.Command) es.Answer {
	o.t.Helper()
	a, err := reaction.Submit(o.t.Context(), o, reaction.Cause{Org: o.ID, Correlation: es.NewID(), Causation: es.NewID(), Actor: es.Actor{Kind: es.ActorPerson, ID: es.NewID().String()}}, es.NewID(), o.Clock(), c)
	o.check(err)
	return a
}

// Do is Ask for what must not be refused.
func (o *Organization) Do(c commands.Command) es.Answer {
	o.t.Helper()
	a := o.Ask(c)
	if a.Outcome == es.Refused {
		o.t.Fatalf("%s is refused: %s", c.CommandType(), a.Code)
	}
	return a
}

// Happen records what no command of the test decides.
func (o *Organization) Happen(p events.Event) *es.Event {
	o.t.Helper()
	return o.HappenTogether([]events.Event{p})[0]
}

// HappenTogether is Happen for many, which the read models show at once.
func (o *Organization) HappenTogether(all []events.Event) []*es.Event {
	o.t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	before := len(o.log)
	for _, p := range all {
		o.check(o.record(&es.Command{ID: es.NewID()}, p, o.now))
	}
	news := slices.Clone(o.log[before:])
	o.check(o.show(o.t.Context(), news))
	return news
}

// Log returns what has happened.
func (o *Organization) Log() []*es.Event {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.log)
}

// Tell has reactors hear of what has happened since they were told, each event twice, and returns how many events that were.
func (o *Organization) Tell(reactors ...react.Reactor) int {
	o.t.Helper()
	o.mu.Lock()
	news := slices.Clone(o.log[o.told:])
	o.told = len(o.log)
	o.mu.Unlock()
	if o.lanes < 2 {
		o.check(o.tellInOrder(o.t.Context(), news, reactors))
		return len(news)
	}
	bySubject := make([][]*es.Event, o.lanes)
	for _, e := range news {
		lane := int(e.Subject[len(e.Subject)-1]) % o.lanes
		bySubject[lane] = append(bySubject[lane], e)
	}
	g, ctx := errgroup.WithContext(o.t.Context())
	for _, some := range bySubject {
		g.Go(func() error { return o.tellInOrder(ctx, some, reactors) })
	}
	o.check(g.Wait())
	return len(news)
}

func (o *Organization) tellInOrder(ctx context.Context, news []*es.Event, reactors []react.Reactor) error {
	for _, e := range news {
		for _, r := range reactors {
			for range 2 {
				if !r.Wants(e.Type) {
					continue
				}
				if _, err := r.Handle(ctx, e); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// TellAtOnce has reactors hear of several subjects at the same time from here on, as they do where they are run; of one subject they hear in order.
func (o *Organization) TellAtOnce(subjects int) { o.lanes = subjects }

// Settle tells reactors and works, round by round, until nothing is left to be done now.
func (o *Organization) Settle(round func(context.Context) (int, error), reactors ...react.Reactor) {
	o.t.Helper()
	for range 200 {
		n := o.Tell(reactors...)
		m, err := round(o.t.Context())
		o.check(err)
		if n+m == 0 {
			return
		}
	}
	o.t.Fatal("there is always more to do")
}
