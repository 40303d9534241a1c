package calendars_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/consumers/calendars"
	"outrider/events"
	app "outrider/internal/app/calendars"
	"outrider/internal/app/integrations"
	"outrider/internal/app/leads"
	"outrider/internal/engines/enginestest"
	"outrider/internal/es"
	"outrider/internal/googlecalendar"
	"outrider/internal/lab/googlecalendarlike"
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

// world is an organisation and a Google Calendar.
type world struct {
	*reactortest.Organization
	t        *testing.T
	org      uuid.UUID
	conn     uuid.UUID
	there    *googlecalendarlike.Server
	turns    integrations.Turns
	worker   *calendars.Worker
	enqueuer *calendars.Enqueuer
	booked   int
}

const own = googlecalendarlike.Account

// monday is before the hours begin.
var monday = time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{Organization: reactortest.NewOrganization(t, monday, "connections", "meetings", "booking"), t: t, conn: es.NewID()}
	w.org = w.ID
	var err error
	w.turns = integrations.Turns{Pool: w.DB.Pools.Projector, Now: w.Clock}
	w.there = googlecalendarlike.New("", w.Clock)
	server := httptest.NewServer(w.there)
	t.Cleanup(server.Close)
	w.worker, err = calendars.NewWorker(calendars.WorkerConfig{Turns: w.turns, Vault: w.Vault, Reads: w.DB.Pools.API, Commands: w, Poll: time.Minute, Now: w.Clock, Log: slog.New(slog.DiscardHandler), Forget: func(uuid.UUID, uuid.UUID) {},
		Address: func(uuid.UUID, uuid.UUID) string { return "https://ours.example.com/hooks/google-calendar/x" },
		Client: func(uuid.UUID, uuid.UUID) (*googlecalendar.Client, error) {
			return googlecalendar.New(googlecalendar.Config{Base: googlecalendar.StandInBase(server.URL), HTTP: server.Client(), Access: func(context.Context) (string, error) { return googlecalendarlike.Key, nil },
				Refuse: func(context.Context) bool { return true }, Sleep: func(context.Context, time.Duration) error { return nil }, First: time.Millisecond})
		}})
	check(t, err)
	w.enqueuer, err = calendars.NewEnqueuer(calendars.EnqueueConfig{Turns: w.turns, Commands: w, Wake: func() {}})
	check(t, err)
	w.Do(commands.SetBookingHours{BookingHours: events.BookingHours{Windows: []events.Window{{Days: []int{1, 2, 3, 4, 5, 6, 7}, From: "09:00", To: "17:00"}}, Zone: "Europe/Berlin", SlotMinutes: 30, DaysAhead: 30}})
	w.connect(w.conn, own)
	return w
}

// connect makes a connection and gives it its first turn, as the reactor to connections does.
func (w *world) connect(id uuid.UUID, account string) {
	w.t.Helper()
	sealed, hash, err := integrations.SealAccount(w.t.Context(), w.Vault, w.org, id, googlecalendar.Name, integrations.Account{ID: account, Name: account})
	check(w.t, err)
	w.Do(commands.MakeConnection{ConnectionRef: events.ConnectionRef{ConnectionID: id}, Provider: googlecalendar.Name, Account: sealed, AccountHash: hash})
	check(w.t, w.turns.Begin(w.t.Context(), w.org, id))
}

func (w *world) choose(id uuid.UUID, c app.Choice) {
	w.t.Helper()
	cmd, err := c.Command(w.t.Context(), w.Vault, w.org, id)
	check(w.t, err)
	w.Do(cmd)
	check(w.t, w.turns.Wake(w.t.Context(), w.org, id))
	w.settle()
}

// hosted has one host with their own calendar.
func hosted(t *testing.T) *world {
	w := setup(t)
	w.choose(w.conn, app.Choice{Look: []string{own}, Write: own, Meet: true})
	return w
}

func (w *world) settle() {
	w.t.Helper()
	w.Settle(w.worker.Round, w.enqueuer.Reactor())
}

// later passes time and settles, so often that whatever waits for a while has had its turn.
func (w *world) later() {
	w.t.Helper()
	for range 3 {
		w.Pass(2 * time.Minute)
		w.settle()
	}
}

// person creates a lead.
func (w *world) person() uuid.UUID {
	w.t.Helper()
	w.booked++
	items, err := leads.Intake{Hasher: w.Vault.Hasher, Keys: w.Vault.Keys}.Items(w.t.Context(), w.org, []leads.Person{{Profile: profile.Profile{Email: "guest" + strconv.Itoa(w.booked) + "@example.com", FirstName: "Guest"}, Source: events.SourceAPI}})
	check(w.t, err)
	w.Do(commands.CreateLead{LeadItem: items[0]})
	return items[0].LeadID
}

func (w *world) booking(at time.Time, hosts ...uuid.UUID) commands.BookMeeting {
	w.t.Helper()
	lead := w.person()
	keys, err := w.Vault.Keys(w.t.Context(), w.org, []uuid.UUID{lead})
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
	w.Do(b)
	return b.MeetingID
}

func (w *world) read(queries func(tx pgx.Tx) error) {
	w.t.Helper()
	check(w.t, pgx.BeginFunc(w.t.Context(), w.DB.Pools.Projector, queries))
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
		a, err = app.Read(w.t.Context(), tx, w.org, w.Clock(), w.Clock())
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

// count counts the happenings of a type.
func (w *world) count(kind string) (n int) {
	for _, e := range w.Log() {
		if e.Type == kind {
			n++
		}
	}
	return n
}
