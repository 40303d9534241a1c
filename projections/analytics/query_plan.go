package analytics

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"
)

// denominator is the set that a metric is a share of.
type denominator struct {
	name string
	set  int // its place in plan.sets
}

// plan is a query with what it needs.
type plan struct {
	Query
	org        uuid.UUID
	sets       []string // names of the sets that are counted
	metricSets []int    // the place of each metric's
	ofs        []denominator
	ofPeople   bool // a dimension or a filter is of the person
	people     map[uuid.UUID]PersonFacts
	domains    map[uuid.UUID]string
	dims       map[string]dimension
}

func (q Query) plan(org uuid.UUID) (*plan, error) {
	p := &plan{Query: q, org: org, dims: dimensions()}
	if p.Hours == "" {
		p.Hours = "UTC"
	}
	if len(q.By) > len(group{}) {
		return nil, fmt.Errorf("%d dimensions", len(q.By))
	}
	place := func(set string) int {
		if i := slices.Index(p.sets, set); i >= 0 {
			return i
		}
		p.sets = append(p.sets, set)
		return len(p.sets) - 1
	}
	all := messageSets()
	for _, m := range q.Metrics {
		if _, ok := all[m]; !ok {
			return nil, fmt.Errorf("metric %s is unknown", m)
		}
		name, set := denominatorOf(m, q.Person)
		p.metricSets, p.ofs = append(p.metricSets, place(m)), append(p.ofs, denominator{name, place(set)})
	}
	for _, name := range slices.Concat(q.By, slices.Collect(maps.Keys(q.Where))) {
		d, ok := p.dims[name]
		if !ok {
			return nil, fmt.Errorf("dimension %s is unknown", name)
		}
		p.ofPeople = p.ofPeople || d.person != nil
	}
	return p, nil
}

// load asks for what only Postgres knows, where it is needed.
func (p *plan) load(ctx context.Context) (err error) {
	if p.uses(byDomain) {
		if p.domains, err = p.Domains(ctx); err != nil {
			return err
		}
	}
	if p.ofPeople {
		p.people, err = p.People(ctx)
	}
	return err
}

// uses reports whether a dimension is asked for, or filtered by.
func (p *plan) uses(name string) bool {
	_, filtered := p.Where[name]
	return filtered || slices.Contains(p.By, name)
}

func (p *plan) newCounted() *counted { return &counted{sets: make([]uint64, len(p.sets))} }

// day is the SQL of a message's day.
func (p *plan) day() string {
	if p.Zone == "" {
		return `sent_day`
	}
	return `toDate(sent_at, @zone)`
}

// firstUnsettled is the first day of sending of which the 72 h may not be over.
func (p *plan) firstUnsettled() string {
	if p.Now.IsZero() {
		return "2149-06-06" // the last that there is: all is final
	}
	return p.Now.UTC().Add(-finalAfter).AddDate(0, 0, 1).Truncate(24 * time.Hour).Format(time.DateOnly)
}

func (p *plan) unit() string {
	if p.Person {
		return "lead"
	}
	return "about"
}

// args are those that SQL of a plan may name.
func (p *plan) args(more ...any) []any {
	args := append([]any{clickhouse.Named("org", p.org), clickhouse.Named("first", p.From), clickhouse.Named("last", p.To), clickhouse.Named("zone", p.Zone), clickhouse.Named("hours", p.Hours),
		clickhouse.Named("unsettled", p.firstUnsettled())}, more...)
	if p.domains != nil {
		boxes, names := clickhouse.ArraySet{""}, clickhouse.ArraySet{""} // one at least: SQL can't tell what an empty list is of
		for id, domain := range p.domains {
			boxes, names = append(boxes, id.String()), append(names, domain)
		}
		args = append(args, clickhouse.Named("boxes", boxes), clickhouse.Named("box_domains", names))
	}
	for i, name := range p.filters() {
		args = append(args, clickhouse.Named("filter"+strconv.Itoa(i), p.filterKeys(name)))
	}
	return args
}

// filters are the names of filters, in order.
func (p *plan) filters() []string { return slices.Sorted(maps.Keys(p.Where)) }

// filterKeys are the keys that SQL compares with: of a domain they are its mailboxes.
func (p *plan) filterKeys(name string) []string {
	keys := p.Where[name]
	if name == byDomain {
		var boxes []string
		for id, domain := range p.domains {
			if slices.Contains(keys, domain) {
				boxes = append(boxes, id.String())
			}
		}
		keys = boxes
	}
	if len(keys) == 0 {
		return []string{uuid.Nil.String()} // an empty list is no SQL
	}
	return keys
}

// whereRows narrows rows by what SQL can tell; joined tells whether the joins are there.
func (p *plan) whereRows(joined bool) string {
	var where []string
	if !joined {
		if p.From != "" {
			where = append(where, p.day()+` >= toDate(@first)`)
		}
		if p.To != "" {
			where = append(where, p.day()+` <= toDate(@last)`)
		}
	}
	for i, name := range p.filters() {
		if d := p.dims[name]; d.sql != nil && (d.join != "") == joined {
			where = append(where, d.filterBy(p, false)+` IN (@filter`+strconv.Itoa(i)+`)`)
		}
	}
	return strings.Join(where, ` AND `)
}

// joins are the tables that dimensions and filters need.
func (p *plan) joins(by []string) (sql string) {
	for _, name := range slices.Concat(by, p.filters()) {
		if join := p.dims[name].join; join != "" && !strings.Contains(sql, join) {
			sql += " " + join
		}
	}
	return sql
}
