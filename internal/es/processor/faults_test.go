package processor_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
	"outrider/internal/es/processor"
	"outrider/internal/lab/storm"
)

// foreign is an event as another owner would write it.
func foreign(org uuid.UUID, epoch, pseq, oseq int64) *kgo.Record {
	id := es.NewID()
	return es.EventRecord(0, &es.Event{ID: es.NewID(), Type: storm.SeatTaken{}.EventType(), Org: org, Subject: "seats", Time: time.Now().UTC(),
		Actor: es.Actor{Kind: es.ActorOperator, ID: "test"}, CommandID: id, CommandOffset: 1_000_000, CorrelationID: id, CausationID: id,
		Epoch: epoch, Pseq: pseq, Oseq: oseq, Last: true, Data: []byte(`{"n":1}`)})
}

func TestAForeignFenceAndItsEventsInOneFetchAreObeyed(t *testing.T) {
	w := setup(t, 1)
	s := w.serve(nil)
	g := w.gateway()
	org, stranger := es.NewID(), es.NewID()
	c := storm.TakeSeat(org)
	a := w.submit(g, c)
	w.append(w.log.Events(), es.FenceRecord(0, 2, es.NewID(), time.Now()), foreign(stranger, 2, a.Pseq+1, 1), foreign(stranger, 1, a.Pseq+1, 1))
	s.owns(0, 3)
	if n := s.Stats().Fenced.Load(); n != 1 {
		t.Fatalf("stepped down %d times", n)
	}
	if b := w.submit(g, storm.TakeSeat(stranger)); b.Oseq != 3 || b.Pseq != a.Pseq+3 { // rests on the foreign event
		t.Fatalf("%+v after %+v", b, a)
	}
	if b := w.submit(g, c); b.Pseq != a.Pseq {
		t.Fatalf("%+v, first %+v", b, a)
	}
	if _, rule := w.counted(0); rule.Voids != 1 {
		t.Fatalf("%d void records", rule.Voids)
	}
}

func TestOurRecordThatIsVoidEndsTheOwnership(t *testing.T) {
	w := setup(t, 1)
	s := w.serve(nil)
	s.owns(0, 1)
	w.append(w.log.Events(), foreign(es.NewID(), 1, 9, 1)) // our epoch, but pseq 1 is next
	s.owns(0, 2)
	if n := s.Stats().Void.Load(); n != 1 {
		t.Fatalf("stepped down %d times", n)
	}
}

func TestMalformedRecordsStopNothing(t *testing.T) {
	w := setup(t, 1)
	s := w.serve(nil)
	g := w.gateway()
	org := es.NewID()
	w.submit(g, storm.TakeSeat(org))
	junk := func() []*kgo.Record {
		wrong := es.CommandRecord(0, storm.TakeSeat(org))
		for i := range wrong.Headers {
			if wrong.Headers[i].Key == "ce_time" {
				wrong.Headers[i].Value = []byte("yesterday")
			}
		}
		return []*kgo.Record{{Value: []byte("junk")}, {}, wrong, {Headers: []kgo.RecordHeader{{Key: "ce_id", Value: []byte("x")}}}}
	}
	w.append(w.log.Commands(), junk()...)
	w.append(w.log.Events(), junk()...)
	if a := w.submit(g, storm.TakeSeat(org)); a.Oseq != 4 {
		t.Fatalf("%+v", a)
	}
	s.says("malformed record in commands")
	s.says("malformed record in the log")
	if e, m := s.Stats().Epochs.Load(), s.Stats().Malformed.Load(); e != 1 || m != 4 {
		t.Fatalf("%d epochs, %d malformed records", e, m)
	}
	s.stop()
	w.serve(nil).owns(0, 2)
	if a := w.submit(g, storm.TakeSeat(org)); a.Oseq != 6 {
		t.Fatalf("%+v", a)
	}
}

func TestACommandThatStandsTwiceCountsOnce(t *testing.T) {
	w := setup(t, 1)
	c := storm.TakeSeat(es.NewID())
	w.append(w.log.Commands(), es.CommandRecord(0, c), es.CommandRecord(0, c), es.CommandRecord(0, c))
	w.serve(nil)
	g := w.gateway()
	w.submit(g, c)
	if events, _ := w.counted(0); len(events) != 2 {
		t.Fatalf("%d events", len(events))
	}
}

func TestALogThatHasLostItsStartStopsThePartitionAndSaysWhy(t *testing.T) {
	w := setup(t, 1)
	s := w.serve(nil)
	g := w.gateway()
	for range 3 {
		w.submit(g, storm.TakeSeat(es.NewID()))
	}
	s.stop()
	_, err := kadm.NewClient(w.cl).DeleteRecords(w.ctx, kadm.Offsets{w.log.Events(): {0: {Topic: w.log.Events(), At: 3}}})
	commandCheck(t, err)
	s = w.serve(nil)
	s.until("the partition is stopped", func() bool { return s.state[0].State == processor.Stopped })
	if st := s.Status(); len(st) != 1 || !strings.Contains(st[0].Reason, "begins at offset 3") {
		t.Fatalf("%+v", st)
	}
	if n := s.Stats().Loss.Load(); n != 1 {
		t.Fatalf("%d", n)
	}
}

