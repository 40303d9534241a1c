// Package gateway sends commands and waits for their answers.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
	"outrider/internal/es/commandkey"
	"outrider/internal/es/shortcut"
	"outrider/internal/kafka"
)

// Errors of Submit, Ask and Post; test with errors.Is.
var (
	// ErrPending: no answer came in time; the command may still be decided. Ask, or Submit the same id again.
	ErrPending = errors.New("no answer yet")
	// ErrOverloaded: too many commands are waiting for Kafka; the command was not sent.
	ErrOverloaded = errors.New("too many commands are waiting for kafka")
	// ErrTooLarge: Kafka doesn't accept a record of that size; the command was not sent.
	ErrTooLarge = errors.New("command is too large")
	// ErrClosed: the gateway is closed; the command was not sent.
	ErrClosed = errors.New("gateway is closed")
)

const (
	answerTimeout = 2 * time.Second
	repeatAfter   = 700 * time.Millisecond
	deliver       = 10 * time.Second // a command that Kafka hasn't accepted by then is dropped
)

// Config of a Gateway.
type Config struct {
	Log  kafka.Log
	Keys *commandkey.Ring // of the installation; nil = commands carry no MAC, and answers need none
	// Replies is the partition of replies that this instance reads, plus one; 0 = any. Instances may share one.
	Replies  int32
	Report   func(what string, attrs ...any)       // may be nil
	Shortcut *shortcut.Shortcut                    // to the processor of this process; nil = none
	Now      func() time.Time                      // the clock for commands if it isn't the brokers'; nil = time.Now, which may be 2 s ahead of the broker's
	Trace    func(c *es.Command) (end func(error)) // called for each command that is sent; may change its TraceParent; may be nil
}

// Gateway sends commands to the partition of their organisation and hands the answers to those who wait. Safe for
// concurrent use.
type Gateway struct {
	cfg     Config
	replies int32
	broker  *brokerClock // nil where time is simulated
	prod    *kgo.Client
	cons    *kgo.Client
	stop    context.CancelFunc
	read    chan struct{} // closed when the reader has ended

	admission *admission

	mu      sync.Mutex
	waiters map[key][]chan es.Answer
	closed  bool
	pending sync.WaitGroup

	forgetting atomic.Bool

	Repeats atomic.Int64 // commands sent again because no answer came
	Forged  atomic.Int64 // answers that somebody waited for but no owner of this installation wrote
}

// key matches answers: one id may be sent with two fingerprints, which get different answers.
type key struct {
	id          uuid.UUID
	fingerprint uint64
	ask         bool
}

// Open finds the end of its partition of replies first, so that no answer to a later command is missed.
func Open(ctx context.Context, cfg Config) (*Gateway, error) {
	if cfg.Log.Partitions <= 0 || cfg.Log.Replies <= 0 {
		return nil, errors.New("open gateway: the log's partition counts aren't known; call EnsureTopics or Measure first")
	}
	if cfg.Report == nil {
		cfg.Report = func(string, ...any) {}
	}
	var broker *brokerClock
	if cfg.Now == nil {
		cfg.Now, broker = time.Now, newBrokerClock()
	}
	g := &Gateway{cfg: cfg, broker: broker, replies: rand.Int32N(cfg.Log.Replies), admission: newAdmission(), waiters: map[key][]chan es.Answer{}, read: make(chan struct{})}
	if cfg.Replies > 0 {
		g.replies = (cfg.Replies - 1) % cfg.Log.Replies
	}
	var err error
	if g.prod, err = cfg.Log.Open(kgo.RecordDeliveryTimeout(deliver), kgo.MaxBufferedRecords(100_000), kafka.CompressLarge()); err != nil {
		return nil, err
	}
	topic := cfg.Log.ReplyTopic()
	ends, err := kadm.NewClient(g.prod).ListEndOffsets(ctx, topic)
	if err == nil {
		err = ends.Error()
	}
	end, ok := ends.Lookup(topic, g.replies)
	if err == nil && !ok {
		err = kerr.UnknownTopicOrPartition
	}
	if err != nil {
		g.prod.Close()
		return nil, fmt.Errorf("find the end of %s/%d: %w", topic, g.replies, err)
	}
	g.cons, err = cfg.Log.Open(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {g.replies: kgo.NewOffset().At(end.Offset)}}),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart())) // answers may come twice, never be skipped
	if err != nil {
		g.prod.Close()
		return nil, err
	}
	reading, stop := context.WithCancel(context.Background())
	g.stop = stop
	go g.readReplies(reading)
	cfg.Shortcut.ToGateway(g.handAnswer)
	if g.broker != nil {
		if err := g.learnBrokerTime(ctx); err != nil {
			g.Close()
			return nil, err
		}
	}
	return g, nil
}

