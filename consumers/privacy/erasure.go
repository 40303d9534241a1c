// Package privacy destroys the keys of what nobody may read any more, keeps slugs, and signs histories.
package privacy

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/asof"
	"outrider/internal/app/exportfile"
	"outrider/internal/app/importfile"
	"outrider/internal/blob"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/pii"
)

// Eraser destroys the keys of what must not be read any more.
type Eraser struct {
	vault  *pii.Vault
	bucket *blob.Bucket
	reads  *pgxpool.Pool
	await  reaction.Await
	log    *slog.Logger
}

// NewEraser returns the reactor. The bucket holds the files whose keys die; reads, of the api, says which imports have ended.
func NewEraser(vault *pii.Vault, bucket *blob.Bucket, reads *pgxpool.Pool, await reaction.Await, log *slog.Logger) (*Eraser, error) {
	if err := (reaction.Required{"vault": vault != nil, "bucket": bucket != nil, "reads": reads != nil, "logger": log != nil}).Check("erasure"); err != nil {
		return nil, err
	}
	return &Eraser{vault, bucket, reads, await, log}, nil
}

// Reactor returns how it is run.
func (d *Eraser) Reactor() react.Reactor {
	return react.Reactor{Name: "erasure", Wants: reaction.WantEvents(events.LeadErased{}, events.MemberErased{}, events.SuppressionAdded{}, events.OrganizationDeleted{}), Handle: d.eraseKeys}
}

// eraseKeys destroys the keys of what must not be read any more: the lead's, and that of a suppression that showed the address.
func (d *Eraser) eraseKeys(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	switch p := p.(type) {
	case events.LeadErased:
		if err := d.vault.EraseOnce(ctx, e.Org, p.LeadID, e.ID, 0); err != nil {
			return nil, err
		}
		return nil, d.discardImportFiles(ctx, e)
	case events.MemberErased:
		for _, invitation := range p.Invitations {
			if err := d.vault.EraseOnce(ctx, e.Org, invitation, es.DeriveID(e.ID, "invitation", invitation.String()), 0); err != nil {
				return nil, err
			}
		}
		return nil, d.vault.EraseOnce(ctx, e.Org, p.PersonID, e.ID, 0)
	case events.OrganizationDeleted:
		return nil, d.destroyOrganisation(ctx, e.Org)
	case events.SuppressionAdded:
		if p.Reason == events.SuppressedErasure {
			return nil, d.vault.EraseOnce(ctx, e.Org, p.SuppressionID, e.ID, 0)
		}
	}
	return nil, nil
}

// destroyOrganisation deletes an organisation's files, what is kept of its state, and all its keys: those of persons, of files, of mailboxes and its own.
func (d *Eraser) destroyOrganisation(ctx context.Context, org uuid.UUID) error {
	files, err := d.vault.FileKeys(ctx, org)
	if err != nil {
		return err
	}
	for _, k := range files {
		if err := d.deleteFiles(ctx, k); err != nil {
			return err
		}
	}
	states, err := d.bucket.List(ctx, asof.LiveFolder(org))
	if err != nil {
		return err
	}
	for _, o := range states {
		if err := d.bucket.Delete(ctx, o.Name); err != nil && !errors.Is(err, blob.ErrNotFound) {
			return err
		}
	}
	return d.vault.DestroyOrganisation(ctx, org)
}

// DestroyExpired destroys files that have come to their end and their keys, every hour until ctx ends.
func (d *Eraser) DestroyExpired(ctx context.Context) {
	for {
		expired, err := d.vault.DestroyExpired(ctx, d.deleteFiles)
		if err != nil && ctx.Err() == nil {
			d.log.Error("destroy expired files and their keys", "error", err)
		}
		if expired > 0 {
			d.log.Info("destroyed files and their keys", "files", expired)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Hour):
		}
	}
}

// filesOf names all that a key of a file encrypts: an import's file and what is kept of it, or an export's.
func filesOf(k pii.FileKey) []string {
	return []string{importfile.Name(k.Org, k.File), importfile.RowsName(k.Org, k.File), exportfile.Name(k.Org, k.File)}
}
