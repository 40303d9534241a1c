package calendars_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/consumers/calendars"
	"outrider/consumers/reaction"
	"outrider/events"
	app "outrider/internal/app/calendars"
	"outrider/internal/app/integrations"
	"outrider/internal/app/leads"
	"outrider/internal/engines/enginestest"
	"outrider/internal/es"
	"outrider/internal/googlecalendar"
	services "outrider/internal/integrations"
	"outrider/internal/lab/googlecalendarlike"
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

// world is an organisation that is decided in this process, its read models in Postgres, and a Google Calendar; its clock stands still until it is moved.
type world struct {
	t        *testing.T
	db       *postgrestest.Database
	vault    *pii.Vault
	org      uuid.UUID
	conn     uuid.UUID
	there    *googlecalendarlike.Server
	turns    integrations.Turns
	worker   *calendars.Worker
	enqueuer *calendars.Enqueuer
	booked   int

	mu      sync.Mutex
	now     time.Time
	state   es.State
	log     []*es.Event
	told    int // of the log, to the reactor
	answers map[uuid.UUID]es.Answer
}

const own = googlecalendarlike.Account

// monday is before the hours begin.
var monday = time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, db: postgrestest.New(t, projections.Migrations()), now: monday, org: es.NewID(), conn: es.NewID(), answers: map[uuid.UUID]es.Answer{}}
	master, err := pii.CreateMaster(filepath.Join(t.TempDir(), "master.key"))
	check(t, err)
	w.vault, err = pii.NewVault(w.db.Pools.Vault, master, pii.Options{})
	check(t, err)
	w.state = commands.Domain().New(w.org)
	w.turns = integrations.Turns{Pool: w.db.Pools.Projector, Now: w.clock}
	w.there = googlecalendarlike.New("", w.clock)
	server := httptest.NewServer(w.there)
	t.Cleanup(server.Close)
	w.worker, err = calendars.NewWorker(calendars.WorkerConfig{Turns: w.turns, Vault: w.vault, Reads: w.db.Pools.API, Commands: w, Poll: time.Minute, Now: w.clock, Log: slog.New(slog.DiscardHandler), Forget: func(uuid.UUID, uuid.UUID) {},
		Address: func(uuid.UUID, uuid.UUID) string { return "https://ours.example.com/hooks/google-calendar/x" },
		Client: func(uuid.UUID, uuid.UUID) (*googlecalendar.Client, error) {
			return googlecalendar.New(googlecalendar.Config{Base: googlecalendar.StandInBase(server.URL), HTTP: server.Client(), Access: func(context.Context) (string, error) { return googlecalendarlike.Key, nil },
				Refuse: func(context.Context) bool { return true }, Sleep: func(context.Context, time.Duration) error { return nil }, First: time.Millisecond})
		}})
	check(t, err)
	w.enqueuer, err = calendars.NewEnqueuer(calendars.EnqueueConfig{Turns: w.turns, Commands: w, Wake: func() {}})
	check(t, err)
	w.do(commands.CreateOrganization{OrganizationID: w.org, Slug: "acme", Name: "Acme", Plan: "enterprise", Limits: commands.Plans()["enterprise"], TimeZone: "UTC", PostalAddress: "1 Main St", TrialDays: commands.TrialDays})
	w.do(commands.SetBookingHours{BookingHours: events.BookingHours{Windows: []events.Window{{Days: []int{1, 2, 3, 4, 5, 6, 7}, From: "09:00", To: "17:00"}}, Zone: "Europe/Berlin", SlotMinutes: 30, DaysAhead: 30}})
	w.connect(w.conn, own)
	return w
}

// connect makes a connection and gives it its first turn, as the reactor to connections does.
func (w *world) connect(id uuid.UUID, account string) {
	w.t.Helper()
	sealed, hash, err := integrations.SealAccount(w.t.Context(), w.vault, w.org, id, googlecalendar.Name, integrations.Account{ID: account, Name: account})
	check(w.t, err)
	w.do(commands.MakeConnection{ConnectionRef: events.ConnectionRef{ConnectionID: id}, Provider: googlecalendar.Name, Account: sealed, AccountHash: hash})
	check(w.t, w.turns.Begin(w.t.Context(), w.org, id))
}

func (w *world) choose(id uuid.UUID, c app.Choice) {
	w.t.Helper()
	cmd, err := c.Command(w.t.Context(), w.vault, w.org, id)
	check(w.t, err)
	w.do(cmd)
	check(w.t, w.turns.Wake(w.t.Context(), w.org, id))
	w.settle()
}

