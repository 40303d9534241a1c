package engines_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/engines"
)

// BenchmarkProduce is what docs/performance/embedded-engines.md quotes: acknowledged records of 512 bytes, with and without
// an fsync before the acknowledgement. Each producer sends its next record when the last is acknowledged.
func BenchmarkProduce(b *testing.B) {
	for _, fsync := range []bool{false, true} {
		e, err := engines.Start(b.Context(), engines.Options{Data: folder(b), Postgres: "none", ClickHouse: "none", Fsync: fsync})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(e.Stop)
		for _, producers := range []int{1, 16} {
			b.Run(fmt.Sprintf("fsync=%v/producers=%d", fsync, producers), func(b *testing.B) { produce(b, e.Kafka, producers) })
		}
	}
}

const benchPartitions = 8

func produce(b *testing.B, seeds string, producers int) {
	topic := fmt.Sprintf("bench-%d-%d", producers, b.N)
	clients := make([]*kgo.Client, producers)
	for i := range clients {
		k, err := kgo.NewClient(kgo.SeedBrokers(seeds), kgo.ProducerLinger(0), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.DefaultProduceTopic(topic))
		if err != nil {
			b.Fatal(err)
		}
		defer k.Close()
		clients[i] = k
	}
	if _, err := kadm.NewClient(clients[0]).CreateTopic(b.Context(), benchPartitions, 1, nil, topic); err != nil {
		b.Fatal(err)
	}
	send := func(i int) error {
		return clients[i].ProduceSync(b.Context(), &kgo.Record{Partition: int32(i % benchPartitions), Value: make([]byte, 512)}).FirstErr()
	}
	for i := range clients {
		if err := send(i); err != nil {
			b.Fatal(err)
		}
	}
	took := make([][]time.Duration, producers)
	var wg sync.WaitGroup
	b.ResetTimer()
	for i := range clients {
		wg.Go(func() {
			for range (b.N + producers - 1) / producers {
				t := time.Now()
				if err := send(i); err != nil {
					b.Error(err)
					return
				}
				took[i] = append(took[i], time.Since(t))
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	all := slices.Concat(took...)
	slices.Sort(all)
	b.ReportMetric(float64(len(all))/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkGroupJoin is how long a fresh consumer group takes from the client's start to its first record.
func BenchmarkGroupJoin(b *testing.B) {
	e, err := engines.Start(b.Context(), engines.Options{Data: folder(b), Postgres: "none", ClickHouse: "none"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(e.Stop)
	k, err := kgo.NewClient(kgo.SeedBrokers(e.Kafka), kgo.DefaultProduceTopic("join"))
	if err != nil {
		b.Fatal(err)
	}
	defer k.Close()
	if _, err := kadm.NewClient(k).CreateTopic(b.Context(), benchPartitions, 1, nil, "join"); err != nil {
		b.Fatal(err)
	}
	if err := k.ProduceSync(b.Context(), kgo.StringRecord("x")).FirstErr(); err != nil {
		b.Fatal(err)
	}
	for i := range b.N {
		c, err := kgo.NewClient(kgo.SeedBrokers(e.Kafka), kgo.ConsumeTopics("join"), kgo.ConsumerGroup(fmt.Sprintf("group-%d", i)), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
		if err != nil {
			b.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(b.Context(), 20*time.Second)
		if c.PollFetches(ctx).NumRecords() == 0 {
			b.Fatal("nothing came")
		}
		cancel()
		c.Close()
	}
}
