package reader_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kmsg"

	"outrider/internal/es"
	"outrider/internal/es/logtest"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
)

func openShared(t *testing.T, cfg reader.SharedConfig) *reader.Shared {
	t.Helper()
	s, err := reader.OpenShared(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// listener follows a partition in the background and checks that nothing is left out, repeated or out of order.
type listener struct {
	t     *testing.T
	stop  context.CancelFunc
	ended chan error
	pseq  atomic.Int64
	at    atomic.Pointer[es.Checkpoint]
	hold  sync.Mutex // held = it stands still
}

func listen(t *testing.T, s *reader.Shared, log kafka.Log, cfg reader.Config) *listener {
	t.Helper()
	rd, err := reader.Join(s, log)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	l := &listener{t: t, stop: stop, ended: make(chan error, 1)}
	l.pseq.Store(cfg.From.Pseq)
	l.at.Store(&cfg.From)
	go func() {
		defer rd.Close()
		l.ended <- rd.Follow(ctx, cfg, func(_ context.Context, b reader.Batch) error {
			l.hold.Lock()
			defer l.hold.Unlock()
			for _, e := range b.Events {
				if e.Pseq != l.pseq.Load()+1 || (e.Payload != nil) != (cfg.Decode != nil) {
					return fmt.Errorf("pseq %d after %d, payload %v", e.Pseq, l.pseq.Load(), e.Payload)
				}
				l.pseq.Store(e.Pseq)
			}
			if b.Checkpoint.Pseq != l.pseq.Load() || !b.Events[len(b.Events)-1].Last {
				return fmt.Errorf("checkpoint %+v behind pseq %d", b.Checkpoint, l.pseq.Load())
			}
			l.at.Store(&b.Checkpoint)
			return nil
		})
	}()
	t.Cleanup(func() { l.stop() })
	return l
}

// leave stops it, and returns where it was.
func (l *listener) leave() es.Checkpoint {
	l.t.Helper()
	l.stop()
	if err := <-l.ended; err != nil {
		l.t.Fatal(err)
	}
	return *l.at.Load()
}

func (l *listener) waitFor(pseq int64) {
	l.t.Helper()
	for end := time.Now().Add(5 * time.Minute); l.pseq.Load() < pseq; time.Sleep(time.Millisecond) {
		select {
		case err := <-l.ended:
			l.t.Fatalf("ended at %d: %v", l.pseq.Load(), err)
		default:
		}
		if time.Now().After(end) {
			l.t.Fatalf("stands at %d, not at %d", l.pseq.Load(), pseq)
		}
	}
}

// waitShared waits until so many take from what is read for all.
func waitShared(t *testing.T, s *reader.Shared, partitions, subscriptions int) {
	t.Helper()
	var p, n int
	for end := time.Now().Add(5 * time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if p, n = s.Reads(); p == partitions && n == subscriptions {
			return
		}
	}
	t.Fatalf("%d partitions are read for %d; want %d for %d", p, n, partitions, subscriptions)
}

func countDecodes(n *atomic.Int64) es.Decoder {
	return func(string, []byte) (es.Payload, error) {
		n.Add(1)
		return es.CommandNoop{}, nil
	}
}

func TestAllOfAProcessShareOneFetch(t *testing.T) {
	t.Parallel()
	log, cluster := logtest.Fake(t, 1)
	w := logtest.NewWriter(t, log, 0)
	s := openShared(t, reader.SharedConfig{Log: log})
	var decoded atomic.Int64
	var all []*listener
	for i := range 12 {
		cfg := reader.Config{From: start()}
		if i%3 == 0 {
			cfg.Decode = countDecodes(&decoded)
		}
		all = append(all, listen(t, s, log, cfg))
	}
	waitShared(t, s, 1, 12)
	sessions := sync.Map{}
	cluster.ControlKey(int16(kmsg.Fetch), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		if id := req.(*kmsg.FetchRequest).SessionID; id > 0 { // of one client; 0 asks for a new one
			sessions.Store(id, true)
		}
		return nil, nil, false
	})
	w.Fill(2000)
	for _, l := range all {
		l.waitFor(w.Pseq)
	}
	if decoded.Load() != w.Pseq {
		t.Errorf("%d decoded, of %d events that four want", decoded.Load(), w.Pseq)
	}
	n := 0
	sessions.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		t.Errorf("%d sessions fetch", n)
	}
	for _, l := range all {
		l.leave()
	}
	waitShared(t, s, 0, 0)
}

func TestWhoStandsStillHoldsNobodyUpAndComesBack(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	s := openShared(t, reader.SharedConfig{Log: log, Bytes: 300_000}) // some hundred events
	slow, quick := listen(t, s, log, reader.Config{From: start(), MaxEvents: 100}), listen(t, s, log, reader.Config{From: start()})
	w.Fill(10)
	slow.waitFor(w.Pseq)
	slow.hold.Lock()
	w.Fill(20_000)
	quick.waitFor(w.Pseq)
	if n := slow.pseq.Load(); n > 200 {
		t.Fatalf("the slow one is at %d", n)
	}
	slow.hold.Unlock()
	slow.waitFor(w.Pseq)
	waitShared(t, s, 1, 2)
	w.Fill(10)
	slow.waitFor(w.Pseq)
	quick.waitFor(w.Pseq)
	slow.leave()
	quick.leave()
}

