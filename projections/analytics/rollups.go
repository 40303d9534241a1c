package analytics

import (
	"fmt"
	"strings"
)

// rollup is a table of sets of messages, and of the people that they went to, one for each measure that isn't empty in a cohort. Sets can be
// merged again and again, so that what is sent twice counts once. A column for each measure cost a report half as much again
// (docs/performance/rates.md): each column of sets costs planning time and space in every part, even when its sets are empty.
type rollup struct {
	table, first, rest string
	of                 string // the rollup whose sets it merges, empty = it is made of rows
}

// The first is what a campaign's page reads; the second tells mailboxes apart, of which there may be hundreds. A page of the whole organisation
// reads a row for each cohort of each campaign, so the others have those that only tell days apart: a step and a variant more, and it takes
// five times as long. A reader wants few of the measures, so these stand before all that tells cohorts apart.
func allRollups() []rollup {
	return []rollup{
		{"engagement_days", "org, campaign", "sent_day, version, step_id, step, variant, experiment, arm", ""},
		{"engagement_mailboxes", "org, campaign", "mailbox, sent_day, version, step_id, step, variant, experiment, arm", ""},
		{"engagement_campaigns", "org, campaign", "sent_day", "engagement_days"},
		{"engagement_boxes", "org, campaign", "mailbox, sent_day", "engagement_mailboxes"},
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

// createPeople has the same rows in the order of people, so that all messages to somebody are found.
const createPeople = `CREATE TABLE engagement_people (
	org     UUID,
	person  UInt64 CODEC(ZSTD),
	ordinal UInt64 CODEC(ZSTD),
	about   UUID
) ENGINE = ReplacingMergeTree ORDER BY (org, person, ordinal) SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 128`

const selectMessages = `SELECT DISTINCT org, ordinal, person, about FROM engagement WHERE fact IN ('sent', 'failed', 'in_doubt')`

// createDerived replaces what views derive from engagement where it is of an older shape, and fills it from there.
func createDerived() (out []string) {
	for _, r := range allRollups() {
		out = append(out, r.create()...)
	}
	out = append(out, `DROP VIEW IF EXISTS engagement_messages_view`, `DROP TABLE IF EXISTS engagement_messages`, createMessages,
		`CREATE MATERIALIZED VIEW engagement_messages_view TO engagement_messages AS `+selectMessages)
	return append(append(out, createByPerson()...), `INSERT INTO engagement_messages (org, ordinal, person, about) `+selectMessages)
}

// create replaces the rollup where it is of an older shape, and fills it from the rows.
func (r rollup) create() []string {
	var names, columns []string
	for m, rule := range measureRules() {
		names = append(names, fmt.Sprintf("'%s' = %d", rule.name, measure(m).enumNumber()))
	}
	for _, c := range strings.Split(r.rest, ", ") {
		columns = append(columns, c+" "+cohortColumns()[c])
	}
	// A set is large for a row, and a reader wants only those of one campaign, hence short granules.
	return []string{`DROP VIEW IF EXISTS ` + r.table + `_view`, `DROP TABLE IF EXISTS ` + r.table,
		`CREATE TABLE ` + r.table + ` (org UUID, campaign UUID, measure Enum8(` + strings.Join(names, ", ") + `), ` + strings.Join(columns, ", ") + `,
			messages AggregateFunction(groupBitmap, UInt64), people AggregateFunction(groupBitmap, UInt64))
			ENGINE = AggregatingMergeTree ORDER BY (` + r.keyColumns() + `) SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 64`,
		r.createView(),
		`INSERT INTO ` + r.table + ` (` + r.columns() + `) ` + r.selectFrom(currentRows("1"))}
}

// createByPerson makes the table of messages by person anew, from that by ordinals, which also keeps it up to date.
func createByPerson() []string {
	const rows = `SELECT org, person, ordinal, about FROM engagement_messages`
	return []string{`DROP VIEW IF EXISTS engagement_people_view`, `DROP TABLE IF EXISTS engagement_people`, createPeople,
		`CREATE MATERIALIZED VIEW engagement_people_view TO engagement_people AS ` + rows, `INSERT INTO engagement_people (org, person, ordinal, about) ` + rows}
}

// createCoarse makes the rollups anew that merge others. One of a campaign's days was made of rows before.
func createCoarse() (out []string) {
	for _, r := range allRollups() {
		if r.of != "" {
			out = append(out, r.create()...)
		}
	}
	return out
}

// createView makes what keeps the rollup up to date with the rows, or with the rollup that it merges.
func (r rollup) createView() string {
	from := r.selectFrom(`engagement WHERE NOT (` + isReference + `)`)
	if r.of != "" {
		from = `SELECT ` + r.keyColumns() + `, groupBitmapMergeState(messages) AS messages, groupBitmapMergeState(people) AS people FROM ` + r.of + ` GROUP BY ` + r.keyColumns()
	}
	return `CREATE MATERIALIZED VIEW ` + r.table + `_view TO ` + r.table + ` AS ` + from
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
