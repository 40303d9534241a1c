package analytics

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	columns "outrider/internal/clickhouse"
)

// Counted is a message that a number counts, or the newest such message of a person.
type Counted struct {
	Message, Lead, Campaign, StepID, Variant, Mailbox uuid.UUID
	Step                                              int
	SentAt                                            time.Time
	At                                                time.Time // when it happened, the first time
	Oseq                                              int64     // of the event that says so
	Class                                             string    // who fetched it, what kind of bounce it is, ...
	Messages                                          int       // of the person, where people are counted; else 1
	Place                                             int64     // in the order of lists: the newest first
}

// Drill returns exactly those that a query's metric counts, as many as the number says: its first, or those after a place.
func (q Query) Drill(ctx context.Context, conn driver.Conn, org uuid.UUID, after int64, limit int) ([]Counted, error) {
	q.By = nil
	p, err := q.plan(org)
	if err != nil || len(q.Metrics) != 1 {
		return nil, fmt.Errorf("list what %d metrics count: %w", len(q.Metrics), err)
	}
	ctx = columns.ForOrganisation(ctx, org)
	if err := p.load(ctx); err != nil {
		return nil, fmt.Errorf("load what messages are told apart by: %w", err)
	}
	if after == 0 {
		after = math.MaxInt64
	}
	var out []Counted
	if p.onRollups() {
		out, err = p.listMembers(ctx, conn, after, limit)
	} else {
		out, err = p.list(ctx, conn, "", after, limit)
	}
	if err != nil {
		return nil, fmt.Errorf("list what %s counts: %w", q.Metrics[0], err)
	}
	return out, nil
}

// list lists from the rows; of narrows them.
func (p *plan) list(ctx context.Context, conn driver.Conn, of string, after int64, limit int, args ...any) (out []Counted, err error) {
	set := messageSets()[p.Metrics[0]]
	// What people are filtered by must be looked at message by message, from the first on.
	unit := p.unit()
	if p.ofPeople {
		unit = "about"
	}
	newest := func(column string) string { return `argMaxIf(` + column + `, ordinal, ` + set.when + `)` }
	sql := `SELECT ` + newest("about") + `, ` + newest("lead") + `, ` + newest("campaign") + `, ` + newest("step_id") + `, ` + newest("variant") + `, ` + newest("mailbox") + `, ` + newest("step") + `, ` + newest("sent_at") + `,
		argMinIf(happened, told, ` + set.when + `), minIf(told, ` + set.when + `), argMinIf(kind, told, ` + set.when + `), uniqExactIf(about, ` + set.when + `), toInt64(maxIf(ordinal, ` + set.when + `)) AS place
		FROM ` + p.factsFrom(factsOf(p.Metrics), nil, of) + ` GROUP BY ` + unit + ` HAVING countIf(` + set.when + `) > 0`
	if set.unless != "" {
		sql += ` AND countIf(` + set.unless + `) = 0`
	}
	if !p.ofPeople {
		sql += ` AND place < @after ORDER BY place DESC LIMIT ` + strconv.Itoa(limit)
	} else {
		sql += ` ORDER BY place DESC`
	}
	seen := map[uuid.UUID]bool{}
	complete := false
	err = queryRows(ctx, conn, sql, func(rows driver.Rows) error {
		var c Counted
		var step uint16
		var messages uint64
		if err := rows.Scan(&c.Message, &c.Lead, &c.Campaign, &c.StepID, &c.Variant, &c.Mailbox, &step, &c.SentAt, &c.At, &c.Oseq, &c.Class, &messages, &c.Place); err != nil {
			return err
		}
		c.Step, c.Messages = int(step), int(messages)
		if p.ofPeople && (complete || !p.letsThrough(c.Lead, c.SentAt) || p.Person && seen[c.Lead]) {
			return nil
		}
		seen[c.Lead] = true
		if c.Place >= after {
			return nil
		}
		out = append(out, c)
		if len(out) == limit {
			complete = true
		}
		return nil
	}, p.args(append(args, clickhouse.Named("after", after))...)...)
	return out, err
}
