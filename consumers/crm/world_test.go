package crm_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/consumers/crm"
	"outrider/consumers/imports"
	"outrider/consumers/reaction"
	"outrider/events"
	decisions "outrider/internal/app/crm"
	"outrider/internal/app/integrations"
	"outrider/internal/app/leads"
	"outrider/internal/blob"
	"outrider/internal/crmapi"
	"outrider/internal/engines/enginestest"
	"outrider/internal/es"
	"outrider/internal/es/react"
	services "outrider/internal/integrations"
	"outrider/internal/lab/crmlike"
	"outrider/internal/pii"
	"outrider/internal/postgres/postgrestest"
	"outrider/internal/profile"
	"outrider/projections"
)

func TestMain(m *testing.M) { enginestest.Main(m) }

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// world is an organisation that is decided in this process, its read models in Postgres, and a CRM; its clock stands still until it is moved.
type world struct {
	t        *testing.T
	db       *postgrestest.Database
	vault    *pii.Vault
	org      uuid.UUID
	conn     uuid.UUID
	vendor   vendor
	there    account
	accounts map[uuid.UUID]func() crmapi.Service // by connection
	turns    integrations.Turns
	worker   *crm.Worker
	enqueuer *crm.Enqueuer
	imports  *imports.Imports
	settings events.CRMSettings

	mu      sync.Mutex
	now     time.Time
	state   es.State
	log     []*es.Event
	told    int // of the log, to reactors
	answers map[uuid.UUID]es.Answer
}

func setup(t *testing.T, v vendor, change ...func(*events.CRMSettings)) *world {
	t.Helper()
	w := &world{t: t, vendor: v, accounts: map[uuid.UUID]func() crmapi.Service{}, db: postgrestest.New(t, projections.Migrations()), now: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC), org: es.NewID(), conn: es.NewID(), answers: map[uuid.UUID]es.Answer{}}
	master, err := pii.CreateMaster(filepath.Join(t.TempDir(), "master.key"))
	check(t, err)
	w.vault, err = pii.NewVault(w.db.Pools.Vault, master, pii.Options{})
	check(t, err)
	w.state = commands.Domain().New(w.org)
	bucket, err := blob.Open(t.Context(), t.TempDir())
	check(t, err)
	t.Cleanup(func() { _ = bucket.Close() })
	log := slog.New(slog.DiscardHandler)
	shown := func(context.Context, int32, int64) error { return nil }
	w.imports, err = imports.New(imports.Config{Vault: w.vault, Bucket: bucket, Commands: w, Reads: w.db.Pools.API, Position: shown, Now: w.clock, Log: log})
	check(t, err)
	w.turns = integrations.Turns{Pool: w.db.Pools.Projector, Now: w.clock}
	w.connectTo(v.begin(w.clock))
	w.enqueuer, err = crm.NewEnqueuer(crm.EnqueueConfig{Turns: w.turns, Identity: w.db.Pools.Identity, Vault: w.vault, History: w, Wake: func() {}, Services: []string{"hubspot", "salesforce"}, Shown: func(context.Context, *es.Event) error { return nil },
		Forget: func(context.Context, uuid.UUID, uuid.UUID) error { return nil }})
	check(t, err)
	limits := commands.Plans()["enterprise"]
	w.do(commands.CreateOrganization{OrganizationID: w.org, Slug: "acme", Name: "Acme", Plan: "enterprise", Limits: limits, TimeZone: "UTC", PostalAddress: "1 Main St", TrialDays: commands.TrialDays})
	w.connect(w.conn, v)
	w.settings = decisions.ProposedSettings(w.accounts[w.conn]().Usual())
	w.settings.CreateAll = true
	for _, c := range change {
		c(&w.settings)
	}
	return w
}

func (w *world) ref() events.ConnectionRef { return events.ConnectionRef{ConnectionID: w.conn} }

// connect makes a connection.
func (w *world) connect(id uuid.UUID, v vendor) {
	w.t.Helper()
	sealed, hash, err := integrations.SealAccount(w.t.Context(), w.vault, w.org, id, v.name, integrations.Account{ID: v.account})
	check(w.t, err)
	w.do(commands.MakeConnection{ConnectionRef: events.ConnectionRef{ConnectionID: id}, Provider: v.name, Account: sealed, AccountHash: hash})
}

