package crm_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/consumers/crm"
	"outrider/consumers/imports"
	"outrider/events"
	decisions "outrider/internal/app/crm"
	"outrider/internal/app/integrations"
	"outrider/internal/app/leads"
	"outrider/internal/blob"
	"outrider/internal/crmapi"
	"outrider/internal/engines/enginestest"
	"outrider/internal/es"
	services "outrider/internal/integrations"
	"outrider/internal/lab/crmlike"
	"outrider/internal/lab/reactortest"
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

// world is an organisation and a CRM.
type world struct {
	*reactortest.Organization
	t        *testing.T
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
}

func setup(t *testing.T, v vendor, change ...func(*events.CRMSettings)) *world {
	t.Helper()
	w := &world{Organization: reactortest.NewOrganization(t, reactortest.Noon(), "connections", "leads", "suppressions", "imports"), t: t, vendor: v, accounts: map[uuid.UUID]func() crmapi.Service{}, conn: es.NewID()}
	w.org = w.ID
	bucket, err := blob.Open(t.Context(), t.TempDir())
	check(t, err)
	t.Cleanup(func() { _ = bucket.Close() })
	log := slog.New(slog.DiscardHandler)
	shown := func(context.Context, int32, int64) error { return nil }
	w.imports, err = imports.New(imports.Config{Vault: w.Vault, Bucket: bucket, Commands: w, Reads: w.DB.Pools.API, Position: shown, Now: w.Clock, Log: log})
	check(t, err)
	w.turns = integrations.Turns{Pool: w.DB.Pools.Projector, Now: w.Clock}
	w.connectTo(v.begin(w.Clock))
	w.enqueuer, err = crm.NewEnqueuer(crm.EnqueueConfig{Turns: w.turns, Identity: w.DB.Pools.Identity, Vault: w.Vault, History: w, Wake: func() {}, Services: []string{"hubspot", "salesforce"}, Shown: func(context.Context, *es.Event) error { return nil },
		Forget: func(context.Context, uuid.UUID, uuid.UUID) error { return nil }})
	check(t, err)
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
	sealed, hash, err := integrations.SealAccount(w.t.Context(), w.Vault, w.org, id, v.name, integrations.Account{ID: v.account})
	check(w.t, err)
	w.Do(commands.MakeConnection{ConnectionRef: events.ConnectionRef{ConnectionID: id}, Provider: v.name, Account: sealed, AccountHash: hash})
}

// connectTo has the connection lead to an account, in which the key of the tests is good.
func (w *world) connectTo(there account) {
	w.t.Helper()
	w.there, w.accounts[w.conn] = there, w.serve(w.vendor, there)
	var err error
	w.worker, err = crm.NewWorker(crm.WorkerConfig{Turns: w.turns, Vault: w.Vault, Reads: w.DB.Pools.API, Commands: w, Imports: w.imports, Poll: time.Minute, Now: w.Clock, Log: slog.New(slog.DiscardHandler),
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
			Sleep: func(context.Context, time.Duration) error { return nil }, First: time.Millisecond, Now: w.Clock})
	}
}

// ByTime is the history.
func (w *world) ByTime(_ context.Context, _ uuid.UUID, from, to time.Time, after int64, limit int) (out []*es.Event, _ error) {
	for _, e := range w.Log() {
		if e.Oseq > after && !e.Time.Before(from) && !e.Time.After(to) && len(out) < limit {
			out = append(out, e)
		}
	}
	return out, nil
}

func (w *world) settle() {
	w.t.Helper()
	w.Settle(w.worker.Round, w.enqueuer.Reactor(), w.imports.Reactor())
}

// later passes time and settles, so often that whatever waits for a while has had its turn.
func (w *world) later() {
	w.t.Helper()
	for range 4 {
		w.Pass(2 * time.Minute)
		w.settle()
	}
}

func (w *world) mapFields() {
	w.t.Helper()
	w.Do(commands.MapConnection{ConnectionRef: w.ref(), CRMSettings: w.settings})
	w.settle()
}

