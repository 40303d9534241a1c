package api

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"

	"outrider/internal/es"
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
