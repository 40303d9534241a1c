package processor_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
	"outrider/internal/es/commandkey"
	"outrider/internal/es/gateway"
	"outrider/internal/es/processor"
	"outrider/internal/keyfile"
	"outrider/internal/lab/storm"
)

func ring(t *testing.T) *commandkey.Ring {
	t.Helper()
	secret := keyfile.NewSecret()
	r, err := commandkey.Open(func() ([]commandkey.Key, error) { return []commandkey.Key{{ID: "k1", Secret: secret}}, nil })
	commandCheck(t, err)
	return r
}

func (w *world) gatewayOf(keys *commandkey.Ring) *gateway.Gateway {
	w.t.Helper()
	g, err := gateway.Open(w.ctx, gateway.Config{Log: w.log, Now: time.Now, Keys: keys})
	commandCheck(w.t, err)
	w.t.Cleanup(g.Close)
	return g
}

// Who can write to Kafka but hasn't the key changes nothing, holds nothing up, and takes no id away.
func TestAForgedCommandChangesNothing(t *testing.T) {
	w := setup(t, 1)
	keys := ring(t)
	s := w.serve(func(c *processor.Config) { c.Keys = keys })
	ours, foreign := w.gatewayOf(keys), w.gatewayOf(ring(t))
	org := es.NewID()
	first := w.submit(ours, storm.TakeSeat(org))
	next := storm.TakeSeat(org)
	changed := es.CommandRecord(0, storm.TakeSeat(org))
	keys.SignCommand(changed)
	changed.Value = append([]byte(nil), append(changed.Value, ' ')...)
	frozen := storm.TakeSeat(org)
	frozen.Time = time.Now().Add(9 * time.Second).UTC().Truncate(time.Microsecond)
	w.append(w.log.Commands(), es.CommandRecord(0, next), changed, es.CommandRecord(0, frozen), es.CommandRecord(0, storm.TakeSeat(es.NewID())))
	if _, err := foreign.Submit(w.ctx, next); !errors.Is(err, gateway.ErrPending) {
		t.Fatalf("a client of another installation is answered: %v", err)
	}
	a := w.submit(ours, next)
	if a.Outcome != es.Accepted || a.Oseq != first.Oseq+2 || a.Pseq != first.Pseq+2 {
		t.Fatalf("%+v after %+v", a, first)
	}
	s.until("all are counted", func() bool { return s.Stats().Forged.Load() >= 5 })
	if events, _ := w.counted(0); len(events) != 4 {
		t.Fatalf("%d events", len(events))
	}
	if s.Stats().Held.Load() != 0 {
		t.Fatal("the partition waits for a forged command")
	}
}

func TestAForgedAnswerIsNotBelieved(t *testing.T) {
	w := setup(t, 1)
	keys := ring(t)
	g := w.gatewayOf(keys)
	c := storm.TakeSeat(es.NewID())
	value, err := es.Marshal(es.Answer{CommandID: c.ID, Outcome: es.Accepted})
	commandCheck(t, err)
	forging := make(chan struct{})
	go func() {
		defer close(forging)
		for p := range w.log.Replies {
			r := &kgo.Record{Partition: p, Key: c.ID[:], Value: value}
			ring(t).SignReply(r)
			for g.Forged.Load() == 0 && w.ctx.Err() == nil {
				w.append(w.log.ReplyTopic(), &kgo.Record{Partition: p, Key: c.ID[:], Value: value, Headers: r.Headers})
				if p < w.log.Replies-1 {
					break
				}
			}
		}
	}()
	if a, err := g.Submit(w.ctx, c); !errors.Is(err, gateway.ErrPending) {
		t.Fatalf("believed %+v, %v", a, err)
	}
	<-forging
}

// Commands that were there before there was a key are decided; later ones without a MAC aren't.
func TestCommandsOfBeforeAreDecided(t *testing.T) {
	w := setup(t, 1)
	keys := ring(t)
	org := es.NewID()
	w.append(w.log.Commands(), es.CommandRecord(0, storm.TakeSeat(org)), es.CommandRecord(0, storm.TakeSeat(org)))
	s := w.serve(func(c *processor.Config) { c.Keys, c.Unsigned = keys, map[int32]int64{0: 1} })
	if a := w.submit(w.gatewayOf(keys), storm.TakeSeat(org)); a.Oseq != 4 || s.Stats().Forged.Load() != 1 {
		t.Fatalf("%+v, %d forged", a, s.Stats().Forged.Load())
	}
}

// memoryAlarms are shared by two processes.
type memoryAlarms struct {
	mu     sync.Mutex
	raised map[int32]processor.Alarm
}

func (m *memoryAlarms) Raise(_ context.Context, a processor.Alarm) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.raised[a.Partition] = a
	return nil
}

func (m *memoryAlarms) Raised(_ context.Context, p int32) (*processor.Alarm, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if a, ok := m.raised[p]; ok {
		return &a, nil
	}
	return nil, nil
}

// An event that counts and that nobody decided stops its partition, in the next process too, until somebody has looked at it.
func TestAForgedEventStopsThePartition(t *testing.T) {
	w := setup(t, 1)
	alarms := &memoryAlarms{raised: map[int32]processor.Alarm{}}
	s := w.serve(func(c *processor.Config) { c.Alarms = alarms })
	g := w.gateway()
	org := es.NewID()
	a := w.submit(g, storm.TakeSeat(org))
	s.owns(0, 1)
	w.append(w.log.Events(), foreign(org, 1, a.Pseq+1, a.Oseq+1))
	stopped := func(s *server) func() bool {
		return func() bool {
			st := s.state[0]
			return st.State == processor.Stopped && strings.Contains(st.Reason, es.ErrForeign.Error())
		}
	}
	s.until("it stops", stopped(s))
	if n := s.Stats().Foreign.Load(); n != 1 {
		t.Fatalf("%d alarms", n)
	}
	s.stop()
	next := w.serve(func(c *processor.Config) { c.Alarms = alarms })
	next.until("the next process doesn't take it", stopped(next))
	if _, err := g.Submit(w.ctx, storm.TakeSeat(org)); !errors.Is(err, gateway.ErrPending) {
		t.Fatalf("decided: %v", err)
	}
	next.stop()
	alarms.raised = map[int32]processor.Alarm{} // settled
	w.serve(func(c *processor.Config) { c.Alarms = alarms })
	if b := w.submit(g, storm.TakeSeat(org)); b.Oseq < a.Oseq+2 {
		t.Fatalf("%+v after %+v", b, a)
	}
}
