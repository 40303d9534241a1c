package clickhouse

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"outrider/internal/ratelimit"
)

// Bounds are of reads on somebody's behalf; the zero value of each is its default.
type Bounds struct {
	Memory    int64         // bytes of a query; 400 MB
	Threads   int           // of a query; 2
	Time      time.Duration // of a query; 10 s
	Queries   int           // of an organisation at a time, in all processes together; 3, and one at least in each process
	Processes func() int    // that share them; nil = one
}

func (b Bounds) withDefaults() Bounds {
	if b.Memory == 0 {
		b.Memory = 400 << 20
	}
	if b.Threads == 0 {
		b.Threads = 2
	}
	if b.Time == 0 {
		b.Time = 10 * time.Second
	}
	if b.Queries == 0 {
		b.Queries = 3
	}
	if b.Processes == nil {
		b.Processes = func() int { return 1 }
	}
	return b
}

// queriesWaiting is how many queries of an organisation wait for those that are under way; others are refused at once.
const queriesWaiting = 30

// Bound gives a connection whose queries have bounds: each in memory, threads and time, and each organisation (ForOrganisation) in how
// many are under way. Beyond them is what Unavailable reports. Only Query, QueryRow and Select are for it.
func Bound(conn driver.Conn, b Bounds) driver.Conn {
	b = b.withDefaults()
	return &bounded{Conn: conn, slots: ratelimit.NewSlots[uuid.UUID](func() int { return b.Queries / max(b.Processes(), 1) }, queriesWaiting), settings: clickhouse.Settings{
		"max_memory_usage": b.Memory, "max_threads": b.Threads, "max_execution_time": b.Time.Seconds(), "timeout_overflow_mode": "throw"}}
}

type organisationKey struct{}

// ForOrganisation makes queries with this context count as an organisation's.
func ForOrganisation(ctx context.Context, org uuid.UUID) context.Context {
	return context.WithValue(ctx, organisationKey{}, org)
}

type bounded struct {
	driver.Conn
	slots    *ratelimit.Slots[uuid.UUID]
	settings clickhouse.Settings
}

// begin waits for a slot, and returns the context of a query within the bounds.
func (b *bounded) begin(ctx context.Context) (within context.Context, release func(), err error) {
	org, _ := ctx.Value(organisationKey{}).(uuid.UUID)
	release, err = b.slots.Acquire(ctx, org)
	return clickhouse.Context(ctx, clickhouse.WithSettings(b.settings)), release, err
}

func (b *bounded) Query(ctx context.Context, query string, args ...any) (driver.Rows, error) {
	ctx, release, err := b.begin(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := b.Conn.Query(ctx, query, args...)
	if err != nil {
		release()
		return nil, err
	}
	return &boundedRows{rows, release}, nil
}

func (b *bounded) Select(ctx context.Context, dest any, query string, args ...any) error {
	ctx, release, err := b.begin(ctx)
	if err != nil {
		return err
	}
	defer release()
	return b.Conn.Select(ctx, dest, query, args...)
}

func (b *bounded) QueryRow(ctx context.Context, query string, args ...any) driver.Row {
	ctx, release, err := b.begin(ctx)
	if err != nil {
		return failedRow{err}
	}
	return &boundedRow{b.Conn.QueryRow(ctx, query, args...), release}
}

// boundedRows give their slot back when they are closed.
type boundedRows struct {
	driver.Rows
	release func()
}

func (r *boundedRows) Close() error {
	defer r.release()
	return r.Rows.Close()
}

// boundedRow gives its slot back when it was read.
type boundedRow struct {
	driver.Row
	release func()
}

func (r *boundedRow) Scan(dest ...any) error {
	defer r.release()
	return r.Row.Scan(dest...)
}

func (r *boundedRow) ScanStruct(dest any) error {
	defer r.release()
	return r.Row.ScanStruct(dest)
}

type failedRow struct{ err error }

func (r failedRow) Err() error           { return r.err }
func (r failedRow) Scan(...any) error    { return r.err }
func (r failedRow) ScanStruct(any) error { return r.err }
