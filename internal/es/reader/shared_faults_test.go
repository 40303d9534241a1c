package reader_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"outrider/internal/es/logtest"
	"outrider/internal/es/reader"
)

// What is void in one reader is void in all: half commands, late fences, garbage, and what a transaction wrote and took back.
func TestSharedFollowsTheRule(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	s := openShared(t, reader.SharedConfig{Log: log})
	l := listen(t, s, log, reader.Config{From: start()})
	org := logtest.Org(0, 0)
	tx, err := log.Open(kgo.TransactionalID(uuid.NewString()))
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Close()
	for i := range 20 {
		w.Command(org, "a", "b", "c")
		half := w.Next(org, "x", "y")
		w.Append(w.Records(half[:1])...)
		w.Pseq -= 2
		w.Fence()
		w.Append(w.Records(half[1:])...)
		w.Append(&kgo.Record{Value: []byte("what is this?")})
		if err := tx.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		if err := tx.ProduceSync(t.Context(), &kgo.Record{Topic: log.Events(), Value: []byte("taken back")}).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := tx.EndTransaction(t.Context(), kgo.TryAbort); err != nil {
			t.Fatal(err)
		}
		if i%3 == 0 {
			l.waitFor(w.Pseq)
		}
	}
	w.Command(org, "end")
	l.waitFor(w.Pseq)
	waitShared(t, s, 1, 1)
	l.leave()
}

func TestBrokerThatIsGoneForAWhile(t *testing.T) {
	t.Parallel()
	log, cluster := logtest.Fake(t, 1)
	w := logtest.NewWriter(t, log, 0)
	s := openShared(t, reader.SharedConfig{Log: log})
	all := []*listener{listen(t, s, log, reader.Config{From: start()}), listen(t, s, log, reader.Config{From: start()})}
	w.Fill(100)
	waitShared(t, s, 1, 2)
	var refused atomic.Int64
	var back atomic.Bool
	cluster.ControlKey(int16(kmsg.Fetch), func(kmsg.Request) (kmsg.Response, error, bool) {
		if back.Load() {
			return nil, nil, false
		}
		cluster.KeepControl()
		refused.Add(1)
		return nil, errors.New("gone"), true // the connection breaks off
	})
	for end := time.Now().Add(5 * time.Minute); refused.Load() < 5 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	w.Fill(1000)
	back.Store(true)
	for _, l := range all {
		l.waitFor(w.Pseq)
	}
	waitShared(t, s, 1, 2)
	for _, l := range all {
		l.leave()
	}
}

// A log that loses its end tells each by its own position: who had read less goes on.
func TestSharedLosesTheEndOfTheLog(t *testing.T) {
	t.Parallel()
	log, cluster := logtest.Fake(t, 1)
	w := logtest.NewWriter(t, log, 0)
	w.Fill(50)
	before, err := follow(t, log, reader.Config{From: start()}, w.Pseq)
	if err != nil {
		t.Fatal(err)
	}
	w.Fill(50)
	all, err := follow(t, log, reader.Config{From: start()}, w.Pseq)
	if err != nil {
		t.Fatal(err)
	}
	low, high := before[len(before)-1].Checkpoint, all[len(all)-1].Checkpoint
	low.LeaderEpoch, high.LeaderEpoch = 0, 0
	endAt(cluster, 60)
	s := openShared(t, reader.SharedConfig{Log: log, Report: func(what string, attrs ...any) { t.Log(append([]any{what}, attrs...)...) }})
	above := listen(t, s, log, reader.Config{From: high})
	if err := <-above.ended; !errors.Is(err, reader.ErrTruncated) || !strings.Contains(err.Error(), "which now ends at 60") {
		t.Errorf("above the end: %v", err)
	}
	below := listen(t, s, log, reader.Config{From: low})
	below.waitFor(w.Pseq)
	below.leave()
}

// endAt has the broker say that every leader epoch ended there.
func endAt(cluster *kfake.Cluster, offset int64) {
	cluster.ControlKey(int16(kmsg.OffsetForLeaderEpoch), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		res := req.ResponseKind().(*kmsg.OffsetForLeaderEpochResponse)
		for _, t := range req.(*kmsg.OffsetForLeaderEpochRequest).Topics {
			rt := kmsg.NewOffsetForLeaderEpochResponseTopic()
			rt.Topic = t.Topic
			for _, p := range t.Partitions {
				rp := kmsg.NewOffsetForLeaderEpochResponseTopicPartition()
				rp.Partition, rp.LeaderEpoch, rp.EndOffset = p.Partition, p.LeaderEpoch, offset
				rt.Partitions = append(rt.Partitions, rp)
			}
			res.Topics = append(res.Topics, rt)
		}
		return res, nil, true
	})
}

func TestLogThatIsCutAtItsStart(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	w.Fill(100)
	cl, err := log.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	o := kadm.Offsets{}
	o.Add(kadm.Offset{Topic: log.Events(), Partition: 0, At: 40})
	if _, err := kadm.NewClient(cl).DeleteRecords(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	s := openShared(t, reader.SharedConfig{Log: log})
	l := listen(t, s, log, reader.Config{From: start()})
	if err := <-l.ended; !errors.Is(err, reader.ErrTruncated) || !strings.Contains(err.Error(), "begins at offset 40") {
		t.Errorf("below the start: %v", err)
	}
}
