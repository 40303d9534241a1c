package api

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/projections"
)

// listEnrollments shows those of a campaign.
func (h *campaignHandlers) listEnrollments(c *call, id uuid.UUID) error {
	f := projections.EnrollmentFilter{CampaignID: id}
	if rule := c.textParam("rule"); rule != "" {
		if _, err := h.loadCampaign(c, id); err != nil {
			return err
		}
		some, _, _, err := h.waitingPeople(c, id)
		if err != nil {
			return err
		}
		f.Of = []uuid.UUID{}
		for _, p := range some {
			if p.Rule == rule {
				f.Of = append(f.Of, p.Lead)
			}
		}
	}
	return h.showEnrollments(c, f, func(tx pgx.Tx) error {
		_, err := projections.GetCampaign(c.ctx, tx, c.who.Org, id)
		return err
	})
}

// listLeadEnrollments shows those of a lead.
func (h *campaignHandlers) listLeadEnrollments(c *call, id uuid.UUID) error {
	if err := h.awaitIn(c, "leads"); err != nil {
		return err
	}
	return h.showEnrollments(c, projections.EnrollmentFilter{LeadID: id}, func(tx pgx.Tx) error {
		_, err := projections.GetLead(c.ctx, tx, c.who.Org, id)
		return err
	})
}

func (h *campaignHandlers) showEnrollments(c *call, f projections.EnrollmentFilter, exists func(pgx.Tx) error) error {
	f.State, f.Search = c.textParam("state"), c.textParam("q")
	var people projections.Set[projections.NamedLead]
	var campaigns map[uuid.UUID]string
	data, next, total, err := listSorted(h.readSide, c, func(tx pgx.Tx, l projections.Listing) (page *projections.Page[projections.Enrollment], err error) {
		if err := exists(tx); err != nil {
			return nil, err
		}
		if page, err = projections.ListEnrollments(c.ctx, tx, c.who.Org, f, l); err != nil {
			return nil, err
		}
		if people, err = projections.NamesOfLeads(c.ctx, tx, c.who.Org, idsOf(page.Rows, func(e *projections.Enrollment) uuid.UUID { return e.LeadID })); err != nil {
			return nil, err
		}
		campaigns, err = projections.NamesOfCampaigns(c.ctx, tx, c.who.Org, idsOf(page.Rows, func(e *projections.Enrollment) uuid.UUID { return e.CampaignID }))
		return page, err
	}, func(e *projections.Enrollment) (gen.Enrollment, error) {
		out, err := enrollmentOf(e)
		if lead := people[e.LeadID]; lead != nil {
			out.LeadName, out.LeadEmail, out.CompanyName = fullName(lead.FirstName, lead.LastName), valueOrZero(lead.Email), valueOrZero(lead.Company)
		}
		out.CampaignName = campaigns[e.CampaignID]
		return out, err
	})
	if err != nil {
		return err
	}
	if c.includes("why") {
		if err := h.addWhy(c, data); err != nil {
			return err
		}
	}
	return c.answerJSON(200, gen.EnrollmentPage{Data: data, NextCursor: next, Total: total})
}

// addWhy says of those who wait what for.
func (h *campaignHandlers) addWhy(c *call, data []gen.Enrollment) error {
	if h.live == nil {
		return unavailableProblem(codeUnavailable, errNoColumns)
	}
	if err := h.awaitIn(c, eventsTable); err != nil {
		return err
	}
	_, err := h.live.Show(c.ctx, c.who.Org, func(o *aggregates.Organization, last time.Time) {
		now := laterOf(h.clock(), last)
		for i := range data {
			e := &data[i]
			if e.State == gen.EnrollmentStateStopped || e.State == gen.EnrollmentStateCompleted {
				continue
			}
			if why, ok := aggregates.WhyLead(now, o, e.CampaignID, e.LeadID); ok {
				e.Rule, e.NextAt, e.WaitingText = why.Bound, why.NotBefore, waitingWords(why.Bound)
			}
		}
	})
	return err
}
