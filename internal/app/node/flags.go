package node

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/consumers/flags"
	"outrider/internal/es"
	"outrider/internal/postgres"
	"outrider/projections"
)

// newFlags bring the flags of the installation to organisations.
func (n *Node) newFlags() (*flags.Switcher, error) {
	return flags.NewSwitcher(flags.Config{Commands: n.Gateway, Await: n.awaitReads, Now: n.clock.Now,
		Versions: func(ctx context.Context, flag string, before, limit int) (list []*projections.FlagVersion, err error) {
			err = postgres.InOrg(ctx, n.Pools.API, es.SystemOrg, func(tx pgx.Tx) (err error) {
				list, err = projections.ListFlagVersions(ctx, tx, flag, before, limit)
				return err
			})
			return list, err
		},
		Flags: func(ctx context.Context) (list []*projections.Flag, err error) {
			err = postgres.InOrg(ctx, n.Pools.API, es.SystemOrg, func(tx pgx.Tx) (err error) {
				list, err = projections.ListFlags(ctx, tx)
				return err
			})
			return list, err
		},
		Targets: func(ctx context.Context, flag string) ([]*projections.FlagTarget, error) {
			return projections.FlagTargets(ctx, n.Pools.Projector, flag)
		},
		Switches: func(ctx context.Context, org uuid.UUID) (plan string, list []*projections.FlagSwitch, err error) {
			err = postgres.InOrg(ctx, n.Pools.API, org, func(tx pgx.Tx) error {
				o, err := projections.GetOrganization(ctx, tx, org)
				if err != nil {
					return err
				}
				plan = o.Plan
				list, err = projections.ListFlagSwitches(ctx, tx, org)
				return err
			})
			return plan, list, err
		}})
}
