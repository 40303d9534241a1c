package analytics

import (
	"context"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	columns "outrider/internal/clickhouse"
	"outrider/internal/es"
)

// History reads the log of one organisation at a time, in the order of oseq.
type History struct {
	Conn driver.Conn
}

// Page is a cursor: oseq of the last event of the page before, 0 at first.
type Page struct {
	After  int64
	Limit  int  // 0 = 100
	Newest bool // newest first; After then bounds from above
}

// A row that was sent twice is there twice until a merge, equal in every column: LIMIT 1 BY drops it without FINAL,
// which would forgo the skip indexes.
const (
	selectEvents = `SELECT ` + eventColumns + ` FROM events WHERE org = @org AND oseq > @above AND oseq < @below`
	oldestFirst  = ` ORDER BY oseq LIMIT 1 BY oseq LIMIT @limit`
	newestFirst  = ` ORDER BY oseq DESC LIMIT 1 BY oseq LIMIT @limit`
)

// Range returns the events with from <= oseq <= to; to 0 = up to the newest. An export pages through it.
func (h History) Range(ctx context.Context, org uuid.UUID, from, to int64, limit int) ([]*es.Event, error) {
	if to == 0 {
		to = math.MaxInt64 - 1
	}
	return h.readEvents(ctx, selectEvents+oldestFirst, org, from-1, to+1, limit)
}

// From returns at most limit events after an oseq, each as it comes: the next ones are read while the caller works on one.
func (h History) From(ctx context.Context, org uuid.UUID, after int64, limit int) iter.Seq2[*es.Event, error] {
	return h.streamEvents(ctx, selectEvents+oldestFirst, org, after, after+int64(limit)+1, limit)
}

// BySubjects returns the events of some aggregates, merged: a timeline.
func (h History) BySubjects(ctx context.Context, org uuid.UUID, subjects []string, p Page) ([]*es.Event, error) {
	if len(subjects) == 0 {
		return nil, nil
	}
	return h.readPage(ctx, org, ` AND subject IN (@subjects)`, p, clickhouse.Named("subjects", subjects))
}

// ByCorrelation returns all events that followed from one cause.
func (h History) ByCorrelation(ctx context.Context, org, correlation uuid.UUID, p Page) ([]*es.Event, error) {
	return h.readPage(ctx, org, ` AND correlation_id = @id`, p, clickhouse.Named("id", correlation))
}

// ByCommand returns the events of one command.
func (h History) ByCommand(ctx context.Context, org, command uuid.UUID) ([]*es.Event, error) {
	return h.readPage(ctx, org, ` AND command_id = @id`, Page{Limit: 10_000}, clickhouse.Named("id", command))
}

// ByTime returns the events with from <= time < to. An organisation's time never goes back, so oseq is its order too.
func (h History) ByTime(ctx context.Context, org uuid.UUID, from, to time.Time, p Page) ([]*es.Event, error) {
	return h.readPage(ctx, org, ` AND time >= fromUnixTimestamp64Micro(@from, 'UTC') AND time < fromUnixTimestamp64Micro(@to, 'UTC')`, p,
		clickhouse.Named("from", from.UnixMicro()), clickhouse.Named("to", to.UnixMicro()))
}

// About returns the events of some types that name one of two things, each as it comes.
func (h History) About(ctx context.Context, org uuid.UUID, types []string, one, other uuid.UUID) iter.Seq2[*es.Event, error] {
	return h.streamEvents(ctx, selectEvents+` AND type IN (@types) AND (position(data, @one) > 0 OR position(data, @other) > 0 OR type = 'meeting.cancelled.v1')`+oldestFirst, org, 0, math.MaxInt64, math.MaxInt32,
		clickhouse.Named("types", types), clickhouse.Named("one", one.String()), clickhouse.Named("other", other.String()))
}

func (h History) readPage(ctx context.Context, org uuid.UUID, where string, p Page, args ...any) ([]*es.Event, error) {
	if p.Newest {
		below := p.After
		if below == 0 {
			below = math.MaxInt64
		}
		return h.readEvents(ctx, selectEvents+where+newestFirst, org, 0, below, p.Limit, args...)
	}
	return h.readEvents(ctx, selectEvents+where+oldestFirst, org, p.After, math.MaxInt64, p.Limit, args...)
}

// readFound reads a page like readPage, but finds the numbers of its events first: of those that a wide filter lets through, which are many, only
// these are read as a whole.
func (h History) readFound(ctx context.Context, org uuid.UUID, where string, p Page, args ...any) ([]*es.Event, error) {
	above, below, order := p.After, int64(math.MaxInt64), oldestFirst
	if p.Newest {
		above, order = 0, newestFirst
		if p.After != 0 {
			below = p.After
		}
	}
	return h.readEvents(ctx, `SELECT `+eventColumns+` FROM events WHERE org = @org AND oseq IN (SELECT oseq FROM events WHERE org = @org AND oseq > @above AND oseq < @below`+where+order+`)`+order, org, above, below, p.Limit, args...)
}

func (h History) readEvents(ctx context.Context, sql string, org uuid.UUID, above, below int64, limit int, args ...any) (out []*es.Event, err error) {
	for e, err := range h.streamEvents(ctx, sql, org, above, below, limit, args...) {
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

func (h History) streamEvents(ctx context.Context, sql string, org uuid.UUID, above, below int64, limit int, args ...any) iter.Seq2[*es.Event, error] {
	if limit == 0 {
		limit = 100
	}
	args = append(args, clickhouse.Named("org", org), clickhouse.Named("above", above), clickhouse.Named("below", below), clickhouse.Named("limit", limit))
	return func(yield func(*es.Event, error) bool) {
		ctx, cancel := context.WithCancel(columns.ForOrganisation(ctx, org))
		defer cancel()
		rows, err := h.Conn.Query(ctx, sql, args...)
		if err != nil {
			yield(nil, fmt.Errorf("read events of %s: %w", org, err))
			return
		}
		defer rows.Close()
		defer cancel() // first: Close would read the rest
		for rows.Next() {
			e, err := scanEvent(rows)
			if err != nil {
				yield(nil, fmt.Errorf("scan event of %s: %w", org, err))
				return
			}
			if !yield(e, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, fmt.Errorf("read events of %s: %w", org, err))
		}
	}
}

func scanEvent(rows driver.Rows) (*es.Event, error) {
	var e es.Event
	var chain, data string
	err := rows.Scan(&e.Org, &e.Oseq, &e.ID, &e.Type, &e.Subject, &e.Time, &e.Actor.Kind, &e.Actor.ID, &e.CommandID, &e.CommandOffset, &e.Fingerprint, &e.CorrelationID, &e.CausationID,
		&e.TraceParent, &e.Epoch, &e.Pseq, &chain, &e.Last, &e.Partition, &e.Offset, &data, &e.Origin)
	copy(e.Chain[:], chain)
	e.Data, e.Time = []byte(data), e.Time.UTC()
	return &e, err
}
