package analytics

import (
	"fmt"
	"strings"
)

// Facts in the column fact of engagement. The first four are no engagement: they are what a sent message's attributes are
// made of, kept here because this projection may depend on nothing but its own table.
const (
	refOrganization = "organization" // value: zone
	refCampaign     = "campaign"     // value: zone, as it was created
	refSettings     = "settings"     // value: the campaign's zone since
	refLead         = "lead"         // value: keyed hash of the domain

	factSent        = "sent"
	factFailed      = "failed" // refused for good, never left
	factDoubt       = "in_doubt"
	factOpen        = "open"       // class: human, proxy, scanner
	factClick       = "click"      // likewise
	factReply       = "reply"      // class: who has answered; hit: the mail; reply_class: what it means, as the newest row of the mail says
	factAutoReply   = "auto_reply" // value: outOfOffice, or nothing
	factBounce      = "bounce"     // class: its kind
	factComplaint   = "complaint"
	factUnsubscribe = "unsubscribe"
	factMeeting     = "meeting"
)

const outOfOffice = "out_of_office"

// One row per fact, with the attributes of the message as it was sent on every row: a reply in May to a mail of April is
// April's. ordinal stands for the message: the oseq of the event that created its cohort, small and dense, so that sets of
// messages are small bitmaps. A correction of a hit's class, or of what a reply means, is a further row of the same hit or mail; the newest counts.
const createEngagement = `CREATE TABLE IF NOT EXISTS engagement (
	org           UUID,
	fact          LowCardinality(String),
	about         UUID,
	oseq          Int64 CODEC(Delta, ZSTD),
	hit           UUID,
	class         LowCardinality(String),
	at            DateTime64(6, 'UTC') CODEC(Delta, ZSTD),
	value         String,
	at_rcpt       Bool,
	returned      Bool,
	campaign      UUID,
	lead          UUID,
	version       UInt32,
	step_id       UUID,
	step          UInt16,
	variant       UUID,
	mailbox       UUID,
	domain_hash   String,
	sent_at       DateTime64(6, 'UTC') CODEC(Delta, ZSTD),
	sent_day      Date,
	ordinal       UInt64 CODEC(Delta, ZSTD),
	log_partition Int32,
	pseq          Int64 CODEC(Delta, ZSTD),
	reply_class   LowCardinality(String),
	corrected     Bool,
	INDEX positions pseq     TYPE minmax GRANULARITY 1,
	INDEX campaigns campaign TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplacingMergeTree ORDER BY (org, fact, about, oseq)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 1024`

const engagementColumns = `org, fact, about, oseq, hit, class, at, value, at_rcpt, returned, campaign, lead, version, step_id, step, variant, mailbox, domain_hash, sent_at, sent_day,
	ordinal, log_partition, pseq, reply_class, corrected`

// rollup is a table of sets of messages, one for each measure that isn't empty in a cohort. Sets can be merged again and
// again, so that what is sent twice counts once. A column for each measure cost a report half as much again (docs/performance/rates.md): each column of
// sets costs planning time and space in every part, even when its sets are empty.
type rollup struct{ table, key string }

// The first is what a campaign's page reads; the second tells mailboxes apart, of which there may be hundreds.
func allRollups() []rollup {
	return []rollup{
		{"engagement_days", "org, campaign, sent_day, version, step_id, step, variant"},
		{"engagement_mailboxes", "org, campaign, mailbox, sent_day, version, step_id, step, variant"},
	}
}

const isReference = `fact IN ('organization', 'campaign', 'settings', 'lead')`

// createRollups replaces rollups of an older shape and fills them from engagement.
func createRollups() (out []string) {
	var names []string
	for m, rule := range measureRules() {
		names = append(names, fmt.Sprintf("'%s' = %d", rule.name, measure(m).enumNumber()))
	}
	for _, r := range allRollups() {
		mailbox := ""
		if strings.Contains(r.key, "mailbox") {
			mailbox = "mailbox UUID, "
		}
		// A set is large for a row, and a reader wants only those of one campaign, hence short granules.
		out = append(out, `DROP VIEW IF EXISTS `+r.table+`_view`, `DROP TABLE IF EXISTS `+r.table,
			`CREATE TABLE `+r.table+` (org UUID, campaign UUID, `+mailbox+`sent_day Date, version UInt32, step_id UUID, step UInt16, variant UUID,
			measure Enum8(`+strings.Join(names, ", ")+`), messages AggregateFunction(groupBitmap, UInt64))
			ENGINE = AggregatingMergeTree ORDER BY (`+r.keyColumns()+`) SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 64`,
			`CREATE MATERIALIZED VIEW `+r.table+`_view TO `+r.table+` AS `+r.selectFrom(`engagement WHERE NOT (`+isReference+`)`),
			`INSERT INTO `+r.table+` (`+r.keyColumns()+`, messages) `+r.selectFrom(currentRows("1")))
	}
	return out
}

// selectFrom derives rows of the rollup from rows of engagement; the key is part of from's columns.
func (r rollup) selectFrom(from string) string {
	return `SELECT ` + r.keyColumns() + `, groupBitmapState(ordinal) AS messages FROM (SELECT ` + r.key + `, ordinal, ` + selectMeasures() + ` AS measure FROM ` + from + `) GROUP BY ` + r.keyColumns()
}

// keyColumns are the columns of the rollup without the sets.
func (r rollup) keyColumns() string { return r.key + ", measure" }
