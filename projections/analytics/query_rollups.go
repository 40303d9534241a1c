package analytics

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// onRollups reports whether the rollups have all that is asked for: sets by the days of their campaigns.
func (p *plan) onRollups() bool {
	if p.Zone != "" || p.ofPeople {
		return false
	}
	for _, name := range append(p.filters(), p.By...) {
		if p.dims[name].rollup == "" {
			return false
		}
	}
	return true
}

// countRollups adds up cells. A message is in one cell only, so that the total is the sum of all groups; a person may be in many.
func (p *plan) countRollups(ctx context.Context, conn driver.Conn) (map[group]*counted, *counted, error) {
	groups, err := p.mergeRollups(ctx, conn, p.By)
	if err != nil || len(p.By) == 0 {
		return nil, groups[group{}], err
	}
	total := p.newCounted()
	if !p.Person {
		for _, c := range groups {
			total.add(c)
		}
		return groups, total, nil
	}
	all, err := p.mergeRollups(ctx, conn, nil)
	return groups, all[group{}], err
}

func (p *plan) mergeRollups(ctx context.Context, conn driver.Conn, by []string) (map[group]*counted, error) {
	sets := "messages"
	if p.Person {
		sets = "people"
	}
	columns := make([]string, 0, len(by))
	for i, name := range by {
		columns = append(columns, p.dims[name].rollup+` AS k`+strconv.Itoa(i))
	}
	all := messageSets()
	needed := []measure{measureSent}
	for i, s := range p.sets {
		columns = append(columns, lessThose(sets, mergeOf(sets, all[s].in, ""), all[s].less)+` AS n`+strconv.Itoa(i))
		needed = append(append(needed, all[s].in...), all[s].less...)
	}
	columns = append(columns, mergeOf(sets, []measure{measureSent}, ` AND sent_day >= toDate(@unsettled)`), `maxIf(sent_day, measure = 'sent' AND sent_day >= toDate(@unsettled))`)
	sql := `SELECT ` + strings.Join(columns, ", ") + p.fromRollup(needed)
	if len(by) > 0 {
		sql += ` GROUP BY ` + groupKeys(len(by))
	}
	groups := map[group]*counted{}
	return groups, queryRows(ctx, conn, sql+` SETTINGS max_threads = 1`, func(rows driver.Rows) error {
		g, c, err := p.scan(rows, by)
		groups[g] = c
		return err
	}, p.args()...)
}

// tableOf is the rollup that tells mailboxes apart or doesn't, and only days or steps, variants and arms, too.
func tableOf(boxes, coarse bool) string {
	switch {
	case boxes && coarse:
		return "engagement_boxes"
	case boxes:
		return "engagement_mailboxes"
	case coarse:
		return "engagement_campaigns"
	}
	return "engagement_days"
}

// fromRollup is the rollup that has what is asked for, narrowed to some measures and by the filters.
func (p *plan) fromRollup(measures []measure) string {
	boxes, coarse := false, true
	for _, name := range append(p.filters(), p.By...) {
		boxes = boxes || p.dims[name].boxes
		coarse = coarse && p.dims[name].coarse
	}
	table := tableOf(boxes, coarse)
	where := []string{`org = @org`, `measure IN (` + namesOf(measures) + `)`}
	if p.From != "" {
		where = append(where, `sent_day >= toDate(@first)`)
	}
	if p.To != "" {
		where = append(where, `sent_day <= toDate(@last)`)
	}
	for i, name := range p.filters() {
		where = append(where, p.dims[name].filterBy(p, true)+` IN (@filter`+strconv.Itoa(i)+`)`)
	}
	return ` FROM ` + table + ` WHERE ` + strings.Join(where, " AND ")
}

func namesOf(in []measure) string {
	var names []string
	for _, m := range in {
		names = append(names, `'`+measureRules()[m].name+`'`)
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}

func mergeOf(sets string, in []measure, more string) string {
	return `groupBitmapMergeIf(` + sets + `, measure IN (` + namesOf(in) + `)` + more + `)`
}

// lessThose takes away a set that is part of the other.
func lessThose(sets, size string, in []measure) string {
	if in == nil {
		return size
	}
	return `toUInt64(` + size + ` - ` + mergeOf(sets, in, "") + `)`
}

func groupKeys(n int) string { return []string{"", "k0", "k0, k1"}[n] }

// scan reads a row of keys, sizes of sets, how many are settling, and the last day of those.
func (p *plan) scan(rows driver.Rows, by []string, before ...any) (g group, c *counted, err error) {
	c = p.newCounted()
	to := before
	for i := range by {
		to = append(to, &g[i])
	}
	for i := range c.sets {
		to = append(to, &c.sets[i])
	}
	to = append(to, &c.settling, &c.lastDay)
	err = rows.Scan(to...)
	if c.settling == 0 {
		c.lastDay = time.Time{}
	}
	return g, c, err
}

func (c *counted) add(o *counted) {
	for i := range o.sets {
		c.sets[i] += o.sets[i]
	}
	c.settling += o.settling
	if o.lastDay.After(c.lastDay) {
		c.lastDay = o.lastDay
	}
}
