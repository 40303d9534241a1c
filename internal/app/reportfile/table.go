package reportfile

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/events"
	"outrider/internal/app/costs"
	"outrider/internal/postgres"
	"outrider/projections"
	"outrider/projections/analytics"
)

// Source is where reports read.
type Source struct {
	Pool    *pgxpool.Pool // as the api role
	Columns driver.Conn
	Now     func() time.Time
}

// Ask computes what a run asks for, by the same code as the page of figures.
func (s Source) Ask(ctx context.Context, org uuid.UUID, run events.ReportRunRequested) (t Table, err error) {
	p := run.Plan
	t = Table{Name: p.Name, Query: p.Query, From: run.From, To: run.To, TimeZone: run.TimeZone, MadeAt: s.Now()}
	q := analytics.Query{Metrics: p.Query.Metrics, By: p.Query.By, Where: map[string][]string{}, From: run.From, To: run.To, Zone: run.TimeZone, Hours: run.TimeZone, Person: p.Query.Unit == events.UnitPerson, Now: s.Now().UTC()}
	for _, f := range p.Query.Where {
		q.Where[f.Dimension] = f.Values
	}
	q.People = func(ctx context.Context) (map[uuid.UUID]analytics.PersonFacts, error) { return s.people(ctx, org) }
	q.Domains = func(ctx context.Context) (out map[uuid.UUID]string, err error) {
		err = postgres.InOrg(ctx, s.Pool, org, func(tx pgx.Tx) (err error) {
			out, err = projections.DomainsOfMailboxes(ctx, tx, org)
			return err
		})
		return out, err
	}
	cost := costs.Take(&q)
	answer, err := q.Run(ctx, s.Columns, org)
	if err != nil {
		return t, err
	}
	var spent costs.Costs
	if cost.At >= 0 {
		read := func(queries func(pgx.Tx) error) error { return postgres.InOrg(ctx, s.Pool, org, queries) }
		if spent, err = costs.Sum(ctx, read, org, q); err != nil {
			return t, err
		}
		spent.AddRows(q, &answer)
	}
	names, err := s.names(ctx, org, &t)
	if err != nil {
		return t, err
	}
	for _, r := range answer.Rows {
		t.add(q, r, names, false, cost, spent.Of(r.Keys))
	}
	t.add(q, answer.Total, names, true, cost, spent.Total)
	return t, nil
}

func (s Source) people(ctx context.Context, org uuid.UUID) (map[uuid.UUID]analytics.PersonFacts, error) {
	var all map[uuid.UUID]projections.PersonFacts
	if err := postgres.InOrg(ctx, s.Pool, org, func(tx pgx.Tx) (err error) {
		all, err = projections.FactsOfPeople(ctx, tx, org)
		return err
	}); err != nil {
		return nil, err
	}
	out := make(map[uuid.UUID]analytics.PersonFacts, len(all))
	for id, f := range all {
		out[id] = analytics.PersonFacts{Country: f.Country, Provider: analytics.ProviderOf(f.Domain), Tags: f.Tags, Zone: f.Zone}
	}
	return out, nil
}

// names are what the keys of rows are called: campaigns, mailboxes, steps and variants.
func (s Source) names(ctx context.Context, org uuid.UUID, t *Table) (map[string]string, error) {
	places, err := analytics.StepPlaces(ctx, s.Columns, org)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	err = postgres.InOrg(ctx, s.Pool, org, func(tx pgx.Tx) error {
		o, err := projections.GetOrganization(ctx, tx, org)
		if err != nil {
			return err
		}
		t.Organization = o.Name
		campaigns, err := projections.AllCampaignNames(ctx, tx, org)
		if err != nil {
			return err
		}
		boxes, err := projections.AddressesOfMailboxes(ctx, tx, org)
		if err != nil {
			return err
		}
		for id, name := range boxes {
			out[id.String()] = name
		}
		for id, name := range campaigns {
			out[id.String()] = name
		}
		for id, p := range places {
			step := campaigns[p.Campaign] + ", step " + strconv.Itoa(p.Step)
			out["step:"+id.String()] = step
			out["variant:"+id.String()] = step + ", variant " + string(rune('A'+p.Variant%26))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("names of what a report is by: %w", err)
	}
	return out, nil
}

func (t *Table) add(q analytics.Query, r analytics.Row, names map[string]string, total bool, cost costs.Column, micros int64) {
	keys, labels := [2]string{}, [2]string{}
	for i, key := range r.Keys {
		keys[i], labels[i] = key, key
		for _, at := range []string{q.By[i] + ":" + key, key} {
			if name := names[at]; name != "" {
				labels[i] = name
				break
			}
		}
	}
	of := func(metric string) Figure {
		return Figure{First: labels[0], FirstKey: keys[0], Second: labels[1], SecondKey: keys[1], Metric: metric, Settling: int64(r.Settling), Total: total}
	}
	figures := make([]Figure, 0, len(r.Rates)+1)
	sent := int64(0)
	for i, rate := range r.Rates {
		f := of(q.Metrics[i])
		f.Count, f.Of, f.Denominator, f.Rate, f.Low, f.High = int64(rate.Count), int64(rate.Of), rate.Denominator, rate.Rate, rate.Low, rate.High
		if f.Metric == "sent" {
			sent = f.Count
		}
		figures = append(figures, f)
	}
	if cost.Helper {
		figures = figures[:len(figures)-1]
	}
	if cost.At >= 0 { // it is no share: a rate would say nothing
		f := of(costs.Metric)
		if f.Count, f.Of, f.Denominator = micros, sent, "sent"; q.Person {
			f.Denominator = "written_to"
		}
		figures = slices.Insert(figures, cost.At, f)
	}
	t.Figures = append(t.Figures, figures...)
}