// connectTo has the connection lead to an account, in which the key of the tests is good.
func (w *world) connectTo(there account) {
	w.t.Helper()
	w.there, w.accounts[w.conn] = there, w.serve(w.vendor, there)
	var err error
	w.worker, err = crm.NewWorker(crm.WorkerConfig{Turns: w.turns, Vault: w.vault, Reads: w.db.Pools.API, Commands: w, Imports: w.imports, Poll: time.Minute, Now: w.clock, Log: slog.New(slog.DiscardHandler),
		Position: func(context.Context, int32, int64) error { return nil }, Forget: func(uuid.UUID, uuid.UUID) {}, Services: []string{"hubspot", "salesforce"},
		Service: func(_ context.Context, _ string, _, connection uuid.UUID) (crmapi.Service, error) {
			return w.accounts[connection](), nil
		}})
	check(w.t, err)
}

// serve returns who asks an account.
func (w *world) serve(v vendor, there account) func() crmapi.Service {
	server := httptest.NewServer(there)
	w.t.Cleanup(server.Close)
	return func() crmapi.Service {
		return v.ask(server.URL, services.Caller{HTTP: server.Client(), Access: func(context.Context) (string, error) { return v.key, nil }, Refuse: func(context.Context) bool { return false },
			Sleep: func(context.Context, time.Duration) error { return nil }, First: time.Millisecond, Now: w.clock})
	}
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// Submit decides a command as an owner would, and has the read models show it.
func (w *world) Submit(ctx context.Context, c *es.Command) (es.Answer, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if a, ok := w.answers[c.ID]; ok {
		return a, nil
	}
	a := es.Answer{CommandID: c.ID, Outcome: es.Accepted}
	c.Time = w.now
	payloads, err := w.state.Decide(c)
	var refused *es.Refusal
	switch {
	case errors.As(err, &refused):
		a.Outcome, a.Code = es.Refused, refused.Code
	case err != nil:
		return a, err
	}
	for _, p := range payloads {
		if err := w.record(ctx, c, p); err != nil {
			return a, err
		}
	}
	if a.Outcome == es.Accepted && len(payloads) > 0 {
		a.Subject = w.log[len(w.log)-len(payloads)].Subject
	}
	w.answers[c.ID] = a
	return a, nil
}

func (w *world) record(ctx context.Context, c *es.Command, p es.Payload) error {
	data, err := es.Marshal(p)
	if err != nil {
		return err
	}
	n := int64(len(w.log) + 1)
	e := &es.Event{ID: es.NewID(), Org: w.org, Type: p.EventType(), Subject: p.AggregateID(), Oseq: n, Pseq: n, Time: w.now, Data: data, Actor: c.Actor, CorrelationID: c.CorrelationID, CommandID: c.ID}
	if e.Payload, err = projections.Decode(e.Type, data); err != nil {
		return err
	}
	w.log = append(w.log, e)
	w.state.Apply(e)
	return pgx.BeginFunc(ctx, w.db.Pools.Projector, func(tx pgx.Tx) error {
		for _, x := range projections.All(w.vault) {
			if slices.Contains([]string{"connections", "leads", "suppressions", "imports"}, x.Name) {
				if err := x.Handle(ctx, tx, []*es.Event{e}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// happen records what no command of these tests decides.
func (w *world) happen(p events.Event) *es.Event {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	check(w.t, w.record(w.t.Context(), &es.Command{ID: es.NewID()}, p))
	return w.log[len(w.log)-1]
}

func (w *world) do(c commands.Command) es.Answer {
	w.t.Helper()
	a, err := reaction.Submit(w.t.Context(), w, reaction.Cause{Org: w.org, Correlation: es.NewID(), Causation: es.NewID(), Actor: es.Actor{Kind: es.ActorPerson, ID: es.NewID().String()}}, es.NewID(), w.clock(), c)
	check(w.t, err)
	if a.Outcome == es.Refused {
		w.t.Fatalf("%s is refused: %s", c.CommandType(), a.Code)
	}
	return a
}

// ByTime is the history.
func (w *world) ByTime(_ context.Context, _ uuid.UUID, from, to time.Time, after int64, limit int) (out []*es.Event, _ error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.log {
		if e.Oseq > after && !e.Time.Before(from) && !e.Time.After(to) && len(out) < limit {
			out = append(out, e)
		}
	}
	return out, nil
}

// tell has reactors hear of what has happened, each event twice.
func (w *world) tell() (n int) {
	w.t.Helper()
	for {
		w.mu.Lock()
		if w.told == len(w.log) {
			w.mu.Unlock()
			return n
		}
		e := w.log[w.told]
		w.told++
		w.mu.Unlock()
		for _, r := range []react.Reactor{w.enqueuer.Reactor(), w.imports.Reactor()} {
			for range 2 {
				if r.Wants(e.Type) {
					_, err := r.Handle(w.t.Context(), e)
					check(w.t, err)
				}
			}
		}
		n++
	}
}

// settle works until nothing is left to be done now.
func (w *world) settle() {
	w.t.Helper()
	for range 200 {
		n := w.tell()
		m, err := w.worker.Round(w.t.Context())
		check(w.t, err)
		if n+m == 0 {
			return
		}
	}
	w.t.Fatal("there is always more to do")
}

// later passes time and settles, so often that whatever waits for a while has had its turn.
func (w *world) later() {
	w.t.Helper()
	for range 4 {
		w.pass(2 * time.Minute)
		w.settle()
	}
}

func (w *world) mapFields() {
	w.t.Helper()
	w.do(commands.MapConnection{ConnectionRef: w.ref(), CRMSettings: w.settings})
	w.settle()
}

// lead creates one and returns its id.
func (w *world) lead(p profile.Profile) uuid.UUID {
	w.t.Helper()
	items, err := leads.Intake{Hasher: w.vault.Hasher, Keys: w.vault.Keys}.Items(w.t.Context(), w.org, []leads.Person{{Profile: p, Source: events.SourceAPI}})
	check(w.t, err)
	w.do(commands.CreateLead{LeadItem: items[0]})
	return items[0].LeadID
}

// set changes a field of a lead; "" clears it.
func (w *world) set(lead uuid.UUID, field, value string) {
	w.t.Helper()
	patch := profile.Patch{Fields: map[string]*string{field: &value}}
	check(w.t, patch.Normalize())
	keys, err := w.vault.Keys(w.t.Context(), w.org, []uuid.UUID{lead})
	check(w.t, err)
	sealed, err := patch.Seal(keys[0])
	check(w.t, err)
	filled, cleared := patch.Changes()
	w.do(commands.UpdateLead{LeadID: lead, Profile: events.Sealed(sealed), Filled: events.MarkFields(filled), Cleared: events.MarkFields(cleared)})
}

// people are all leads as they read.
func (w *world) people() map[uuid.UUID]profile.Profile {
	w.t.Helper()
	out := map[uuid.UUID]profile.Profile{}
	check(w.t, pgx.BeginFunc(w.t.Context(), w.db.Pools.Projector, func(tx pgx.Tx) error {
		rows, err := projections.NewestLeads(w.t.Context(), tx, w.org, 100_000)
		for _, l := range rows {
			p, err := leads.ProfileOf(l)
			check(w.t, err)
			out[l.LeadID] = p
		}
		return err
	}))
	return out
}

func (w *world) connection() (c *projections.Connection) {
	w.t.Helper()
	check(w.t, pgx.BeginFunc(w.t.Context(), w.db.Pools.Projector, func(tx pgx.Tx) (err error) {
		c, err = projections.GetConnection(w.t.Context(), tx, w.org, w.conn)
		return err
	}))
	return c
}

func (w *world) health() integrations.Health {
	w.t.Helper()
	var all map[uuid.UUID]integrations.Health
	check(w.t, pgx.BeginFunc(w.t.Context(), w.db.Pools.Projector, func(tx pgx.Tx) (err error) {
		all, err = integrations.Healths(w.t.Context(), tx, w.org)
		return err
	}))
	return all[w.conn]
}

func (w *world) entries(outcome string) (out []*integrations.Entry) {
	w.t.Helper()
	check(w.t, pgx.BeginFunc(w.t.Context(), w.db.Pools.Projector, func(tx pgx.Tx) (err error) {
		out, err = integrations.ListLog(w.t.Context(), tx, w.org, w.conn, outcome, 0, 1000)
		return err
	}))
	return out
}

// diff says how the account differs from what a fold of the log says.
func (w *world) diff() []string {
	w.t.Helper()
	want, err := w.vendor.expect(w.log, w.settings, w.people())
	check(w.t, err)
	return crmlike.Diff(want, w.there.State())
}

func person(name, email string) profile.Profile {
	return profile.Profile{Email: email, FirstName: name, LastName: "Lee", CompanyName: "Acme"}
}

func (w *world) hash(address string) string {
	w.t.Helper()
	h, err := w.vault.Hasher(w.t.Context(), w.org)
	check(w.t, err)
	return h.AddressHash(address).String()
}

func (w *world) about(lead uuid.UUID) events.SentMessageRef {
	return events.SentMessageRef{MessageID: es.NewID(), LeadID: lead}
}

// sent says that a message left.
func (w *world) sent(lead uuid.UUID, step int) {
	w.t.Helper()
	w.happen(events.MessageSent{MessageRef: events.MessageRef{MessageID: es.NewID(), LeadID: lead}, Step: step, AcceptedAt: w.clock()})
}

// hear is what a notification leads to.
func (w *world) hear(ids ...string) {
	w.t.Helper()
	check(w.t, integrations.Heard{Pool: w.db.Pools.Identity, Now: w.clock}.Note(w.t.Context(), w.vendor.name, w.vendor.account, ids))
}
