package api

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"outrider/internal/es"
	"outrider/internal/es/project"
	"outrider/internal/es/reader"
)

// Bounds of streams.
const (
	streamsOfOrg = 20   // at a time, in this process
	streamQueue  = 8192 // events that wait for a slow client; beyond them it is disconnected, and resumes
)

// happened is an event as streams tell it: nothing personal.
type happened struct {
	Oseq     int64     `json:"oseq"`
	Type     string    `json:"type"`
	Subject  string    `json:"subject"`
	Time     time.Time `json:"time"`
	Position string    `json:"position"`
}

func (s *Server) happened(e *es.Event) *happened {
	return &happened{e.Oseq, e.Type, e.Subject, e.Time, es.Position{Generation: s.cfg.Generation, Partition: e.Partition, Pseq: e.Pseq}.String()}
}

// feed reads the log once for all streams of this process, from the first of them on. An event is handed out when every read
// model in Postgres has it, so whoever hears of it finds it.
type feed struct {
	s      *Server
	closed chan struct{}

	mu      sync.Mutex
	running *sync.WaitGroup // nil = nothing is read
	stop    context.CancelFunc
	at      map[int32]int64 // pseq that was handed out, by partition
	subs    map[uuid.UUID]map[*listener]bool
}

// listener is one stream.
type listener struct {
	org       uuid.UUID
	partition int32
	from      int64         // pseq that was handed out when it began; what comes behind is queued
	more      chan struct{} // has one element when something is queued
	lost      chan struct{} // closed when it can't go on
	queue     []*happened   // of feed.mu
}

func newFeed(s *Server) *feed {
	return &feed{s: s, closed: make(chan struct{}), subs: map[uuid.UUID]map[*listener]bool{}}
}

var errStreams = errors.New("too many streams")

// listen begins a stream.
func (f *feed) listen(ctx context.Context, org uuid.UUID) (*listener, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-f.closed:
		return nil, unavailable(codeUnavailable, errors.New("the server is ending"))
	default:
	}
	if len(f.subs[org]) >= streamsOfOrg {
		return nil, errStreams
	}
	if f.running == nil {
		if err := f.start(ctx); err != nil {
			return nil, err
		}
	}
	l := &listener{org: org, partition: es.PartitionOf(org, f.s.cfg.Partitions), more: make(chan struct{}, 1), lost: make(chan struct{})}
	l.from = f.at[l.partition]
	if f.subs[org] == nil {
		f.subs[org] = map[*listener]bool{}
	}
	f.subs[org][l] = true
	return l, nil
}

func (f *feed) leave(l *listener) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop(l)
}

func (f *feed) drop(l *listener) {
	if !f.subs[l.org][l] {
		return
	}
	close(l.lost)
	delete(f.subs[l.org], l)
	if len(f.subs[l.org]) == 0 {
		delete(f.subs, l.org)
	}
}

// take gives what is queued.
func (f *feed) take(l *listener) []*happened {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := l.queue
	l.queue = nil
	return out
}

// close ends all streams.
func (f *feed) close() {
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

// start reads every partition from where the read models are.
func (f *feed) start(ctx context.Context) error {
	from, err := f.checkpoints(ctx)
	if err != nil {
		return err
	}
	rd, err := reader.Open(f.s.cfg.Log)
	if err != nil {
		return err
	}
	life, stop := context.WithCancel(f.s.life)
	running := &sync.WaitGroup{}
	f.running, f.stop, f.at = running, stop, map[int32]int64{}
	var partitions sync.WaitGroup
	for p := range f.s.cfg.Partitions {
		f.at[p] = from[p].Pseq
		partitions.Go(func() {
			err := rd.Follow(life, reader.Config{Partition: p, From: from[p]}, func(ctx context.Context, b reader.Batch) error { return f.hand(ctx, p, b) })
			if err != nil {
				f.s.cfg.Logger.Error("the stream of events broke off", "partition", p, "error", err)
			}
			stop() // one without the others would have holes
		})
	}
	running.Go(func() {
		partitions.Wait()
		rd.Close()
		f.mu.Lock()
		defer f.mu.Unlock()
		f.running = nil // the next stream begins anew
		for _, of := range f.subs {
			for l := range of {
				f.drop(l)
			}
		}
	})
	return nil
}

// checkpoints gives, for each partition, that of the read model that is farthest behind.
func (f *feed) checkpoints(ctx context.Context) ([]es.Checkpoint, error) {
	var names []string
	var versions []int32
	for _, k := range f.keys() {
		names, versions = append(names, k.Name), append(versions, int32(k.Version))
	}
	out := make([]es.Checkpoint, f.s.cfg.Partitions)
	for p := range out {
		out[p] = es.StartCheckpoint()
	}
	rows, err := f.s.cfg.Pool.Query(ctx, `
		select distinct on (c.partition) c.partition, c.epoch, c.pseq, c."offset", c.leader_epoch, count(*) over (partition by c.partition)
		from unnest($1::text[], $2::int[]) as k(name, version) join kernel.checkpoints c on c.projection = k.name and c.version = k.version
		order by c.partition, c.pseq`, names, versions)
	if err != nil {
		return nil, fmt.Errorf("read checkpoints: %w", err)
	}
	var p int32
	var c es.Checkpoint
	var known int
	if _, err := pgx.ForEachRow(rows, []any{&p, &c.Epoch, &c.Pseq, &c.Offset, &c.LeaderEpoch, &known}, func() error {
		if known == len(names) && int(p) < len(out) {
			out[p] = c
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("read checkpoints: %w", err)
	}
	return out, nil
}

func (f *feed) keys() []project.Key {
	return slices.SortedFunc(maps.Values(f.s.projections), func(a, b project.Key) int { return slices.Compare([]byte(a.Name), []byte(b.Name)) })
}

// hand gives a batch to those who listen, once all read models have it.
func (f *feed) hand(ctx context.Context, partition int32, b reader.Batch) error {
	for _, k := range f.keys() {
		if err := f.s.cfg.Positions.Wait(ctx, k, partition, b.Checkpoint.Pseq); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at[partition] = b.Checkpoint.Pseq
	for _, e := range b.Events {
		of := f.subs[e.Org]
		if len(of) == 0 {
			continue
		}
		h := f.s.happened(e)
		for l := range of {
			if len(l.queue) == streamQueue {
				f.drop(l)
				continue
			}
			l.queue = append(l.queue, h)
			select {
			case l.more <- struct{}{}:
			default:
			}
		}
	}
	return nil
}
