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

// refuseErased takes those out of a block who were erased since the file was sent, so that nothing of them is sealed again.
func (b block) refuseErased(ctx context.Context, tx pgx.Tx, org uuid.UUID, hasher *pii.Hasher, cause *es.Event) error {
	var hashes []string
	for _, address := range b.addresses() {
		hashes = append(hashes, hasher.AddressHash(address).String())
	}
	erased, err := projections.ErasedSince(ctx, tx, org, cause.Oseq, hashes)
	if err != nil || len(erased) == 0 {
		return err
	}
	for _, c := range b {
		var rest []*person
		for n, p := range c.people {
			if erased[hashes[n]] {
				c.refused = append(c.refused, events.RefusedRow{Row: p.row, Code: commands.RowErased})
			} else {
				rest = append(rest, p)
			}
		}
		hashes, c.people = hashes[len(c.people):], rest
	}
	return nil
}

// eraseRecorded destroys the keys of those in recorded chunks who were erased while they were sealed: the owner has refused them, and
// what stands in the commands must not be read by a key that was made meanwhile.
func (i *Imports) eraseRecorded(ctx context.Context, cause *es.Event, cmds []commands.ImportLeads, answers []es.Answer) error {
	var items []commands.LeadItem
	last := int64(0)
	for n, a := range answers {
		if a.Outcome != "" {
			items, last = append(items, cmds[n].Items...), max(last, a.Pseq)
		}
	}
	if len(items) == 0 {
		return nil
	}
	hashes := make([]string, len(items))
	for n, item := range items {
		hashes[n] = item.AddressHash
	}
	if err := i.Await.For(ctx, &es.Event{Org: cause.Org, Partition: cause.Partition, Pseq: last}, "suppressions"); err != nil {
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
