package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/projections"
	"outrider/projections/analytics"
)

// periodQuery is a query of the days and the campaign that the request names.
func (h *analyticsHandlers) periodQuery(c *call, metrics ...string) (analytics.Query, error) {
	q := analytics.Query{Metrics: metrics, From: c.textParam("from"), To: c.textParam("to"), Where: map[string][]string{}}
	if id := c.uuidParam("campaign_id"); id != uuid.Nil {
		q.Where["campaign"] = []string{id.String()}
	}
	return h.completeQuery(c, q)
}

func campaignsOf(c *call) []uuid.UUID {
	if id := c.uuidParam("campaign_id"); id != uuid.Nil {
		return []uuid.UUID{id}
	}
	return nil
}

func (h *analyticsHandlers) enrolled(c *call) (analytics.Enrolled, error) {
	q, err := h.periodQuery(c)
	return analytics.Enrolled{From: q.From, To: q.To, Zone: q.Hours, Campaigns: campaignsOf(c)}, err
}

func (h *analyticsHandlers) getFunnel(c *call) error {
	if err := h.awaitIn(c, "analytics_events"); err != nil {
		return err
	}
	f, err := h.enrolled(c)
	if err != nil {
		return err
	}
	stages, err := analytics.Funnel(c.ctx, h.columns, c.who.Org, f)
	if err != nil {
		return err
	}
	out := gen.AnalyticsFunnel{Period: gen.AnalyticsPeriod{From: f.From, To: f.To}, Stages: []gen.AnalyticsFunnelStage{}}
	for i, s := range stages {
		of, name := stages[0].People, gen.AnalyticsFunnelStageDenominatorEnrolled
		if i > 1 {
			of, name = stages[1].People, gen.AnalyticsFunnelStageDenominatorWrittenTo
		}
		r := analytics.NewRate(s.People, of, string(name))
		v := url.Values{"stage": {s.Name}, "from": {f.From}, "to": {f.To}}
		if f.Campaigns != nil {
			v.Set("campaign_id", f.Campaigns[0].String())
		}
		line := gen.AnalyticsFunnelStage{Stage: gen.AnalyticsStage(s.Name), Count: int64(r.Count), Of: int64(r.Of), Denominator: name, Rate: r.Rate, Low: r.Low, High: r.High,
			Since: gen.AnalyticsStage(s.Since), Drill: "/v1/analytics/funnel/people?" + v.Encode()}
		if s.Since != "" && s.People > 0 {
			line.MedianSeconds, line.P90Seconds = int64(s.Median/time.Second), int64(s.P90/time.Second)
		}
		out.Stages = append(out.Stages, line)
	}
	return c.answerJSON(http.StatusOK, out)
}

func (h *analyticsHandlers) listFunnelPeople(c *call) error {
	if err := h.awaitIn(c, "analytics_events"); err != nil {
		return err
	}
	f, err := h.enrolled(c)
	if err != nil {
		return err
	}
	cursor, err := h.cursors.openParam(c, c.who.Org)
	if err != nil {
		return err
	}
	after, _ := strconv.ParseInt(cursor, 10, 64) // "" = 0 = the begin; anything else is what we wrote
	limit := c.numberParam("limit", defaultPage)
	found, err := analytics.FunnelPeople(c.ctx, h.columns, c.who.Org, f, c.textParam("stage"), after, limit+1)
	if err != nil {
		return err
	}
	out := gen.AnalyticsPersonPage{Data: []gen.AnalyticsPerson{}}
	if len(found) > limit {
		found = found[:limit]
		if out.NextCursor, err = h.cursors.sealNext(c, c.who.Org, strconv.FormatInt(found[limit-1].Place, 10)); err != nil {
			return err
		}
	}
	leads, campaigns := make([]uuid.UUID, len(found)), make([]uuid.UUID, len(found))
	for i, x := range found {
		leads[i], campaigns[i] = x.Lead, x.Campaign
	}
	people, names, err := h.namesOf(c, leads, campaigns)
	if err != nil {
		return err
	}
	for _, x := range found {
		p := gen.AnalyticsPerson{LeadID: x.Lead, CampaignID: x.Campaign, CampaignName: names[x.Campaign], EnrolledAt: x.Enrolled.UTC(), At: x.At.UTC(), EventNumber: x.Oseq}
		if lead := people[x.Lead]; lead != nil {
			p.LeadName, p.LeadEmail, p.CompanyName = fullName(lead.FirstName, lead.LastName), valueOrZero(lead.Email), valueOrZero(lead.Company)
		}
		out.Data = append(out.Data, p)
	}
	return c.answerJSON(http.StatusOK, out)
}

