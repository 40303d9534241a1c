package processor_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
	"outrider/internal/es/gateway"
	"outrider/internal/es/logtest"
	"outrider/internal/es/processor"
	"outrider/internal/kafka"
	"outrider/internal/lab/storm"
)

const patience = 5 * time.Minute // a test that needs it is broken

// world is a broker with the topics, and what is asked of it.
type world struct {
	t   *testing.T
	ctx context.Context
	log kafka.Log
	cl  *kgo.Client
}

func setup(t *testing.T, partitions int32) *world {
	t.Helper()
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	t.Cleanup(cancel)
	l := logtest.Broker(t)
	l.Partitions, l.Replies = partitions, 2
	l, err := l.EnsureTopics(ctx)
	commandCheck(t, err)
	cl, err := l.Open()
	commandCheck(t, err)
	t.Cleanup(cl.Close)
	return &world{t, ctx, l, cl}
}

func commandCheck(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// server is a running processor and what it said.
type server struct {
	*processor.Processor
	t     *testing.T
	stop  func()
	mu    sync.Mutex
	said  []string
	state map[int32]processor.Status
	more  chan struct{}
}

func (w *world) serve(change func(*processor.Config)) *server {
	w.t.Helper()
	s := &server{t: w.t, state: map[int32]processor.Status{}, more: make(chan struct{}, 1)}
	cfg := processor.Config{Log: w.log, Domain: storm.Seats(3), Session: 2 * time.Second,
		Report: func(what string, attrs ...any) {
			w.t.Log(append([]any{what}, attrs...)...)
			s.tell(func() { s.said = append(s.said, what) })
		},
		Watch: func(p int32, st processor.Status) { s.tell(func() { s.state[p] = st }) }}
	if change != nil {
		change(&cfg)
	}
	var err error
	s.Processor, err = processor.New(cfg)
	commandCheck(w.t, err)
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan struct{})
	go func() { defer close(done); check2(w.t, s.Run(ctx)) }()
	s.stop = sync.OnceFunc(func() { cancel(); <-done })
	w.t.Cleanup(s.stop)
	return s
}

func check2(t *testing.T, err error) {
	if err != nil {
		t.Error(err)
	}
}

func (s *server) tell(f func()) {
	s.mu.Lock()
	f()
	s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
}

// until waits for what the processor reports.
func (s *server) until(what string, ok func() bool) {
	s.t.Helper()
	late := time.After(patience)
	for {
		s.mu.Lock()
		yes := ok()
		s.mu.Unlock()
		if yes {
			return
		}
		select {
		case <-s.more:
		case <-late:
			s.t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

func (s *server) owns(p int32, epoch int64) {
	s.t.Helper()
	s.until("the partition is owned", func() bool { st := s.state[p]; return st.State == processor.Owned && st.Epoch >= epoch })
}

func (s *server) says(what string) {
	s.t.Helper()
	s.until(what, func() bool {
		for _, x := range s.said {
			if x == what {
				return true
			}
		}
		return false
	})
}

func (w *world) gateway() *gateway.Gateway {
	w.t.Helper()
	g, err := gateway.Open(w.ctx, gateway.Config{Log: w.log, Now: time.Now}) // a clock that the broker's doesn't bound: owners must stand any
	commandCheck(w.t, err)
	w.t.Cleanup(g.Close)
	return g
}

// submit waits as long as it takes.
func (w *world) submit(g *gateway.Gateway, c *es.Command) es.Answer {
	w.t.Helper()
	for {
		a, err := g.Submit(w.ctx, c)
		if err == nil {
			return a
		}
		if w.ctx.Err() != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) append(topic string, rs ...*kgo.Record) {
	w.t.Helper()
	for _, r := range rs {
		r.Topic = topic
	}
	commandCheck(w.t, w.cl.ProduceSync(w.ctx, rs...).FirstErr())
}

// counted reads a partition of the log to its end and gives what counts, and the rule's state.
func (w *world) counted(p int32) ([]*es.Event, es.Rule) {
	w.t.Helper()
	ends, err := kadm.NewClient(w.cl).ListEndOffsets(w.ctx, w.log.Events())
	commandCheck(w.t, err)
	end, _ := ends.Lookup(w.log.Events(), p)
	starts, err := kadm.NewClient(w.cl).ListStartOffsets(w.ctx, w.log.Events())
	commandCheck(w.t, err)
	start, _ := starts.Lookup(w.log.Events(), p)
	cl, err := w.log.Open(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{w.log.Events(): {p: kgo.NewOffset().At(start.Offset)}}))
	commandCheck(w.t, err)
	defer cl.Close()
	var g es.Gate
	var out []*es.Event
	for g.Next < end.Offset {
		cl.PollFetches(w.ctx).EachRecord(func(r *kgo.Record) {
			_, _, events, err := g.See(r)
			commandCheck(w.t, err)
			out = append(out, events...)
		})
		commandCheck(w.t, w.ctx.Err())
	}
	return out, g.Rule
}

func orgOn(p, partitions int32) uuid.UUID {
	for {
		if id := es.NewID(); es.PartitionOf(id, partitions) == p {
			return id
		}
	}
}
