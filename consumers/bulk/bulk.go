// Package bulk runs bulk operations: one action on many leads, in chunks.
package bulk

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/commands"
	"outrider/consumers/reaction"
	"outrider/events"
	"outrider/internal/app/leads"
	"outrider/internal/es"
	"outrider/internal/es/react"
	"outrider/internal/pii"
	"outrider/projections"
)

// Vault hashes and seals the addresses that are suppressed; *pii.Vault is one.
type Vault interface {
	Hasher(ctx context.Context, org uuid.UUID) (*pii.Hasher, error)
	Keys(ctx context.Context, org uuid.UUID, subjects []uuid.UUID) ([]pii.Key, error)
}

// Config is what bulk operations need.
type Config struct {
	Commands reaction.Commander
	Vault    Vault
	Leads    func(ctx context.Context, org uuid.UUID, ids []uuid.UUID) (projections.Set[projections.Lead], error)
	// Removed returns what brings removed leads back, from a history that has come to an event, and which of them can't be.
	Removed func(ctx context.Context, org uuid.UUID, ids []uuid.UUID, through int64) ([]commands.LeadItem, []events.RefusedLead, error)
	Await   reaction.Await
	Now     func() time.Time
}

// Bulk runs bulk operations. The command of a chunk has an id that follows from it, so an operation that is started again repeats nothing.
type Bulk struct {
	Config
}

// New returns the reactor, or an error that names what is missing.
func New(c Config) (*Bulk, error) {
	if err := (reaction.Required{"commands": c.Commands != nil, "vault": c.Vault != nil, "leads": c.Leads != nil, "removed": c.Removed != nil, "now": c.Now != nil}).Check("bulk"); err != nil {
		return nil, err
	}
	return &Bulk{Config: c}, nil
}

// Reactor returns how it is run.
func (b *Bulk) Reactor() react.Reactor {
	return react.Reactor{Name: "bulk", Wants: reaction.WantEvents(events.BulkRequested{}), Concurrency: 2, Handle: b.handleBulk}
}

func (b *Bulk) handleBulk(ctx context.Context, e *es.Event) ([]*es.Command, error) {
	p, err := reaction.DecodeEvent(e)
	if err != nil {
		return nil, err
	}
	job, ok := p.(events.BulkRequested)
	if !ok {
		return nil, nil
	}
	if err := b.Await.For(ctx, e, "leads"); err != nil {
		return nil, err
	}
	n := 0
	for ids := range slices.Chunk(job.LeadIDs, commands.MaxItems) {
		n++
		c, err := b.commandOf(ctx, e, job, n, ids)
		if err != nil {
			return nil, err
		}
		a, err := reaction.Submit(ctx, b.Commands, reaction.CausedBy(e, "bulk"), es.DeriveID(job.BulkID, "chunk", strconv.Itoa(n)), b.Now(), c)
		switch {
		case err != nil:
			return nil, err
		case a.Outcome == es.Refused && a.Code == commands.CodeOrganizationDeleted:
			return nil, nil
		case a.Outcome == es.Refused:
			return nil, fmt.Errorf("%w: chunk %d of bulk operation %s: %s", react.ErrPermanent, n, job.BulkID, a.Code)
		}
		// Not faster than the read model: who else is on this partition waits behind what an operation puts there.
		if err := b.Await.For(ctx, &es.Event{Org: e.Org, Partition: a.Partition, Pseq: a.Pseq}, "leads"); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// commandOf is the command of a chunk.
func (b *Bulk) commandOf(ctx context.Context, e *es.Event, job events.BulkRequested, n int, ids []uuid.UUID) (commands.Command, error) {
	if job.Action != events.BulkRestore {
		return b.readChunk(ctx, e.Org, job, n, ids)
	}
	items, lost, err := b.Removed(ctx, e.Org, ids, e.Oseq)
	if err != nil {
		return nil, fmt.Errorf("read chunk %d of bulk operation %s: %w", n, job.BulkID, err)
	}
	return commands.RestoreBulkChunk{BulkID: job.BulkID, Chunk: n, Leads: items, Rejected: lost}, nil
}

// readChunk reads what only the read side knows of some leads: their tags, and the addresses to suppress.
func (b *Bulk) readChunk(ctx context.Context, org uuid.UUID, job events.BulkRequested, n int, ids []uuid.UUID) (commands.RecordBulkChunk, error) {
	c := commands.RecordBulkChunk{BulkID: job.BulkID, Chunk: n, LeadIDs: ids}
	if job.Action == events.BulkEnroll || job.Action == events.BulkRemove {
		return c, nil
	}
	found, err := b.Leads(ctx, org, ids)
	if err != nil {
		return c, fmt.Errorf("read chunk %d of bulk operation %s: %w", n, job.BulkID, err)
	}
	sorted := leads.SortForBulk(job.Action, job.Tags, ids, found)
	c.LeadIDs, c.Unchanged, c.Rejected = sorted.IDs, sorted.Unchanged, sorted.Refused
	if job.Action == events.BulkSuppress {
		c.Addresses, err = b.sealAddresses(ctx, org, sorted.There)
	}
	return c, err
}
