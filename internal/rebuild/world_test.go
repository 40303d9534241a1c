package rebuild_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/es/logtest"
	"outrider/internal/es/project"
	"outrider/internal/es/project/chtest"
	"outrider/internal/es/reader"
	"outrider/internal/pii"
	"outrider/internal/postgres"
	"outrider/internal/postgres/postgrestest"
	"outrider/internal/rebuild"
	"outrider/projections"
	"outrider/projections/analytics"
)

const partitions = 2

// world is a log, written to by its owners, and live projections of it.
type world struct {
	t         *testing.T
	in        *rebuild.Installation
	db        *postgrestest.Database
	engine    *chtest.Engine
	positions *project.Positions
	postgres  *project.Postgres
	columns   []*project.ClickHouse
	writers   [partitions]*logtest.LogWriter
	n         int
	poison    func(projection string, e *es.Event) bool // may be nil
}

func build(t *testing.T, poison func(string, *es.Event) bool) *world {
	t.Helper()
	w := &world{t: t, db: postgrestest.New(t, projections.Migrations()), engine: chtest.Share(t), poison: poison}
	log := logtest.New(t, partitions)
	for p := range w.writers {
		w.writers[p] = logtest.NewWriter(t, log, int32(p))
	}
	check(t, analytics.Migrate(t.Context(), w.engine.Conn))
	master, err := pii.CreateMaster(filepath.Join(t.TempDir(), "master.key"))
	check(t, err)
	vault, err := pii.NewVault(w.db.Pools.Vault, master, pii.Options{})
	check(t, err)
	report := func(what string, attrs ...any) { t.Log(append([]any{what}, attrs...)...) }
	w.in = &rebuild.Installation{Log: log, OwnerURL: w.db.OwnerURL, Secrets: w.db.Secrets, ClickHouse: w.engine.URL, Projections: w.spoiled(projections.All(vault)), Migrations: projections.Migrations(),
		Columns: analytics.Rebuildable(), MigrateColumns: analytics.Migrate, Decode: projections.Decode, MaxEvents: 100, Program: "test", Report: report}
	w.positions = &project.Positions{Pool: w.db.Pools.Projector}
	w.postgres = &project.Postgres{Log: log, Pool: w.db.Pools.Projector, Projections: w.in.Projections, Decode: projections.Decode, Positions: w.positions, SlowRetry: 50 * time.Millisecond, Report: report}
	for _, c := range w.in.Columns {
		w.columns = append(w.columns, &project.ClickHouse{Log: log, Pool: w.db.Pools.Projector, Conn: w.engine.Conn, Table: c.Table, Decode: c.Decode, Linger: 20 * time.Millisecond,
			Positions: w.positions, SlowRetry: 50 * time.Millisecond, Report: report})
	}
	return w
}

func setup(t *testing.T) *world {
	t.Helper()
	w := build(t, nil)
	w.run()
	return w
}

// run starts the live projections until the test ends.
func (w *world) run() {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	w.t.Cleanup(func() { cancel(); all.Wait() })
	runners := []func(context.Context, *reader.Reader, int32){w.postgres.Run}
	for _, c := range w.columns {
		runners = append(runners, c.Run)
	}
	for _, run := range runners {
		rd, err := reader.Open(w.in.Log)
		check(w.t, err)
		w.t.Cleanup(rd.Close)
		for p := range int32(partitions) {
			all.Go(func() { run(ctx, rd, p) })
		}
	}
}

// facts writes the facts of one command.
func (w *world) facts(partition int, org uuid.UUID, facts ...es.Payload) {
	w.t.Helper()
	writer := w.writers[partition]
	var subjects []string
	for _, f := range facts {
		subjects = append(subjects, f.AggregateID())
	}
	made := writer.Next(org, subjects...)
	for i, e := range made {
		data, err := es.Marshal(facts[i])
		check(w.t, err)
		e.Type, e.Data = facts[i].EventType(), data
	}
	writer.Append(writer.Records(made)...)
	writer.Events = append(writer.Events, made...)
}

func id(parts ...any) uuid.UUID { return es.DeriveID(es.SystemOrg, fmt.Sprint(parts...)) }

// org gives an organisation that belongs to a partition.
func org(partition int32, n int) uuid.UUID {
	for i := 0; ; i++ {
		if o := id("org", n, i); es.PartitionOf(o, partitions) == partition {
			return o
		}
	}
}

