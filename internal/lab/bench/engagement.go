package bench

import (
	"context"
	"fmt"
	"strconv"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"outrider/internal/es"
)

// Engagement is what was loaded into the table of that name: campaigns of one organisation over 15 days, of 3 steps, 2 variants
// and 50 mailboxes, in blocks as the projection sends them. Two rows of five are messages, the others say what became of them.
type Engagement struct {
	Org       uuid.UUID
	Campaigns []uuid.UUID
	Rows      int
	Messages  int // of each campaign
}

const (
	engagementBlock = 20_000
	blockMessages   = engagementBlock * 2 / 5
)

// messageOf is an id without an order, as messages have.
func messageOf(n string) string { return `toUUID(UUIDNumToString(MD5(toString(` + n + `))))` }

// idOf is an id with a number in it, in SQL.
func idOf(n string) string {
	return `toUUID(concat('00000000-0000-8000-8000-', leftPad(hex(toUInt32(` + n + `)), 12, '0')))`
}

// LoadEngagement writes at least so many rows of an organisation; every campaign gets as many messages as another, and every person three.
func LoadEngagement(ctx context.Context, conn driver.Conn, name string, rows, campaigns int) (Engagement, error) {
	if campaigns < 1 || blockMessages%campaigns != 0 {
		return Engagement{}, fmt.Errorf("load engagement: %d campaigns don't divide a block of %d messages", campaigns, blockMessages)
	}
	blocks := max((rows+engagementBlock-1)/engagementBlock, 1)
	e := Engagement{Org: es.DeriveID(es.SystemOrg, name), Rows: blocks * engagementBlock, Messages: blocks * blockMessages / campaigns}
	for n := range campaigns {
		e.Campaigns = append(e.Campaigns, uuid.MustParse(fmt.Sprintf("00000000-0000-8000-8000-%012X", n)))
	}
	of := strconv.Itoa(campaigns)
	sql := `INSERT INTO engagement (org, fact, about, oseq, hit, class, at, returned, campaign, lead, version, step_id, step, variant, mailbox, sent_at, sent_day, ordinal, pseq, person)
		SELECT @org, f.1, ` + messageOf("m") + `, toInt64(n), f.2 = '' ? toUUID('00000000-0000-0000-0000-000000000000') : ` + idOf("n") + `, f.2, at, f.1 = 'bounce', ` + idOf("m % "+of) + `, ` + idOf("intDiv(k, 3) * "+of+" + m % "+of) + `, 1,
			` + idOf("k % 3") + `, k % 3 + 1, ` + idOf("k % 6") + `, ` + idOf("k % 50") + `, at, toDate(at), m, n, intDiv(k, 3) * ` + of + ` + m % ` + of + ` + 1
		FROM (SELECT number + @first AS n, number % @messages + @first AS m, intDiv(m, ` + of + `) AS k, toDateTime64('2026-03-02 09:00:00', 6, 'UTC') + INTERVAL @day DAY AS at,
			number < @messages ? ('sent', '') : [('open', 'human'), ('open', 'proxy'), ('click', 'human'), ('reply', ''), ('bounce', ''), ('open', 'human')][cityHash64(number) % 6 + 1] AS f FROM numbers(@rows))`
	for block := range blocks {
		if err := conn.Exec(ctx, sql, clickhouse.Named("org", e.Org), clickhouse.Named("first", block*engagementBlock), clickhouse.Named("messages", blockMessages),
			clickhouse.Named("day", block*15/blocks), clickhouse.Named("rows", engagementBlock)); err != nil {
			return e, fmt.Errorf("load engagement, block %d: %w", block, err)
		}
	}
	return e, nil
}
