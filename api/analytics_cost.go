package api

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/internal/app/costs"
	"outrider/projections"
	"outrider/projections/analytics"
)

// awaitCosts waits for what the request must show of calls and their messages.
func (h *analyticsHandlers) awaitCosts(c *call) error {
	if err := h.awaitIn(c, "ai"); err != nil {
		return err
	}
	return h.awaitIn(c, "messages")
}

// costsOf adds up what calls cost in each row of a query.
func (h *analyticsHandlers) costsOf(c *call, q analytics.Query) (out costs.Costs, err error) {
	if name := costs.NotBy(q); name != "" {
		return out, invalidField("metrics", "cost can't be told apart by "+name)
	}
	if err := h.awaitCosts(c); err != nil {
		return out, err
	}
	return costs.Sum(c.ctx, func(queries func(pgx.Tx) error) error { return h.readInOrg(c, c.who.Org, queries) }, c.who.Org, q)
}

// costFigure is the cost of a row, of the messages or people beside it.
func costFigure(x costs.Costs, q analytics.Query, keys []string, row gen.AnalyticsRow, total bool) gen.AnalyticsFigure {
	f := gen.AnalyticsFigure{Metric: costs.Metric, Denominator: gen.AnalyticsFigureDenominatorSent, Drill: drillPath(q, costs.Metric, keys), Count: x.Of(keys)}
	if total {
		f.Count = x.Total
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

// putCost puts the figures of cost where they were asked for, with what it was in the period before where that is compared.
func putCost(col costs.Column, q analytics.Query, now costs.Costs, earlier analytics.Query, before costs.Costs, out *gen.AnalyticsResult) {
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
		f := costFigure(now, q, keys, *row, total)
		if earlier.From != "" {
			was := costFigure(before, earlier, then, gen.AnalyticsRow{}, total)
			f.Previous = gen.AnalyticsPrevious{Count: was.Count, Drill: was.Drill}
		}
		if col.Helper {
			row.Figures = row.Figures[:len(row.Figures)-1]
		}
		row.Figures = slices.Insert(row.Figures, col.At, f)
	}
	set(&out.Total, true)
	for i := range out.Rows {
		set(&out.Rows[i], false)
	}
}

// addCost puts the cost of what a query asks for into its result.
func (h *analyticsHandlers) addCost(c *call, q analytics.Query, col costs.Column, now costs.Costs, out *gen.AnalyticsResult) (err error) {
	earlier, before := analytics.Query{}, costs.Costs{}
	if out.PreviousPeriod.From != "" {
		earlier = q
		earlier.From, earlier.To = out.PreviousPeriod.From, out.PreviousPeriod.To
		if before, err = h.costsOf(c, earlier); err != nil {
			return err
		}
	}
	putCost(col, q, now, earlier, before, out)
	return nil
}

// drillCost lists the calls that a cost adds up.
func (h *analyticsHandlers) drillCost(c *call, q analytics.Query, before int64, limit int) error {
	if name := costs.NotBy(q); name != "" {
		return malformedProblem("query parameter where: cost can't be told apart by " + name)
	}
	if err := h.awaitCosts(c); err != nil {
		return err
	}
	ask, _, err := costs.Question(c.ctx, q)
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
