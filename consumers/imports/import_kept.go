package imports

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/app/importfile"
	"outrider/internal/blob"
	"outrider/internal/es"
	"outrider/internal/pii"
	"outrider/internal/postgres"
	"outrider/projections"
)

// mostDryRuns is how many files of dry runs are kept for a commit; the oldest goes first.
const mostDryRuns = 4

// releaseFile deletes the file of an import that has ended, and keeps of it the rows that errors.csv shows, under the file's key, as
// long as that lives. The file of a dry run stays until it is committed, its key dies, or newer ones take its place. It may be called
// again.
func (i *Imports) releaseFile(ctx context.Context, ended *es.Event, importID uuid.UUID) error {
	if err := i.Await.For(ctx, ended, "imports"); err != nil {
		return err
	}
	var im *projections.Import
	var done []uuid.UUID
	if err := postgres.InOrg(ctx, i.Reads, ended.Org, func(tx pgx.Tx) (err error) {
		if im, err = projections.GetImport(ctx, tx, ended.Org, importID); err != nil || !im.DryRun { // which pushes no other out
			return err
		}
		done, err = projections.DryRunsBehind(ctx, tx, ended.Org, mostDryRuns)
		return err
	}); err != nil {
		return fmt.Errorf("release the file of import %s: %w", importID, err)
	}
	may, err := i.Vault.MayKeep(ctx, ended.Org, importID)
	if err != nil {
		return err
	}
	if !im.DryRun || im.Status != projections.ImportCompleted || !may {
		done = append(done, importID)
	}
	if im.DryRunID != nil && im.Status == projections.ImportCompleted {
		done = append(done, *im.DryRunID)
	}
	for _, id := range done {
		if one := i.keepRows(ctx, ended.Org, id); one != nil {
			err = errors.Join(err, one)
			continue
		}
		err = errors.Join(err, i.deleteFile(ctx, ended.Org, id), i.forgetKept(ctx, ended.Org, id))
	}
	return err
}

// forgetKept deletes what is kept of a file, and its key, where somebody was erased while it was read. It asks once the rows are
// there: who is erased later finds an import that has ended.
func (i *Imports) forgetKept(ctx context.Context, org, importID uuid.UUID) error {
	may, err := i.Vault.MayKeep(ctx, org, importID)
	if err != nil || may {
		return err
	}
	return errors.Join(i.Vault.DestroyImportKey(ctx, org, importID), i.Bucket.Delete(ctx, importfile.RowsName(org, importID)))
}

func (i *Imports) readImport(ctx context.Context, org, importID uuid.UUID) (im *projections.Import, err error) {
	err = postgres.InOrg(ctx, i.Reads, org, func(tx pgx.Tx) (err error) {
		im, err = projections.GetImport(ctx, tx, org, importID)
		return err
	})
	return im, err
}

func (i *Imports) deleteFile(ctx context.Context, org, importID uuid.UUID) error {
	return i.Bucket.Delete(ctx, importfile.Name(org, importID))
}

// keepRows keeps the rows that were refused or warned of, unless the file is gone.
func (i *Imports) keepRows(ctx context.Context, org, importID uuid.UUID) error {
	im, err := i.readImport(ctx, org, importID)
	if err != nil {
		return err
	}
	f, err := i.openFile(ctx, im)
	switch {
	case errors.Is(err, blob.ErrNotFound), errors.Is(err, ErrFile):
		return nil
	case err != nil:
		return err
	}
	defer func() { _ = f.Close() }()
	key, err := i.Vault.ImportKey(ctx, org, importID)
	if errors.Is(err, pii.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = i.Bucket.FillSealed(ctx, importfile.RowsName(org, importID), key, func(ctx context.Context, w io.Writer) error { return i.writeKept(ctx, w, im, f) })
	return err
}

func (i *Imports) writeKept(ctx context.Context, w io.Writer, im *projections.Import, f *File) error {
	kept, err := importfile.NewWriter(w, f.Columns(), f.email)
	if err != nil {
		return err
	}
	const page = 1000
	for filter := (projections.ImportRowFilter{Mentions: true, Limit: page}); ; {
		var rows []*projections.ImportRow
		if err := postgres.InOrg(ctx, i.Reads, im.OrgID, func(tx pgx.Tx) (err error) {
			rows, err = projections.ImportRows(ctx, tx, im.OrgID, im.ImportID, filter)
			return err
		}); err != nil {
			return err
		}
		for _, r := range rows {
			filter.After = r.Row
			cells, _ := f.Find(r.Row)
			if cells == nil {
				continue
			}
			if room, err := kept.Keep(r.Row, cells); err != nil || !room {
				return err
			}
		}
		if len(rows) < page {
			return nil
		}
	}
}

// keptRows are what is left of a file.
type keptRows struct{ *importfile.Kept }

// Find is that of Rows.
func (k keptRows) Find(row int) (cells []string, reason string) {
	cells = k.Cells(row)
	return cells, addressReason(cells, k.Email())
}

func (i *Imports) openKept(ctx context.Context, of *projections.Import) (Rows, error) {
	key, err := i.Vault.ImportKey(ctx, of.OrgID, of.ImportID)
	if errors.Is(err, pii.ErrNotFound) {
		return nil, fmt.Errorf("%w: its key is destroyed", blob.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	r, err := i.Bucket.ReadSealed(ctx, importfile.RowsName(of.OrgID, of.ImportID), key)
	if err != nil {
		return nil, fmt.Errorf("open the kept rows of import %s: %w", of.ImportID, err)
	}
	kept, err := importfile.Open(r)
	if err != nil {
		return nil, err
	}
	return keptRows{kept}, nil
}
