package analytics

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/es"
)

// currentRows returns the current rows of engagement: of a hit or reply whose class was corrected, the newest.
func currentRows(where string) string {
	attributes := `org, campaign, mailbox, sent_day, version, step_id, step, variant, experiment, arm, ordinal, person`
	return `(SELECT ` + attributes + `, fact, argMax(class, oseq) AS class, argMax(reply_class, oseq) AS reply_class, argMax(value, oseq) AS value, max(corrected) AS corrected, max(returned) AS returned FROM engagement WHERE NOT (` + isReference + `) AND ` + where + `
		GROUP BY ` + attributes + `, fact, about, hit, ` + oneByOne + `)`
}

// oneByOne keeps rows apart that no later one corrects.
const oneByOne = `if(fact IN ('open', 'click', 'reply'), 0, oseq)`

// repairEngagement merges the sets of a range into the rollups once more, which changes nothing where they are there already, and
// rebuilds the days in which a hit or reply was corrected. A reader may see such a day empty for a moment.
func repairEngagement(ctx context.Context, conn driver.Conn, batch []*es.Event) error {
	// Equal blocks must not be dropped here: after a deletion the same block comes again.
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"insert_deduplicate": 0}))
	const inRange = `log_partition = @partition AND pseq BETWEEN @from AND @to`
	args := []any{clickhouse.Named("partition", batch[0].Partition), clickhouse.Named("from", batch[0].Pseq), clickhouse.Named("to", batch[len(batch)-1].Pseq)}
	for _, r := range allRollups() {
		from := `engagement WHERE NOT (` + isReference + `) AND ` + inRange
		if err := conn.Exec(ctx, `INSERT INTO `+r.table+` (`+r.columns()+`) `+r.selectFrom(from), args...); err != nil {
			return fmt.Errorf("merge range into %s: %w", r.table, err)
		}
	}
	if err := conn.Exec(ctx, `INSERT INTO engagement_messages (org, ordinal, person, about) `+selectMessages+` AND `+inRange, args...); err != nil {
		return fmt.Errorf("add messages of a range: %w", err)
	}
	corrected := idsByOrg{}
	for _, e := range batch {
		switch p := e.Payload.(type) {
		case events.HitReclassified:
			corrected.addID(e.Org, p.MessageID)
		case events.ReplyReclassified:
			corrected.addID(e.Org, p.MessageID)
		}
	}
	type campaign struct{ org, id uuid.UUID }
	days := map[campaign][]string{}
	err := queryByIDs(ctx, conn, `SELECT DISTINCT org, campaign, sent_day FROM engagement WHERE org IN (@orgs) AND fact IN ('open', 'click', 'reply') AND about IN (@ids)`, corrected, func(rows driver.Rows) error {
		var c campaign
		var day time.Time
		err := rows.Scan(&c.org, &c.id, &day)
		if text := day.Format(time.DateOnly); !slices.Contains(days[c], text) { // a query is of some ids only
			days[c] = append(days[c], text)
		}
		return err
	})
	if err != nil {
		return err
	}
	for c, of := range days {
		if err := rebuildDays(ctx, conn, c.org, c.id, of); err != nil {
			return err
		}
	}
	return nil
}

// rebuildDays checks its result, and repeats if necessary: under heavy load an engine was seen to keep a row that it
// had reported as deleted.
func rebuildDays(ctx context.Context, conn driver.Conn, org, campaign uuid.UUID, days []string) error {
	for range 3 {
		if err := Rebuild(ctx, conn, org, campaign, days...); err != nil {
			return err
		}
		left, err := compareRollups(ctx, conn, `org = @org AND campaign = @campaign AND sent_day IN (@days)`, clickhouse.Named("org", org), clickhouse.Named("campaign", campaign), clickhouse.Named("days", days))
		if err != nil || len(left) == 0 {
			return err
		}
	}
	return fmt.Errorf("the rollups of campaign %s on %v still differ from its rows after they were built anew", campaign, days)
}

// Rebuild computes the rollups of a campaign again from the raw rows; days ("2006-01-02") limit it to some cohorts, none = all.
func Rebuild(ctx context.Context, conn driver.Conn, org, campaign uuid.UUID, days ...string) error {
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"insert_deduplicate": 0, "lightweight_deletes_sync": 2}))
	where := `org = @org AND campaign = @campaign`
	args := []any{clickhouse.Named("org", org), clickhouse.Named("campaign", campaign)}
	if len(days) > 0 {
		where += ` AND sent_day IN (@days)`
		args = append(args, clickhouse.Named("days", days))
	}
	for _, r := range allRollups() {
		if err := conn.Exec(ctx, `DELETE FROM `+r.table+` WHERE `+where, args...); err != nil {
			return fmt.Errorf("empty days of %s: %w", r.table, err)
		}
		if err := conn.Exec(ctx, `INSERT INTO `+r.table+` (`+r.columns()+`) `+r.selectFrom(currentRows(where)), args...); err != nil {
			return fmt.Errorf("rebuild days of %s: %w", r.table, err)
		}
	}
	return nil
}

// Difference is a measure of a cohort in which a rollup differs from the raw rows.
type Difference struct {
	Rollup       string
	Day          time.Time
	StepID       uuid.UUID
	VariantID    uuid.UUID
	Measure      string
	Raw, Derived uint64
}

// ReconcileOrganization compares the rollups of an organisation with the raw rows; nothing = they agree. It reads all rows of all campaigns.
func ReconcileOrganization(ctx context.Context, conn driver.Conn, org uuid.UUID) ([]Difference, error) {
	return compareRollups(ctx, conn, `org = @org`, clickhouse.Named("org", org))
}

func compareRollups(ctx context.Context, conn driver.Conn, where string, args ...any) (out []Difference, err error) {
	for _, r := range allRollups() {
		step := `toUUID('00000000-0000-0000-0000-000000000000') AS step_id, toUUID('00000000-0000-0000-0000-000000000000') AS variant`
		if r.has("step_id") {
			step = `step_id, variant`
		}
		sql := `SELECT sent_day, ` + step + `, measure, sumIf(n, side = 'raw') AS raws, sumIf(n, side = 'derived') AS deriveds FROM (
			SELECT 'raw' AS side, ` + r.keyColumns() + `, uniqExact(ordinal) AS n, uniqExact(person) AS people FROM (SELECT ` + r.key() + `, ordinal, person, ` + selectMeasures() + ` AS measure FROM ` + currentRows(where) + `) GROUP BY ` + r.keyColumns() + `
			UNION ALL SELECT 'derived' AS side, ` + r.first + `, toString(measure) AS measure, ` + r.rest + `, groupBitmapMerge(messages) AS n, groupBitmapMerge(r.people) AS people FROM ` + r.table + ` AS r WHERE ` + where + ` GROUP BY ` + r.keyColumns() + `
		) GROUP BY ` + r.keyColumns() + ` HAVING raws != deriveds OR sumIf(people, side = 'raw') != sumIf(people, side = 'derived') ORDER BY sent_day, step_id, variant, measure`
		if err := queryRows(ctx, conn, sql, func(rows driver.Rows) error {
			d := Difference{Rollup: r.table}
			err := rows.Scan(&d.Day, &d.StepID, &d.VariantID, &d.Measure, &d.Raw, &d.Derived)
			out = append(out, d)
			return err
		}, args...); err != nil {
			return nil, fmt.Errorf("reconcile %s: %w", r.table, err)
		}
	}
	return out, nil
}
