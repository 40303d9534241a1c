package api

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/projections"
	"outrider/projections/analytics"
)

// metricCost is no set of messages, but what calls of language models cost. It stands beside the others, in millionths of a US dollar.
const metricCost = "cost"

// costs are by the keys of a row, see keysText.
type costs struct {
	rows  map[string]projections.AICost
	total int64
}

func dimensionsOf(q analytics.Query) []string {
	return slices.Concat(q.By, slices.Sorted(maps.Keys(q.Where)))
}

// notOfCosts returns a dimension of a query by which costs can't be told apart; "" = there is none.
func notOfCosts(q analytics.Query) string {
	for _, name := range dimensionsOf(q) {
		if !analytics.OfPeople(name) && !projections.AICostsBy(name) {
			return name
		}
	}
	return ""
}

// costQuery is what a query asks of calls, with the dimensions of people apart, which only Go can tell.
func (h *analyticsHandlers) costQuery(c *call, q analytics.Query) (out projections.AICostQuery, people map[uuid.UUID]analytics.PersonFacts, err error) {
	out = projections.AICostQuery{From: q.From, To: q.To, Zone: q.Hours, Where: map[string][]string{}}
	ofPeople := slices.ContainsFunc(dimensionsOf(q), analytics.OfPeople)
	for _, name := range q.By {
		if !analytics.OfPeople(name) {
			out.By = append(out.By, name)
		}
	}
	for name, keys := range q.Where {
		if !analytics.OfPeople(name) {
			out.Where[name] = keys
		}
	}
	if !ofPeople {
		return out, nil, nil
	}
	if people, err = q.People(c.ctx); err != nil {
		return out, nil, err
	}
	out.ByLead = true
	fits := func(f analytics.PersonFacts) bool {
		for name, keys := range q.Where {
			if analytics.OfPeople(name) && !slices.ContainsFunc(keysOfPerson(f, name), func(k string) bool { return slices.Contains(keys, k) }) {
				return false
			}
		}
		return true
	}
	// Calls of nobody, and of who has gone, are as those of somebody of whom nothing is known.
	out.OthersToo, out.Leads = fits(analytics.PersonFacts{}), []uuid.UUID{}
	for id, f := range people {
		if fits(f) != out.OthersToo {
			out.Leads = append(out.Leads, id)
		}
	}
	return out, people, nil
}

func keysOfPerson(f analytics.PersonFacts, dimension string) []string {
	switch {
	case dimension == "country":
		return []string{f.Country}
	case dimension == "tag" && len(f.Tags) > 0:
		return f.Tags
	case dimension == "tag":
		return []string{""}
	}
	return []string{f.Provider}
}

// awaitCosts waits for what the request must show of calls and their messages.
func (h *analyticsHandlers) awaitCosts(c *call) error {
	if err := h.awaitIn(c, "ai"); err != nil {
		return err
	}
	return h.awaitIn(c, "messages")
}

// costsOf adds up what calls cost in each row of a query.
func (h *analyticsHandlers) costsOf(c *call, q analytics.Query) (out costs, err error) {
	if name := notOfCosts(q); name != "" {
		return out, invalidField("metrics", "cost can't be told apart by "+name)
	}
	if err := h.awaitCosts(c); err != nil {
		return out, err
	}
	ask, people, err := h.costQuery(c, q)
	if err != nil {
		return out, err
	}
	var found []projections.AICost
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		found, err = projections.SumAICosts(c.ctx, tx, c.who.Org, ask)
		return err
	}); err != nil {
		return out, err
	}
	out.rows = map[string]projections.AICost{}
	for _, x := range found {
		out.total += x.Micros
		for _, keys := range rowsOf(q.By, x, people[x.Lead]) {
			at := keysText(keys)
			sum := out.rows[at]
			sum.Keys, sum.Micros, sum.Calls = keys, sum.Micros+x.Micros, sum.Calls+x.Calls
			out.rows[at] = sum
		}
	}
	return out, nil
}

// rowsOf are the keys of the rows that a cost counts in: somebody with two tags is in two.
func rowsOf(by []string, x projections.AICost, f analytics.PersonFacts) (out [][]string) {
	out = [][]string{{}}
	next := 0
	for _, name := range by {
		keys := []string{}
		if analytics.OfPeople(name) {
			keys = keysOfPerson(f, name)
		} else {
			keys, next = append(keys, x.Keys[next]), next+1
		}
		var longer [][]string
		for _, row := range out {
			for _, k := range keys {
				longer = append(longer, append(slices.Clone(row), k))
			}
		}
		out = longer
	}
	return out
}

// addTo gives an answer rows for what cost something without that anything was sent.
func (x costs) addTo(q analytics.Query, a *analytics.Answer) {
	if len(q.By) == 0 {
		return
	}
	there := map[string]bool{}
	for _, r := range a.Rows {
		there[keysText(r.Keys)] = true
	}
	for at, one := range x.rows {
		if there[at] {
			continue
		}
		r := analytics.Row{Keys: one.Keys}
		for _, rate := range a.Total.Rates {
			r.Rates = append(r.Rates, analytics.NewRate(0, 0, rate.Denominator))
		}
		a.Rows = append(a.Rows, r)
	}
	slices.SortFunc(a.Rows, func(a, b analytics.Row) int { return slices.Compare(a.Keys, b.Keys) })
}

