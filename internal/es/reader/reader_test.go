package reader_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"outrider/internal/es"
	"outrider/internal/es/logtest"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
)

var errEnough = errors.New("enough")

func open(t *testing.T, log kafka.Log) *reader.Reader {
	t.Helper()
	r, err := reader.Open(log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// follow collects batches until pseq n has come.
func follow(t *testing.T, log kafka.Log, cfg reader.Config, n int64) ([]reader.Batch, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	var out []reader.Batch
	err := open(t, log).Follow(ctx, cfg, func(_ context.Context, b reader.Batch) error {
		out = append(out, b)
		if b.Checkpoint.Pseq >= n {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return out, err
}

func pseqs(batches []reader.Batch) (out []int64) {
	for _, b := range batches {
		for _, e := range b.Events {
			out = append(out, e.Pseq)
		}
	}
	return out
}

func dense(t *testing.T, got []int64, from, to int64) {
	t.Helper()
	want := []int64{}
	for i := from; i <= to; i++ {
		want = append(want, i)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("got %d events %v..., want %d to %d", len(got), got[:min(10, len(got))], from, to)
	}
}

func start() es.Checkpoint { return es.StartCheckpoint() }

func TestFollowSkipsWhatIsVoidAndNeverCutsACommand(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	org := logtest.Org(0, 0)
	for i := range 20 {
		w.Command(org, "a", "b", "c")
		if i == 10 {
			half := w.Next(org, "x", "y") // a writer that is fenced inside a command
			w.Append(w.Records(half[:1])...)
			w.Pseq -= 2
			w.Fence()
			w.Append(w.Records(half[1:])...)                             // a stale epoch
			w.Append(&kgo.Record{Value: []byte("what is this?")})        // malformed
			w.Append(es.FenceRecord(0, w.Epoch, uuid.New(), time.Now())) // a fence that came too late
		}
	}
	var reports int
	got, err := follow(t, log, reader.Config{From: start(), MaxEvents: 4, Report: func(string, ...any) { reports++ }}, w.Pseq)
	if err != nil {
		t.Fatal(err)
	}
	dense(t, pseqs(got), 1, 60)
	if reports != 1 {
		t.Errorf("%d reports of one malformed record", reports)
	}
	for _, b := range got {
		if last := b.Events[len(b.Events)-1]; !last.Last || b.Checkpoint.Pseq != last.Pseq || len(b.Events) > 6 {
			t.Fatalf("batch of %d ends with %+v, checkpoint %+v", len(b.Events), last, b.Checkpoint)
		}
		if after := b.After(b.Events[len(b.Events)-1]); after != b.Checkpoint {
			t.Fatalf("After gives %+v, the checkpoint is %+v", after, b.Checkpoint)
		}
		if b.Checkpoint.Pseq == w.Pseq {
			break
		}
		rest, err := follow(t, log, reader.Config{From: b.Checkpoint}, w.Pseq) // every checkpoint is a place to begin
		if err != nil {
			t.Fatal(err)
		}
		dense(t, pseqs(rest), b.Checkpoint.Pseq+1, w.Pseq)
	}
	_, sum, err := reader.Scan(t.Context(), log, reader.Config{From: start()}, 0, func(context.Context, reader.Batch) error { return nil })
	if err != nil || sum.Voids != 4 || sum.Malformed != 1 || sum.Open {
		t.Fatalf("scan: %+v, %v", sum, err)
	}
}

func TestCheckpointIsNeverInsideACommand(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	w.Command(logtest.Org(0, 0), "a", "b")
	rs := w.Records(w.Next(logtest.Org(0, 0), "c", "d", "e"))
	w.Append(rs[:2]...) // the log ends inside a command
	got, err := follow(t, log, reader.Config{From: start()}, 2)
	if err != nil {
		t.Fatal(err)
	}
	dense(t, pseqs(got), 1, 2)
	at := got[0].Checkpoint
	if at.Pseq != 2 || at.Offset != 3 {
		t.Fatalf("%+v", at)
	}
	end, sum, err := reader.Scan(t.Context(), log, reader.Config{From: start()}, 0, func(context.Context, reader.Batch) error { return nil })
	if err != nil || !sum.Open || end != at {
		t.Fatalf("scan: %+v %+v %v", end, sum, err)
	}
	w.Append(rs[2])
	if got, err = follow(t, log, reader.Config{From: at}, 5); err != nil {
		t.Fatal(err)
	}
	dense(t, pseqs(got), 3, 5)
}

func TestFollowGoesOnWithWhatComesLater(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 2)
	a, b := logtest.NewWriter(t, log, 0), logtest.NewWriter(t, log, 1)
	r := open(t, log)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	got := make(chan *es.Event)
	ended := make(chan error, 2)
	for p := range int32(2) {
		go func() {
			ended <- r.Follow(ctx, reader.Config{Partition: p, From: start()}, func(ctx context.Context, b reader.Batch) error {
				for _, e := range b.Events {
					select {
					case got <- e:
					case <-ctx.Done():
					}
				}
				return nil
			})
		}()
	}
	for i := range 20 {
		w := []*logtest.LogWriter{a, b}[i%2]
		e := w.Command(logtest.Org(w.Partition, 0), "s")[0]
		if g := <-got; g.Partition != e.Partition || g.Pseq != e.Pseq || string(g.Data) != string(e.Data) || g.Chain != e.Chain {
			t.Fatalf("got %+v, want %+v", g, e)
		}
	}
	if err := r.Follow(ctx, reader.Config{Partition: 1, From: start()}, nil); !errors.Is(err, reader.ErrTaken) {
		t.Fatalf("a second follower: %v", err)
	}
	cancel()
	for range 2 {
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
}

func TestFollowTakesUpAPartitionThatWasLetGo(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	w.Fill(50_000) // more than a queue holds: the fetch is paused
	r := open(t, log)
	from, n := start(), int64(0)
	for n < w.Pseq {
		err := r.Follow(t.Context(), reader.Config{From: from, MaxEvents: 5000}, func(_ context.Context, b reader.Batch) error {
			if b.Events[0].Pseq != n+1 {
				t.Fatalf("goes on with %d after %d", b.Events[0].Pseq, n)
			}
			n, from = b.Checkpoint.Pseq, b.Checkpoint
			if n%3 == 0 || n == w.Pseq {
				return errEnough
			}
			return nil
		})
		if !errors.Is(err, errEnough) {
			t.Fatal(err)
		}
	}
}

func TestCutEndsTheFirstBatchWhereItIsTold(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	w.Fill(400)
	got, err := follow(t, log, reader.Config{From: start(), MaxEvents: 10, Cut: 124}, w.Pseq)
	if err != nil {
		t.Fatal(err)
	}
	if c := got[0].Checkpoint.Pseq; c != 124 {
		t.Fatalf("first batch ends with %d", c)
	}
	dense(t, pseqs(got), 1, 400)
	if len(got[1].Events) != 10 {
		t.Fatalf("second batch holds %d", len(got[1].Events))
	}
}

func TestPoisonComesAfterWhatWasGood(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	w.Fill(1000)
	decode := func(_ string, b []byte) (es.Payload, error) {
		if strings.Contains(string(b), `"n":702,`) {
			return nil, errors.New("no idea")
		}
		return es.CommandNoop{}, nil
	}
	for _, workers := range []int{1, 3} {
		got, err := follow(t, log, reader.Config{From: start(), Decode: decode, Decoders: workers}, w.Pseq)
		if !errors.Is(err, es.ErrPoison) || !strings.Contains(fmt.Sprint(err), "pseq 702") {
			t.Fatal(err)
		}
		dense(t, pseqs(got), 1, 700) // 701 is of the same command
		if got[len(got)-1].Checkpoint.Pseq != 700 {
			t.Fatalf("%+v", got[len(got)-1].Checkpoint)
		}
	}
}

func TestTruncationAndLossAreSaid(t *testing.T) {
	t.Parallel()
	log, cluster := logtest.Fake(t, 1)
	w := logtest.NewWriter(t, log, 0)
	w.Fill(100)
	cl, err := log.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	all, err := follow(t, log, reader.Config{From: start()}, w.Pseq)
	if err != nil {
		t.Fatal(err)
	}
	end := all[len(all)-1].Checkpoint

	above := end
	above.Offset += 7
	if _, err := follow(t, log, reader.Config{From: above}, 1); !errors.Is(err, reader.ErrTruncated) || !strings.Contains(err.Error(), "ends at offset 101") {
		t.Errorf("above the end: %v", err)
	}

	adm := kadm.NewClient(cl)
	o := kadm.Offsets{}
	o.Add(kadm.Offset{Topic: log.Events(), Partition: 0, At: 40})
	if _, err := adm.DeleteRecords(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if _, err := follow(t, log, reader.Config{From: start()}, 1); !errors.Is(err, reader.ErrTruncated) || !strings.Contains(err.Error(), "begins at offset 40") {
		t.Errorf("below the start: %v", err)
	}

	// An unclean leader: Kafka says that the epoch that we read ended earlier.
	cluster.ControlKey(int16(kmsg.OffsetForLeaderEpoch), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		res := req.ResponseKind().(*kmsg.OffsetForLeaderEpochResponse)
		for _, t := range req.(*kmsg.OffsetForLeaderEpochRequest).Topics {
			rt := kmsg.NewOffsetForLeaderEpochResponseTopic()
			rt.Topic = t.Topic
			for _, p := range t.Partitions {
				rp := kmsg.NewOffsetForLeaderEpochResponseTopicPartition()
				rp.Partition, rp.LeaderEpoch, rp.EndOffset = p.Partition, p.LeaderEpoch, 60
				rt.Partitions = append(rt.Partitions, rp)
			}
			res.Topics = append(res.Topics, rt)
		}
		return res, nil, true
	})
	end.LeaderEpoch = max(end.LeaderEpoch, 0)
	if _, err := follow(t, log, reader.Config{From: end}, w.Pseq); !errors.Is(err, reader.ErrTruncated) || !strings.Contains(err.Error(), "which now ends at 60") {
		t.Errorf("unclean leader: %v", err)
	}
}

func TestRaisedStartUnderAReaderThatIsBehind(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	w.Fill(100_000)
	cl, err := log.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	raised := false
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	r, err := reader.Open(log, kgo.FetchMaxPartitionBytes(64<<10), kgo.FetchMaxBytes(64<<10))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	err = r.Follow(ctx, reader.Config{From: start(), MaxEvents: 100}, func(ctx context.Context, b reader.Batch) error {
		if !raised {
			raised = true
			o := kadm.Offsets{}
			o.Add(kadm.Offset{Topic: log.Events(), Partition: 0, At: 90_000})
			_, err := kadm.NewClient(cl).DeleteRecords(ctx, o)
			return err
		}
		if b.Checkpoint.Pseq == w.Pseq {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, reader.ErrTruncated) && !errors.Is(err, es.ErrLoss) {
		t.Fatal(err)
	}
}

func TestRawShowsEveryRecordWithItsVerdict(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	events := w.Command(logtest.Org(0, 0), "a", "b")
	w.Append(w.Records(events)...) // a broker that was killed repeats
	w.Append(&kgo.Record{Value: []byte("?")})
	var got []es.Verdict
	var bad int
	err := reader.ScanRaw(t.Context(), log, 0, start(), false, func(r reader.Raw) error {
		got = append(got, r.Verdict)
		if r.Err != nil {
			bad++
		}
		return nil
	})
	if want := []es.Verdict{es.Fenced, es.Pending, es.Counted, es.Void, es.Void, es.Void}; err != nil || !slices.Equal(got, want) || bad != 1 {
		t.Fatalf("got %v, want %v; %d malformed, %v", got, want, bad, err)
	}
}

func BenchmarkScan(b *testing.B) {
	log := logtest.New(b, 1)
	w := logtest.NewWriter(b, log, 0)
	w.Fill(200_000)
	decode := func(_ string, data []byte) (es.Payload, error) {
		var e es.CommandNoop
		return e, es.Unmarshal(data, &e)
	}
	for name, cfg := range map[string]reader.Config{"headers": {From: start()}, "decoded": {From: start(), Decode: decode}, "decoded by two": {From: start(), Decode: decode, Decoders: 2}} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				if _, _, err := reader.Scan(b.Context(), log, cfg, 0, func(context.Context, reader.Batch) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(200_000*b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
