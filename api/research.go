package api

import (
	"errors"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/projections"
)

// maxResearchShown is how many readings of a site are shown.
const maxResearchShown = 20

// researchHandlers answer about readings of companies' web sites.
type researchHandlers struct{ *factHandlers }

func forResearch(handle func(*researchHandlers, *call) error) handler {
	return func(s *Server, c *call) error {
		return handle(&researchHandlers{factHandlersOf(s)}, c)
	}
}

func (h *researchHandlers) listOfLead(c *call, id uuid.UUID) error {
	lead, err := h.readLead(c, id)
	if err != nil {
		return err
	}
	company, _, err := h.intake.CompanyOf(c.ctx, c.who.Org, valueOrZero(lead.Email))
	if err != nil {
		return err
	}
	return h.list(c, company)
}

func (h *researchHandlers) listOfCompany(c *call, id uuid.UUID) error {
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		_, err := projections.GetCompany(c.ctx, tx, c.who.Org, id)
		return err
	}); err != nil {
		return err
	}
	return h.list(c, id)
}

func (h *researchHandlers) list(c *call, company uuid.UUID) error {
	out := gen.ResearchList{CompanyID: company, Data: []gen.Research{}}
	if company == uuid.Nil {
		return c.answerJSON(http.StatusOK, out)
	}
	var rows []*projections.Research
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		rows, err = projections.ResearchesOf(c.ctx, tx, c.who.Org, company, maxResearchShown)
		return err
	}); err != nil {
		return err
	}
	for _, r := range rows {
		out.Data = append(out.Data, researchOf(r))
	}
	return c.answerJSON(http.StatusOK, out)
}

func researchOf(r *projections.Research) gen.Research {
	out := gen.Research{ID: r.ResearchID, CompanyID: r.CompanyID, LeadID: valueOrZero(r.LeadID), CampaignID: valueOrZero(r.CampaignID), Cause: r.Cause, State: gen.ResearchState(r.State), Reason: r.Reason,
		RequestedAt: r.RequestedAt, EndedAt: valueOrZero(r.EndedAt), FreshUntil: valueOrZero(r.FreshUntil), Pages: r.Pages, Read: r.PagesRead, Refused: r.Refused, Facts: r.Facts, Dropped: r.Dropped,
		Stale: r.Stale, Sources: []gen.ResearchSource{}}
	for _, p := range r.Read().Pages {
		out.Sources = append(out.Sources, gen.ResearchSource{URL: p.URL, Outcome: p.Outcome, Status: p.Status, FetchedAt: p.FetchedAt, Facts: p.Facts})
	}
	return out
}

func (h *researchHandlers) askForLead(c *call, id uuid.UUID) error {
	return h.ask(c, commands.RequestResearch{LeadID: id}, func() error { return h.listOfLead(c, id) })
}

func (h *researchHandlers) askForCompany(c *call, id uuid.UUID) error {
	return h.ask(c, commands.RequestResearch{CompanyID: id}, func() error { return h.listOfCompany(c, id) })
}

func (h *researchHandlers) ask(c *call, cmd commands.RequestResearch, show func() error) error {
	a, err := h.submitOwn(c, cmd)
	if err != nil {
		return err
	}
	return h.showAfterChange(c, "research", a, show)
}

func (h *researchHandlers) readSettings(c *call, campaign uuid.UUID, out any) error {
	return h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		return projections.ResearchSettingsOf(c.ctx, tx, c.who.Org, campaign, out)
	})
}

func (h *researchHandlers) getSettings(c *call) error {
	set := aggregates.DefaultResearch()
	if err := h.readSettings(c, uuid.Nil, &set); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, gen.ResearchSettings{Off: set.Off, PagesASite: set.PagesASite, PagesPerDay: set.PagesPerDay, KeepDays: set.KeepDays})
}

func (h *researchHandlers) setSettings(c *call, body gen.ResearchSettings) error {
	if _, err := h.submitOwn(c, commands.SetResearch{ResearchSettings: events.ResearchSettings{Off: body.Off, PagesASite: body.PagesASite, PagesPerDay: body.PagesPerDay, KeepDays: body.KeepDays}}); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, body)
}

func (h *researchHandlers) getCampaign(c *call, id uuid.UUID) error {
	set := aggregates.DefaultCampaignResearch()
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		_, err := projections.GetCampaign(c.ctx, tx, c.who.Org, id)
		return errors.Join(err, projections.ResearchSettingsOf(c.ctx, tx, c.who.Org, id, &set))
	}); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, gen.CampaignResearch{On: set.On, WaitMinutes: set.WaitMinutes, PagesPerDay: set.PagesPerDay})
}

func (h *researchHandlers) setCampaign(c *call, id uuid.UUID, body gen.CampaignResearch) error {
	if _, err := h.submitOwn(c, commands.SetCampaignResearch{CampaignID: id, CampaignResearch: events.CampaignResearch{On: body.On, WaitMinutes: body.WaitMinutes, PagesPerDay: body.PagesPerDay}}); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, body)
}
