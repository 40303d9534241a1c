// Package analytics holds the projections in ClickHouse.
package analytics

import (
	"context"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"outrider/internal/es"
	"outrider/internal/es/project"
)

// Migrate brings the tables of this package up to date.
func Migrate(ctx context.Context, conn driver.Conn) error {
	filled, err := isFilled(ctx, conn)
	if err != nil {
		return err
	}
	return project.MigrateClickHouse(ctx, conn, "analytics", []project.ColumnMigration{
		{Version: 1, Statements: []string{createEvents}},
		{Version: 2, Statements: []string{createEngagement}},
		{Version: 3}, // made what step 7 makes anew
		{Version: 4, Statements: []string{`ALTER TABLE events ADD COLUMN IF NOT EXISTS origin String CODEC(ZSTD)`}},                                                       // older events have none
		{Version: 5, Statements: []string{`ALTER TABLE engagement ADD COLUMN IF NOT EXISTS reply_class LowCardinality(String), ADD COLUMN IF NOT EXISTS corrected Bool`}}, // older rows say nothing
		{Version: 6}, // likewise, step 7
		{Version: 7, Statements: append(fillEngagement(filled), createDerived()...)},
		{Version: 8, Statements: []string{ // an event by its id, and rare types and actors, among all of an organisation's; older parts get them in the background
			`ALTER TABLE events ADD INDEX IF NOT EXISTS ids id TYPE bloom_filter(0.01) GRANULARITY 1, ADD INDEX IF NOT EXISTS types type TYPE set(0) GRANULARITY 1, ADD INDEX IF NOT EXISTS actors actor_id TYPE bloom_filter(0.01) GRANULARITY 1`,
			`ALTER TABLE events MATERIALIZE INDEX ids, MATERIALIZE INDEX types, MATERIALIZE INDEX actors`}},
		{Version: 9, Statements: append(createCoarse(), createByPerson()...)},
	})
}

// The whole log, one organisation's history together. data is the exact stored bytes (personal data in it is encrypted),
// so an organisation's chain can be verified from here. Rows that were sent twice are equal in every column.
const createEvents = `CREATE TABLE IF NOT EXISTS events (
	org            UUID,
	oseq           Int64 CODEC(Delta, ZSTD),
	id             UUID,
	type           LowCardinality(String),
	subject        String,
	time           DateTime64(6, 'UTC') CODEC(Delta, ZSTD),
	actor_kind     LowCardinality(String),
	actor_id       String,
	command_id     UUID,
	command_offset Int64,
	fingerprint    UInt64,
	correlation_id UUID,
	causation_id   UUID,
	traceparent    String,
	epoch          Int64,
	pseq           Int64 CODEC(Delta, ZSTD),
	chain          FixedString(32),
	last           Bool,
	log_partition  Int32,
	log_offset     Int64 CODEC(Delta, ZSTD),
	data           String CODEC(ZSTD(1)),
	INDEX subjects     subject        TYPE bloom_filter(0.01) GRANULARITY 1,
	INDEX correlations correlation_id TYPE bloom_filter(0.01) GRANULARITY 1,
	INDEX commands     command_id     TYPE bloom_filter(0.01) GRANULARITY 1,
	INDEX times        time           TYPE minmax GRANULARITY 1,
	INDEX positions    pseq           TYPE minmax GRANULARITY 1
) ENGINE = ReplacingMergeTree ORDER BY (org, oseq)
SETTINGS non_replicated_deduplication_window = 10000`

const eventColumns = `org, oseq, id, type, subject, time, actor_kind, actor_id, command_id, command_offset, fingerprint, correlation_id, causation_id,
	traceparent, epoch, pseq, chain, last, log_partition, log_offset, data, origin`

// Tables returns those that are filled from the log.
func Tables() []project.Table { return []project.Table{Events(), Engagement()} }

// Events is the projection that keeps the whole log.
func Events() project.Table {
	return project.Table{Name: "analytics_events", Version: 1, Table: "events", Into: "events (" + eventColumns + ")", Append: appendEvent}
}

func appendEvent(b driver.Batch, e *es.Event) error {
	return b.Append(e.Org, e.Oseq, e.ID, e.Type, e.Subject, e.Time, e.Actor.Kind, e.Actor.ID, e.CommandID, e.CommandOffset, e.Fingerprint, e.CorrelationID, e.CausationID,
		e.TraceParent, e.Epoch, e.Pseq, e.Chain[:], e.Last, e.Partition, e.Offset, e.Data, e.Origin)
}
