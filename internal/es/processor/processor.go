package processor

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
	"outrider/internal/es/commandkey"
	"outrider/internal/es/shortcut"
	"outrider/internal/es/snapshot"
	"outrider/internal/kafka"
	"outrider/internal/retry"
)

// Bounds of a partition's owner, in real time.
const (
	fenceTimeout  = 20 * time.Second // replay excluded: counted from the last record read
	silentTimeout = 10 * time.Second // events in flight that don't show up
	stopTimeout   = 2 * time.Second  // to finish what is in flight at a clean stop
	slowRetry     = 30 * time.Second // after a reason that taking ownership again won't cure
	deliver       = 15 * time.Second // until a produced record counts as failed
	future        = 2 * time.Second  // how far ahead of our clock a command may be
)

const (
	maxInFlight = 50_000 // events of a partition
	maxQueued   = 20_000 // commands fetched ahead, per partition
	chunk       = 128    // commands decided between two looks at the log
)

// Config of a Processor; zero values are the defaults.
type Config struct {
	Log     kafka.Log
	Domain  es.Domain
	Group   string                           // consumer group; "outrider-commands"
	Session time.Duration                    // of the group; 6 s
	Now     func() time.Time                 // the clock that commands go by; time.Now
	Timers  Timers                           // of the same clock; real ones
	Report  func(what string, attrs ...any)  // for the log: what an operator should know
	Watch   func(partition int32, st Status) // every change of a partition's status, on its goroutine; may be nil
	Limit   int64                            // events in flight per partition; 50,000
	Trace   Trace

	Shortcut *shortcut.Shortcut // to the gateway of this process; nil = none

	Keys     *commandkey.Ring // of the installation; nil = every command is decided
	Unsigned map[int32]int64  // by partition: commands before this offset are older than MACs, and decided without
	Alarms   Alarms           // where stopped partitions are stored; nil = only in this process

	Snapshots    *snapshot.Store // where state is kept, and restored from; nil = every owner reads the whole log
	SnapshotPace SnapshotPace
	Standby      bool // follow the partitions of others too, to take them over at once; takes the memory of all partitions
}

// Trace measures how long things take; nil functions are not called.
type Trace struct {
	Decide func(c *es.Command) (end func(error))                                            // may change the command's TraceParent
	Append func(parent, eventType string, correlation uuid.UUID) (acknowledged func(error)) // of the last event of a command
}

// Processor decides commands for the partitions that are assigned to it.
type Processor struct {
	cfg      Config
	prod     *kgo.Client
	adm      *kadm.Client
	log      *reader
	commands *reader
	stats    Stats
	standby  standby
	foreign  foreignEvents

	mu     sync.Mutex
	status map[int32]Status
	stands map[int32]Progress
	forgot map[string]time.Time // when a topic was last looked up again
}