func TestWhoComesLateCatchesUpAlone(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	w.Fill(30_000)
	all, err := follow(t, log, reader.Config{From: start()}, w.Pseq)
	if err != nil {
		t.Fatal(err)
	}
	end := all[len(all)-1].Checkpoint
	s := openShared(t, reader.SharedConfig{Log: log})
	late := listen(t, s, log, reader.Config{From: start(), MaxEvents: 10})
	late.hold.Lock() // it doesn't read for all while it is far behind
	first := listen(t, s, log, reader.Config{From: end})
	waitShared(t, s, 1, 1)
	if from := s.From(0); from != end {
		t.Fatalf("reading for all began at %+v, not at the end %+v", from, end)
	}
	late.hold.Unlock()
	w.Fill(1000)
	first.waitFor(w.Pseq)
	late.waitFor(w.Pseq)
	waitShared(t, s, 1, 2)
	first.leave()
	late.leave()
}

func TestAPartitionIsGivenAwayAndComesBack(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 2)
	w := logtest.NewWriter(t, log, 0)
	s := openShared(t, reader.SharedConfig{Log: log, Near: 100})
	at := start()
	for i := range 20 {
		l := listen(t, s, log, reader.Config{From: at})
		w.Fill(100)
		l.waitFor(w.Pseq)
		at = l.leave()
		if i%2 == 0 {
			w.Fence() // another has it meanwhile
			w.Fill(300)
		}
	}
	waitShared(t, s, 0, 0)
}

func TestOnlyWhatIsWantedComes(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	s := openShared(t, reader.SharedConfig{Log: log})
	rd, err := reader.Join(s, log)
	if err != nil {
		t.Fatal(err)
	}
	defer rd.Close()
	sub, err := rd.Subscribe(t.Context(), reader.Config{From: start(), Wants: func(typ string) bool { return typ == "wanted.v1" }})
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	other := listen(t, s, log, reader.Config{From: start()})
	next := func() *reader.CommandEvents {
		t.Helper()
		for end := time.After(5 * time.Minute); ; {
			c, err := sub.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if c != nil {
				return c
			}
			select {
			case <-sub.Ready():
			case <-end:
				t.Fatal("nothing comes")
			}
		}
	}
	org := logtest.Org(0, 0)
	for i := range 5 {
		w.Fill(100)
		events := w.Next(org, "a", "b")
		events[1].Type = "wanted.v1"
		w.Append(w.Records(events)...)
		c := next()
		if len(c.Events) != 2 || c.Events[1].Pseq != w.Pseq || c.After.Pseq != w.Pseq {
			t.Fatalf("%d: %+v", i, c)
		}
		w.Fill(100)
		other.waitFor(w.Pseq)
	}
	w.Append(es.FenceRecord(0, 1, uuid.New(), time.Now())) // void
	want := w.Pseq + 2                                     // the first fence, too
	for end := time.Now().Add(5 * time.Minute); sub.Passed() < want; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("passed %d of %d", sub.Passed(), want)
		}
		sub.Nudge()
		select {
		case <-sub.Ready():
		default:
		}
		if c, err := sub.Next(t.Context()); c != nil || err != nil {
			t.Fatal(c, err)
		}
	}
	if sub.At().Pseq != w.Pseq {
		t.Errorf("at %+v, want pseq %d", sub.At(), w.Pseq)
	}
	other.leave()
}

// Many come and go, stand still and go on, while a log grows that keeps little for all.
func TestManyComeAndGo(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 2)
	s := openShared(t, reader.SharedConfig{Log: log, Bytes: 200_000, Near: 300})
	var decoded atomic.Int64
	decode := countDecodes(&decoded)
	var ws [2]*logtest.LogWriter
	var ended [2]atomic.Int64 // the last pseq of each; 0 = not known yet
	for p := range ws {
		ws[p] = logtest.NewWriter(t, log, int32(p))
	}
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			p, random := int32(i%2), rand.New(rand.NewPCG(uint64(i), 1))
			at := start()
			for end := int64(0); end == 0 || at.Pseq < end; end = ended[p].Load() {
				cfg := reader.Config{Partition: p, From: at, MaxEvents: 1 + random.IntN(300)}
				if i%3 == 0 {
					cfg.Decode = decode
				}
				l := listen(t, s, log, cfg)
				time.Sleep(time.Duration(random.IntN(20)) * time.Millisecond)
				l.hold.Lock()
				time.Sleep(time.Duration(random.IntN(20)) * time.Millisecond)
				l.hold.Unlock()
				if end > 0 {
					l.waitFor(end)
				}
				l.stop()
				if err := <-l.ended; err != nil {
					t.Errorf("listener %d of partition %d: %v", i, p, err)
					return
				}
				at = *l.at.Load()
			}
		})
	}
	for n := range 60 {
		for _, w := range ws {
			w.Fill(2 + n*7%500)
			if n%9 == 0 {
				w.Fence()
			}
		}
		time.Sleep(3 * time.Millisecond)
	}
	for p, w := range ws {
		ended[p].Store(w.Pseq)
	}
	all.Wait()
	if p, n := s.Reads(); p != 0 || n != 0 {
		t.Errorf("%d partitions are still read for %d", p, n)
	}
}
