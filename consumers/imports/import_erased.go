package imports

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/events"
	"outrider/internal/es"
	"outrider/internal/pii"
	"outrider/internal/postgres"
	"outrider/projections"
)

// refuseErased takes those out of a chunk who were erased since the file was sent, so that nothing of them is sealed again.
func (c *chunk) refuseErased(ctx context.Context, tx pgx.Tx, org uuid.UUID, hasher *pii.Hasher, cause *es.Event) error {
	hashes := make([]string, len(c.people))
	for n, p := range c.people {
		hashes[n] = hasher.AddressHash(p.address).String()
	}
	erased, err := projections.ErasedSince(ctx, tx, org, cause.Oseq, hashes)
	if err != nil || len(erased) == 0 {
		return err
	}
	var rest []*person
	for n, p := range c.people {
		if erased[hashes[n]] {
			c.refused = append(c.refused, events.RefusedRow{Row: p.row, Code: commands.RowErased})
		} else {
			rest = append(rest, p)
		}
	}
	c.people = rest
	return nil
}

// eraseSealed destroys the keys of those in a recorded chunk who were erased while it was sealed: the owner has refused them, and
// what stands in the command must not be read by a key that was made meanwhile.
func (i *Imports) eraseSealed(ctx context.Context, cause *es.Event, items []commands.LeadItem, recorded es.Answer) error {
	hashes := make([]string, len(items))
	for n, item := range items {
		hashes[n] = item.AddressHash
	}
	if err := i.Await.For(ctx, &es.Event{Org: cause.Org, Partition: recorded.Partition, Pseq: recorded.Pseq}, "suppressions"); err != nil {
		return err
	}
	return postgres.InOrg(ctx, i.Reads, cause.Org, func(tx pgx.Tx) error {
		erased, err := projections.ErasedSince(ctx, tx, cause.Org, cause.Oseq, hashes)
		if err != nil {
			return err
		}
		for _, item := range items {
			if !erased[item.AddressHash] {
				continue
			}
			if err := i.Vault.Erase(ctx, cause.Org, item.LeadID); err != nil {
				return fmt.Errorf("import %s: %w", cause.Subject, err)
			}
		}
		return nil
	})
}
