// Package logtest gives tests a log and writes histories into it, valid and not.
package logtest

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/engines/enginestest"
	"outrider/internal/es"
	"outrider/internal/kafka"
)

// Broker returns a broker without topics: one in this process that ends with the test, or, if OUTRIDER_TEST_KAFKA has the
// address of a Kafka (see enginestest/withengines), that one, with names that are this test's own. The caller says how
// many partitions the log has.
func Broker(t testing.TB) kafka.Log {
	t.Helper()
	if at := os.Getenv(enginestest.KafkaVariable); at != "" {
		return kafka.Log{Seeds: strings.Split(at, ","), Prefix: es.NewID().String() + ".", Generation: 1, Replication: 1}
	}
	log, _ := startFake(t)
	return log
}

// New is a Broker with the topics of a log.
func New(t testing.TB, partitions int32) kafka.Log {
	t.Helper()
	return ensureTopics(t, Broker(t), partitions)
}

// Fake returns a log on a broker in this process, whatever the tests run on, for tests that make it misbehave.
func Fake(t testing.TB, partitions int32) (kafka.Log, *kfake.Cluster) {
	t.Helper()
	log, c := startFake(t)
	return ensureTopics(t, log, partitions), c
}

func startFake(t testing.TB) (kafka.Log, *kfake.Cluster) {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.GroupMinSessionTimeout(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return kafka.Log{Seeds: c.ListenAddrs(), Generation: 1, Replication: 1}, c
}

func ensureTopics(t testing.TB, log kafka.Log, partitions int32) kafka.Log {
	t.Helper()
	log.Partitions, log.Replies = partitions, 1
	log, err := log.EnsureTopics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// LogWriter appends to one partition as its owner would, and keeps what counts in Events.
type LogWriter struct {
	t         testing.TB
	log       kafka.Log
	cl        *kgo.Client
	Partition int32
	Epoch     int64
	Pseq      int64
	Events    []*es.Event // that count, in order
	oseq      map[uuid.UUID]int64
	chain     map[uuid.UUID]es.ChainHash
	n         int
}

// Start is the time of the first event; each later one is a millisecond later.
func Start() time.Time { return time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC) }

// NewWriter claims a partition.
func NewWriter(t testing.TB, log kafka.Log, partition int32) *LogWriter {
	t.Helper()
	cl, err := log.Open(kgo.RequiredAcks(kgo.AllISRAcks()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	w := &LogWriter{t: t, log: log, cl: cl, Partition: partition, oseq: map[uuid.UUID]int64{}, chain: map[uuid.UUID]es.ChainHash{}}
	w.Fence()
	return w
}

// Fence begins the next epoch.
func (w *LogWriter) Fence() {
	w.t.Helper()
	w.Epoch++
	w.Append(es.FenceRecord(w.Partition, w.Epoch, uuid.New(), Start()))
}

// Append writes records as they are.
func (w *LogWriter) Append(rs ...*kgo.Record) {
	w.t.Helper()
	for _, r := range rs {
		r.Topic, r.Partition = w.log.Events(), w.Partition
	}
	if err := w.cl.ProduceSync(context.Background(), rs...).FirstErr(); err != nil {
		w.t.Fatal(err)
	}
}

// Next makes the events of one command, without writing them.
func (w *LogWriter) Next(org uuid.UUID, subjects ...string) []*es.Event {
	w.n++
	id := es.DeriveID(org, "command", strconv.Itoa(int(w.Partition)), strconv.Itoa(w.n))
	var out []*es.Event
	for i, s := range subjects {
		w.oseq[org]++
		w.Pseq++
		e := &es.Event{ID: es.DeriveID(id, strconv.Itoa(i)), Type: "note.added.v1", Org: org, Subject: s, Time: Start().Add(time.Duration(w.Pseq) * time.Millisecond),
			Actor: es.Actor{Kind: es.ActorPerson, ID: "p"}, CommandID: id, CommandOffset: int64(w.n), CorrelationID: id, CausationID: id,
			Epoch: w.Epoch, Pseq: w.Pseq, Oseq: w.oseq[org], Last: i == len(subjects)-1,
			Data: fmt.Appendf(nil, `{"n":%d,"subject":%q}`, w.Pseq, s), Partition: w.Partition}
		e.Chain, _ = es.Link(w.chain[org], e, nil)
		w.chain[org] = e.Chain
		out = append(out, e)
	}
	return out
}

// Records are the records of events.
func (w *LogWriter) Records(events []*es.Event) (out []*kgo.Record) {
	for _, e := range events {
		out = append(out, es.EventRecord(w.Partition, e))
	}
	return out
}

// Command writes one command's events, one for each subject.
func (w *LogWriter) Command(org uuid.UUID, subjects ...string) []*es.Event {
	w.t.Helper()
	events := w.Next(org, subjects...)
	w.Append(w.Records(events)...)
	w.Events = append(w.Events, events...)
	return events
}

// Fill writes n events at once, in commands of two, of a few organisations and subjects.
func (w *LogWriter) Fill(n int) {
	w.t.Helper()
	var rs []*kgo.Record
	for i := 0; i < n; i += 2 {
		org := Org(w.Partition, i%5)
		events := w.Next(org, fmt.Sprintf("s%d", i%17), fmt.Sprintf("s%d", i%13))
		w.Events = append(w.Events, events...)
		rs = append(rs, w.Records(events)...)
		if len(rs) >= 2000 {
			w.Append(rs...)
			rs = nil
		}
	}
	w.Append(rs...)
}

// Org is an organisation of tests.
func Org(partition int32, i int) uuid.UUID {
	return es.DeriveID(es.SystemOrg, "test", strconv.Itoa(int(partition)), strconv.Itoa(i))
}
