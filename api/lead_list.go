package api

import (
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/internal/profile"
	"outrider/projections"
)

func (s *Server) listLeads(c *call) error {
	f := leadFilterAsked(c)
	if err := errors.Join(s.awaitFor(c, f.CampaignID, "campaigns"), s.withSegment(c, &f, c.uuidParam("segment_id"))); err != nil {
		return err
	}
	data, next, total, err := listSorted(s.readSide, c, func(tx pgx.Tx, l projections.Listing) (*projections.Page[projections.Lead], error) {
		return projections.ListLeads(c.ctx, tx, c.who.Org, f, l)
	}, leadOf)
	if err != nil {
		return err
	}
	return c.answerJSON(200, gen.LeadPage{Data: data, NextCursor: next, Total: total})
}

// leadFilterAsked is the filter that stands in a query.
func leadFilterAsked(c *call) projections.LeadFilter {
	f := projections.LeadFilter{Search: c.textParam("q"), EmailPrefix: c.textParam("email"), CompanyPrefix: c.textParam("company"), Country: c.textParam("country"), Tag: c.textParam("tag"),
		Source: c.textParam("source"), OutreachStatus: c.textParam("outreach_status"), Suppressed: c.boolParam("suppressed"), ImportID: c.uuidParam("import_id"), CampaignID: c.uuidParam("campaign_id"),
		Qualification: c.textParam("qualification"), MinLeadScore: c.numberParam("min_lead_score", 0), MaxLeadScore: c.optionalNumber("max_lead_score"), MinIntentScore: c.numberParam("min_intent_score", 0),
		CreatedFrom: c.timeParam("created_from"), CreatedTo: c.timeParam("created_to"), UpdatedFrom: c.timeParam("updated_from"), UpdatedTo: c.timeParam("updated_to"), Custom: map[string]string{}}
	for name := range c.query {
		if own, ok := strings.CutPrefix(name, profile.CustomPrefix); ok {
			f.Custom[own] = c.textParam(name)
		}
	}
	return f
}

// countLeadFacets counts what leads can be filtered by.
func countLeadFacets(s *Server, c *call) error {
	f := leadFilterAsked(c)
	if err := errors.Join(s.awaitFor(c, f.CampaignID, "campaigns"), s.withSegment(c, &f, c.uuidParam("segment_id"))); err != nil {
		return err
	}
	var found *projections.LeadFacets
	if err := s.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		found, err = projections.CountLeadFacets(c.ctx, tx, c.who.Org, f)
		return err
	}); err != nil {
		return err
	}
	return c.answerJSON(200, gen.LeadFacets{OutreachStatus: facetsOf(found.OutreachStatus), Source: facetsOf(found.Source), Suppressed: facetsOf(found.Suppressed), Qualification: facetsOf(found.Qualification), Tag: facetsOf(found.Tags),
		Country: countriesOf(found.Countries), Custom: facetsOf(found.Custom)})
}

func facetsOf(found []projections.LeadFacet) []gen.Facet {
	out := make([]gen.Facet, len(found))
	for i, f := range found {
		out[i] = gen.Facet{Value: f.Value, Count: f.Count}
	}
	return out
}

func countriesOf(found []projections.LeadFacet) []gen.CountryFacet {
	out := make([]gen.CountryFacet, len(found))
	for i, f := range found {
		out[i] = gen.CountryFacet{Value: f.Value, Count: f.Count}
	}
	return out
}

// leadFilterOf is the filter that a body has, for what is done to many leads.
func leadFilterOf(f gen.LeadSelection) projections.LeadFilter {
	return projections.LeadFilter{Search: f.Q, EmailPrefix: f.Email, CompanyPrefix: f.Company, Country: f.Country, Tag: f.Tag, Source: string(f.Source), OutreachStatus: string(f.OutreachStatus),
		Qualification: string(f.Qualification), MinLeadScore: f.MinLeadScore, MaxLeadScore: f.MaxLeadScore, MinIntentScore: f.MinIntentScore,
		Suppressed: f.Suppressed, ImportID: f.ImportID, CampaignID: f.CampaignID, CreatedFrom: f.CreatedFrom, CreatedTo: f.CreatedTo, UpdatedFrom: f.UpdatedFrom, UpdatedTo: f.UpdatedTo, Custom: f.Custom}
}

// optionalNumber is a checked query parameter; nil when it is absent.
func (c *call) optionalNumber(name string) *int {
	if _, ok := c.query[name]; !ok {
		return nil
	}
	n := c.numberParam(name, 0)
	return &n
}

// timeParam is a checked query parameter; zero when it is absent.
func (c *call) timeParam(name string) (at time.Time) {
	if text := c.textParam(name); text != "" {
		at, _ = time.Parse(time.RFC3339Nano, text)
	}
	return at
}
