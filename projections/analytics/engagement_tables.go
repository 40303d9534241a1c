package analytics

import "strings"

// Facts in the column fact of engagement. The first four are no engagement: they are what a sent message's attributes are
// made of, kept here because this projection may rest on nothing but its own past.
const (
	refOrganization = "organization" // value: zone
	refCampaign     = "campaign"     // value: zone, as it was created
	refSettings     = "settings"     // value: the campaign's zone since
	refLead         = "lead"         // value: keyed hash of the domain

	factSent        = "sent"
	factFailed      = "failed" // refused for good, never left
	factDoubt       = "in_doubt"
	factOpen        = "open"  // class: human, proxy, scanner
	factClick       = "click" // likewise
	factReply       = "reply"
	factAutoReply   = "auto_reply"
	factBounce      = "bounce" // class: its kind
	factComplaint   = "complaint"
	factUnsubscribe = "unsubscribe"
	factMeeting     = "meeting"
)

// One row per fact, with the attributes of the message as it was sent on every row: a reply in May to a mail of April is
// April's. ordinal stands for the message: the oseq of the fact that made its cohort, small and dense, so that sets of
// messages are small bitmaps. A correction of a hit's class is a further row of the same hit; the newest counts.
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
	INDEX positions pseq     TYPE minmax GRANULARITY 1,
	INDEX campaigns campaign TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplacingMergeTree ORDER BY (org, fact, about, oseq)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 1024`

const engagementColumns = `org, fact, about, oseq, hit, class, at, value, at_rcpt, returned, campaign, lead, version, step_id, step, variant, mailbox, domain_hash, sent_at, sent_day,
	ordinal, log_partition, pseq`

// measure is a set of messages that is counted.
type measure struct{ name, when string }

func measures() []measure {
	return []measure{
		{"sent", "fact = 'sent'"},
		{"failed", "fact = 'failed'"},
		{"in_doubt", "fact = 'in_doubt'"},
		{"opened", "fact = 'open' AND class = 'human'"},
		{"machine_opened", "fact = 'open' AND class != 'human'"},
		{"clicked", "fact = 'click' AND class = 'human'"},
		{"scanner_clicked", "fact = 'click' AND class != 'human'"},
		{"replied", "fact = 'reply'"},
		{"auto_replied", "fact = 'auto_reply'"},
		{"bounced", "fact = 'bounce'"},
		{"came_back", "fact = 'bounce' AND returned"}, // accepted at first: not delivered
		{"complained", "fact = 'complaint'"},
		{"unsubscribed", "fact = 'unsubscribe'"},
		{"meetings", "fact = 'meeting'"},
	}
}

// rollup is a table of sets of messages by cohort. Sets can be merged again and again, so that what is sent twice counts once.
type rollup struct{ table, key string }

// The first is what a campaign's page reads; the second tells mailboxes apart, of which there may be hundreds.
func rollups() []rollup {
	return []rollup{
		{"engagement_days", "org, campaign, sent_day, version, step_id, step, variant"},
		{"engagement_mailboxes", "org, campaign, mailbox, sent_day, version, step_id, step, variant"},
	}
}

const isReference = `fact IN ('organization', 'campaign', 'settings', 'lead')`

func engagementTables() []string {
	out := []string{createEngagement}
	for _, r := range rollups() {
		mailbox := ""
		if strings.Contains(r.key, "mailbox") {
			mailbox = "mailbox UUID, "
		}
		var sets []string
		for _, m := range measures() {
			sets = append(sets, m.name+" AggregateFunction(groupBitmap, UInt64)")
		}
		out = append(out, `CREATE TABLE IF NOT EXISTS `+r.table+` (org UUID, campaign UUID, `+mailbox+`sent_day Date, version UInt32, step_id UUID, step UInt16, variant UUID, `+strings.Join(sets, ", ")+`)
			ENGINE = AggregatingMergeTree ORDER BY (`+r.key+`) SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 256`,
			`CREATE MATERIALIZED VIEW IF NOT EXISTS `+r.table+`_view TO `+r.table+` AS `+r.of(`engagement WHERE NOT (`+isReference+`)`))
	}
	return out
}

// of derives rows of the rollup from rows of engagement; the key is part of from's columns.
func (r rollup) of(from string) string {
	var sets []string
	for _, m := range measures() {
		sets = append(sets, "groupBitmapStateIf(ordinal, "+m.when+") AS "+m.name)
	}
	return `SELECT ` + r.key + `, ` + strings.Join(sets, ", ") + ` FROM ` + from + ` GROUP BY ` + r.key
}

func (r rollup) columns() string {
	names := []string{r.key}
	for _, m := range measures() {
		names = append(names, m.name)
	}
	return strings.Join(names, ", ")
}
