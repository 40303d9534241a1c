package node

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/consumers/bulk"
	"outrider/internal/app/leads"
	"outrider/internal/es"
	"outrider/internal/postgres"
	"outrider/projections"
	"outrider/projections/analytics"
)

// awaitReads waits until read models show an event.
func (n *Node) awaitReads(ctx context.Context, e *es.Event, projections ...string) error {
	for _, p := range projections {
		if err := n.Positions.Wait(ctx, ReadModel(p), e.Partition, e.Pseq); err != nil {
			return err
		}
	}
	return nil
}

// newBulk does bulk operations on leads.
func (n *Node) newBulk() (*bulk.Bulk, error) {
	return bulk.New(bulk.Config{Vault: n.vault, Commands: n.Gateway, Now: n.clock.Now, Await: n.awaitReads,
		Leads: func(ctx context.Context, org uuid.UUID, ids []uuid.UUID) (found projections.Set[projections.Lead], err error) {
			err = postgres.InOrg(ctx, n.Pools.API, org, func(tx pgx.Tx) (err error) {
				found, err = projections.Leads(ctx, tx, org, ids)
				return err
			})
			return found, err
		},
		Removed: leads.Restorer{History: analytics.History{Conn: n.reports}, Keys: n.vault, Intake: leads.Intake{Hasher: n.vault.Hasher, Keys: n.vault.Keys}}.Items})
}
