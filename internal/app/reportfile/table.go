package reportfile

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/events"
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
	answer, err := q.Run(ctx, s.Columns, org)
	if err != nil {
		return t, err
	}
	names, err := s.names(ctx, org, &t)
	if err != nil {
		return t, err
	}
	for _, r := range answer.Rows {
		t.add(q, r, names, false)
	}
	t.add(q, answer.Total, names, true)
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

func (t *Table) add(q analytics.Query, r analytics.Row, names map[string]string, total bool) {
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
	for i, rate := range r.Rates {
		t.Figures = append(t.Figures, Figure{First: labels[0], FirstKey: keys[0], Second: labels[1], SecondKey: keys[1], Metric: q.Metrics[i], Count: int64(rate.Count), Of: int64(rate.Of), Denominator: rate.Denominator,
			Rate: rate.Rate, Low: rate.Low, High: rate.High, Settling: int64(r.Settling), Total: total})
	}
}
