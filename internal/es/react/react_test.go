package react_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
	"outrider/internal/es/logtest"
	"outrider/internal/es/react"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
)

// receive takes one message.
func receive(t *testing.T, c <-chan *message.Message) (*message.Message, *es.Event) {
	t.Helper()
	select {
	case m, ok := <-c:
		if !ok {
			t.Fatal("the channel was closed")
		}
		e, err := react.EventOf(m)
		if err != nil {
			t.Fatal(err)
		}
		if m.UUID != e.ID.String() {
			t.Fatalf("uuid %s of event %s", m.UUID, e.ID)
		}
		return m, e
	case <-time.After(5 * time.Minute):
		t.Fatal("no message comes")
	}
	return nil, nil
}

func newSubscription(t *testing.T, cfg react.Config) (<-chan *message.Message, *react.Subscriber) {
	t.Helper()
	if cfg.Group == "" {
		cfg.Group = "g"
	}
	shared, err := reader.OpenShared(reader.SharedConfig{Log: cfg.Log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(shared.Close)
	cfg.Shared = shared
	s := react.NewSubscriber(cfg)
	c, err := s.Subscribe(t.Context(), cfg.Log.Events())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return c, s
}

func TestASlowMessageStallsItsOwnSubjectOnly(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	org := logtest.Org(0, 0)
	w.Command(org, "slow")
	w.Command(org, "a", "slow", "b")
	for range 50 {
		w.Command(org, "a", "b")
	}
	c, s := newSubscription(t, react.Config{Log: log, Concurrency: 3, CommitEvery: 5 * time.Millisecond})
	var slow *message.Message
	seen := map[string][]int64{}
	for n := 0; n < len(w.Events)-1; {
		m, e := receive(t, c)
		if e.Subject == "slow" {
			if slow != nil {
				t.Fatal("the second message of a subject came before the first was done")
			}
			slow = m
			n++
			continue
		}
		seen[e.Subject] = append(seen[e.Subject], e.Pseq)
		m.Ack()
		n++
	}
	for subject, got := range seen {
		if len(got) != 51 || !slices.IsSorted(got) {
			t.Errorf("%s: %v", subject, got)
		}
	}
	for st := s.Status(); st[0].Pending != 2; st = s.Status() { // the acknowledgements arrive
		time.Sleep(time.Millisecond)
	}
	if st := s.Status(); st[0].Checkpoint.Pseq != 0 {
		t.Errorf("while the first message is in work: %+v", st)
	}
	slow.Ack()
	m, e := receive(t, c)
	if e.Subject != "slow" || e.Pseq != 3 {
		t.Fatalf("%+v", e)
	}
	m.Nack() // comes again
	m, e = receive(t, c)
	if e.Pseq != 3 {
		t.Fatalf("%+v", e)
	}
	m.Ack()
	committed(t, log, "g", func(o kadm.Offset) bool {
		return o.At == w.Events[len(w.Events)-1].Pseq+1 && o.Metadata == fmt.Sprintf(`{"epoch":1,"pseq":%d}`, w.Pseq)
	})
}

// committed waits until the group's offset of partition 0 is as it should be.
func committed(t *testing.T, log kafka.Log, group string, right func(kadm.Offset) bool) {
	t.Helper()
	cl, err := log.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	var o kadm.OffsetResponse
	for end := time.Now().Add(5 * time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		all, err := kadm.NewClient(cl).FetchOffsets(t.Context(), log.Group(group))
		if err != nil {
			t.Fatal(err)
		}
		if o, _ = all.Lookup(log.Events(), 0); right(o.Offset) {
			return
		}
	}
	t.Fatalf("committed: %+v", o)
}

// One organisation's messages never end; the other's comes and is done while the first's wait.
func TestAFloodLeavesRoomForItsNeighbour(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	flood, calm := logtest.Org(0, 0), logtest.Org(0, 1)
	for i := range 100 {
		w.Command(flood, fmt.Sprint("flood", i))
	}
	c, s := newSubscription(t, react.Config{Log: log, Concurrency: 4})
	var held []*message.Message
	for range 3 { // three quarters of four
		m, _ := receive(t, c)
		held = append(held, m)
	}
	w.Command(calm, "calm")
	m, e := receive(t, c)
	if e.Org != calm {
		t.Fatal("a flood has all workers")
	}
	m.Ack()
	for st := s.Status(); st[0].Pending != 100; st = s.Status() { // the neighbour's acknowledgement arrives
		time.Sleep(time.Millisecond)
	}
	for range 97 {
		held[0].Ack()
		m, _ := receive(t, c)
		held = append(held[1:], m)
	}
	for _, m := range held {
		m.Ack()
	}
}

func TestManyRunAtOnceAndNoMore(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 2)
	for p := range int32(2) {
		w := logtest.NewWriter(t, log, p)
		for i := range 20 {
			w.Command(logtest.Org(p, 0), fmt.Sprint("s", i))
		}
	}
	c, _ := newSubscription(t, react.Config{Log: log, Concurrency: 7, PerOrg: 7})
	var open []*message.Message
	for range 7 {
		m, _ := receive(t, c)
		open = append(open, m)
	}
	select {
	case <-c:
		t.Fatal("an eighth message")
	case <-time.After(50 * time.Millisecond):
	}
	for range 33 {
		open[0].Ack()
		m, _ := receive(t, c)
		open = append(open[1:], m)
	}
	for _, m := range open {
		m.Ack()
	}
}

func TestRestartLosesNothingAndGoesOnBehindWhatIsFinished(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	org := logtest.Org(0, 0)
	for i := range 30 {
		w.Command(org, fmt.Sprint("x", i), fmt.Sprint("y", i))
	}
	half := w.Next(org, "half", "half") // fenced inside a command: void
	w.Append(w.Records(half[:1])...)
	w.Pseq -= 2
	w.Fence()
	for i := range 10 {
		w.Command(org, fmt.Sprint("z", i))
	}
	c, s := newSubscription(t, react.Config{Log: log, Concurrency: 100, PerOrg: 100, CommitEvery: time.Millisecond, Drain: time.Millisecond})
	got := map[int64]int{}
	for range len(w.Events) {
		m, e := receive(t, c)
		if e.Pseq == 22 { // the second event of the 11th command is not finished when we end
			continue
		}
		got[e.Pseq]++
		m.Ack()
	}
	committed(t, log, "g", func(o kadm.Offset) bool { return o.Metadata == `{"epoch":1,"pseq":20}` })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	c, _ = newSubscription(t, react.Config{Log: log, Concurrency: 1})
	for range w.Pseq - 20 {
		m, e := receive(t, c)
		if e.Pseq <= 20 {
			t.Fatalf("pseq %d was finished and came again", e.Pseq)
		}
		got[e.Pseq]++
		m.Ack()
	}
	for i := int64(1); i <= w.Pseq; i++ {
		if got[i] == 0 {
			t.Errorf("pseq %d never came", i)
		}
	}
	committed(t, log, "g", func(o kadm.Offset) bool { return o.Metadata == fmt.Sprintf(`{"epoch":2,"pseq":%d}`, w.Pseq) })
}

func TestOffsetsThatSomebodyMovedByHand(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	w.Fill(100)
	cl, err := log.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	o := kadm.Offsets{}
	o.Add(kadm.Offset{Topic: log.Events(), Partition: 0, At: 52, LeaderEpoch: -1}) // inside a command
	if err := kadm.NewClient(cl).CommitAllOffsets(t.Context(), log.Group("g"), o); err != nil {
		t.Fatal(err)
	}
	c, _ := newSubscription(t, react.Config{Log: log})
	got := map[int64]bool{}
	for range 100 - 51 {
		m, e := receive(t, c)
		got[e.Pseq] = true
		m.Ack()
	}
	for i := int64(1); i <= 100; i++ {
		if got[i] != (i >= 52) {
			t.Errorf("pseq %d came: %t", i, got[i])
		}
	}
}

func TestTwoMembersShareAndHandOver(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 4)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	var mu sync.Mutex
	got := map[uuid.UUID]int{}
	all, total := make(chan struct{}), 0
	member := func() *react.Subscriber {
		c, s := newSubscription(t, react.Config{Log: log, CommitEvery: 5 * time.Millisecond, Report: func(what string, attrs ...any) { t.Error(what, attrs) }})
		go func() {
			for m := range c {
				e, err := react.EventOf(m)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				if got[e.ID]++; len(got) == 4000 {
					select {
					case <-all:
					default:
						close(all)
					}
				}
				mu.Unlock()
				m.Ack()
			}
		}()
		return s
	}
	first := member()
	ws := []*logtest.LogWriter{}
	for p := range int32(4) {
		ws = append(ws, logtest.NewWriter(t, log, p))
	}
	member()
	for range 5 {
		for _, w := range ws {
			w.Fill(100)
		}
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		for _, w := range ws {
			w.Fill(100)
		}
	}
	select {
	case <-all:
	case <-ctx.Done():
		mu.Lock()
		t.Fatalf("%d of 4000 events came", len(got))
	}
	mu.Lock()
	defer mu.Unlock()
	for _, n := range got {
		total += n
	}
	t.Logf("%d deliveries of 4000 events", total)
}

