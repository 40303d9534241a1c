package analytics

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
)

// correctable are the facts of which a later row of the same hit or mail says what it really was.
func correctable() []string { return []string{factOpen, factClick, factReply} }

// factsFrom are the rows of some facts as they are now, narrowed by the filters and further, with what must be joined.
func (p *plan) factsFrom(facts, by []string, further string) string {
	const attributes = `about, lead, campaign, step_id, step, variant, mailbox, version, experiment, arm, sent_at, sent_day, ordinal`
	var fixed, mayChange []string
	for _, f := range facts {
		if slices.Contains(correctable(), f) {
			mayChange = append(mayChange, `'`+f+`'`)
		} else {
			fixed = append(fixed, `'`+f+`'`)
		}
	}
	where := `org = @org`
	if more := p.whereRows(false); more != "" {
		where += ` AND ` + more
	}
	if further != "" {
		where += ` AND ` + further
	}
	var parts []string
	if fixed != nil {
		parts = append(parts, `SELECT fact, `+attributes+`, class AS kind, value AS meaning, returned AS came_back, at AS happened, oseq AS told FROM engagement WHERE `+where+` AND fact IN (`+strings.Join(fixed, ", ")+`)`)
	}
	if mayChange != nil {
		parts = append(parts, `SELECT fact, `+attributes+`, argMax(class, oseq) AS kind, argMax(reply_class, oseq) AS meaning, false AS came_back, min(at) AS happened, min(oseq) AS told FROM engagement
			WHERE `+where+` AND fact IN (`+strings.Join(mayChange, ", ")+`) GROUP BY fact, `+attributes+`, hit`)
	}
	sql := `(` + strings.Join(parts, ` UNION ALL `) + `) AS f` + p.joins(by)
	if more := p.whereRows(true); more != "" {
		sql += ` WHERE ` + more
	}
	return sql
}

// countRows counts from the rows, broken down by some dimensions; by nothing, there is one group.
func (p *plan) countRows(ctx context.Context, conn driver.Conn, by []string) (map[group]*counted, error) {
	var columns []string
	for i, name := range by {
		columns = append(columns, p.dims[name].sql(p)+` AS k`+strconv.Itoa(i))
	}
	columns = append(columns, p.setSizes(p.unit())...)
	sql := `SELECT ` + strings.Join(columns, ", ") + ` FROM ` + p.factsFrom(p.factsNeeded(), by, "")
	if len(by) > 0 {
		sql += ` GROUP BY ` + groupKeys(len(by)) + ` LIMIT ` + strconv.Itoa(MostRows+1)
	}
	out := map[group]*counted{}
	return out, queryRows(ctx, conn, sql, func(rows driver.Rows) error {
		g, c, err := p.scan(rows, by)
		out[g] = c
		return err
	}, p.args()...)
}

// factsNeeded are the facts that the sets look at, and what was sent, of which some is settling.
func (p *plan) factsNeeded() []string { return factsOf(append([]string{"sent"}, p.sets...)) }

// setSizes are the sizes of all sets, and of what is settling, with its last day.
func (p *plan) setSizes(unit string) (out []string) {
	all := messageSets()
	for i, name := range p.sets {
		size := `uniqExactIf(` + unit + `, ` + all[name].when + `)`
		if all[name].unless != "" {
			size = `toUInt64(` + size + ` - uniqExactIf(` + unit + `, ` + all[name].unless + `))`
		}
		out = append(out, size+` AS n`+strconv.Itoa(i))
	}
	const settling = `fact = 'sent' AND sent_day >= toDate(@unsettled)`
	return append(out, `uniqExactIf(`+unit+`, `+settling+`)`, `maxIf(sent_day, `+settling+`)`)
}

