package calendars

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/commands"
	"outrider/consumers/connections"
	"outrider/consumers/reaction"
	"outrider/internal/app/calendars"
	"outrider/internal/app/integrations"
	"outrider/internal/es"
	"outrider/internal/googlecalendar"
	"outrider/internal/pii"
	"outrider/internal/postgres"
	"outrider/projections"
)

// WorkerConfig is what a worker needs.
type WorkerConfig struct {
	Turns    integrations.Turns
	Vault    *pii.Vault
	Reads    *pgxpool.Pool // as the api role
	Commands reaction.Commander
	Client   func(org, connection uuid.UUID) (*googlecalendar.Client, error) // asks as a connection
	Forget   func(org, connection uuid.UUID)                                 // has its credentials read again
	Address  func(org, connection uuid.UUID) string                          // where Google tells us that a calendar has changed; "" = it can't reach us
	Poll     time.Duration                                                   // between two looks, whatever Google tells by itself
	Now      func() time.Time                                                // the organisations' time, in which people are met; the rest goes by the turns'
	Log      *slog.Logger
}

// Worker works on connections to calendars.
type Worker struct {
	WorkerConfig
	*connections.Worker
}

// Bounds of one process.
const (
	lateAfter = 5 * time.Minute // that a guest waits for a calendar
	lateEvery = 15 * time.Second
	mostLate  = 100
)

// NewWorker returns a worker, or an error that names what is missing.
func NewWorker(c WorkerConfig) (*Worker, error) {
	if err := (reaction.Required{"pool": c.Turns.Pool != nil, "clock": c.Turns.Now != nil, "vault": c.Vault != nil, "reads": c.Reads != nil, "commands": c.Commands != nil, "client": c.Client != nil, "forget": c.Forget != nil,
		"address": c.Address != nil, "poll": c.Poll > 0, "now": c.Now != nil, "log": c.Log != nil}).Check("calendar worker"); err != nil {
		return nil, err
	}
	w := &Worker{WorkerConfig: c}
	w.Worker = connections.NewWorker(connections.Config{Turns: c.Turns, Providers: []string{googlecalendar.Name}, Commands: c.Commands, Poll: c.Poll, Now: c.Now, Log: c.Log, Work: w.workOn, Every: lateEvery,
		Besides: func(ctx context.Context, _ time.Time) error { return w.TellLate(ctx) }})
	return w, nil
}

// TellLate has guests written to whose meetings don't stand in a calendar in good time: it is away, or needs somebody.
func (w *Worker) TellLate(ctx context.Context) error {
	rows, err := w.Turns.Pool.Query(ctx, `select org_id, meeting_id from integrations.appointments where told = '' and not off and created_at < $1 order by created_at limit $2`, w.Turns.Now().Add(-lateAfter), mostLate)
	if err != nil {
		return fmt.Errorf("read who waits for a calendar: %w", err)
	}
	late, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ Org, Meeting uuid.UUID }])
	if err != nil {
		return fmt.Errorf("read who waits for a calendar: %w", err)
	}
	for _, l := range late {
		id := es.DeriveID(l.Meeting, "late")
		if _, err := reaction.Submit(ctx, w.Commands, because(l.Org, l.Meeting, id), id, w.Now(), commands.PlaceMeeting{MeetingID: l.Meeting, Late: true}); err != nil {
			return err
		}
		if err := w.exec(ctx, `update integrations.appointments set told = 'late' where org_id = $1 and meeting_id = $2 and told = ''`, l.Org, l.Meeting); err != nil {
			return err
		}
	}
	return nil
}

// because is the cause of commands that follow from what a calendar says.
func because(org, from, id uuid.UUID) reaction.Cause {
	return reaction.Cause{Org: org, Correlation: id, Causation: from, Actor: es.Actor{Kind: es.ActorProvider, ID: googlecalendar.Name}}
}

// job is a turn with what it needs.
type job struct {
	integrations.Turn
	client *googlecalendar.Client
	choice calendars.Choice
	hasher *pii.Hasher
	until  time.Time // up to where people can be met
}

// workOn does what there is to do; more says that there is more.
func (w *Worker) workOn(ctx context.Context, t integrations.Turn) (more bool, err error) {
	w.Forget(t.Org, t.Connection) // somebody may have signed in elsewhere
	j := &job{Turn: t, until: w.Now().AddDate(0, 0, daysKnown)}
	var row *projections.Connection
	err = postgres.InOrg(ctx, w.Reads, t.Org, func(tx pgx.Tx) (err error) {
		if row, err = projections.GetConnection(ctx, tx, t.Org, t.Connection); err != nil {
			return err
		}
		hours, err := projections.GetBookingHours(ctx, tx, t.Org)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		h, err := hours.Read()
		j.until = w.Now().AddDate(0, 0, h.DaysAhead+daysKnown)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return false, w.Turns.Stop(ctx, t.Org, t.Connection)
	}
	if err != nil {
		return false, err
	}
	var chosen bool
	if j.choice, chosen, err = calendars.ChoiceOf(ctx, w.Vault, row); err != nil || !chosen {
		return false, err
	}
	if j.hasher, err = w.Vault.Hasher(ctx, t.Org); err != nil {
		return false, err
	}
	if j.client, err = w.Client(t.Org, t.Connection); err != nil {
		return false, err
	}
	if err := w.sync(ctx, j); err != nil { // what was changed there first: what we want there is held against it
		return false, err
	}
	if more, err = w.write(ctx, j); err != nil {
		return false, err
	}
	if err := w.Turns.Renew(ctx, t); err != nil {
		return false, err
	}
	if err := w.look(ctx, j); err != nil {
		return false, err
	}
	return more, w.watch(ctx, j)
}

// daysKnown is how much further than people can be met calendars are looked at: days pass until the next look where time is simulated.
const daysKnown = 7

func (w *Worker) exec(ctx context.Context, sql string, args ...any) error {
	if _, err := w.Turns.Pool.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("note what calendars say: %w", err)
	}
	return nil
}

func collectIDs(rows pgx.Rows) ([]uuid.UUID, error) {
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("read ids: %w", err)
	}
	return ids, nil
}
