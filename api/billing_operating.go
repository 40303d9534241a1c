package api

import (
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/commands"
	"outrider/internal/app/billing"
	"outrider/internal/es"
	"outrider/projections"
)

func (h *billingHandlers) getComparison(c *call) error {
	out, ok, err := h.loadComparison(c)
	if err != nil {
		return err
	}
	if !ok {
		return newProblem(commands.CodeNotFound, "nothing was compared yet")
	}
	return c.answerJSON(http.StatusOK, out)
}

func (h *billingHandlers) loadComparison(c *call) (out gen.BillingComparison, ok bool, err error) {
	inbox := h.selling.Mirror.Inbox
	found, ok, err := inbox.LatestComparison(c.ctx)
	if err != nil || !ok {
		return out, ok, err
	}
	out = gen.BillingComparison{ID: found.ID, BegunAt: found.BegunAt, EndedAt: valueOrZero(found.EndedAt), Customers: found.Customers, Error: found.Error, Differences: []gen.BillingDifference{}}
	for _, d := range found.Differences {
		one := differenceOf(d)
		if one.OrganizationName, err = organizationName(c.ctx, h.readSide, d.Organization); err != nil {
			return out, false, err
		}
		out.Differences = append(out.Differences, one)
	}
	out.OpenNotifications, err = inbox.Open(c.ctx)
	return out, true, err
}

func differenceOf(d billing.Difference) gen.BillingDifference {
	return gen.BillingDifference{OrganizationID: d.Organization, Object: d.Object, Field: d.Field, Provider: d.Provider, Ours: d.Ours, Mended: d.Mended}
}

// compareBilling notes that a comparison is wanted; a process with the consumers does it.
func (h *billingHandlers) compareBilling(c *call) error {
	if err := h.selling.Mirror.Inbox.Ask(c.ctx, es.NewID()); err != nil {
		return err
	}
	if h.selling.Wake != nil {
		h.selling.Wake()
	}
	out, _, err := h.loadComparison(c)
	if err != nil {
		return err
	}
	return c.answerJSON(http.StatusAccepted, out)
}

func (h *billingHandlers) overrideLimits(c *call, id uuid.UUID, body gen.LimitOverrides) error {
	var plan string
	if err := h.readInOrg(c, id, func(tx pgx.Tx) error {
		org, err := projections.GetOrganization(c.ctx, tx, id)
		if err == nil {
			plan = org.Plan
		}
		return err
	}); err != nil {
		return err
	}
	base, err := findPlan(h.plans, plan)
	if err != nil {
		return err
	}
	in, err := h.beginWrite(c, id, scopeOf(c, id))
	if err != nil {
		return err
	}
	a, err := h.submitCommand(in, commands.OverrideLimits{Overrides: body.Overrides, Base: base, Reason: body.Reason})
	if err != nil {
		return err
	}
	return h.showAfterChange(c, "billing", a, func() error { return c.answerJSON(http.StatusOK, body) })
}