// countByPerson counts from the rows of each person, whose facts only Postgres knows. A person with two tags is in two groups, and once in the total.
func (p *plan) countByPerson(ctx context.Context, conn driver.Conn) (map[group]*counted, *counted, error) {
	groups, total := map[group]*counted{}, p.newCounted()
	people := map[group]map[uuid.UUID]*counted{}
	var inTotal map[uuid.UUID]*counted
	if p.Person {
		inTotal = map[uuid.UUID]*counted{}
	}
	columns := []string{`lead`, p.quarterHour() + ` AS quarter`}
	by := make([]string, 0, len(p.By))
	for i, name := range p.By {
		key := `''`
		if d := p.dims[name]; d.sql != nil {
			key = d.sql(p)
		}
		columns, by = append(columns, key+` AS k`+strconv.Itoa(i)), append(by, name)
	}
	columns = append(columns, p.setSizes("about")...)
	sql := `SELECT ` + strings.Join(columns, ", ") + ` FROM ` + p.factsFrom(p.factsNeeded(), by, "") + ` GROUP BY ` + strings.Trim(`lead, quarter, `+groupKeys(len(by)), ", ")
	err := queryRows(ctx, conn, sql, func(rows driver.Rows) error {
		var lead uuid.UUID
		var quarter time.Time
		g, c, err := p.scan(rows, by, &lead, &quarter)
		if err != nil || !p.letsThrough(lead, quarter) {
			return err
		}
		sum(total, inTotal, lead, c)
		for _, g := range p.groupsOf(g, lead, quarter) {
			if groups[g] == nil {
				groups[g] = p.newCounted()
				people[g] = map[uuid.UUID]*counted{}
			}
			of := people[g]
			if !p.Person {
				of = nil
			}
			sum(groups[g], of, lead, c)
		}
		return nil
	}, p.args()...)
	if len(p.By) == 0 {
		groups = nil
	}
	return groups, total, err
}

// sum adds a person's messages, or the person where they are in a set for the first time (of = what is known of each).
func sum(to *counted, of map[uuid.UUID]*counted, lead uuid.UUID, c *counted) {
	if of == nil {
		to.add(c)
		return
	}
	known := of[lead]
	if known == nil {
		known = &counted{sets: make([]uint64, len(c.sets))}
		of[lead] = known
	}
	for i, n := range c.sets {
		if n > 0 && known.sets[i] == 0 {
			known.sets[i] = 1
			to.sets[i]++
		}
	}
	if c.settling > 0 && known.settling == 0 {
		known.settling = 1
		to.settling++
	}
	if c.lastDay.After(to.lastDay) {
		to.lastDay = c.lastDay
	}
}

// quarterHour is when a message left, as far as it matters: zones are whole quarters of an hour apart.
func (p *plan) quarterHour() string {
	if p.uses(byWeekday) || p.uses(byHourOfDay) {
		return `toStartOfFifteenMinutes(sent_at)`
	}
	return `toDateTime(0, 'UTC')`
}

// letsThrough reports whether the filters of people let through what was sent to one.
func (p *plan) letsThrough(lead uuid.UUID, sentAt time.Time) bool {
	for name, keys := range p.Where {
		if d := p.dims[name]; d.person != nil && !slices.ContainsFunc(d.person(p.factsOfPerson(lead), sentAt), func(k string) bool { return slices.Contains(keys, k) }) {
			return false
		}
	}
	return true
}

// factsOfPerson are those of somebody who may have gone; their zone is then that of the organisation.
func (p *plan) factsOfPerson(lead uuid.UUID) PersonFacts {
	f := p.people[lead]
	if f.Zone == "" {
		f.Zone = p.Hours
	}
	return f
}

// groupsOf completes the keys that SQL gave with those of the person.
func (p *plan) groupsOf(g group, lead uuid.UUID, sentAt time.Time) []group {
	out := []group{g}
	for i, name := range p.By {
		d := p.dims[name]
		if d.person == nil {
			continue
		}
		var next []group
		for _, g := range out {
			for _, key := range d.person(p.factsOfPerson(lead), sentAt) {
				g[i] = key
				next = append(next, g)
			}
		}
		out = next
	}
	return out
}
