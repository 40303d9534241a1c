package api

import (
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/aggregates"
	"outrider/api/gen"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/app/models"
	"outrider/projections"
)

// maxResearchShown is how many readings of a site are shown.
const maxResearchShown = 20

// researchHandlers answer about readings of companies' web sites.
type researchHandlers struct {
	*factHandlers
	models *models.Client
}

func forResearch(handle func(*researchHandlers, *call) error) handler {
	return func(s *Server, c *call) error {
		return handle(&researchHandlers{factHandlersOf(s), s.cfg.Models}, c)
	}
}

func (h *researchHandlers) listOfLead(c *call, id uuid.UUID) error {
	lead, err := h.readLead(c, id)
	if err != nil {
		return err
	}
	var company uuid.UUID
	var searches []*projections.WebSearch
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if company, err = projections.CompanyOf(c.ctx, tx, lead); err != nil {
			return err
		}
		searches, err = projections.WebSearchesFor(c.ctx, tx, c.who.Org, lead.SearchedFor(), maxResearchShown)
		return err
	}); err != nil {
		return err
	}
	return h.list(c, company, searches)
}

func (h *researchHandlers) listOfCompany(c *call, id uuid.UUID) error {
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		_, err := projections.GetCompany(c.ctx, tx, c.who.Org, id)
		return err
	}); err != nil {
		return err
	}
	var searches []*projections.WebSearch
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		searches, err = projections.WebSearchesFor(c.ctx, tx, c.who.Org, id, maxResearchShown)
		return err
	}); err != nil {
		return err
	}
	return h.list(c, id, searches)
}

func webSearchOf(r *projections.WebSearch) gen.WebSearch {
	return gen.WebSearch{ID: r.SearchID, LeadID: r.LeadID, CampaignID: valueOrZero(r.CampaignID), CompanyID: valueOrZero(r.CompanyID), Cause: r.Cause, State: gen.WebSearchState(r.State), Reason: r.Reason,
		RequestedAt: r.RequestedAt, EndedAt: valueOrZero(r.EndedAt), Results: r.Results, Refused: r.Refused, Looked: r.Looked, Pages: r.Pages}
}

// canSearch reports whether the organisation may search the web for companies' sites.
func (h *researchHandlers) canSearch(c *call) (bool, error) {
	if h.models == nil {
		return false, nil
	}
	s, err := h.modelSettings(c)
	return err == nil && h.models.CanSearch(s), err
}

func (h *researchHandlers) modelSettings(c *call) (s models.Settings, err error) {
	s.Provider = events.AIProviderPlatform
	err = h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		row, err := projections.GetAISettings(c.ctx, tx, c.who.Org)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		s, err = models.SettingsOf(row)
		return err
	})
	return s, err
}

func (h *researchHandlers) list(c *call, company uuid.UUID, searches []*projections.WebSearch) (err error) {
	out := gen.ResearchList{CompanyID: company, Data: []gen.Research{}, Searches: []gen.WebSearch{}}
	for _, s := range searches {
		out.Searches = append(out.Searches, webSearchOf(s))
	}
	if out.CanSearch, err = h.canSearch(c); err != nil {
		return err
	}
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

func (h *researchHandlers) getSearch(c *call) error {
	s, err := h.modelSettings(c)
	if err != nil {
		return err
	}
	out := gen.SearchSettings{On: s.Search.On, Provider: gen.SearchSettingsProviderPlatform, HasKey: s.Search.KeyID != uuid.Nil, Version: s.Version, Stopped: s.Stopped != ""}
	if s.Search.Provider == events.AIProviderOwn {
		out.Provider = gen.SearchSettingsProviderOwn
	}
	if h.models != nil && h.models.Search.Provider != nil {
		out.Engine, out.PlatformAvailable, out.PriceMicros = h.models.Search.Provider.Name(), h.models.SearchAvailable(), h.models.Search.PriceMicros
	}
	return c.answerVersioned(out, out.Version)
}

// setSearch stores an own key first, as that of models.
func (h *researchHandlers) setSearch(c *call, body gen.SearchSettingsSet) error {
	version, err := c.ifVersion()
	if err != nil {
		return err
	}
	before, err := h.modelSettings(c)
	if err != nil {
		return err
	}
	s := events.AISearchSettings{On: body.On, Provider: string(body.Provider)}
	own := body.Provider == gen.SearchSettingsSetProviderOwn
	switch {
	case body.On && (h.models == nil || h.models.Search.Provider == nil):
		return invalidField("on", "needs a search engine, which this installation hasn't")
	case body.On && !own && !h.models.SearchAvailable():
		return invalidField("provider", "must be own: this installation has no key of the search engine for everybody")
	case own && body.Key == "" && before.Search.KeyID == uuid.Nil:
		return invalidField("key", "is missing: a search engine of one's own needs one")
	}
	in, err := h.beginOwn(c)
	if err != nil {
		return err
	}
	if own {
		s.KeyID = before.Search.KeyID
	}
	if own && body.Key != "" {
		s.KeyID = in.newID("search key")
		if err := h.vault.PutSecret(c.ctx, in.org, models.SecretName(s.KeyID), []byte(strings.TrimSpace(body.Key))); err != nil {
			return err
		}
	}
	a, err := h.submitCommand(in, commands.SetAISearch{AISearchSettings: s, IfVersion: version})
	if p := (*problem)(nil); errors.As(err, &p) && own && body.Key != "" {
		return errors.Join(err, h.vault.DeleteSecret(c.ctx, in.org, models.SecretName(s.KeyID)))
	}
	if err != nil {
		return err
	}
	if old := before.Search.KeyID; old != uuid.Nil && old != s.KeyID {
		if err := h.vault.DeleteSecret(c.ctx, in.org, models.SecretName(old)); err != nil {
			return err
		}
	}
	return h.showAfterChange(c, models.Projection, a, func() error { return h.getSearch(c) })
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