// lead creates one and returns its id.
func (w *world) lead(p profile.Profile) uuid.UUID {
	w.t.Helper()
	items, err := leads.Intake{Hasher: w.Vault.Hasher, Keys: w.Vault.Keys}.Items(w.t.Context(), w.org, []leads.Person{{Profile: p, Source: events.SourceAPI}})
	check(w.t, err)
	w.Do(commands.CreateLead{LeadItem: items[0]})
	return items[0].LeadID
}

// set changes a field of a lead; "" clears it.
func (w *world) set(lead uuid.UUID, field, value string) {
	w.t.Helper()
	patch := profile.Patch{Fields: map[string]*string{field: &value}}
	check(w.t, patch.Normalize())
	keys, err := w.Vault.Keys(w.t.Context(), w.org, []uuid.UUID{lead})
	check(w.t, err)
	sealed, err := patch.Seal(keys[0])
	check(w.t, err)
	filled, cleared := patch.Changes()
	w.Do(commands.UpdateLead{LeadID: lead, Profile: events.Sealed(sealed), Filled: events.MarkFields(filled), Cleared: events.MarkFields(cleared)})
}

// people are all leads as they read.
func (w *world) people() map[uuid.UUID]profile.Profile {
	w.t.Helper()
	out := map[uuid.UUID]profile.Profile{}
	check(w.t, pgx.BeginFunc(w.t.Context(), w.DB.Pools.Projector, func(tx pgx.Tx) error {
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
	check(w.t, pgx.BeginFunc(w.t.Context(), w.DB.Pools.Projector, func(tx pgx.Tx) (err error) {
		c, err = projections.GetConnection(w.t.Context(), tx, w.org, w.conn)
		return err
	}))
	return c
}

func (w *world) health() integrations.Health {
	w.t.Helper()
	var all map[uuid.UUID]integrations.Health
	check(w.t, pgx.BeginFunc(w.t.Context(), w.DB.Pools.Projector, func(tx pgx.Tx) (err error) {
		all, err = integrations.Healths(w.t.Context(), tx, w.org)
		return err
	}))
	return all[w.conn]
}

func (w *world) entries(outcome string) (out []*integrations.Entry) {
	w.t.Helper()
	check(w.t, pgx.BeginFunc(w.t.Context(), w.DB.Pools.Projector, func(tx pgx.Tx) (err error) {
		out, err = integrations.ListLog(w.t.Context(), tx, w.org, w.conn, outcome, 0, 1000)
		return err
	}))
	return out
}

// diff says how the account differs from what a fold of the log says.
func (w *world) diff() []string {
	w.t.Helper()
	want, err := w.vendor.expect(w.Log(), w.settings, w.people())
	check(w.t, err)
	return crmlike.Diff(want, w.there.State())
}

func person(name, email string) profile.Profile {
	return profile.Profile{Email: email, FirstName: name, LastName: "Lee", CompanyName: "Acme"}
}

func (w *world) hash(address string) string {
	w.t.Helper()
	h, err := w.Vault.Hasher(w.t.Context(), w.org)
	check(w.t, err)
	return h.AddressHash(address).String()
}

func (w *world) about(lead uuid.UUID) events.SentMessageRef {
	return events.SentMessageRef{MessageID: es.NewID(), LeadID: lead}
}

// sent says that a message left.
func (w *world) sent(lead uuid.UUID, step int) {
	w.t.Helper()
	w.Happen(w.messageTo(lead, step))
}

func (w *world) messageTo(lead uuid.UUID, step int) events.MessageSent {
	return events.MessageSent{MessageRef: events.MessageRef{MessageID: es.NewID(), LeadID: lead}, Step: step, AcceptedAt: w.Clock()}
}

// hear is what a notification leads to.
func (w *world) hear(ids ...string) {
	w.t.Helper()
	check(w.t, integrations.Heard{Pool: w.DB.Pools.Identity, Now: w.Clock}.Note(w.t.Context(), w.vendor.name, w.vendor.account, ids))
}
