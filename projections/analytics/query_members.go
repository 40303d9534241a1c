package analytics

import (
	"context"
	"strconv"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// listMembers finds first who is in the set on a page of the list, and then reads the rows of those alone.
func (p *plan) listMembers(ctx context.Context, conn driver.Conn, after int64, limit int) ([]Counted, error) {
	places, of := p.pageOfMessages(limit), ordinalsOfPage
	if p.Person {
		places, of = p.pageOfPeople(limit), p.messagesOfPage()
	}
	var page []uint64
	if err := queryRows(ctx, conn, places, func(rows driver.Rows) error {
		var n uint64
		err := rows.Scan(&n)
		page = append(page, n)
		return err
	}, p.args(clickhouse.Named("after", after))...); err != nil || len(page) == 0 {
		return nil, err
	}
	return p.list(ctx, conn, of, after, limit, clickhouse.Named("page", page))
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

// pageOfMessages gives the ordinals of a page. A small set has its members in the order in which they came.
func (p *plan) pageOfMessages(limit int) string {
	return `SELECT arrayJoin(arraySlice(arrayReverseSort(arrayFilter(x -> x < toUInt64(@after), bitmapToArray(members))), 1, ` + strconv.Itoa(limit) + `)) FROM (` + p.memberSet() + `) AS s(members)`
}

const ordinalsOfPage = `about IN (SELECT about FROM engagement_messages WHERE org = @org AND ordinal IN (@page))`

// pageOfPeople gives the people of a page: each stands where the newest of their messages that is in the set does. It reads from the newest on.
func (p *plan) pageOfPeople(limit int) string {
	return `WITH (` + p.memberSet() + `) AS members SELECT person FROM (SELECT person, ordinal FROM engagement_messages WHERE org = @org AND bitmapContains(members, ordinal) ORDER BY ordinal DESC LIMIT 1 BY person)
		WHERE ordinal < toUInt64(@after) LIMIT ` + strconv.Itoa(limit)
}

// messagesOfPage are the messages in the set that went to the people of a page.
func (p *plan) messagesOfPage() string {
	return `about IN (WITH (` + p.memberSet() + `) AS members SELECT about FROM engagement_messages WHERE org = @org AND person IN (@page) AND bitmapContains(members, ordinal))`
}
