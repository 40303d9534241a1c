package analytics

import (
	"context"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
)

// cell is a measure of a cohort.
type cell struct {
	day time.Time
	sequenceStep
	measure measure
	n       uint64
}

// sequenceStep is the place of a message in a sequence.
type sequenceStep struct {
	step    uuid.UUID
	number  int
	variant uuid.UUID
}

// finalAfter is the time from a day's first midnight in UTC until the 72 h are over for everything sent on that day in any zone.
const finalAfter = 24*time.Hour + 12*time.Hour + ReturnedWithin

// notYetFinal reports whether the 72 h may not be over for what was sent on a day.
func (f Filter) notYetFinal(day time.Time) bool {
	return !f.Now.IsZero() && f.Now.Before(day.Add(finalAfter))
}

// whereClause narrows a rollup to what the filter lets through.
func (f Filter) whereClause(org, campaign uuid.UUID) (string, []any) {
	where := []string{"org = @org", "campaign = @campaign"}
	args := []any{clickhouse.Named("org", org), clickhouse.Named("campaign", campaign)}
	narrow := func(condition, name string, v any, on bool) {
		if on {
			where, args = append(where, condition), append(args, clickhouse.Named(name, v))
		}
	}
	narrow("sent_day >= toDate(@first)", "first", f.From, f.From != "")
	narrow("sent_day <= toDate(@last)", "last", f.To, f.To != "")
	narrow("version = @version", "version", f.Version, f.Version != 0)
	narrow("step_id = @step", "step", f.StepID, f.StepID != uuid.Nil)
	narrow("variant = @variant", "variant", f.VariantID, f.VariantID != uuid.Nil)
	narrow("mailbox = @mailbox", "mailbox", f.MailboxID, f.MailboxID != uuid.Nil)
	return strings.Join(where, " AND "), args
}

// readCells reads all mailboxes together, or one of them.
func readCells(ctx context.Context, conn driver.Conn, org, campaign uuid.UUID, f Filter) (out []cell, err error) {
	table := tableOf(f.MailboxID != uuid.Nil, false)
	where, args := f.whereClause(org, campaign)
	sql := `SELECT sent_day, step_id, step, variant, toUInt8(measure), groupBitmapMerge(messages) FROM ` + table + ` WHERE ` + where + ` GROUP BY sent_day, step_id, step, variant, measure
		SETTINGS max_threads = 1` // a few hundred rows: distributing them to threads takes longer than reading them
	err = queryRows(ctx, conn, sql, func(rows driver.Rows) error {
		var c cell
		var number uint16
		var stored uint8
		if err := rows.Scan(&c.day, &c.step, &number, &c.variant, &stored, &c.n); err != nil {
			return err
		}
		c.number, c.measure = int(number), measureOfEnum(stored)
		out = append(out, c)
		return nil
	}, args...)
	return out, err
}

// readMailboxes reads a tally of each mailbox. By steps and days as well there would be thousands of rows, and reading those takes
// longer than asking a second time.
func readMailboxes(ctx context.Context, conn driver.Conn, org, campaign uuid.UUID, f Filter, out map[uuid.UUID]*cohortCounts) error {
	where, args := f.whereClause(org, campaign)
	coarse := f.Version == 0 && f.StepID == uuid.Nil && f.VariantID == uuid.Nil
	final := "true"
	if !f.Now.IsZero() {
		final, args = "sent_day <= toDate(@settled)", append(args, clickhouse.Named("settled", f.Now.UTC().Add(-finalAfter).Format(time.DateOnly)))
	}
	sql := `SELECT mailbox, ` + final + ` AS settled, toUInt8(measure), groupBitmapMerge(messages) FROM ` + tableOf(true, coarse) + ` WHERE ` + where + ` GROUP BY mailbox, settled, measure`
	return queryRows(ctx, conn, sql, func(rows driver.Rows) error {
		var mailbox uuid.UUID
		var final bool
		var stored uint8
		var n uint64
		if err := rows.Scan(&mailbox, &final, &stored, &n); err != nil {
			return err
		}
		tallyOf(out, mailbox).addCount(measureOfEnum(stored), n, !final)
		return nil
	}, args...)
}
