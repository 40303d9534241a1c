// Package imports imports files of leads into organisations, and undoes that.
package imports

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/blob"
	"outrider/internal/csvfile"
	"outrider/internal/es"
	"outrider/internal/pii"
	"outrider/internal/turns"
)

const (
	// keepFile is how long the key of a file lives, and what is kept of it with it. The file itself goes when its import ends.
	keepFile = 7 * 24 * time.Hour
	// blocksAtOnce is how many blocks of an import are being sealed, waiting for their turn or an answer, or not in the read model yet.
	blocksAtOnce = 10
	// sealersAtOnce is how many blocks are sealed at the same time for each processor, half of them of one organisation: who answers requests
	// in the same process needs it too.
	sealersAtOnce = 2
	// behindAtMost is how long a chunk waits for the read model; an import continues without one that has stopped.
	behindAtMost = 5 * time.Second
)

// Config is what the importer needs.
type Config struct {
	Vault    *pii.Vault
	Bucket   *blob.Bucket
	Commands reaction.Commander
	Reads    *pgxpool.Pool                                                // as the api role
	Position func(ctx context.Context, partition int32, pseq int64) error // waits until the leads' read model has come there
	Pace     *turns.Pace                                                  // that of the process; nil = one of its own
	Await    reaction.Await                                               // for other read models
	Now      func() time.Time
	Log      *slog.Logger
}

// Imports imports files of leads into organisations, and undoes that. All steps can be repeated: chunk commands
// have ids that follow from the import and the chunk's number.
type Imports struct {
	Config
	sealers *turns.Gate
}

// New returns an importer, or an error that names what is missing.
func New(c Config) (*Imports, error) {
	if err := (reaction.Required{"vault": c.Vault != nil, "bucket": c.Bucket != nil, "commands": c.Commands != nil, "reads": c.Reads != nil, "position": c.Position != nil, "now": c.Now != nil, "log": c.Log != nil}).Check("importer"); err != nil {
		return nil, err
	}
	if c.Pace == nil {
		c.Pace = turns.NewPace()
	}
	each := max(sealersAtOnce*runtime.GOMAXPROCS(0)/2, 1)
	return &Imports{c, turns.NewGate(2*each, each)}, nil
}

// Run reads a requested import's file to its end. cause is the import.requested event.
func (i *Imports) Run(ctx context.Context, cause *es.Event, req events.ImportRequested) error {
	key, err := i.Vault.ImportKey(ctx, cause.Org, req.ImportID)
	if errors.Is(err, pii.ErrNotFound) {
		return i.failImport(ctx, cause, req.ImportID, "the file's key was destroyed before it was read")
	}
	if err != nil {
		return err
	}
	r, err := i.Bucket.ReadSealed(ctx, req.Blob, key)
	if errors.Is(err, blob.ErrNotFound) {
		return i.failImport(ctx, cause, req.ImportID, "the file is gone")
	}
	if err != nil {
		return fmt.Errorf("import %s: %w", req.ImportID, err)
	}
	defer func() { _ = r.Close() }()
	var delimiter rune
	for _, d := range req.Delimiter {
		delimiter = d
	}
	f, err := csvfile.Open(r, csvfile.Options{Charset: req.Charset, Delimiter: delimiter, HeaderRow: req.HeaderRow, Mapping: req.Mapping, Exact: true})
	if err != nil {
		return i.failImport(ctx, cause, req.ImportID, err.Error())
	}
	err = i.recordChunks(ctx, cause, req, f)
	var stop *stoppedError
	switch {
	case errors.As(err, &stop) && stop.code == commands.CodeImportClosed:
		return nil // undone or completed by now
	case errors.As(err, &stop):
		return i.failImport(ctx, cause, req.ImportID, stop.Error())
	case err != nil:
		return err
	}
	_, err = i.submitStep(ctx, cause, req.ImportID, "complete", commands.CompleteImport{ImportID: req.ImportID})
	return err
}

// stoppedError is an answer that ends an import.
type stoppedError struct{ code string }

func (s *stoppedError) Error() string { return "refused: " + s.code }

func (i *Imports) failImport(ctx context.Context, cause *es.Event, importID uuid.UUID, reason string) error {
	_, err := i.submitStep(ctx, cause, importID, "fail", commands.FailImport{ImportID: importID, Reason: commands.Clip(reason, 500)})
	return err
}

// submitStep sends a command until it is answered; a refusal is returned as *stoppedError.
func (i *Imports) submitStep(ctx context.Context, cause *es.Event, importID uuid.UUID, step string, c commands.Command) (es.Answer, error) {
	why := reaction.CausedBy(cause, "")
	why.Actor = cause.Actor // who asked for the import
	a, err := reaction.Submit(ctx, i.Commands, why, es.DeriveID(importID, step), i.Now(), c)
	if err != nil {
		return es.Answer{}, fmt.Errorf("import %s %s: %w", importID, step, err)
	}
	if a.Outcome == es.Refused {
		return a, &stoppedError{a.Code}
	}
	return a, nil
}
