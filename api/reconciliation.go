package api

import (
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/projections/reconcile"
)

// getReconciliation shows the newest comparison of the organisation's log with the stores.
func (s *Server) getReconciliation(c *call) error {
	var r reconcile.Result
	if err := s.read(c, c.who.Org, func(tx pgx.Tx) (err error) {
		r, err = reconcile.Latest(c.ctx, tx, c.who.Org)
		return err
	}); err != nil {
		return err
	}
	out := gen.Reconciliation{CheckedAt: r.CheckedAt, Agrees: r.Agrees, Checks: []gen.ReconciliationCheck{}}
	for _, x := range r.Checks {
		out.Checks = append(out.Checks, gen.ReconciliationCheck{Name: x.Name, Store: gen.ReconciliationCheckStore(x.Store), Position: x.Pseq, Log: x.Log, Shown: x.Shown, Agrees: x.Agrees,
			SkippedEvents: x.Skipped, Detail: x.Detail})
	}
	return c.answer(200, out)
}
