// Package livefeed hands out events as they happen, read from the log once for all who listen in a process.
package livefeed

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/es"
	"outrider/internal/es/project"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
	"outrider/projections"
)

const (
	// MaxListeners bounds the streams of an organisation at a time, in this process.
	MaxListeners = 20
	maxQueue     = 8192 // events that wait for a slow client; beyond them it is disconnected, and resumes
)

var (
	// ErrTooMany says that an organisation has MaxListeners streams already.
	ErrTooMany = errors.New("too many streams")
	// ErrClosed says that the process ends.
	ErrClosed = errors.New("the feed is closed")
)

// StreamEvent is an event as streams tell it: nothing personal.
type StreamEvent struct {
	Oseq     int64     `json:"oseq"`
	Type     string    `json:"type"`
	Subject  string    `json:"subject"`
	Time     time.Time `json:"time"`
	Position string    `json:"position"`
	Refs     Refs      `json:"refs"`
	Text     string    `json:"text,omitzero"` // as timelines say it; empty for what they leave out
}

// Waiter waits until a projection has come to a position; *project.Positions is one.
type Waiter interface {
	Wait(ctx context.Context, key project.ProjectionKey, partition int32, pseq int64) error
}

// Config is what a Feed stands on; all of it is needed but Shared.
type Config struct {
	Log        kafka.Log
	Shared     *reader.Shared // of the process; nil = the feed reads alone
	Generation int32          // of the topics, for positions
	Partitions int32          // of the log
	Pool       *pgxpool.Pool
	Columns    driver.Conn // ClickHouse, for what was before
	Positions  Waiter
	Logger     *slog.Logger
}

// Feed reads the log once for all streams of this process, from the first of them on. An event is handed out when every read
// model in Postgres has it, so whoever hears of it finds it.
type Feed struct {
	cfg        Config
	life       context.Context //nolint:containedctx // of reading
	closed     chan struct{}
	readModels []project.ProjectionKey // in Postgres; those in ClickHouse come later, and nobody waits for them here

	mu        sync.Mutex
	running   *sync.WaitGroup // nil = nothing is read
	stop      context.CancelFunc
	at        map[int32]int64 // pseq that was handed out, by partition
	listeners map[uuid.UUID]map[*Listener]bool
}

// Listener is one stream.
type Listener struct {
	Org uuid.UUID

	feed      *Feed
	partition int32
	from      int64          // pseq that was handed out when it began; what comes after it is queued
	more      chan struct{}  // has one element when something is queued
	lost      chan struct{}  // closed when it can't go on
	queue     []*StreamEvent // of feed.mu
}

// New makes a feed whose reading ends with life at the latest.
func New(life context.Context, cfg Config) *Feed {
	f := &Feed{cfg: cfg, life: life, closed: make(chan struct{}), listeners: map[uuid.UUID]map[*Listener]bool{}}
	for _, p := range projections.All(nil) {
		f.readModels = append(f.readModels, project.ProjectionKey{Name: p.Name, Version: p.Version})
	}
	return f
}

// Listen begins a stream.
func (f *Feed) Listen(ctx context.Context, org uuid.UUID) (*Listener, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-f.closed:
		return nil, ErrClosed
	default:
	}
	if len(f.listeners[org]) >= MaxListeners {
		return nil, ErrTooMany
	}
	if f.running == nil {
		if err := f.startReading(ctx); err != nil {
			return nil, err
		}
	}
	l := &Listener{Org: org, feed: f, partition: es.PartitionOf(org, f.cfg.Partitions), more: make(chan struct{}, 1), lost: make(chan struct{})}
	l.from = f.at[l.partition]
	if f.listeners[org] == nil {
		f.listeners[org] = map[*Listener]bool{}
	}
	f.listeners[org][l] = true
	return l, nil
}

// Leave ends the stream.
func (l *Listener) Leave() {
	l.feed.mu.Lock()
	defer l.feed.mu.Unlock()
	l.feed.dropListener(l)
}

// More has an element when there is something to take.
func (l *Listener) More() <-chan struct{} { return l.more }

// Lost is closed when the stream can't go on.
func (l *Listener) Lost() <-chan struct{} { return l.lost }

// Take returns what is queued.
func (l *Listener) Take() []*StreamEvent {
	l.feed.mu.Lock()
	defer l.feed.mu.Unlock()
	out := l.queue
	l.queue = nil
	return out
}

// dropListener forgets a listener; f.mu is held.
func (f *Feed) dropListener(l *Listener) {
	if !f.listeners[l.Org][l] {
		return
	}
	close(l.lost)
	delete(f.listeners[l.Org], l)
	if len(f.listeners[l.Org]) == 0 {
		delete(f.listeners, l.Org)
	}
}

// Closed is closed when the process ends.
func (f *Feed) Closed() <-chan struct{} { return f.closed }

// Close ends all streams.
func (f *Feed) Close() {
	f.mu.Lock()
	select {
	case <-f.closed:
	default:
		close(f.closed)
	}
	running := f.running
	if running != nil {
		f.stop()
	}
	f.mu.Unlock()
	if running != nil {
		running.Wait()
	}
}