func TestRouterSendsCommandsRetriesAndPoisons(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 2)
	w := logtest.NewWriter(t, log, 0)
	good := w.Command(logtest.Org(0, 0), "good", "flaky", "bad", "panic")
	if err := react.EnsurePoison(t.Context(), log, react.PoisonTopic); err != nil {
		t.Fatal(err)
	}
	pub, err := react.NewPublisher(log, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer pub.Close()
	var tries atomic.Int64
	var said bytes.Buffer // read once the router has ended
	router, err := react.NewRouter(react.Options{Retries: 2, Initial: time.Millisecond, Logger: slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelError})), Config: react.Config{Log: log, CommitEvery: 5 * time.Millisecond}}, pub,
		react.Reactor{Name: "test", Handle: func(_ context.Context, e *es.Event) ([]*es.Command, error) {
			switch {
			case e.Subject == "bad":
				return nil, fmt.Errorf("no: %w", react.ErrPermanent)
			case e.Subject == "panic":
				panic("help")
			case e.Subject == "flaky" && tries.Add(1) < 3:
				return nil, errors.New("not yet")
			}
			return []*es.Command{react.Command(e, "test", "1", es.Actor{Kind: es.ActorClock, ID: "test"}, logtest.Start(), "note.answer.v1", []byte(`{}`))}, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- router.Run(ctx) }()
	cl, err := log.Open(kgo.ConsumeTopics(log.Commands(), react.PoisonTopic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	commands, poisoned := map[string]*es.Command{}, map[string]string{}
	for deadline := time.Now().Add(5 * time.Minute); len(commands)+len(poisoned) < 4 && time.Now().Before(deadline); {
		poll, stop := context.WithTimeout(ctx, time.Second)
		cl.PollFetches(poll).EachRecord(func(r *kgo.Record) {
			if r.Topic == log.Commands() {
				c, err := es.ParseCommand(r)
				if err != nil {
					t.Error(err)
				}
				if want := es.PartitionOf(c.Org, 2); r.Partition != want {
					t.Errorf("command in partition %d, want %d", r.Partition, want)
				}
				commands[c.CausationID.String()] = c
				return
			}
			for _, h := range r.Headers {
				if h.Key == "reason_poisoned" {
					poisoned[string(r.Key)] = string(h.Value)
				}
			}
		})
		stop()
	}
	for i, e := range good {
		switch c := commands[e.ID.String()]; {
		case i < 2 && (c == nil || c.CorrelationID != e.CorrelationID || c.ID != es.DeriveID(e.ID, "react", "test", "1")):
			t.Errorf("%s: command %+v", e.Subject, c)
		case i >= 2 && poisoned[e.ID.String()] == "":
			t.Errorf("%s is not in the poison queue", e.Subject)
		}
	}
	committed(t, log, "reactor.test", func(o kadm.Offset) bool { return o.At == 5 })
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	for i, e := range good {
		line := regexp.MustCompile(`msg="a reactor gave up on an event" reactor=test event=` + e.ID.String() + ` error=.*`).FindString(said.String())
		if (line != "") != (i >= 2) || e.Subject == "panic" && !(strings.Contains(line, "help") && strings.Contains(line, "react_test.go")) {
			t.Errorf("of %s it says %q", e.Subject, line)
		}
	}
}

func BenchmarkSubscriber(b *testing.B) {
	log := logtest.New(b, 1)
	w := logtest.NewWriter(b, log, 0)
	w.Fill(50_000)
	for range b.N {
		s := react.NewSubscriber(react.Config{Log: log, Group: uuid.NewString(), Concurrency: 64})
		c, err := s.Subscribe(b.Context(), log.Events())
		if err != nil {
			b.Fatal(err)
		}
		for range w.Events {
			(<-c).Ack()
		}
		b.StopTimer()
		_ = s.Close()
		b.StartTimer()
	}
	b.ReportMetric(float64(50_000*b.N)/b.Elapsed().Seconds(), "events/s")
}
