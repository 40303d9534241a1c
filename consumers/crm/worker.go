package crm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/consumers/connections"
	"outrider/consumers/imports"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/crm"
	"outrider/internal/app/integrations"
	"outrider/internal/crmapi"
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
	Imports  *imports.Imports
	Position func(ctx context.Context, partition int32, pseq int64) error // waits until the leads' read model has come there
	Services []string                                                     // names of CRMs
	Service  integrations.Services                                        // asks as a connection
	Forget   func(org, connection uuid.UUID)                              // has its credentials read again
	Poll     time.Duration                                                // between two looks at what has changed there
	Now      func() time.Time                                             // the organisations' time, for commands; the rest goes by the turns'
	Log      *slog.Logger
}

// Worker works on connections to CRMs.
type Worker struct {
	WorkerConfig
	*connections.Worker
}

// Bounds of one process.
const (
	kept     = 30 * 24 * time.Hour
	cleaning = time.Hour
	rounds   = 20 // of a turn; then others have theirs
)

// NewWorker returns a worker, or an error that names what is missing.
func NewWorker(c WorkerConfig) (*Worker, error) {
	if err := (reaction.Required{"pool": c.Turns.Pool != nil, "clock": c.Turns.Now != nil, "vault": c.Vault != nil, "reads": c.Reads != nil, "commands": c.Commands != nil, "imports": c.Imports != nil, "position": c.Position != nil, "services": len(c.Services) > 0 && c.Service != nil, "forget": c.Forget != nil, "poll": c.Poll > 0, "now": c.Now != nil, "log": c.Log != nil}).Check("crm worker"); err != nil {
		return nil, err
	}
	w := &Worker{WorkerConfig: c}
	w.Worker = connections.NewWorker(connections.Config{Turns: c.Turns, Providers: c.Services, Commands: c.Commands, Poll: c.Poll, Now: c.Now, Log: c.Log, Work: w.workOn, Every: cleaning,
		Besides: func(ctx context.Context, now time.Time) error { return c.Turns.ForgetOld(ctx, now.Add(-kept)) }})
	return w, nil
}

// job is a turn with what it needs.
type job struct {
	integrations.Turn
	crmapi.Service
	settings events.CRMSettings
	mapped   bool
	fields   []string // names of the CRM's, of what is mapped
	stages   []string // of the account, the earliest first
	hasher   *pii.Hasher
}

// workOn does what there is to do, some of it; more says that there is more.
func (w *Worker) workOn(ctx context.Context, t integrations.Turn) (more bool, err error) {
	w.Forget(t.Org, t.Connection) // somebody may have signed in elsewhere
	service, err := w.Service(ctx, t.Provider, t.Org, t.Connection)
	if err != nil {
		return false, err
	}
	j := &job{Turn: t, Service: service}
	var row *projections.Connection
	err = postgres.InOrg(ctx, w.Reads, t.Org, func(tx pgx.Tx) (err error) {
		row, err = projections.GetConnection(ctx, tx, t.Org, t.Connection)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return false, w.Turns.Stop(ctx, t.Org, t.Connection)
	}
	if err != nil {
		return false, err
	}
	if j.hasher, err = w.Vault.Hasher(ctx, t.Org); err != nil {
		return false, err
	}
	if j.mapped = row.Settings != nil; j.mapped {
		if err := json.Unmarshal(row.Settings, &j.settings); err != nil {
			return false, fmt.Errorf("read settings of connection: %w", err)
		}
		j.fields = crm.RemotesOf(j.settings)
		// what somebody doesn't want any more goes first, both ways
		if err := errors.Join(w.sendOptOuts(ctx, j), w.erase(ctx, j)); err != nil {
			return false, err
		}
	}
	if err := w.runImports(ctx, j); err != nil {
		return false, err
	}
	if !j.mapped {
		return false, nil
	}
	if err := w.prepare(ctx, j); err != nil {
		return false, err
	}
	if err := w.pull(ctx, j); err != nil {
		return false, err
	}
	for range rounds {
		n, err := w.compare(ctx, j)
		if err != nil {
			return false, err
		}
		m, err := w.sendActivities(ctx, j)
		if err != nil {
			return false, err
		}
		if n+m == 0 {
			return false, nil
		}
		if err := w.Turns.Renew(ctx, t); err != nil {
			return false, err
		}
	}
	return true, nil
}

// preparedCursor says that the account has the properties of ours.
const preparedCursor = "prepared"

// prepare reads what values mean there, and makes the property by which our records are found, once.
func (w *Worker) prepare(ctx context.Context, j *job) error {
	was, err := w.Turns.Cursor(ctx, j.Org, j.Connection, preparedCursor)
	if err != nil {
		return err
	}
	if was == "" {
		if err := j.Prepare(ctx); err != nil {
			return err
		}
		if err := w.Turns.SetCursor(ctx, j.Org, j.Connection, preparedCursor, "done"); err != nil {
			return err
		}
	}
	if len(j.settings.Stages) > 0 {
		has, err := j.Schema(ctx)
		if err != nil {
			return err
		}
		j.stages = has.Stages
	}
	return nil
}
