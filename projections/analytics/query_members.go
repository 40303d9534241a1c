package analytics

import (
	"context"
	"math"
	"strconv"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
)

// listMembers finds first who is in the set on a page of the list, and then reads the rows of those alone.
func (p *plan) listMembers(ctx context.Context, conn driver.Conn, after int64, limit int) ([]Counted, error) {
	find := p.messagesOfPage
	if p.Person {
		find = p.messagesOfPeople
	}
	page, err := find(ctx, conn, after, limit)
	if err != nil || len(page) == 0 {
		return nil, err
	}
	return p.list(ctx, conn, `about IN (@page)`, after, limit, clickhouse.Named("page", page))
}

// memberSet is the set that the metric counts, as a bitmap of ordinals.
func (p *plan) memberSet() string {
	set := messageSets()[p.Metrics[0]]
	state := func(in []measure) string {
		return `groupBitmapMergeStateIf(messages, measure IN (` + namesOf(in) + `))`
	}
	sql := state(set.in)
	if set.less != nil {
		sql = `bitmapAndnot(` + sql + `, ` + state(set.less) + `)`
	}
	return `SELECT ` + sql + p.fromRollup(append(set.in[:len(set.in):len(set.in)], set.less...)) + ` SETTINGS max_threads = 1`
}

// smallSet is up to how many members a bitmap has them in the order in which they came; beyond, they are sorted.
const smallSet = 32

// newestBefore is the SQL of the newest members before a place, the newest first, as far as a number of them; members is a bitmap.
func newestBefore(members string, after int64, most int) string {
	all := `bitmapToArray(` + members + `)`
	if after < math.MaxInt64 {
		all = `arrayFilter(x -> x < toUInt64(@after), ` + all + `)`
	}
	return `arraySlice(arrayReverseSort(if(length(` + all + `) <= ` + strconv.Itoa(smallSet) + `, ` + all + `, arraySlice(` + all + `, -` + strconv.Itoa(most) + `))), 1, ` + strconv.Itoa(most) + `)`
}

// messagesOfPage gives the messages of a page.
func (p *plan) messagesOfPage(ctx context.Context, conn driver.Conn, after int64, limit int) (page []uuid.UUID, err error) {
	sql := `SELECT about FROM engagement_messages WHERE org = @org AND ordinal IN (SELECT arrayJoin(` + newestBefore(`members`, after, limit) + `) FROM (` + p.memberSet() + `) AS s(members))`
	return page, queryRows(ctx, conn, sql, func(rows driver.Rows) error {
		var about uuid.UUID
		err := rows.Scan(&about)
		page = append(page, about)
		return err
	}, p.args(clickhouse.Named("after", after))...)
}

// messagesOfPeople gives the messages in the set that went to the people of a page: each person stands where the newest of their messages in the set
// does. Those who have one among the newest before the place are looked at; where they are too few for a page, more of them are.
func (p *plan) messagesOfPeople(ctx context.Context, conn driver.Conn, after int64, limit int) (page []uuid.UUID, err error) {
	for most := 4 * limit; ; most *= 64 {
		people, complete := 0, false
		page = page[:0]
		sql := `WITH (` + p.memberSet() + `) AS members, ` + newestBefore(`members`, after, most) + ` AS newest
			SELECT max(ordinal) AS place, groupArray(about), length(newest) < ` + strconv.Itoa(most) + ` FROM engagement_people
			WHERE org = @org AND person IN (SELECT person FROM engagement_messages WHERE org = @org AND ordinal IN (SELECT arrayJoin(newest))) AND bitmapContains(members, ordinal)
			GROUP BY person HAVING place < toUInt64(@after) ORDER BY place DESC LIMIT ` + strconv.Itoa(limit)
		if err := queryRows(ctx, conn, sql, func(rows driver.Rows) error {
			var place uint64
			var messages []uuid.UUID
			err := rows.Scan(&place, &messages, &complete)
			people++
			page = append(page, messages...)
			return err
		}, p.args(clickhouse.Named("after", after))...); err != nil {
			return nil, err
		}
		if people == limit || complete || most > 1<<26 {
			return page, nil
		}
	}
}
