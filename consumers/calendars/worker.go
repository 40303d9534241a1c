package calendars

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/calendars"
	"outrider/internal/app/integrations"
	"outrider/internal/es"
	"outrider/internal/googlecalendar"
	services "outrider/internal/integrations"
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
	wake    chan struct{}
	running sync.WaitGroup
}

// Bounds of one process.
const (
	atOnce    = 8 // connections
	idle      = time.Second
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
	return &Worker{WorkerConfig: c, wake: make(chan struct{}, 1)}, nil
}

// Wake has the worker look at once.
func (w *Worker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends. What is under way then is done again by somebody else.
func (w *Worker) Run(ctx context.Context) error {
	defer w.running.Wait()
	var told time.Time
	free := make(chan struct{}, atOnce)
	for ctx.Err() == nil {
		turns, err := w.Turns.Take(ctx, []string{googlecalendar.Name}, atOnce-len(free))
		if err != nil && ctx.Err() == nil {
			w.Log.Error("calendars can't be worked on; it is tried again", "error", err)
		}
		for _, t := range turns {
			free <- struct{}{}
			w.running.Go(func() {
				defer w.Wake()
				defer func() { <-free }()
				w.work(ctx, t)
			})
		}
		if now := w.Turns.Now(); now.Sub(told) > lateEvery {
			told = now
			if err := w.TellLate(ctx); err != nil && ctx.Err() == nil {
				w.Log.Error("guests wait for a calendar; it is tried again", "error", err)
			}
		}
		select {
		case <-ctx.Done():
		case <-w.wake:
		case <-time.After(idle):
		}
	}
	return nil
}

// Round takes every turn that has come, one after the other, and returns how many: for who doesn't run it.
func (w *Worker) Round(ctx context.Context) (int, error) {
	turns, err := w.Turns.Take(ctx, []string{googlecalendar.Name}, atOnce)
	for _, t := range turns {
		w.work(ctx, t)
	}
	return len(turns), err
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

func (w *Worker) work(ctx context.Context, t integrations.Turn) {
	more, err := w.workOn(ctx, t)
	if ctx.Err() != nil {
		ctx = context.WithoutCancel(ctx)
		err = nil
		more = true
	}
	log := w.Log.With("org", t.Org, "connection", t.Connection)
	var needs *services.NeedsYou
	var later *services.Later
	switch {
	case errors.Is(err, integrations.ErrNotOurs):
		return
	case errors.As(err, &needs):
		log.Warn("a calendar needs somebody", "reason", needs.Reason, "detail", needs.Detail)
		id := es.NewID()
		if _, err := reaction.Submit(ctx, w.Commands, because(t.Org, t.Connection, id), id, w.Now(), commands.InterruptConnection{ConnectionRef: events.ConnectionRef{ConnectionID: t.Connection}, Reason: needs.Reason,
			Detail: commands.Clip(needs.Detail, 500)}); err != nil {
			log.Error("a calendar that needs somebody could not be interrupted; it is tried again", "error", err)
		}
	case err != nil && !errors.As(err, &later):
		log.Error("work on a calendar failed; it is tried again", "error", err)
	}
	if backErr := w.Turns.GiveBack(ctx, t, w.Poll, more, err); backErr != nil {
		log.Error("a calendar's turn could not be given back; it ends by itself", "error", backErr)
	}
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