// figure is the cost of a row, of the messages or people beside it.
func (x costs) figure(q analytics.Query, keys []string, row gen.AnalyticsRow, total bool) gen.AnalyticsFigure {
	f := gen.AnalyticsFigure{Metric: metricCost, Denominator: gen.AnalyticsFigureDenominatorSent, Drill: drillPath(q, metricCost, keys), Count: x.rows[keysText(keys)].Micros}
	if total {
		f.Count = x.total
	}
	for _, other := range row.Figures {
		if other.Metric == gen.AnalyticsMetricSent {
			f.Of, f.Settling = other.Count, other.Settling
		}
	}
	if q.Person {
		f.Denominator = gen.AnalyticsFigureDenominatorWrittenTo
	}
	if f.Of > 0 {
		f.EachMicros = f.Count / f.Of
	}
	return f
}

// costColumn says where cost was asked for.
type costColumn struct {
	at     int  // -1 = nowhere
	helper bool // sent, the last column, is there for cost alone
}

// takeCost takes cost out of a query, which then asks for what was sent in any case: costs are of that.
func takeCost(q *analytics.Query) (col costColumn) {
	if col.at = slices.Index(q.Metrics, metricCost); col.at < 0 {
		return col
	}
	q.Metrics = slices.Delete(slices.Clone(q.Metrics), col.at, col.at+1)
	if !slices.Contains(q.Metrics, "sent") {
		q.Metrics, col.helper = append(q.Metrics, "sent"), true
	}
	return col
}

// put puts the figures of cost where they were asked for, with what it was in the period before where that is compared.
func (col costColumn) put(q analytics.Query, now costs, earlier analytics.Query, before costs, out *gen.AnalyticsResult) {
	days := 0
	if earlier.From != "" {
		from, _ := time.Parse(time.DateOnly, q.From) // checked
		was, _ := time.Parse(time.DateOnly, earlier.From)
		days = int(from.Sub(was).Hours() / 24)
	}
	set := func(row *gen.AnalyticsRow, total bool) {
		var keys, then []string
		for i, k := range row.Keys {
			keys, then = append(keys, k.Value), append(then, shiftDays(q.By[i], k.Value, -days))
		}
		f := now.figure(q, keys, *row, total)
		if earlier.From != "" {
			was := before.figure(earlier, then, gen.AnalyticsRow{}, total)
			f.Previous = gen.AnalyticsPrevious{Count: was.Count, Drill: was.Drill}
		}
		if col.helper {
			row.Figures = row.Figures[:len(row.Figures)-1]
		}
		row.Figures = slices.Insert(row.Figures, col.at, f)
	}
	set(&out.Total, true)
	for i := range out.Rows {
		set(&out.Rows[i], false)
	}
}

// addCost puts the cost of what a query asks for into its result.
func (h *analyticsHandlers) addCost(c *call, q analytics.Query, col costColumn, now costs, out *gen.AnalyticsResult) (err error) {
	earlier, before := analytics.Query{}, costs{}
	if out.PreviousPeriod.From != "" {
		earlier = q
		earlier.From, earlier.To = out.PreviousPeriod.From, out.PreviousPeriod.To
		if before, err = h.costsOf(c, earlier); err != nil {
			return err
		}
	}
	col.put(q, now, earlier, before, out)
	return nil
}

// drillCost lists the calls that a cost adds up.
func (h *analyticsHandlers) drillCost(c *call, q analytics.Query, before int64, limit int) error {
	if name := notOfCosts(q); name != "" {
		return malformedProblem("query parameter where: cost can't be told apart by " + name)
	}
	if err := h.awaitCosts(c); err != nil {
		return err
	}
	ask, _, err := h.costQuery(c, q)
	if err != nil {
		return err
	}
	var found []*projections.AICostLine
	if err := h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
		found, err = projections.ListAICosts(c.ctx, tx, c.who.Org, ask, before, limit+1)
		return err
	}); err != nil {
		return err
	}
	out := gen.AnalyticsItemPage{}
	if len(found) > limit {
		found = found[:limit]
		if out.NextCursor, err = h.cursors.sealNext(c, c.who.Org, strconv.FormatInt(found[limit-1].Oseq, 10)); err != nil {
			return err
		}
	}
	counted := make([]analytics.Counted, len(found))
	for i, x := range found {
		counted[i] = analytics.Counted{Message: x.MessageID, Lead: x.LeadID, Campaign: x.CampaignID, Mailbox: valueOrZero(x.MailboxID), StepID: valueOrZero(x.StepID), Step: valueOrZero(x.Step), Variant: valueOrZero(x.VariantID),
			SentAt: valueOrZero(x.SentAt), At: x.At, Oseq: x.Oseq, Class: x.Task, Messages: 1}
	}
	if out.Data, err = h.showCounted(c, counted); err != nil {
		return err
	}
	for i, x := range found {
		out.Data[i].CostMicros = x.CostMicros
	}
	return c.answerJSON(http.StatusOK, out)
}
