package analytics

import (
	"fmt"
	"strings"
)

// rollup is a table of sets of messages, and of the people that they went to, one for each measure that isn't empty in a cohort. Sets can be
// merged again and again, so that what is sent twice counts once. A column for each measure cost a report half as much again
// (docs/performance/rates.md): each column of sets costs planning time and space in every part, even when its sets are empty.
type rollup struct{ table, first, rest string }

// The first is what a campaign's page reads; the second tells mailboxes apart, of which there may be hundreds; the third is what a page of the
// whole organisation reads, which costs a row for each cohort of each campaign. A reader wants few of the measures, so these stand before all
// that tells cohorts apart.
func allRollups() []rollup {
	return []rollup{
		{"engagement_days", "org, campaign", "sent_day, version, step_id, step, variant, experiment, arm"},
		{"engagement_mailboxes", "org, campaign", "mailbox, sent_day, version, step_id, step, variant, experiment, arm"},
		{"engagement_campaigns", "org, campaign", "sent_day"},
	}
}

const isReference = `fact IN ('organization', 'campaign', 'settings', 'lead', 'arm')`

// createMessages has a row for each message that left or may have, in the order of ordinals, so that members of a set are found.
const createMessages = `CREATE TABLE IF NOT EXISTS engagement_messages (
	org     UUID,
	ordinal UInt64 CODEC(Delta, ZSTD),
	person  UInt64 CODEC(ZSTD),
	about   UUID
) ENGINE = ReplacingMergeTree ORDER BY (org, ordinal) SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 1024`

const selectMessages = `SELECT DISTINCT org, ordinal, person, about FROM engagement WHERE fact IN ('sent', 'failed', 'in_doubt')`

// createDerived replaces what views derive from engagement where it is of an older shape, and fills it from there.
func createDerived() (out []string) {
	var names []string
	for m, rule := range measureRules() {
		names = append(names, fmt.Sprintf("'%s' = %d", rule.name, measure(m).enumNumber()))
	}
	for _, r := range allRollups() {
		var columns []string
		for _, c := range strings.Split(r.rest, ", ") {
			columns = append(columns, c+" "+cohortColumns()[c])
		}
		// A set is large for a row, and a reader wants only those of one campaign, hence short granules.
		out = append(out, `DROP VIEW IF EXISTS `+r.table+`_view`, `DROP TABLE IF EXISTS `+r.table,
			`CREATE TABLE `+r.table+` (org UUID, campaign UUID, measure Enum8(`+strings.Join(names, ", ")+`), `+strings.Join(columns, ", ")+`,
			messages AggregateFunction(groupBitmap, UInt64), people AggregateFunction(groupBitmap, UInt64))
			ENGINE = AggregatingMergeTree ORDER BY (`+r.keyColumns()+`) SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 64`,
			`CREATE MATERIALIZED VIEW `+r.table+`_view TO `+r.table+` AS `+r.selectFrom(`engagement WHERE NOT (`+isReference+`)`),
			`INSERT INTO `+r.table+` (`+r.columns()+`) `+r.selectFrom(currentRows("1")))
	}
	return append(out, `DROP VIEW IF EXISTS engagement_messages_view`, `DROP TABLE IF EXISTS engagement_messages`, createMessages,
		`CREATE MATERIALIZED VIEW engagement_messages_view TO engagement_messages AS `+selectMessages, `INSERT INTO engagement_messages (org, ordinal, person, about) `+selectMessages)
}

// selectFrom derives rows of the rollup from rows of engagement; the key is part of from's columns.
func (r rollup) selectFrom(from string) string {
	return `SELECT ` + r.keyColumns() + `, groupBitmapState(ordinal) AS messages, groupBitmapState(person) AS people FROM (SELECT ` + r.key() + `, ordinal, person, ` + selectMeasures() + ` AS measure FROM ` + from + `) GROUP BY ` + r.keyColumns()
}

// cohortColumns are the types of what tells cohorts apart.
func cohortColumns() map[string]string {
	return map[string]string{"mailbox": "UUID", "sent_day": "Date", "version": "UInt32", "step_id": "UUID", "step": "UInt16", "variant": "UUID", "experiment": "UUID", "arm": "UUID"}
}

// has reports whether a column is part of the key.
func (r rollup) has(column string) bool { return strings.Contains(r.key(), column) }

// key is what tells cohorts apart.
func (r rollup) key() string { return r.first + ", " + r.rest }

// keyColumns are the columns of the rollup without the sets.
func (r rollup) keyColumns() string { return r.first + ", measure, " + r.rest }

// columns are those that are written.
func (r rollup) columns() string { return r.keyColumns() + ", messages, people" }