// New returns a Processor; it starts nothing, Run does.
func New(cfg Config) (*Processor, error) {
	if cfg.Group == "" {
		cfg.Group = "outrider-commands"
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Timers == nil {
		cfg.Timers = realTimers{}
	}
	if cfg.Report == nil {
		cfg.Report = func(string, ...any) {}
	}
	if cfg.Limit == 0 {
		cfg.Limit = maxInFlight
	}
	cfg.SnapshotPace.setDefaults()
	if cfg.Log.Partitions <= 0 {
		return nil, fmt.Errorf("make processor: the log's partition count isn't known; call EnsureTopics or Measure first")
	}
	x := &Processor{cfg: cfg, status: map[int32]Status{}, stands: map[int32]Progress{}, forgot: map[string]time.Time{}}
	var err error
	if x.prod, err = cfg.Log.Open(kgo.RecordDeliveryTimeout(deliver), kgo.MaxBufferedRecords(500_000), kafka.CompressLarge()); err != nil {
		return nil, err
	}
	x.adm = kadm.NewClient(x.prod)
	if x.log, err = newReader(cfg.Log, cfg.Log.Events(), cfg.Report); err == nil {
		x.commands, err = newReader(cfg.Log, cfg.Log.Commands(), cfg.Report)
	}
	if err != nil {
		x.closeClients()
		return nil, err
	}
	return x, nil
}

// Run serves until ctx ends, then finishes what is in flight, releases its answers and leaves the group. A Processor
// runs once.
func (x *Processor) Run(ctx context.Context) error {
	defer x.closeClients()
	reading, stop := context.WithCancel(context.WithoutCancel(ctx)) // readers outlive ctx: a clean stop still tails
	var readers sync.WaitGroup
	for _, r := range []*reader{x.log, x.commands} {
		readers.Go(func() { r.pollFetches(reading) })
	}
	x.cfg.Shortcut.ToProcessor(x.commands.takeAcknowledged)
	besides, end := context.WithCancel(ctx)
	readers.Go(func() { x.takeSnapshots(besides) })
	x.startStandby(besides)
	err := kafka.Assignment{Group: x.cfg.Group, Topic: x.cfg.Log.Commands(), Session: x.cfg.Session, Run: x.ownPartition, KeepLost: true}.Serve(ctx, x.cfg.Log)
	flush, cancel := context.WithTimeout(reading, stopTimeout)
	_ = x.prod.Flush(flush) // clients ask again for answers that don't leave in time
	cancel()
	end()
	stop()
	readers.Wait()
	x.standby.running.Wait()
	return err
}

func (x *Processor) closeClients() {
	x.prod.Close()
	for _, r := range []*reader{x.log, x.commands} {
		if r != nil {
			r.cl.Close()
		}
	}
}

// ownPartition keeps owning a partition, one attempt after the other, while the group assigns it to us.
func (x *Processor) ownPartition(ctx context.Context, lease *kafka.Lease) {
	p := lease.Partition
	defer func() {
		x.mu.Lock()
		delete(x.status, p)
		delete(x.stands, p)
		x.mu.Unlock()
		x.followAgain(p)
	}()
	warm := x.takeOver(p)
	var high int64 // of the log, as far as any attempt has read it
	for tries := 0; lease.Wait(ctx); {
		began := time.Now()
		a := newAttempt(x, lease, high, warm)
		warm = nil // it belongs to the owner now
		a.runUntilOver(ctx)
		x.stats.counterOf(a.reason).Add(1)
		x.noteForeign(ctx, a.fatal)
		if high = a.high; time.Since(began) > slowRetry {
			tries = 0
		}
		tries++
		wait := time.Duration(rand.Int64N(int64(50*time.Millisecond)*int64(min(tries, 20)))) + 5*time.Millisecond // so that two owners don't fence each other in lockstep
		state := Waiting
		if a.fatal != nil {
			wait, state = slowRetry, Stopped
		}
		if ctx.Err() != nil {
			return
		}
		x.cfg.Report("stepped down", "partition", p, "epoch", a.epoch, "reason", a.reason, "why", a.why, "fatal", a.fatal != nil, "again_in", wait)
		x.setStatus(Status{Partition: p, State: state, Since: time.Now(), Reason: a.why})
		_ = retry.Sleep(ctx, wait)
	}
}

func (x *Processor) setStatus(st Status) {
	x.mu.Lock()
	if st.Reason == "" {
		st.Reason = x.status[st.Partition].Reason
	}
	x.status[st.Partition] = st
	x.mu.Unlock()
	if x.cfg.Watch != nil {
		x.cfg.Watch(st.Partition, st)
	}
}

// relearnTopic is for a topic that was recreated: clients identify it by its id and never look it up again on their own. Every
// partition notices the change, and one of them acts on it.
func (x *Processor) relearnTopic(err error) {
	var of *topicError
	if !errors.Is(err, kerr.UnknownTopicID) || !errors.As(err, &of) {
		return
	}
	x.mu.Lock()
	recently := time.Since(x.forgot[of.topic]) < 2*time.Second
	if !recently {
		x.forgot[of.topic] = time.Now()
	}
	x.mu.Unlock()
	if recently {
		return
	}
	x.cfg.Report("a topic was recreated while it was in use", "topic", of.topic, "error", err)
	for _, r := range []*reader{x.log, x.commands} {
		if r.topic == of.topic {
			r.purgeTopic(of)
		}
	}
	x.prod.PurgeTopicsFromClient(of.topic)
}

// Status returns the status of each assigned partition, sorted by partition.
func (x *Processor) Status() []Status {
	x.mu.Lock()
	defer x.mu.Unlock()
	out := make([]Status, 0, len(x.status))
	for _, st := range x.status {
		out = append(out, st)
	}
	slices.SortFunc(out, func(a, b Status) int { return int(a.Partition - b.Partition) })
	return out
}

// Stats are live counters.
func (x *Processor) Stats() *Stats { return &x.stats }

func (x *Processor) ownerConfig(p int32) es.OwnerConfig {
	report := func(what string, attrs ...any) {
		x.cfg.Report(what, append([]any{"partition", p}, attrs...)...)
	}
	return es.OwnerConfig{Partition: p, Partitions: x.cfg.Log.Partitions, Domain: x.cfg.Domain, Nonce: uuid.New, Now: x.cfg.Now,
		Authentic: x.checkCommand, Report: report, Trace: x.cfg.Trace.Decide}
}
