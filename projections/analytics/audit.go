package analytics

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	columns "outrider/internal/clickhouse"
	"outrider/internal/es"
)

// AuditFilter limits what an auditor sees; a zero field doesn't.
type AuditFilter struct {
	ActorKind, ActorID string
	Subject            string
	Type               string   // a prefix
	Types              []string // prefixes, of which one must fit
	Text               string   // in the type or the data, case ignored; an id, or the number of an event
	Correlation        uuid.UUID
	From, To           time.Time // From <= time < To
}

// Audit returns the events of an organisation that a filter lets through.
func (h History) Audit(ctx context.Context, org uuid.UUID, f AuditFilter, p Page) ([]*es.Event, error) {
	where, args := f.whereClause()
	return h.readFound(ctx, org, where, p, args...)
}

// OfMailboxes returns the events of some types, by their prefixes, that are about one of some mailboxes and no older than a time.
func (h History) OfMailboxes(ctx context.Context, org uuid.UUID, mailboxes []uuid.UUID, types []string, from time.Time, p Page) ([]*es.Event, error) {
	where, args := AuditFilter{Types: types, From: from}.whereClause()
	ids := make([]string, len(mailboxes))
	for i, m := range mailboxes {
		ids[i] = m.String()
	}
	return h.readFound(ctx, org, where+` AND JSONExtractString(data, 'mailbox_id') IN (@mailboxes)`, p, append(args, clickhouse.Named("mailboxes", ids))...)
}

// AuditBucket is how many events there were from an instant on.
type AuditBucket struct {
	From  time.Time
	Count int64
}