// namesOf finds what leads and campaigns are called; leads only for who may see them.
func (h *analyticsHandlers) namesOf(c *call, leads, campaigns []uuid.UUID) (people projections.Set[projections.NamedLead], names map[uuid.UUID]string, err error) {
	err = h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
		if names, err = projections.NamesOfCampaigns(c.ctx, tx, c.who.Org, campaigns); err == nil && c.maySeePeople() {
			people, err = projections.NamesOfLeads(c.ctx, tx, c.who.Org, leads)
		}
		return err
	})
	return people, names, err
}

func (h *analyticsHandlers) listCohorts(c *call) error {
	q, err := h.periodQuery(c)
	if err != nil {
		return err
	}
	cohorts, err := analytics.Cohorts(c.ctx, h.columns, c.who.Org, q.From, q.To, campaignsOf(c), q.Now)
	if err != nil {
		return err
	}
	out := gen.AnalyticsCohorts{Data: []gen.AnalyticsCohort{}}
	first, _ := time.Parse(time.DateOnly, q.From)                                                              // checked
	q.From, q.To = first.AddDate(0, 0, -7).Format(time.DateOnly), q.Now.AddDate(0, 0, 2).Format(time.DateOnly) // of all that they were sent
	q.Person = true
	for _, x := range cohorts {
		q.By = []string{"cohort_week"}
		one := gen.AnalyticsCohort{Week: x.Week, People: int64(x.People), Drill: drillPath(q, "sent", []string{x.Week})}
		q.By = []string{"cohort_week", "answered_within_weeks"}
		for i, n := range x.Answered {
			r := analytics.NewRate(n, x.People, "written_to")
			one.Cells = append(one.Cells, gen.AnalyticsCohortCell{Weeks: i + 1, Count: int64(n), Rate: r.Rate, Low: r.Low, High: r.High, Final: i < x.Complete,
				Drill: drillPath(q, "replied", []string{x.Week, strconv.Itoa(i + 1)})})
		}
		out.Data = append(out.Data, one)
	}
	return c.answerJSON(http.StatusOK, out)
}

func (h *analyticsHandlers) getSendTime(c *call) error {
	q, err := h.periodQuery(c, "replied")
	if err != nil {
		return err
	}
	q.By = []string{"weekday", "hour_of_day"}
	answer, err := h.run(c, q)
	if err != nil {
		return err
	}
	out := gen.AnalyticsResult{Unit: unitOf(q), Period: gen.AnalyticsPeriod{From: q.From, To: q.To}, SettlesAt: answer.SettledOn, Rows: []gen.AnalyticsRow{}, Total: labels{}.row(q, answer.Total)}
	for _, r := range answer.Rows {
		out.Rows = append(out.Rows, labels{}.row(q, r))
	}
	return c.answerJSON(http.StatusOK, out)
}

func (h *analyticsHandlers) getReplyTime(c *call) error {
	q, err := h.periodQuery(c, "replied")
	if err != nil {
		return err
	}
	q.By = []string{"reply_time"}
	answer, err := h.run(c, q)
	if err != nil {
		return err
	}
	out := gen.AnalyticsReplyTimes{Data: []gen.AnalyticsReplyTime{}}
	for _, bucket := range analytics.ReplyTimes() {
		r := analytics.NewRate(0, answer.Total.Rates[0].Count, "replied")
		if i := slices.IndexFunc(answer.Rows, func(r analytics.Row) bool { return r.Keys[0] == bucket }); i >= 0 {
			r = analytics.NewRate(answer.Rows[i].Rates[0].Count, r.Of, r.Denominator)
		}
		out.Data = append(out.Data, gen.AnalyticsReplyTime{Bucket: gen.AnalyticsReplyTimeBucket(bucket), Count: int64(r.Count), Of: int64(r.Of), Denominator: gen.AnalyticsReplyTimeDenominator(r.Denominator),
			Rate: r.Rate, Low: r.Low, High: r.High, Drill: drillPath(q, "replied", []string{bucket})})
	}
	return c.answerJSON(http.StatusOK, out)
}

func (h *analyticsHandlers) listCorrections(c *call) error {
	q, err := h.periodQuery(c)
	if err != nil {
		return err
	}
	found, err := analytics.Corrections(c.ctx, h.columns, c.who.Org, q.From, q.To, campaignsOf(c))
	if err != nil {
		return err
	}
	out := gen.AnalyticsCorrections{Data: make([]gen.AnalyticsCorrection, len(found))}
	for i, x := range found {
		out.Data[i] = gen.AnalyticsCorrection{EventID: x.Event.ID, EventNumber: x.Event.Oseq, At: x.Event.Time, Day: x.Day, MessageID: x.Message, LeadID: x.Lead, Text: tellEvent(x.Event)}
	}
	return c.answerJSON(http.StatusOK, out)
}
