// Package kafka opens franz-go clients the way that Outrider needs them, makes the topics, and says which partitions
// are assigned to this process.
package kafka

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Log names the topics of one generation and says where they are.
type Log struct {
	Seeds       []string
	Prefix      string // of the names of topics and groups, where several logs share a cluster
	Generation  int32  // of the topics; 1 at first, one more at every copy into a wider log
	Partitions  int32  // of commands and events, fixed when the log is made
	Replication int16
	Replies     int32 // partitions of replies
	// Member names this process in its groups for ever (KIP-345): after kill -9 it takes its place at once instead of
	// waiting for its own session to end. Two processes must never share it; empty = a new member at every start.
	Member string
	// Session is how long a member of a group may be silent before others take its place; 0 = 6 s. Brokers bound it from below.
	Session time.Duration
	// Via says by which other address (host:port) a broker is reached, by the address that it gives of itself: through a proxy.
	Via    map[string]string
	Access Access
}

func (l Log) topicName(name string) string {
	name = l.Prefix + name
	if l.Generation <= 1 {
		return name
	}
	return name + ".g" + strconv.Itoa(int(l.Generation))
}

// Commands, Events and ReplyTopic are the names of the topics.
func (l Log) Commands() string   { return l.topicName("commands") }
func (l Log) Events() string     { return l.topicName("events") }
func (l Log) ReplyTopic() string { return l.topicName("replies") }

// Open returns a client with the timeouts that make a fault cost seconds (measured, see docs/performance/log-arbiter.md).
func (l Log) Open(opts ...kgo.Opt) (*kgo.Client, error) {
	base := []kgo.Opt{
		kgo.SeedBrokers(l.Seeds...),
		kgo.MetadataMinAge(100 * time.Millisecond),
		kgo.FetchMaxWait(500 * time.Millisecond),
		kgo.FetchMaxBytes(8 << 20), // a process has many clients, and each may hold as much as this
		kgo.RetryBackoffFn(func(n int) time.Duration { return min(time.Duration(n)*20*time.Millisecond, time.Second) }),
		kgo.RequestTimeoutOverhead(2 * time.Second),
		kgo.ProduceRequestTimeout(2 * time.Second),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerLinger(0),
		kgo.DisableClientMetrics(), // the embedded broker would ask each of a process's clients for all it has, every 30 s, and nobody reads that
	}
	access, err := l.Access.options(l.Via)
	if err != nil {
		return nil, fmt.Errorf("open kafka client: %w", err)
	}
	base = append(base, access...)
	cl, err := kgo.NewClient(append(base, opts...)...)
	if err != nil {
		return nil, fmt.Errorf("open kafka client: %w", err)
	}
	return cl, nil
}

// GroupSession is Session, or its default.
func (l Log) GroupSession() time.Duration {
	if l.Session == 0 {
		return 6 * time.Second
	}
	return l.Session
}

// EnsureTopics makes what is missing and gives the log with the partition counts that are really there.
func (l Log) EnsureTopics(ctx context.Context) (Log, error) {
	cl, err := l.Open()
	if err != nil {
		return l, err
	}
	defer cl.Close()
	ms := func(d time.Duration) *string { s := strconv.FormatInt(d.Milliseconds(), 10); return &s }
	forever, produced, appended := "-1", "CreateTime", "LogAppendTime"
	isr := "1"
	if l.Replication >= 3 {
		isr = "2"
	}
	no := "false"
	for _, t := range []struct {
		name       string
		partitions int32
		configs    map[string]*string
	}{
		{l.Commands(), l.Partitions, map[string]*string{"retention.ms": ms(7 * 24 * time.Hour)}},
		{l.Events(), l.Partitions, map[string]*string{"retention.ms": &forever, "retention.bytes": &forever}},
		{l.ReplyTopic(), l.Replies, map[string]*string{"retention.ms": ms(10 * time.Minute), "segment.ms": ms(10 * time.Minute)}},
	} {
		t.configs["message.timestamp.type"] = &produced
		if t.name == l.ReplyTopic() {
			t.configs["message.timestamp.type"] = &appended // by which gateways know the broker's clock
		}
		t.configs["min.insync.replicas"], t.configs["unclean.leader.election.enable"] = &isr, &no
		if err := l.CreateTopic(ctx, cl, t.name, t.partitions, t.configs); err != nil {
			return l, err
		}
	}
	// Topics made by older versions had the producer's time.
	if err := alterTopic(ctx, cl, l.ReplyTopic(), "message.timestamp.type", appended); err != nil {
		return l, err
	}
	return l.Measure(ctx)
}

// Measure returns the log with the partition counts of its topics.
func (l Log) Measure(ctx context.Context) (Log, error) {
	cl, err := l.Open()
	if err != nil {
		return l, err
	}
	defer cl.Close()
	deadline := time.Now().Add(10 * time.Second)
	for {
		topics, err := kadm.NewClient(cl).ListTopics(ctx, l.Commands(), l.Events(), l.ReplyTopic())
		if err == nil {
			err = topics.Error()
		}
		if err == nil {
			c, e := len(topics[l.Commands()].Partitions), len(topics[l.Events()].Partitions)
			if c != e {
				return l, fmt.Errorf("topics %s and %s have %d and %d partitions; they must have the same", l.Commands(), l.Events(), c, e)
			}
			l.Partitions, l.Replies = int32(c), int32(len(topics[l.ReplyTopic()].Partitions))
			return l, nil
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return l, fmt.Errorf("describe topics: %w", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Group is the name of a consumer group on the cluster.
func (l Log) Group(name string) string { return l.Prefix + name }

// InGroup are the options of a member of a consumer group.
func (l Log) InGroup(name string) []kgo.Opt {
	opts := []kgo.Opt{kgo.ConsumerGroup(l.Group(name))}
	if l.Member != "" {
		opts = append(opts, kgo.InstanceID(l.Member))
	}
	return opts
}
