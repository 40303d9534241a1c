package react

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es"
	"outrider/internal/es/commandkey"
	"outrider/internal/kafka"
)

// publishTimeout bounds how long Publish waits for Kafka's acknowledgement.
const publishTimeout = 30 * time.Second

// Publisher is a Watermill publisher. To the topic of commands it sends commands, each to its organisation's partition;
// to any other topic it writes messages as they are, to partition 0.
type Publisher struct {
	log  kafka.Log
	keys *commandkey.Ring
	cl   *kgo.Client
}

// NewPublisher connects. The log's number of partitions must be known. Commands carry a MAC of keys, unless that is nil.
func NewPublisher(log kafka.Log, keys *commandkey.Ring) (*Publisher, error) {
	cl, err := log.Open(kgo.RequiredAcks(kgo.AllISRAcks()))
	if err != nil {
		return nil, err
	}
	return &Publisher{log, keys, cl}, nil
}

// Publish returns when Kafka has acknowledged every message.
func (p *Publisher) Publish(topic string, messages ...*message.Message) error {
	ctx, cancel := context.WithTimeout(context.Background(), publishTimeout)
	defer cancel()
	var rs []*kgo.Record
	for _, m := range messages {
		if topic != p.log.Commands() {
			rs = append(rs, plainRecord(topic, m))
			continue
		}
		c, err := CommandOf(m)
		if err != nil {
			return err
		}
		r := es.CommandRecord(es.PartitionOf(c.Org, p.log.Partitions), c)
		p.keys.SignCommand(r)
		r.Topic = topic
		rs = append(rs, r)
	}
	if err := p.cl.ProduceSync(ctx, rs...).FirstErr(); err != nil {
		return fmt.Errorf("publish to %s: %w", topic, err)
	}
	return nil
}

func plainRecord(topic string, m *message.Message) *kgo.Record {
	r := &kgo.Record{Topic: topic, Key: []byte(m.UUID), Value: m.Payload}
	for k, v := range m.Metadata {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: k, Value: []byte(v)})
	}
	slices.SortFunc(r.Headers, func(a, b kgo.RecordHeader) int {
		if a.Key < b.Key {
			return -1
		}
		return 1
	})
	return r
}

// Close ends the connection.
func (p *Publisher) Close() error {
	p.cl.Close()
	return nil
}
