package api

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/internal/app/costs"
	"outrider/internal/identity"
	"outrider/internal/zone"
	"outrider/projections"
	"outrider/projections/analytics"
)

// analyticsHandlers answer what the page of figures asks.
type analyticsHandlers struct {
	*readSide
	columns driver.Conn
	now     func() time.Time
}

func forAnalytics(handle func(*analyticsHandlers, *call) error) handler {
	return func(s *Server, c *call) error {
		if s.cfg.Columns == nil {
			return unavailableProblem(codeUnavailable, errNoColumns)
		}
		return handle(&analyticsHandlers{s.readSide, s.cfg.Columns, s.cfg.Now}, c)
	}
}

const leastOfRate = 30 // below that a rate says nothing

func (h *analyticsHandlers) queryAnalytics(c *call, in gen.AnalyticsQuery) error {
	where, err := filterOf("filter", in.Filter)
	if err != nil {
		return err
	}
	q := analytics.Query{From: in.Period.From, To: in.Period.To, Zone: in.Zone, Person: in.Unit == gen.AnalyticsUnitPerson, Where: where}
	for _, m := range in.Metrics {
		q.Metrics = append(q.Metrics, string(m))
		if q.Person && analytics.OnlyOfMessages(string(m)) {
			return invalidField("metrics", string(m)+" is of messages only; of people, ask for sent or bounced")
		}
	}
	for _, d := range in.By {
		if analytics.OfPeople(string(d)) && c.masked() {
			return needsPII("by " + string(d))
		}
		q.By = append(q.By, string(d))
	}
	if q, err = h.completeQuery(c, q); err != nil {
		return err
	}
	cost, spent := costs.Take(&q), costs.Costs{}
	if cost.At >= 0 {
		if spent, err = h.costsOf(c, q); err != nil {
			return err
		}
	}
	answer, err := h.run(c, q)
	if err != nil {
		return err
	}
	spent.AddRows(q, &answer)
	out := gen.AnalyticsResult{Unit: unitOf(q), Period: gen.AnalyticsPeriod{From: q.From, To: q.To}, SettlesAt: answer.SettledOn}
	show, err := h.labelsOf(c, q, answer)
	if err != nil {
		return err
	}
	out.Rows, out.Total = make([]gen.AnalyticsRow, 0, len(answer.Rows)), show.row(q, answer.Total)
	for _, r := range answer.Rows {
		out.Rows = append(out.Rows, show.row(q, r))
	}
	if in.Compare != "" {
		if err := h.addPrevious(c, q, &out); err != nil {
			return err
		}
	}
	if cost.At >= 0 {
		if err := h.addCost(c, q, cost, spent, &out); err != nil {
			return err
		}
	}
	return c.answerJSON(http.StatusOK, out)
}

// run answers a query, with a problem where it gives too much.
func (h *analyticsHandlers) run(c *call, q analytics.Query) (analytics.Answer, error) {
	answer, err := q.Run(c.ctx, h.columns, c.who.Org)
	if errors.Is(err, analytics.ErrTooManyRows) {
		return answer, invalidField("by", "gives more than 2,000 rows; shorten the period, or ask for less")
	}
	return answer, err
}

// completeQuery checks days and zone, and gives the query its clock and what Postgres knows.
func (h *analyticsHandlers) completeQuery(c *call, q analytics.Query) (analytics.Query, error) {
	first, err := time.Parse(time.DateOnly, q.From)
	if err != nil {
		return q, invalidField("period.from", "is not a day of the calendar")
	}
	last, err := time.Parse(time.DateOnly, q.To)
	if err != nil {
		return q, invalidField("period.to", "is not a day of the calendar")
	}
	if last.Before(first) || last.Sub(first) > 3660*24*time.Hour {
		return q, invalidField("period.to", "is before from, or more than ten years after it")
	}
	if first.Year() < 1990 || last.Year() > 2140 {
		return q, invalidField("period", "is not within 1990 to 2140")
	}
	if q.Zone != "" {
		if _, err := zone.Load(q.Zone); err != nil {
			return q, invalidField("zone", "is not a time zone like Europe/Berlin")
		}
	}
	q.Now = h.now().UTC()
	if q.Hours = q.Zone; q.Hours == "" {
		if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
			org, err := projections.GetOrganization(c.ctx, tx, c.who.Org)
			if err == nil {
				q.Hours = org.TimeZone
			}
			return err
		}); err != nil {
			return q, err
		}
	}
	q.People = func(context.Context) (out map[uuid.UUID]analytics.PersonFacts, err error) {
		var all map[uuid.UUID]projections.PersonFacts
		if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
			all, err = projections.FactsOfPeople(c.ctx, tx, c.who.Org)
			return err
		}); err != nil {
			return nil, err
		}
		out = make(map[uuid.UUID]analytics.PersonFacts, len(all))
		for id, f := range all {
			out[id] = analytics.PersonFacts{Country: f.Country, Provider: analytics.ProviderOf(f.Domain), Tags: f.Tags, Zone: f.Zone}
		}
		return out, nil
	}
	q.Domains = func(context.Context) (out map[uuid.UUID]string, err error) {
		err = h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
			out, err = projections.DomainsOfMailboxes(c.ctx, tx, c.who.Org)
			return err
		})
		return out, err
	}
	return q, nil
}

