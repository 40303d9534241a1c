package kafka_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/es/logtest"
	"outrider/internal/kafka"
)

// batches notes how each batch went out.
type batches struct{ seen chan kgo.ProduceBatchMetrics }

func (b batches) OnProduceBatchWritten(_ kgo.BrokerMetadata, _ string, _ int32, m kgo.ProduceBatchMetrics) {
	b.seen <- m
}

func TestLargeBatchesAloneAreCompressed(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 1)
	b := batches{make(chan kgo.ProduceBatchMetrics, 10)}
	cl, err := log.Open(kafka.CompressLarge(), kgo.WithHooks(b))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	small, large := []byte(strings.Repeat("header ", 100)), []byte(strings.Repeat("header ", 10_000))
	for _, value := range [][]byte{small, large} {
		if err := cl.ProduceSync(t.Context(), &kgo.Record{Topic: log.Events(), Value: value}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	first, second := <-b.seen, <-b.seen
	if first.CompressionType != 0 || second.CompressionType != 2 || second.CompressedBytes*5 > second.UncompressedBytes {
		t.Errorf("the small one %+v, the large one %+v", first, second)
	}
	reads, err := log.Open(kgo.ConsumeTopics(log.Events()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer reads.Close()
	var got [][]byte
	for len(got) < 2 {
		fetched := reads.PollFetches(t.Context())
		if err := fetched.Err(); err != nil {
			t.Fatal(err)
		}
		fetched.EachRecord(func(r *kgo.Record) { got = append(got, r.Value) })
	}
	if !bytes.Equal(got[0], small) || !bytes.Equal(got[1], large) {
		t.Error("what is read is not what was written")
	}
}
