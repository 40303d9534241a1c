package projections_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/project"
	"outrider/internal/pii"
	"outrider/internal/postgres"
	"outrider/internal/postgres/postgrestest"
	"outrider/projections"
)

// fixture is a database with read models and a vault.
type fixture struct {
	*postgrestest.Database
	vault *pii.Vault
}

func setup(t testing.TB) *fixture {
	t.Helper()
	db := postgrestest.New(t, projections.Migrations())
	master, err := pii.CreateMaster(filepath.Join(t.TempDir(), "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	vault, err := pii.NewVault(db.Pools.Vault, master, pii.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &fixture{db, vault}
}

// fataler is what testing.T and rapid.T have in common.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// log numbers facts as the kernel does.
type log struct {
	t      fataler
	events []*es.Event
	oseq   map[uuid.UUID]int64
	chain  map[uuid.UUID]es.ChainHash
	actor  es.Actor
}

func newLog(t fataler) *log {
	return &log{t: t, oseq: map[uuid.UUID]int64{}, chain: map[uuid.UUID]es.ChainHash{}, actor: es.Actor{Kind: es.ActorPerson, ID: "p1"}}
}

// at is the time of the nth event, from 1.
func at(n int) time.Time {
	return time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Second)
}

// add appends facts; they go through their stored bytes.
func (l *log) add(org uuid.UUID, facts ...es.Payload) []*es.Event {
	l.t.Helper()
	from := len(l.events)
	for _, f := range facts {
		data, err := es.Marshal(f)
		if err != nil {
			l.t.Fatalf("marshal %s: %v", f.EventType(), err)
		}
		p, err := projections.Decode(f.EventType(), data)
		if err != nil {
			l.t.Fatalf("%v", err)
		}
		l.oseq[org]++
		n := int64(len(l.events) + 1)
		e := &es.Event{ID: es.DeriveID(org, "event", fmt.Sprint(n)), Type: f.EventType(), Org: org, Subject: f.AggregateID(), Time: at(int(n)), Actor: l.actor,
			CommandID: es.DeriveID(org, "command", fmt.Sprint(n)), Epoch: 1, Pseq: n, Oseq: l.oseq[org], Last: true, Data: data, Payload: p, Offset: n}
		e.Chain, _ = es.Link(l.chain[org], e, nil)
		l.chain[org] = e.Chain
		l.events = append(l.events, e)
	}
	return l.events[from:]
}

// apply hands events to every projection, in batches that end before the given positions.
func apply(ctx context.Context, tx pgx.Tx, all []project.Projection, log []*es.Event, cuts ...int) error {
	from := 0
	for _, to := range append(cuts, len(log)) {
		if to <= from {
			continue
		}
		for _, p := range all {
			if err := p.Handle(ctx, tx, log[from:to]); err != nil {
				return fmt.Errorf("%s of events %d to %d: %w", p.Name, from, to, err)
			}
		}
		from = to
	}
	return nil
}

// store applies events in one batch and keeps what comes of them.
func (f *fixture) store(t testing.TB, log []*es.Event) {
	t.Helper()
	err := pgx.BeginFunc(t.Context(), f.Pools.Projector, func(tx pgx.Tx) error { return apply(t.Context(), tx, projections.All(f.vault), log) })
	if err != nil {
		t.Fatal(err)
	}
}

// dump returns every row of every read model as text, table by table, without an order of rows that could differ.
func dump(ctx context.Context, tx pgx.Tx) (string, error) {
	rows, err := tx.Query(ctx, `select tablename from pg_tables where schemaname = 'read' order by 1`)
	if err != nil {
		return "", err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for _, table := range tables {
		rows, err := tx.Query(ctx, `select t::text from `+pgx.Identifier{"read", table}.Sanitize()+` t order by 1`)
		if err != nil {
			return "", err
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&out, "%s: %d\n  %s\n", table, len(lines), strings.Join(lines, "\n  "))
	}
	return out.String(), nil
}

// read runs queries as the api does.
func read[V any](t testing.TB, f *fixture, org uuid.UUID, query func(ctx context.Context, tx pgx.Tx) (V, error)) V {
	t.Helper()
	var v V
	err := postgres.InOrg(t.Context(), f.Pools.API, org, func(tx pgx.Tx) (err error) {
		v, err = query(t.Context(), tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// sealed seals a text under a subject's newest key.
func (f *fixture) sealed(ctx context.Context, org, subject uuid.UUID, field, plain string) (events.Sealed, pii.Key, error) {
	keys, err := f.vault.Keys(ctx, org, []uuid.UUID{subject})
	if err != nil {
		return events.Sealed{}, pii.Key{}, err
	}
	s, err := keys[0].Seal(field, []byte(plain))
	return events.Sealed(s), keys[0], err
}

// lead is a fact about a person whose profile is given as JSON.
func (f *fixture) lead(t testing.TB, org, lead uuid.UUID, profile string) events.LeadCreated {
	t.Helper()
	s, _, err := f.sealed(t.Context(), org, lead, projections.ProfileField, profile)
	if err != nil {
		t.Fatal(err)
	}
	return events.LeadCreated{LeadRef: events.LeadRef{LeadID: lead}, AddressHash: strings.ReplaceAll(lead.String(), "-", ""), DomainHash: strings.Repeat("0", 32), Profile: s, Filled: []string{"email"}, Source: events.SourceAPI}
}

func ptr[V any](v V) *V { return &v }

func text(s *string) string {
	if s == nil {
		return "NULL"
	}
	return *s
}
