package analytics

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	columns "outrider/internal/clickhouse"
)

// Query asks for figures of messages, or of the people that they went to, by the day of sending: an answer counts for the day of the
// message that it answers.
type Query struct {
	Metrics  []string // of Metrics()
	By       []string // at most two of Dimensions()
	Where    map[string][]string
	From, To string // days, "2006-01-02", both included; "" = no bound
	Zone     string // of days and weeks; "" = that of each message's campaign
	Hours    string // zone of hours, and of recipients of whom none is known
	Person   bool   // count distinct people instead of messages
	Now      time.Time

	// People and Domains are what only Postgres knows: asked for when a dimension or filter needs it.
	People  func(context.Context) (map[uuid.UUID]PersonFacts, error)
	Domains func(context.Context) (map[uuid.UUID]string, error) // sending domains of mailboxes
}

// PersonFacts are what people are told apart by; the zero value is of somebody who has gone.
type PersonFacts struct {
	Country  string
	Provider string // of mail
	Tags     []string
	Zone     string
}

// Answer is what a query gives: distinct messages or people, exactly.
type Answer struct {
	Rows      []Row
	Total     Row       // of everything that the filter lets through: people who are in two rows are once in it
	SettledOn time.Time // when the last of what was sent is final; zero = all is
}

// Row is a group.
type Row struct {
	Keys     []string // in the order of By
	Rates    []Rate   // in the order of Metrics
	Settling uint64   // messages or people written to, of whose messages the 72 h may not be over
}

// MostRows is how many rows a query may give.
const MostRows = 2000

// ErrTooManyRows says that a breakdown is too fine for its period.
var ErrTooManyRows = errors.New("a breakdown of more rows than are shown")

// group is the place of a row: one key for each dimension.
type group [2]string

// counted is the size of each set of a group that a query needs.
type counted struct {
	sets     []uint64
	settling uint64
	lastDay  time.Time // of those settling
}

// Run answers a query.
func (q Query) Run(ctx context.Context, conn driver.Conn, org uuid.UUID) (Answer, error) {
	p, err := q.plan(org)
	if err != nil {
		return Answer{}, err
	}
	ctx = columns.ForOrganisation(ctx, org)
	if err := p.load(ctx); err != nil {
		return Answer{}, fmt.Errorf("load what messages are told apart by: %w", err)
	}
	groups, total, err := p.count(ctx, conn)
	if err != nil {
		return Answer{}, fmt.Errorf("count for organisation %s: %w", org, err)
	}
	if len(groups) > MostRows {
		return Answer{}, ErrTooManyRows
	}
	out := Answer{Total: p.toRow(nil, total)}
	if !total.lastDay.IsZero() {
		out.SettledOn = total.lastDay.Add(finalAfter)
	}
	for g, c := range groups {
		out.Rows = append(out.Rows, p.toRow(g[:len(q.By)], c))
	}
	slices.SortFunc(out.Rows, func(a, b Row) int { return slices.Compare(a.Keys, b.Keys) })
	return out, nil
}

// count counts by the rollups where they have what is asked for, else by the rows.
func (p *plan) count(ctx context.Context, conn driver.Conn) (groups map[group]*counted, total *counted, err error) {
	switch {
	case p.onRollups():
		return p.countRollups(ctx, conn)
	case p.ofPeople:
		return p.countByPerson(ctx, conn)
	}
	total = p.newCounted()
	all, err := p.countRows(ctx, conn, nil)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range all {
		total = c
	}
	if len(p.By) == 0 {
		return nil, total, nil
	}
	groups, err = p.countRows(ctx, conn, p.By)
	return groups, total, err
}

func (p *plan) toRow(keys []string, c *counted) Row {
	r := Row{Keys: slices.Clone(keys), Settling: c.settling}
	for i := range p.Metrics {
		of := p.ofs[i]
		r.Rates = append(r.Rates, NewRate(c.sets[p.metricSets[i]], c.sets[of.set], of.name))
	}
	return r
}
