package api

import (
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/internal/postgres"
	"outrider/projections/reconcile"
)

// getReconciliation shows the newest comparison of the organisation's log with the stores.
func (s *Server) getReconciliation(c *call) error {
	var r reconcile.Result
	if err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		r, err = reconcile.Latest(c.ctx, tx, c.who.Org)
		return err
	}); err != nil {
		return err
	}
	out := gen.Reconciliation{CheckedAt: r.CheckedAt, RequestedAt: r.RequestedAt, Agrees: r.Agrees, Checks: []gen.ReconciliationCheck{}}
	for _, x := range r.Checks {
		out.Checks = append(out.Checks, gen.ReconciliationCheck{Name: x.Name, Store: gen.ReconciliationCheckStore(x.Store), Position: x.Pseq, Log: x.Log, Shown: x.Shown, Agrees: x.Agrees,
			SkippedEvents: x.Skipped, Detail: x.Detail})
	}
	return c.answerJSON(200, out)
}

// requestReconciliation notes that the organisation wants to be compared now; a process with the projections does it.
func (s *Server) requestReconciliation(c *call) error {
	in, err := s.beginOwn(c)
	if err != nil {
		return err
	}
	var w reconcile.Wish
	if err := postgres.WriteInOrg(c.ctx, s.cfg.Pool, c.who.Org, func(tx pgx.Tx) (err error) {
		w, err = reconcile.Ask(c.ctx, tx, c.who.Org, in.newID("reconciliation"))
		return err
	}); err != nil {
		return err
	}
	if w.Wait > 0 {
		p := newProblem(codeRateLimited, "a comparison was asked for at "+w.RequestedAt.UTC().Format(time.RFC3339)+" already; Retry-After says when to ask again")
		p.retry = w.Wait
		return p
	}
	c.Set(fiber.HeaderLocation, "/v1/reconciliation")
	return c.answerJSON(http.StatusAccepted, gen.ReconciliationRequest{RequestedAt: w.RequestedAt})
}
