// Package costs puts what calls of language models cost beside figures of messages, broken down by the same dimensions.
package costs

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/projections"
	"outrider/projections/analytics"
)

// Metric is no set of messages, but what calls of language models cost. It stands beside the others, in millionths of a US dollar.
const Metric = "cost"

// Costs are by the keys of a row.
type Costs struct {
	rows  map[string]projections.AICost
	Total int64
}

func dimensionsOf(q analytics.Query) []string {
	return slices.Concat(q.By, slices.Sorted(maps.Keys(q.Where)))
}

// NotBy returns a dimension of a query by which costs can't be told apart; "" = there is none.
func NotBy(q analytics.Query) string {
	for _, name := range dimensionsOf(q) {
		if !analytics.OfPeople(name) && !projections.AICostsBy(name) {
			return name
		}
	}
	return ""
}

// Question is what a query asks of calls, with the dimensions of people apart, which only Go can tell.
func Question(ctx context.Context, q analytics.Query) (out projections.AICostQuery, people map[uuid.UUID]analytics.PersonFacts, err error) {
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
	if people, err = q.People(ctx); err != nil {
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

// Sum adds up what calls cost in each row of a query. read runs queries in the organisation.
func Sum(ctx context.Context, read func(func(pgx.Tx) error) error, org uuid.UUID, q analytics.Query) (out Costs, err error) {
	ask, people, err := Question(ctx, q)
	if err != nil {
		return out, err
	}
	var found []projections.AICost
	if err := read(func(tx pgx.Tx) (err error) {
		found, err = projections.SumAICosts(ctx, tx, org, ask)
		return err
	}); err != nil {
		return out, err
	}
	out.rows = map[string]projections.AICost{}
	for _, x := range found {
		out.Total += x.Micros
		for _, keys := range rowsOf(q.By, x, people[x.Lead]) {
			at := textOf(keys)
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

func textOf(keys []string) string {
	text, _ := json.Marshal(keys) // of strings
	return string(text)
}

// Of returns what a row cost.
func (x Costs) Of(keys []string) int64 { return x.rows[textOf(keys)].Micros }

// AddRows gives an answer rows for what cost something without that anything was sent.
func (x Costs) AddRows(q analytics.Query, a *analytics.Answer) {
	if len(q.By) == 0 {
		return
	}
	there := map[string]bool{}
	for _, r := range a.Rows {
		there[textOf(r.Keys)] = true
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

// Column says where cost was asked for.
type Column struct {
	At     int  // -1 = nowhere
	Helper bool // sent, the last column, is there for cost alone
}

// Take takes cost out of a query, which then asks for what was sent in any case: costs are of that.
func Take(q *analytics.Query) (col Column) {
	if col.At = slices.Index(q.Metrics, Metric); col.At < 0 {
		return col
	}
	q.Metrics = slices.Delete(slices.Clone(q.Metrics), col.At, col.At+1)
	if !slices.Contains(q.Metrics, "sent") {
		q.Metrics, col.Helper = append(q.Metrics, "sent"), true
	}
	return col
}
