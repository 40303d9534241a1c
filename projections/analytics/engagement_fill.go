package analytics

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// isFilled reports whether there are rows of engagement. Servers refuse to replace rows by none.
func isFilled(ctx context.Context, conn driver.Conn) (bool, error) {
	var rows uint64
	if err := conn.QueryRow(ctx, `SELECT toUInt64(ifNull(sum(total_rows), 0)) FROM system.tables WHERE database = currentDatabase() AND name = 'engagement'`).Scan(&rows); err != nil {
		return false, fmt.Errorf("look for rows of engagement: %w", err)
	}
	return rows > 0, nil
}

// fillEngagement adds to rows of before what they lack, from the other rows and from the history beside them: the number of the person, the arm
// that the person was drawn into, and what an answer means. Automatic answers become answers that mean so, bounces of what was dropped become
// drops, and delays get rows. Rows are replaced all at once, and no view sees it. It may be done again.
func fillEngagement(filled bool) []string {
	const none = `toUUID('00000000-0000-0000-0000-000000000000')`
	const armsAskedFor = `SELECT org, toUUID(JSONExtractString(data, 'message_id')) AS about, any(oseq) AS oseq, any(time) AS at, any(log_partition) AS log_partition, any(pseq) AS pseq,
		any(JSONExtractString(data, 'experiment_id')) AS experiment, any(JSONExtractString(data, 'arm_id')) AS arm FROM events WHERE type = 'message.requested.v2' AND JSONHas(data, 'arm_id') GROUP BY org, about`
	// The history holds what one command said, one event after the other: what was dropped, and that it came back.
	const drops = `SELECT org, oseq + 1 AS bounce, any(JSONExtractString(data, 'reason')) AS reason FROM events WHERE type = 'message.dropped.v1' GROUP BY org, oseq`
	const delays = `SELECT org, oseq, toUUID(JSONExtractString(any(data), 'message_id')) AS about, parseDateTime64BestEffort(JSONExtractString(any(data), 'delayed_at'), 6, 'UTC') AS at,
		any(log_partition) AS log_partition, any(pseq) AS pseq FROM events WHERE type = 'message.delayed.v1' GROUP BY org, oseq`
	const addColumns = `ALTER TABLE engagement ADD COLUMN IF NOT EXISTS person UInt64 CODEC(ZSTD), ADD COLUMN IF NOT EXISTS experiment UUID, ADD COLUMN IF NOT EXISTS arm UUID`
	if !filled {
		return []string{addColumns}
	}
	return []string{
		addColumns,
		`DROP TABLE IF EXISTS engagement_filled`,
		`CREATE TABLE engagement_filled AS engagement`,
		`INSERT INTO engagement_filled (` + engagementColumns + `) SELECT e.org, multiIf(e.fact = 'auto_reply', 'reply', dropped.reason != '', 'drop', e.fact), e.about, if(dropped.reason != '', e.oseq - 1, e.oseq),
			if(e.fact IN ('reply', 'auto_reply') AND e.hit = ` + none + ` AND said.mail != '', toUUIDOrZero(said.mail), e.hit), if(dropped.reason != '', dropped.reason, e.class), e.at,
			if(e.fact = 'auto_reply', '', e.value), e.at_rcpt, e.returned, e.campaign, e.lead, e.version, e.step_id, e.step, e.variant, e.mailbox, e.domain_hash, e.sent_at, e.sent_day,
			e.ordinal, e.log_partition, if(dropped.reason != '', e.pseq - 1, e.pseq), multiIf(e.fact = 'auto_reply', if(said.away OR e.value = 'out_of_office', 'out_of_office', 'automatic'), e.reply_class = '', said.meaning, e.reply_class), e.corrected,
			multiIf(e.fact IN ('organization', 'campaign', 'settings', 'lead', 'arm', 'early'), 0, people.number > 0, people.number, bitOr(reinterpretAsUInt64(reverse(substring(UUIDStringToNum(toString(e.lead)), 9, 8))), bitShiftLeft(toUInt64(1), 63))),
			toUUIDOrZero(if(e.fact IN ('arm', 'early'), '', drawn.experiment)), toUUIDOrZero(if(e.fact IN ('arm', 'early'), '', drawn.arm))
			FROM engagement AS e
			LEFT JOIN (SELECT org, about, toUInt64(min(oseq)) AS number FROM engagement WHERE fact = 'lead' GROUP BY org, about) AS people ON e.org = people.org AND e.lead = people.about
			LEFT JOIN (` + armsAskedFor + `) AS drawn ON e.org = drawn.org AND e.about = drawn.about
			LEFT JOIN (SELECT org, oseq, any(JSONExtractString(data, 'meaning')) AS meaning, any(JSONExtractString(data, 'mail_id')) AS mail, any(JSONExtractBool(data, 'out_of_office')) AS away FROM events
				WHERE type IN ('message.replied.v1', 'message.replied.v2', 'message.replied.v3', 'message.auto_replied.v1', 'message.auto_replied.v2') GROUP BY org, oseq) AS said ON e.org = said.org AND e.oseq = said.oseq
			LEFT JOIN (` + drops + `) AS dropped ON e.org = dropped.org AND e.oseq = dropped.bounce AND e.fact = 'bounce'`,
		`INSERT INTO engagement_filled (` + engagementColumns + `) SELECT c.org, 'delay', c.about, d.oseq, ` + none + `, '', d.at, '', false, false, c.campaign, c.lead, c.version, c.step_id, c.step, c.variant, c.mailbox, c.domain_hash,
			c.sent_at, c.sent_day, c.ordinal, d.log_partition, d.pseq, '', false, c.person, c.experiment, c.arm
			FROM (SELECT * FROM engagement_filled WHERE fact IN ('sent', 'failed', 'in_doubt') ORDER BY oseq LIMIT 1 BY org, about) AS c JOIN (` + delays + `) AS d ON c.org = d.org AND c.about = d.about WHERE c.oseq < d.oseq`,
		`INSERT INTO engagement_filled (org, fact, about, oseq, at, value, log_partition, pseq) SELECT org, 'arm', about, oseq, at, concat(experiment, '/', arm), log_partition, pseq FROM (` + armsAskedFor + `)
			WHERE (org, about) NOT IN (SELECT org, about FROM engagement WHERE fact = 'arm')`,
		`ALTER TABLE engagement REPLACE PARTITION tuple() FROM engagement_filled`,
		`DROP TABLE engagement_filled`,
	}
}
