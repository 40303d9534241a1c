package processor

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/kafka"
)

func TestAReaderAsksAgainBeforeItBelievesInAGap(t *testing.T) {
	t.Parallel()
	r, err := newReader(kafka.Log{Seeds: []string{"127.0.0.1:1"}}, "events", func(string, ...any) {})
	if err != nil {
		t.Fatal(err)
	}
	defer r.cl.Close()
	var got []int64
	r.attachTap(&partitionTap{p: 3, next: 5, give: func(rs []*kgo.Record) {
		for _, x := range rs {
			got = append(got, x.Offset)
		}
	}})
	fetched := func(offsets ...int64) {
		f := kgo.FetchTopicPartition{Topic: "events", FetchPartition: kgo.FetchPartition{Partition: 3}}
		for _, o := range offsets {
			f.Records = append(f.Records, &kgo.Record{Offset: o})
		}
		r.mu.Lock()
		r.routeFetched(f)
		r.mu.Unlock()
	}
	for _, step := range []struct {
		why     string
		offsets []int64
		given   int
	}{
		{"left over from an earlier tap", []int64{90, 91}, 0},
		{"left over too, and below", []int64{1, 2}, 0},
		{"what was asked for", []int64{5, 6}, 2},
		{"a gap, seen first", []int64{9, 10}, 2},
		{"the same gap after asking again", []int64{9, 10}, 4},
		{"another partition's", nil, 4},
	} {
		fetched(step.offsets...)
		if len(got) != step.given {
			t.Fatalf("%s: given %v", step.why, got)
		}
	}
}
