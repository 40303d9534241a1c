package processor

import (
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// What a process wrote itself comes with its acknowledgement, what others wrote by a fetch; either way in order, and once.
func TestAcknowledgedRecordsComeInOrderAndOnce(t *testing.T) {
	t.Parallel()
	var got []int64
	full := false
	r := &reader{topic: "events", taps: map[int32]*partitionTap{}}
	tap := &partitionTap{p: 1, next: 10, gap: -1, early: map[int64]*kgo.Record{}, full: func() bool { return full }, lose: func(err error) { t.Error(err) },
		give: func(rs []*kgo.Record) {
			for _, x := range rs {
				got = append(got, x.Offset)
			}
		}}
	r.taps[1] = tap
	acknowledge := func(offsets ...int64) {
		for _, o := range offsets {
			r.takeAcknowledged(&kgo.Record{Partition: 1, Offset: o})
		}
	}
	fetch := func(from, to int64) {
		f := kgo.FetchTopicPartition{Topic: "events", FetchPartition: kgo.FetchPartition{Partition: 1}}
		for o := from; o <= to; o++ {
			f.Records = append(f.Records, &kgo.Record{Partition: 1, Offset: o})
		}
		r.mu.Lock()
		r.routeFetched(f)
		r.mu.Unlock()
	}
	want := func(what string, to int64) {
		t.Helper()
		var all []int64
		for o := int64(10); o <= to; o++ {
			all = append(all, o)
		}
		if !slices.Equal(got, all) {
			t.Fatalf("%s: %v, want 10 to %d", what, got, to)
		}
	}
	acknowledge(10, 11)
	want("acknowledged in order", 11)
	fetch(9, 12)
	want("fetched, what came before too", 12)
	acknowledge(12)
	want("acknowledged after it was fetched", 12)
	acknowledge(14, 15)
	want("acknowledged with another's before it", 12)
	fetch(13, 13)
	want("the other's fetched", 15)
	acknowledge(18, 19)
	fetch(16, 18)
	want("one of them fetched", 19)
	if len(tap.early) != 0 {
		t.Errorf("kept: %v", tap.early)
	}
	for o := int64(21); len(tap.early) < maxEarly; o++ {
		acknowledge(o)
	}
	acknowledge(20_000)
	if acknowledge(20); len(tap.early) != 0 {
		t.Errorf("too many are kept: %d", len(tap.early))
	}
	want("what was kept is fetched instead", 20)
	full = true
	acknowledge(21)
	want("nothing comes early to who has too much", 20)
	full = false
	fetch(21, 21)
	acknowledge(-1, 22)
	want("a broker that doesn't say where it is", 21)
	fetch(22, 23)
	want("all of it is fetched", 23)
}
