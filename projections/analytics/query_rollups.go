package analytics

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// onRollups reports whether the rollups have all that is asked for: sets of messages by the days of their campaigns.
func (p *plan) onRollups() bool {
	if p.Person || p.Zone != "" || p.ofPeople {
		return false
	}
	all := messageSets()
	for _, s := range p.sets {
		if all[s].in == nil {
			return false
		}
	}
	for _, name := range append(p.filters(), p.By...) {
		if p.dims[name].rollup == "" {
			return false
		}
	}
	return true
}

// countRollups adds up cells. A message is in one cell only, so that the total is the sum of all groups.
func (p *plan) countRollups(ctx context.Context, conn driver.Conn) (map[group]*counted, *counted, error) {
	table, keys := "engagement_days", make([]string, 0, len(p.By))
	for _, name := range append(p.filters(), p.By...) {
		if p.dims[name].boxes {
			table = "engagement_mailboxes"
		}
	}
	for i, name := range p.By {
		keys = append(keys, p.dims[name].rollup+` AS k`+strconv.Itoa(i))
	}
	where := []string{`org = @org`}
	if p.From != "" {
		where = append(where, `sent_day >= toDate(@first)`)
	}
	if p.To != "" {
		where = append(where, `sent_day <= toDate(@last)`)
	}
	for i, name := range p.filters() {
		where = append(where, p.dims[name].filterBy(p, true)+` IN (@filter`+strconv.Itoa(i)+`)`)
	}
	var columns []string
	all := messageSets()
	for i, s := range p.sets {
		columns = append(columns, lessThose(mergeOf(all[s].in, ""), all[s].less)+` AS n`+strconv.Itoa(i))
	}
	columns = append(columns, mergeOf([]measure{measureSent}, ` AND sent_day >= toDate(@unsettled)`), `maxIf(sent_day, measure = 'sent' AND sent_day >= toDate(@unsettled))`)
	sql := `SELECT ` + strings.Join(append(keys, columns...), ", ") + ` FROM ` + table + ` WHERE ` + strings.Join(where, " AND ")
	if len(p.By) > 0 {
		sql += ` GROUP BY ` + groupKeys(len(p.By))
	}
	groups, total := map[group]*counted{}, p.newCounted()
	err := queryRows(ctx, conn, sql+` SETTINGS max_threads = 1`, func(rows driver.Rows) error {
		g, c, err := p.scan(rows, p.By)
		if err != nil {
			return err
		}
		total.add(c)
		groups[g] = c
		return nil
	}, p.args()...)
	if len(p.By) == 0 {
		groups = nil
	}
	return groups, total, err
}

func mergeOf(in []measure, more string) string {
	var names []string
	for _, m := range in {
		names = append(names, `'`+measureRules()[m].name+`'`)
	}
	return `groupBitmapMergeIf(messages, measure IN (` + strings.Join(names, ", ") + `)` + more + `)`
}

// lessThose takes away a set that is part of the other.
func lessThose(size string, in []measure) string {
	if in == nil {
		return size
	}
	return `toUInt64(` + size + ` - ` + mergeOf(in, "") + `)`
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
