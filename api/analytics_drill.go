package api

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"outrider/api/gen"
	"outrider/internal/app/costs"
	"outrider/projections/analytics"
)

// drillAnalytics lists what a figure counts.
func (h *analyticsHandlers) drillAnalytics(c *call) error {
	q := analytics.Query{Metrics: []string{c.textParam("metric")}, Person: c.textParam("unit") == string(gen.AnalyticsUnitPerson), From: c.textParam("from"), To: c.textParam("to"), Zone: c.textParam("zone")}
	if q.Person && analytics.OnlyOfMessages(q.Metrics[0]) {
		return malformedProblem("query parameter metric: " + q.Metrics[0] + " is of messages only")
	}
	if text := c.textParam("where"); text != "" {
		var err error
		if q.Where, err = c.readWhere(text); err != nil {
			return err
		}
	}
	q, err := h.completeQuery(c, q)
	if err != nil {
		return err
	}
	cursor, err := h.cursors.openParam(c, c.who.Org)
	if err != nil {
		return err
	}
	after, _ := strconv.ParseInt(cursor, 10, 64) // "" = 0 = the begin; anything else is what we wrote
	limit := c.numberParam("limit", defaultPage)
	if q.Metrics[0] == costs.Metric {
		return h.drillCost(c, q, after, limit)
	}
	found, err := q.Drill(c.ctx, h.columns, c.who.Org, after, limit+1)
	if err != nil {
		return err
	}
	out := gen.AnalyticsItemPage{}
	if len(found) > limit {
		found = found[:limit]
		if out.NextCursor, err = h.cursors.sealNext(c, c.who.Org, strconv.FormatInt(found[limit-1].Place, 10)); err != nil {
			return err
		}
	}
	if out.Data, err = h.showCounted(c, found); err != nil {
		return err
	}
	return c.answerJSON(http.StatusOK, out)
}

// readWhere reads a filter that is a query parameter, as strictly as one in a body.
func (c *call) readWhere(text string) (map[string][]string, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil || d.More() {
		return nil, malformedProblem("query parameter where: is not JSON")
	}
	schema := c.op.where
	if err := schema.VisitJSON(v, schemaOptions()...); err != nil {
		f := fieldErrors(err)[0]
		return nil, malformedProblem("query parameter where: " + f.Field + " " + f.Reason)
	}
	if name := piiMember(schema, v); name != "" && c.masked() {
		return nil, needsPII("where " + name)
	}
	var f gen.AnalyticsFilter
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return nil, malformedProblem("query parameter where: is not a filter")
	}
	return filterOf("where", f)
}

func (h *analyticsHandlers) showCounted(c *call, found []analytics.Counted) ([]gen.AnalyticsItem, error) {
	leads, campaigns := make([]uuid.UUID, len(found)), make([]uuid.UUID, len(found))
	for i, x := range found {
		leads[i], campaigns[i] = x.Lead, x.Campaign
	}
	people, names, err := h.namesOf(c, leads, campaigns)
	if err != nil {
		return nil, err
	}
	out := make([]gen.AnalyticsItem, len(found))
	for i, x := range found {
		out[i] = gen.AnalyticsItem{MessageID: x.Message, LeadID: x.Lead, CampaignID: x.Campaign, CampaignName: names[x.Campaign], MailboxID: x.Mailbox, StepID: x.StepID, Step: x.Step, VariantID: x.Variant,
			SentAt: x.SentAt.UTC(), At: x.At.UTC(), EventNumber: x.Oseq, Class: x.Class, Messages: x.Messages}
		if lead := people[x.Lead]; lead != nil {
			out[i].LeadName, out[i].LeadEmail, out[i].CompanyName = fullName(lead.FirstName, lead.LastName), valueOrZero(lead.Email), valueOrZero(lead.Company)
		}
	}
	return out, nil
}
