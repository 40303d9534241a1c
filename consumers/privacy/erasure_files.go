package privacy

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/es"
	"outrider/internal/pii"
	"outrider/internal/postgres"
	"outrider/projections"
)

// discardImportFiles deletes what is kept of an organisation's imported files, in whose rows the erased person may stand, with the
// keys: the refused rows of those that have ended, and the whole file of a dry run. One that is being read goes on without that person,
// and nothing of it is kept at its end.
func (d *Eraser) discardImportFiles(ctx context.Context, erased *es.Event) error {
	keys, err := d.vault.FileKeys(ctx, erased.Org)
	if err != nil || len(keys) == 0 {
		return err
	}
	if err := d.vault.KeepNothing(ctx, erased.Org); err != nil { // before it is asked whether one has ended: who ends one asks afterwards
		return err
	}
	if err := d.await.For(ctx, erased, "imports"); err != nil {
		return err
	}
	for _, k := range keys {
		ended, err := d.importEnded(ctx, k.Org, k.File)
		if err != nil {
			return err
		}
		if !ended {
			continue
		}
		if err := d.vault.DestroyImportKey(ctx, k.Org, k.File); err != nil { // first: who keeps rows just now can't any more
			return err
		}
		if err := d.deleteFiles(ctx, k); err != nil {
			return err
		}
	}
	return nil
}

// importEnded is false for an export, too.
func (d *Eraser) importEnded(ctx context.Context, org, id uuid.UUID) (ended bool, err error) {
	err = postgres.InOrg(ctx, d.reads, org, func(tx pgx.Tx) error {
		im, err := projections.GetImport(ctx, tx, org, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err == nil {
			ended = im.Status != projections.ImportRunning
		}
		return err
	})
	return ended, err
}

// deleteFiles deletes all that a key of a file encrypts: an import's file and what is kept of it, or an export's.
func (d *Eraser) deleteFiles(ctx context.Context, k pii.FileKey) (err error) {
	for _, name := range filesOf(k) {
		err = errors.Join(err, d.bucket.Delete(ctx, name))
	}
	return err
}