// hosted has one host with their own calendar.
func hosted(t *testing.T) *world {
	w := setup(t)
	w.choose(w.conn, app.Choice{Look: []string{own}, Write: own, Meet: true})
	return w
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
			if slices.Contains([]string{"connections", "meetings", "booking"}, x.Name) {
				if err := x.Handle(ctx, tx, []*es.Event{e}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (w *world) ask(c commands.Command) es.Answer {
	w.t.Helper()
	a, err := reaction.Submit(w.t.Context(), w, reaction.Cause{Org: w.org, Correlation: es.NewID(), Causation: es.NewID(), Actor: es.Actor{Kind: es.ActorPerson, ID: es.NewID().String()}}, es.NewID(), w.clock(), c)
	check(w.t, err)
	return a
}

func (w *world) do(c commands.Command) {
	w.t.Helper()
	if a := w.ask(c); a.Outcome == es.Refused {
		w.t.Fatalf("%s is refused: %s", c.CommandType(), a.Code)
	}
}

// tell has the reactor hear of what has happened, each event twice.
func (w *world) tell() (n int) {
	w.t.Helper()
	r := w.enqueuer.Reactor()
	for {
		w.mu.Lock()
		if w.told == len(w.log) {
			w.mu.Unlock()
			return n
		}
		e := w.log[w.told]
		w.told++
		w.mu.Unlock()
		for range 2 {
			if r.Wants(e.Type) {
				_, err := r.Handle(w.t.Context(), e)
				check(w.t, err)
			}
		}
		n++
	}
}

// settle works until nothing is left to be done now.
func (w *world) settle() {
	w.t.Helper()
	for range 50 {
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
	for range 3 {
		w.pass(2 * time.Minute)
		w.settle()
	}
}

// person creates a lead.
func (w *world) person() uuid.UUID {
	w.t.Helper()
	w.booked++
	items, err := leads.Intake{Hasher: w.vault.Hasher, Keys: w.vault.Keys}.Items(w.t.Context(), w.org, []leads.Person{{Profile: profile.Profile{Email: "guest" + strconv.Itoa(w.booked) + "@example.com", FirstName: "Guest"}, Source: events.SourceAPI}})
	check(w.t, err)
	w.do(commands.CreateLead{LeadItem: items[0]})
	return items[0].LeadID
}

func (w *world) booking(at time.Time, hosts ...uuid.UUID) commands.BookMeeting {
	w.t.Helper()
	lead := w.person()
	keys, err := w.vault.Keys(w.t.Context(), w.org, []uuid.UUID{lead})
	check(w.t, err)
	plain, err := json.Marshal(map[string]string{"name": "Gus Guest", "email": "gus@example.com", "note": "prices"})
	check(w.t, err)
	sealed, err := keys[0].Seal(projections.MeetingField, plain)
	check(w.t, err)
	return commands.BookMeeting{SentMessageRef: events.SentMessageRef{MessageID: es.NewID(), LeadID: lead}, MeetingID: es.NewID(), StartsAt: at, TimeZone: "Europe/Berlin", Details: events.Sealed(sealed), Hosts: hosts}
}

// book books a meeting, with the one host unless others are named.
func (w *world) book(at time.Time, hosts ...uuid.UUID) uuid.UUID {
	w.t.Helper()
	if len(hosts) == 0 {
		hosts = []uuid.UUID{w.conn}
	}
	b := w.booking(at, hosts...)
	w.do(b)
	return b.MeetingID
}

func (w *world) read(queries func(tx pgx.Tx) error) {
	w.t.Helper()
	check(w.t, pgx.BeginFunc(w.t.Context(), w.db.Pools.Projector, queries))
}

func (w *world) meeting(id uuid.UUID) (m *projections.Meeting) {
	w.t.Helper()
	w.read(func(tx pgx.Tx) (err error) {
		m, err = projections.GetMeeting(w.t.Context(), tx, w.org, id)
		return err
	})
	return m
}

func (w *world) connection() (c *projections.Connection) {
	w.t.Helper()
	w.read(func(tx pgx.Tx) (err error) {
		c, err = projections.GetConnection(w.t.Context(), tx, w.org, w.conn)
		return err
	})
	return c
}

func (w *world) availability() (a app.Availability) {
	w.t.Helper()
	w.read(func(tx pgx.Tx) (err error) {
		a, err = app.Read(w.t.Context(), tx, w.org, w.clock(), w.clock())
		return err
	})
	return a
}

// link is what guests were told of where they meet.
func (w *world) link(id uuid.UUID) string {
	w.t.Helper()
	if m := w.meeting(id); m.Link != nil {
		return *m.Link
	}
	return ""
}

// the happenings of a type, newest last.
func (w *world) count(kind string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.log {
		if e.Type == kind {
			n++
		}
	}
	return n
}

var _ = services.Ended
