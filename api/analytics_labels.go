package api

import (
	"slices"
	"strconv"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
	"outrider/projections"
	"outrider/projections/analytics"
)

// labels are what keys are called, by dimension.
type labels map[string]map[string]string

// labelsOf finds what the keys of an answer are called.
func (h *analyticsHandlers) labelsOf(c *call, q analytics.Query, a analytics.Answer) (labels, error) {
	out := labels{}
	for i, name := range q.By {
		keys := make([]string, len(a.Rows))
		for n, r := range a.Rows {
			keys[n] = r.Keys[i]
		}
		slices.Sort(keys)
		found, err := h.labelKeys(c, name, slices.Compact(keys))
		if err != nil {
			return nil, err
		}
		out[name] = found
	}
	return out, nil
}

func (h *analyticsHandlers) labelKeys(c *call, dimension string, keys []string) (out map[string]string, err error) {
	ids := make([]uuid.UUID, 0, len(keys))
	for _, k := range keys {
		if id, err := uuid.Parse(k); err == nil {
			ids = append(ids, id)
		}
	}
	out = map[string]string{}
	switch dimension {
	case "campaign":
		err = h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
			names, err := projections.NamesOfCampaigns(c.ctx, tx, c.who.Org, ids)
			for id, name := range names {
				out[id.String()] = name
			}
			return err
		})
		out[uuid.Nil.String()] = "No campaign" // cost alone has such a row, and the next ones
	case "mailbox":
		err = h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
			names, err := projections.AddressesOfMailboxes(c.ctx, tx, c.who.Org)
			for id, name := range names {
				out[id.String()] = name
			}
			return err
		})
		out[uuid.Nil.String()] = "No message"
	case "experiment", "experiment_arm":
		err = h.readInOrg(c, c.who.Org, func(tx pgx.Tx) error {
			names, err := projections.NamesOfExperiments(c.ctx, tx, c.who.Org, ids)
			for id, name := range names {
				out[id.String()] = name
			}
			return err
		})
		out[uuid.Nil.String()] = "No experiment"
	case "step", "variant":
		var places map[uuid.UUID]analytics.StepPlace
		if places, err = analytics.StepPlaces(c.ctx, h.columns, c.who.Org); err != nil {
			return nil, err
		}
		var campaigns []uuid.UUID
		for _, id := range ids {
			campaigns = append(campaigns, places[id].Campaign)
		}
		var names map[uuid.UUID]string
		err = h.readInOrg(c, c.who.Org, func(tx pgx.Tx) (err error) {
			names, err = projections.NamesOfCampaigns(c.ctx, tx, c.who.Org, campaigns)
			return err
		})
		many := len(names) > 1
		for _, id := range ids {
			p := places[id]
			label := "Step " + strconv.Itoa(p.Step)
			if dimension == "variant" {
				label += ", variant " + string(rune('A'+p.Variant%26))
			}
			if many && names[p.Campaign] != "" {
				label = names[p.Campaign] + ", " + label
			}
			out[id.String()] = label
		}
		out[uuid.Nil.String()] = "No message"
	}
	return out, err
}

// row shows a row, with what its keys are called.
func (l labels) row(q analytics.Query, r analytics.Row) gen.AnalyticsRow {
	out := gen.AnalyticsRow{Keys: []gen.AnalyticsKey{}, Figures: make([]gen.AnalyticsFigure, len(q.Metrics))}
	for i, key := range r.Keys {
		name := q.By[i]
		label, ok := l[name][key]
		if !ok {
			label = key
		}
		out.Keys = append(out.Keys, gen.AnalyticsKey{Dimension: gen.AnalyticsDimension(name), Value: key, Label: label})
	}
	for i, rate := range r.Rates {
		out.Figures[i] = gen.AnalyticsFigure{Metric: gen.AnalyticsMetric(q.Metrics[i]), Count: int64(rate.Count), Of: int64(rate.Of), Denominator: gen.AnalyticsFigureDenominator(rate.Denominator),
			Rate: rate.Rate, Low: rate.Low, High: rate.High, Settling: int64(r.Settling), Drill: drillPath(q, q.Metrics[i], r.Keys)}
	}
	return out
}