// tell writes a story of n leads for an organisation, each of which is written to and answers.
func (w *world) tell(n int) {
	w.t.Helper()
	w.n++
	for p := range partitions {
		o, at := org(int32(p), w.n), time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		campaign := id(o, "campaign")
		w.facts(p, o, events.OrganizationCreated{OrganizationRef: events.OrganizationRef{OrganizationID: o}, Slug: fmt.Sprint("o", w.n, p), Name: "Acme", Plan: "starter", TimeZone: "Europe/Berlin", BillingAnchor: at})
		w.facts(p, o, events.BookingHoursSet{})
		w.facts(p, o, events.CampaignCreated{CampaignRef: events.CampaignRef{CampaignID: campaign}, Name: "c", TimeZone: "Asia/Tokyo"}, events.CampaignLaunched{CampaignRef: events.CampaignRef{CampaignID: campaign}, StepsVersion: 1})
		for i := range n {
			lead, message := id(o, "lead", i), id(o, "message", i)
			ref := events.MessageRef{MessageID: message, EnrollmentID: id(o, "enrollment", i), LeadID: lead, CampaignID: campaign}
			answered := events.SentMessageRef{MessageID: message, LeadID: lead, CampaignID: campaign, MailboxID: id(o, "mailbox")}
			hit := id(o, "hit", i)
			w.facts(p, o, events.LeadCreated{LeadRef: events.LeadRef{LeadID: lead}, AddressHash: strings.ReplaceAll(lead.String(), "-", ""), DomainHash: strings.Repeat("0", 32), Source: events.SourceAPI, Filled: []string{"email"}})
			w.facts(p, o, events.EnrollmentStarted{EnrollmentRef: events.EnrollmentRef{EnrollmentID: ref.EnrollmentID, CampaignID: campaign, LeadID: lead}, Counted: true, PeriodFrom: at},
				events.MessageRequested{MessageRef: ref, MailboxID: id(o, "mailbox"), StepsVersion: 1, StepID: id("step"), Step: 1, Steps: 1, VariantID: id("variant"), Earliest: at})
			w.facts(p, o, events.MessageDrafted{MessageRef: ref, Draft: events.Draft{Writer: "template"}, Number: 1})
			w.facts(p, o, events.MessageSent{MessageRef: ref, StepsVersion: 1, StepID: id("step"), Step: 1, VariantID: id("variant"), MailboxID: id(o, "mailbox"), AcceptedAt: at.Add(time.Duration(i) * time.Hour)})
			w.facts(p, o, events.MessageOpened{SentMessageRef: answered, HitID: hit, Class: "human", At: at.Add(time.Duration(i+1) * time.Hour)})
			switch i % 4 {
			case 3:
				w.facts(p, o, events.HitReclassified{SentMessageRef: answered, HitID: hit, Class: "scanner", Reason: "test"})
			case 0:
				w.facts(p, o, events.MessageReplied{SentMessageRef: answered, Mail: events.Mail{MailID: id(o, "mail", i), ReceivedAt: at}})
			case 2:
				w.facts(p, o, events.LeadErased{LeadRef: events.LeadRef{LeadID: lead}})
			}
		}
	}
}

// settle waits until the live projections have all that was written.
func (w *world) settle() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 5*time.Minute)
	defer cancel()
	for p, writer := range w.writers {
		for _, x := range w.in.Projections {
			check(w.t, w.positions.Wait(ctx, project.ProjectionKey{Name: x.Name, Version: x.Version}, int32(p), writer.Pseq))
		}
		for _, c := range w.in.Columns {
			check(w.t, w.positions.Wait(ctx, project.ProjectionKey{Name: c.Name, Version: c.Version}, int32(p), writer.Pseq))
		}
	}
}

func (w *world) open(name string) *rebuild.Rebuild {
	w.t.Helper()
	r, err := w.in.Open(w.t.Context(), name)
	check(w.t, err)
	w.t.Cleanup(r.Close)
	return r
}

// read asks as the api does, over and over on the same connections.
func (w *world) read() {
	w.t.Helper()
	for p := range int32(partitions) {
		o := org(p, w.n)
		err := postgres.InOrg(w.t.Context(), w.db.Pools.API, o, func(tx pgx.Tx) error {
			if _, err := projections.GetOrganization(w.t.Context(), tx, o); err != nil {
				return err
			}
			m, err := projections.GetMessage(w.t.Context(), tx, o, id(o, "message", 0))
			if err == nil && m.State != projections.MessageSent {
				err = fmt.Errorf("a message is %s", m.State)
			}
			return err
		})
		if err != nil {
			w.t.Error(err)
		}
	}
}

// load goes on writing until it is stopped.
func (w *world) load() (stop func()) {
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-end:
				return
			default:
				w.tell(1)
				w.settle()                        // the live projections bear what comes
				w.read()                          // and readers find all of it, whatever changes places meanwhile
				time.Sleep(20 * time.Millisecond) // and leave something of the machine to rebuilds
			}
		}
	}()
	return func() { close(end); <-ended }
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// spoiled lets projections fail where the test says.
func (w *world) spoiled(all []project.Projection) (out []project.Projection) {
	for _, p := range all {
		handle := p.Handle
		p.Handle = func(ctx context.Context, tx pgx.Tx, batch []*es.Event) error {
			for _, e := range batch {
				if w.poison != nil && w.poison(p.Name, e) {
					return fmt.Errorf("%s can't be borne", e.Type)
				}
			}
			return handle(ctx, tx, batch)
		}
		out = append(out, p)
	}
	return out
}