// Submit sends a command and waits for its answer: until ctx ends, at most 2 s. It may be called again with the same
// id, and returns the same answer. c is not changed; its ReplyTo is ignored. Organisations whose commands go to the same partition take
// turns; ErrBusy.
func (g *Gateway) Submit(ctx context.Context, c *es.Command) (a es.Answer, err error) {
	k := key{c.ID, c.Fingerprint, c.Type == es.AskType}
	answer, done, err := g.addWaiter(k)
	if err != nil {
		return es.Answer{}, err
	}
	defer done()
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	if c.Type != es.AskType {
		leave, err := g.enter(ctx, c)
		if err != nil {
			return es.Answer{}, fmt.Errorf("command %s: %w", c.ID, err)
		}
		defer leave()
	}
	sent := *c
	sent.ReplyTo = g.replies
	if g.cfg.Trace != nil && c.Type != es.AskType {
		defer func(end func(error)) { end(err) }(g.cfg.Trace(&sent))
	}
	failed := make(chan error, 1) // of the first send; a repeat that fails changes nothing
	g.sendCommand(&sent, func(err error) { failed <- err })
	wait := repeatAfter
	repeat := time.NewTimer(wait)
	defer repeat.Stop()
	for {
		select {
		case a := <-answer:
			return a, nil
		case err := <-failed:
			if errors.Is(err, ErrTooLarge) || errors.Is(err, ErrOverloaded) {
				return es.Answer{}, err
			}
			failed = nil
		case <-repeat.C:
			g.Repeats.Add(1)
			g.sendCommand(&sent, func(error) {})
			wait *= 2 // who is slow isn't quicker for being asked more
			repeat.Reset(wait)
		case <-ctx.Done():
			return es.Answer{}, fmt.Errorf("command %s: %w", c.ID, ErrPending)
		}
	}
}

// Ask returns the answer to a command that was sent before; Outcome es.Unknown when it was never decided, or is forgotten.
func (g *Gateway) Ask(ctx context.Context, org, command uuid.UUID) (es.Answer, error) {
	return g.Submit(ctx, &es.Command{ID: command, Type: es.AskType, Org: org, Time: g.cfg.Now().UTC().Truncate(time.Microsecond),
		Actor: es.Actor{Kind: es.ActorOperator, ID: "ask"}, CorrelationID: command, CausationID: command, Data: []byte("{}")})
}

// Post sends a command that nobody waits for; it returns when Kafka has acknowledged it. After an error other than
// ErrTooLarge, ErrOverloaded and ErrClosed it may be decided nevertheless.
func (g *Gateway) Post(ctx context.Context, c *es.Command) (err error) {
	if err := g.beginRequest(); err != nil {
		return err
	}
	defer g.pending.Done()
	sent := *c
	sent.ReplyTo = -1
	if g.cfg.Trace != nil {
		defer func(end func(error)) { end(err) }(g.cfg.Trace(&sent))
	}
	acked := make(chan error, 1)
	g.sendCommand(&sent, func(err error) { acked <- err })
	select {
	case err := <-acked:
		if err != nil {
			return fmt.Errorf("post command %s: %w", c.ID, err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("post command %s: %w", c.ID, ctx.Err())
	}
}

// sendCommand outlives the caller's ctx, as otherwise nobody would know whether the record got out. It sets the time of c, which is a
// copy of the caller's.
func (g *Gateway) sendCommand(c *es.Command, acked func(error)) {
	if g.broker != nil {
		c.Time = g.broker.bound(c.Time, time.Now())
	}
	p := es.PartitionOf(c.Org, g.cfg.Log.Partitions)
	r := es.CommandRecord(p, c)
	g.cfg.Keys.SignCommand(r)
	r.Topic = g.cfg.Log.Commands()
	g.prod.TryProduce(context.Background(), r, func(r *kgo.Record, err error) {
		switch {
		case err == nil:
			g.cfg.Shortcut.Command(r)
		case errors.Is(err, kgo.ErrMaxBuffered):
			err = ErrOverloaded
		case errors.Is(err, kerr.MessageTooLarge):
			err = ErrTooLarge
		case errors.Is(err, kerr.UnknownTopicID) && g.forgetting.CompareAndSwap(false, true):
			go func() { // not in a callback of the client that it changes
				defer g.forgetting.Store(false)
				g.prod.PurgeTopicsFromClient(g.cfg.Log.Commands()) // recreated: look it up again
			}()
		}
		acked(err)
	})
}

func (g *Gateway) beginRequest() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return ErrClosed
	}
	g.pending.Add(1)
	return nil
}

func (g *Gateway) addWaiter(k key) (answer <-chan es.Answer, done func(), err error) {
	if err := g.beginRequest(); err != nil {
		return nil, nil, err
	}
	ch := make(chan es.Answer, 1)
	g.mu.Lock()
	g.waiters[k] = append(g.waiters[k], ch)
	g.mu.Unlock()
	return ch, func() {
		defer g.pending.Done()
		g.mu.Lock()
		defer g.mu.Unlock()
		for i, w := range g.waiters[k] {
			if w == ch {
				g.waiters[k] = append(g.waiters[k][:i:i], g.waiters[k][i+1:]...)
			}
		}
		if len(g.waiters[k]) == 0 {
			delete(g.waiters, k)
		}
	}, nil
}

// Close lets waiting calls get their answers (they wait 2 s at most), then closes the clients.
func (g *Gateway) Close() {
	g.mu.Lock()
	was := g.closed
	g.closed = true
	g.mu.Unlock()
	if was {
		return
	}
	g.pending.Wait()
	flush, cancel := context.WithTimeout(context.Background(), answerTimeout)
	_ = g.prod.Flush(flush) // a record that isn't out by then was never acknowledged
	cancel()
	g.stop()
	<-g.read
	g.prod.Close()
	g.cons.Close()
}