// Histogram counts the events that a filter lets through in stretches of time of one width, from the filter's begin on. Stretches without
// events are left out.
func (h History) Histogram(ctx context.Context, org uuid.UUID, f AuditFilter, width time.Duration) (out []AuditBucket, err error) {
	where, args := f.whereClause()
	args = append(args, clickhouse.Named("org", org), clickhouse.Named("first", f.From.UnixMicro()), clickhouse.Named("width", width.Microseconds()))
	count := `uniqExact(oseq)`
	if f.onlyTime() { // numbers have no holes and follow the time, so that a set of all of them isn't needed, and one sent twice doesn't count twice
		count = `max(oseq) - min(oseq) + 1`
	}
	sql := `SELECT intDiv(toUnixTimestamp64Micro(time) - @first, @width) AS bucket, toInt64(` + count + `) FROM events WHERE org = @org` + where + ` GROUP BY bucket ORDER BY bucket`
	err = queryRows(columns.ForOrganisation(ctx, org), h.Conn, sql, func(rows driver.Rows) error {
		var bucket, count int64
		if err := rows.Scan(&bucket, &count); err != nil {
			return err
		}
		out = append(out, AuditBucket{f.From.Add(time.Duration(bucket) * width), count})
		return nil
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("count events of %s: %w", org, err)
	}
	return out, nil
}

// TypeCounts counts the events that a filter lets through, by type.
func (h History) TypeCounts(ctx context.Context, org uuid.UUID, f AuditFilter) (map[string]int64, error) {
	where, args := f.whereClause()
	out := map[string]int64{}
	err := queryRows(columns.ForOrganisation(ctx, org), h.Conn, `SELECT type, toInt64(uniqExact(oseq)) FROM events WHERE org = @org`+where+` GROUP BY type`, func(rows driver.Rows) error {
		var name string
		var count int64
		if err := rows.Scan(&name, &count); err != nil {
			return err
		}
		out[name] = count
		return nil
	}, append(args, clickhouse.Named("org", org))...)
	if err != nil {
		return nil, fmt.Errorf("count events of %s by type: %w", org, err)
	}
	return out, nil
}

// ByID returns an event, nil when the organisation has none of that id.
func (h History) ByID(ctx context.Context, org, id uuid.UUID) (*es.Event, error) {
	found, err := h.readPage(ctx, org, ` AND id = @id`, Page{Limit: 1}, clickhouse.Named("id", id))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// Bounds returns the times of an organisation's first and newest events; zero when it has none.
func (h History) Bounds(ctx context.Context, org uuid.UUID) (first, last time.Time, err error) {
	const ends = `(SELECT time FROM events WHERE org = @org ORDER BY oseq LIMIT 1) UNION ALL (SELECT time FROM events WHERE org = @org ORDER BY oseq DESC LIMIT 1)` // whatever lies between isn't read
	var n uint64
	err = h.Conn.QueryRow(columns.ForOrganisation(ctx, org), `SELECT min(time), max(time), count() FROM (`+ends+`)`, clickhouse.Named("org", org)).Scan(&first, &last, &n)
	if err != nil || n == 0 {
		return time.Time{}, time.Time{}, err
	}
	return first.UTC(), last.UTC(), nil
}

// onlyTime reports whether a filter lets through all events of a stretch of time.
func (f AuditFilter) onlyTime() bool {
	return f.ActorKind == "" && f.ActorID == "" && f.Subject == "" && f.Type == "" && len(f.Types) == 0 && f.Text == "" && f.Correlation == uuid.Nil
}

func (f AuditFilter) whereClause() (where string, args []any) {
	add := func(condition, name string, value any) {
		where += condition
		args = append(args, clickhouse.Named(name, value))
	}
	if f.ActorKind != "" {
		add(` AND actor_kind = @actor_kind`, "actor_kind", f.ActorKind)
	}
	if f.ActorID != "" {
		add(` AND actor_id = @actor_id`, "actor_id", f.ActorID)
	}
	if f.Subject != "" {
		add(` AND subject = @subject`, "subject", f.Subject)
	}
	if f.Type != "" {
		add(` AND startsWith(type, @prefix)`, "prefix", f.Type)
	}
	if len(f.Types) > 0 {
		var fits []string
		for i, t := range f.Types {
			name := "type" + strconv.Itoa(i)
			fits, args = append(fits, `startsWith(type, @`+name+`)`), append(args, clickhouse.Named(name, t))
		}
		where += ` AND (` + strings.Join(fits, ` OR `) + `)`
	}
	if f.Text != "" {
		found := `positionCaseInsensitive(data, @text) > 0 OR positionCaseInsensitive(type, @text) > 0 OR subject = @text OR actor_id = @text`
		if strings.IndexFunc(f.Text, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 { // to compare letters of all scripts takes twice as long
			found = strings.Replace(found, "positionCaseInsensitive(data", "positionCaseInsensitiveUTF8(data", 1)
		}
		if n, err := strconv.ParseInt(f.Text, 10, 64); err == nil {
			found, args = found+` OR oseq = @number`, append(args, clickhouse.Named("number", n))
		}
		if id, err := uuid.Parse(f.Text); err == nil {
			found, args = found+` OR id = @id OR correlation_id = @id OR command_id = @id`, append(args, clickhouse.Named("id", id))
		}
		add(` AND (`+found+`)`, "text", f.Text)
	}
	if f.Correlation != uuid.Nil {
		add(` AND correlation_id = @correlation`, "correlation", f.Correlation)
	}
	if !f.From.IsZero() {
		add(` AND time >= fromUnixTimestamp64Micro(@from, 'UTC')`, "from", f.From.UnixMicro())
	}
	if !f.To.IsZero() {
		add(` AND time < fromUnixTimestamp64Micro(@to, 'UTC')`, "to", f.To.UnixMicro())
	}
	return where, args
}

// Newest returns the oseq of an organisation's newest event, 0 when it has none.
func (h History) Newest(ctx context.Context, org uuid.UUID) (oseq int64, err error) {
	if err = h.Conn.QueryRow(columns.ForOrganisation(ctx, org), `SELECT max(oseq) FROM (SELECT oseq FROM events WHERE org = @org ORDER BY oseq DESC LIMIT 1)`, clickhouse.Named("org", org)).Scan(&oseq); err != nil {
		return 0, fmt.Errorf("read newest event of %s: %w", org, err)
	}
	return oseq, nil
}

// Nth returns the number of the n-th event that a filter lets through, counted from 1, oldest first; 0 = there are fewer.
func (h History) Nth(ctx context.Context, org uuid.UUID, f AuditFilter, n int64) (oseq int64, err error) {
	where, args := f.whereClause()
	args = append(args, clickhouse.Named("org", org), clickhouse.Named("skip", n-1))
	sql := `SELECT DISTINCT toInt64(oseq) AS n FROM events WHERE org = @org` + where + ` ORDER BY n LIMIT 1 OFFSET @skip`
	err = queryRows(columns.ForOrganisation(ctx, org), h.Conn, sql, func(rows driver.Rows) error { return rows.Scan(&oseq) }, args...)
	if err != nil {
		return 0, fmt.Errorf("count events of %s: %w", org, err)
	}
	return oseq, nil
}