// filterOf reads a filter, whose form has been checked, by the names of its dimensions; field is what the request calls it.
func filterOf(field string, f gen.AnalyticsFilter) (map[string][]string, error) {
	text, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	if err := json.Unmarshal(text, &out); err != nil {
		return nil, err
	}
	for name, keys := range out {
		if len(keys) == 0 {
			delete(out, name)
		}
		for _, key := range keys {
			if slices.Contains([]string{"day", "week", "cohort_week"}, name) {
				if _, err := time.Parse(time.DateOnly, key); err != nil {
					return nil, invalidField(field+"."+name, "is not a day of the calendar")
				}
			}
		}
	}
	return out, nil
}

// addPrevious adds the figures of as many days before.
func (h *analyticsHandlers) addPrevious(c *call, q analytics.Query, out *gen.AnalyticsResult) error {
	first, _ := time.Parse(time.DateOnly, q.From) // checked
	last, _ := time.Parse(time.DateOnly, q.To)
	days := int(last.Sub(first).Hours()/24) + 1
	before := q
	before.From, before.To = first.AddDate(0, 0, -days).Format(time.DateOnly), first.AddDate(0, 0, -1).Format(time.DateOnly)
	answer, err := h.run(c, before)
	if err != nil {
		return err
	}
	out.PreviousPeriod = gen.AnalyticsPeriod{From: before.From, To: before.To}
	same := map[string]analytics.Row{}
	for _, r := range answer.Rows {
		keys := slices.Clone(r.Keys)
		for i, name := range q.By {
			keys[i] = shiftDays(name, keys[i], days)
		}
		same[keysText(keys)] = r
	}
	show := labels{}
	add := func(to *gen.AnalyticsRow, r analytics.Row) {
		for i, f := range show.row(before, r).Figures {
			p := gen.AnalyticsPrevious{Count: f.Count, Of: f.Of, Rate: f.Rate, Low: f.Low, High: f.High, Drill: f.Drill}
			if now := to.Figures[i]; f.Of >= leastOfRate && now.Of >= leastOfRate {
				p.Differs = new(differ(now.Rate, now.Low, now.High, f.Rate, f.Low, f.High))
			}
			to.Figures[i].Previous = p
		}
	}
	add(&out.Total, answer.Total)
	for i := range out.Rows {
		var keys []string
		for _, k := range out.Rows[i].Keys {
			keys = append(keys, k.Value)
		}
		if r, ok := same[keysText(keys)]; ok {
			add(&out.Rows[i], r)
		}
	}
	return nil
}

func keysText(keys []string) string {
	text, _ := json.Marshal(keys) // of strings
	return string(text)
}

// shiftDays moves a key of time on, as far as periods are apart. Weeks of periods of other lengths don't fit each other.
func shiftDays(dimension, key string, days int) string {
	layout := map[string]string{"day": time.DateOnly, "week": time.DateOnly, "hour": "2006-01-02T15:00"}[dimension]
	if t, err := time.Parse(layout, key); err == nil && layout != "" {
		return t.AddDate(0, 0, days).Format(layout)
	}
	return key
}

// differ reports whether the difference of two shares is other than zero, with 95 % (Newcombe 1998, method 10: from the Wilson intervals of both).
func differ(rate, low, high, rate2, low2, high2 float64) bool {
	d := rate - rate2
	return d-math.Hypot(rate-low, high2-rate2) > 0 || d+math.Hypot(high-rate, rate2-low2) < 0
}

func unitOf(q analytics.Query) gen.AnalyticsUnit {
	if q.Person {
		return gen.AnalyticsUnitPerson
	}
	return gen.AnalyticsUnitMessage
}

// drillPath is where the rows are that a figure counts.
func drillPath(q analytics.Query, metric string, keys []string) string {
	where := map[string][]string{}
	for name, values := range q.Where {
		where[name] = values
	}
	for i, key := range keys {
		where[q.By[i]] = []string{key} // a row is within the filter
	}
	v := url.Values{"metric": {metric}, "unit": {string(unitOf(q))}, "from": {q.From}, "to": {q.To}}
	if q.Zone != "" {
		v.Set("zone", q.Zone)
	}
	if len(where) > 0 {
		text, _ := json.Marshal(where) // of strings
		v.Set("where", string(text))
	}
	return "/v1/analytics/drill?" + v.Encode()
}

// maySeePeople reports whether the caller may see who was written to.
func (c *call) maySeePeople() bool { return c.who.Has(identity.LeadsRead) }