func TestAnEventThatNobodyUnderstandsStopsThePartitionOnly(t *testing.T) {
	w := setup(t, 2)
	e := foreign(orgOn(0, 2), 1, 1, 1)
	for i := range e.Headers {
		if e.Headers[i].Key == "ce_type" {
			e.Headers[i].Value = []byte("seat.painted.v1")
		}
	}
	w.append(w.log.Events(), es.FenceRecord(0, 1, es.NewID(), time.Now()), e)
	s := w.serve(nil)
	s.until("the partition is stopped", func() bool { return s.state[0].State == processor.Stopped })
	if !strings.Contains(s.Status()[0].Reason, "seat.painted.v1") {
		t.Fatalf("%+v", s.Status())
	}
	if a := w.submit(w.gateway(), storm.TakeSeat(orgOn(1, 2))); a.Outcome != es.Accepted {
		t.Fatalf("%+v", a)
	}
}

// remake makes commands anew, empty.
func (w *world) remake(topic string) {
	w.t.Helper()
	adm := kadm.NewClient(w.cl)
	_, err := adm.DeleteTopic(w.ctx, topic)
	commandCheck(w.t, err)
	made, err := adm.CreateTopic(w.ctx, w.log.Partitions, 1, nil, topic)
	commandCheck(w.t, err)
	for { // brokers hear of it later than the controller
		known, err := adm.Metadata(w.ctx, topic)
		commandCheck(w.t, err)
		if t := known.Topics[topic]; t.ID == made.ID && t.Err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.cl.PurgeTopicsFromClient(topic)
}

func TestCommandsMadeAnewAreReadFromTheirStart(t *testing.T) {
	for name, again := range map[string]int{"shorter than the log remembers": 0, "with another command where the log remembers one": 5} {
		t.Run(name, func(t *testing.T) {
			w := setup(t, 1)
			s := w.serve(nil)
			g := w.gateway()
			org := es.NewID()
			known := storm.TakeSeat(org)
			w.submit(g, storm.TakeSeat(org))
			a := w.submit(g, known)
			s.stop()
			g.Close()
			w.remake(w.log.Commands())
			w.append(w.log.Commands(), es.CommandRecord(0, known)) // a repeat, known by its id
			var fresh []*es.Command
			for range again {
				fresh = append(fresh, storm.TakeSeat(es.NewID()))
				w.append(w.log.Commands(), es.CommandRecord(0, fresh[len(fresh)-1]))
			}
			s = w.serve(nil)
			s.says("commands was truncated or made anew: reading it again as far as ids are remembered")
			g = w.gateway()
			for _, c := range fresh {
				if b := w.submit(g, c); b.Outcome != es.Accepted || b.Oseq != 2 {
					t.Fatalf("%+v", b)
				}
			}
			if b := w.submit(g, known); b.Pseq != a.Pseq {
				t.Fatalf("%+v, first %+v", b, a)
			}
			if events, _ := w.counted(0); len(events) != 4+2*again {
				t.Fatalf("%d events", len(events))
			}
		})
	}
}

func TestCommandsThatWereDeletedAreReported(t *testing.T) {
	w := setup(t, 1)
	c := storm.TakeSeat(es.NewID())
	w.append(w.log.Commands(), es.CommandRecord(0, storm.TakeSeat(es.NewID())), es.CommandRecord(0, storm.TakeSeat(es.NewID())), es.CommandRecord(0, c))
	_, err := kadm.NewClient(w.cl).DeleteRecords(w.ctx, kadm.Offsets{w.log.Commands(): {0: {Topic: w.log.Commands(), At: 2}}})
	commandCheck(t, err)
	s := w.serve(nil)
	s.says("commands are missing; nobody was answered to them")
	w.submit(w.gateway(), c)
	if events, _ := w.counted(0); len(events) != 2 || events[0].CommandOffset != 2 {
		t.Fatalf("%d events", len(events))
	}
}

func TestTwoProcessorsOnOnePartitionAgree(t *testing.T) {
	w := setup(t, 1)
	other := func(c *processor.Config) { c.Group = "other" } // the groups don't know of each other
	one := w.serve(nil)
	one.owns(0, 1)
	two := w.serve(other)
	g := w.gateway()
	org := es.NewID()
	accepted := 0
	for i := range 20 {
		if i == 2 {
			two.owns(0, 2)
		}
		if a := w.submit(g, storm.TakeSeat(org)); a.Outcome == es.Accepted {
			accepted++
		}
	}
	if accepted != 3 {
		t.Fatalf("%d of 3 accepted", accepted)
	}
	if e := one.Stats().Epochs.Load() + two.Stats().Epochs.Load(); e < 2 {
		t.Fatalf("only %d epochs", e)
	}
	if events, _ := w.counted(0); len(events) != 6+17 {
		t.Fatalf("%d events", len(events))
	}
}

// clock stands until it is moved.
type clock struct {
	now  atomic.Int64
	wake chan struct {
		at time.Time
		f  func()
	}
}

func newClock() *clock {
	c := &clock{wake: make(chan struct {
		at time.Time
		f  func()
	}, 100)}
	c.now.Store(time.Now().UnixMicro())
	return c
}

func (c *clock) Now() time.Time { return time.UnixMicro(c.now.Load()).UTC() }
func (c *clock) At(t time.Time, f func()) func() {
	c.wake <- struct {
		at time.Time
		f  func()
	}{t, f}
	return func() {}
}

// advance goes to where the next timer that somebody sets wants to be, and gives that time.
func (c *clock) advance(t *testing.T) time.Time {
	t.Helper()
	select {
	case x := <-c.wake:
		c.now.Store(x.at.UnixMicro())
		x.f()
		return x.at
	case <-time.After(patience):
		t.Fatal("nobody waits for the clock")
		return time.Time{}
	}
}

func TestACommandFromTheFutureIsHeldBackAndThenDecided(t *testing.T) {
	w := setup(t, 1)
	clk := newClock()
	s := w.serve(func(c *processor.Config) { c.Now, c.Timers = clk.Now, clk })
	g := w.gateway()
	c := storm.TakeSeat(es.NewID())
	c.Time = clk.Now().Add(es.MaxAhead)
	commandCheck(t, g.Post(w.ctx, c))
	s.says("a command is from the future; its partition waits")
	s.until("it is said until when", func() bool { return s.state[0].HeldUntil.Equal(c.Time.Add(-2 * time.Second)) })
	if events, _ := w.counted(0); len(events) != 0 {
		t.Fatalf("decided too early: %d events", len(events))
	}
	if at := clk.advance(t); !at.Equal(c.Time.Add(-2 * time.Second)) {
		t.Fatalf("woken at %v for %v", at, c.Time)
	}
	if a := w.submit(g, c); a.Outcome != es.Accepted || !a.Time.Equal(c.Time) {
		t.Fatalf("%+v", a)
	}
	if n := s.Stats().Held.Load(); n != 0 {
		t.Fatalf("%d still held", n)
	}
}

// alarmed rings when it is due; what is taken sets the alarm an hour later.
type alarmed struct {
	es.State
	due time.Time
}

type rang struct{}

func (rang) EventType() string   { return "alarm.rang.v1" }
func (rang) AggregateID() string { return "alarm" }

func (a *alarmed) Due() time.Time { return a.due }
func (a *alarmed) Decide(c *es.Command) ([]es.Payload, error) {
	if c.Type == es.AdvanceClockType {
		if a.due.IsZero() || c.Time.Before(a.due) {
			return nil, nil
		}
		return []es.Payload{rang{}}, nil
	}
	return a.State.Decide(c)
}

func (a *alarmed) Apply(e *es.Event) {
	switch e.Payload.(type) {
	case rang:
		a.due = time.Time{}
	case storm.SeatTaken:
		a.due = e.Time.Add(time.Hour)
	}
	a.State.Apply(e)
}

func TestTheClockTicksWhenSomethingIsDue(t *testing.T) {
	w := setup(t, 1)
	clk := newClock()
	s := w.serve(func(c *processor.Config) {
		c.Now, c.Timers = clk.Now, clk
		plain := c.Domain
		c.Domain = es.Domain{
			New: func(org uuid.UUID) es.State { return &alarmed{State: plain.New(org)} },
			Decode: func(eventType string, data []byte) (es.Payload, error) {
				if eventType == (rang{}).EventType() {
					return rang{}, nil
				}
				return plain.Decode(eventType, data)
			},
		}
	})
	g := w.gateway()
	c := storm.TakeSeat(es.NewID())
	c.Time = clk.Now()
	w.submit(g, c)
	if at := clk.advance(t); !at.Equal(c.Time.Add(time.Hour)) {
		t.Fatalf("woken at %v", at)
	}
	id := es.AdvanceClockID(c.Org, c.Time.Add(time.Hour))
	for {
		a, err := g.Ask(w.ctx, c.Org, id)
		commandCheck(t, err)
		if a.Outcome == es.Accepted {
			break
		}
	}
	if events, _ := w.counted(0); len(events) != 3 || events[2].Type != "alarm.rang.v1" || events[2].Actor.Kind != es.ActorClock {
		t.Fatalf("%+v", events)
	}
	if n := s.Stats().Ticks.Load(); n != 1 {
		t.Fatalf("%d ticks", n)
	}
}
