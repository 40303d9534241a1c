package react_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"outrider/internal/es/logtest"
	"outrider/internal/es/react"
)

// Commits pass over what isn't wanted, so that nobody reads it again at a restart; what is wanted and not finished holds them back.
func TestWhatIsNotWantedIsPassedOver(t *testing.T) {
	t.Parallel()
	log := logtest.New(t, 1)
	w := logtest.NewWriter(t, log, 0)
	c, s := newSubscription(t, react.Config{Log: log, CommitEvery: 5 * time.Millisecond, Wants: func(typ string) bool { return typ == "wanted.v1" }})
	for len(s.Status()) == 0 { // the group is there
		time.Sleep(time.Millisecond)
	}
	w.Fill(100)
	committed(t, log, "g", func(o kadm.Offset) bool { return o.At == 101 && o.Metadata == `{"epoch":1,"pseq":100}` })
	events := w.Next(logtest.Org(0, 0), "a", "b")
	events[1].Type = "wanted.v1"
	w.Append(w.Records(events)...)
	w.Fill(100)
	w.Fence()
	m, e := receive(t, c)
	if e.Pseq != 102 {
		t.Fatalf("%+v", e)
	}
	for st := s.Status(); len(st) == 0 || st[0].Seen < 204; st = s.Status() { // Status has it look
		time.Sleep(time.Millisecond)
	}
	if st := s.Status(); st[0].Checkpoint.Pseq != 100 || st[0].Pending != 1 {
		t.Errorf("before it is finished: %+v", st[0])
	}
	m.Ack()
	committed(t, log, "g", func(o kadm.Offset) bool { return o.At == 203 && o.Metadata == `{"epoch":1,"pseq":202}` })
}

func TestReactorBeginsWhenTheBrokerIsThere(t *testing.T) {
	t.Parallel()
	log, cluster := logtest.Fake(t, 1)
	w := logtest.NewWriter(t, log, 0)
	w.Fill(10)
	var refused atomic.Int64
	cluster.ControlKey(int16(kmsg.ListOffsets), func(req kmsg.Request) (kmsg.Response, error, bool) {
		if refused.Add(1) > 6 {
			return nil, nil, false
		}
		cluster.KeepControl()
		res := req.ResponseKind().(*kmsg.ListOffsetsResponse)
		for _, t := range req.(*kmsg.ListOffsetsRequest).Topics {
			rt := kmsg.NewListOffsetsResponseTopic()
			rt.Topic = t.Topic
			for _, p := range t.Partitions {
				rp := kmsg.NewListOffsetsResponseTopicPartition()
				rp.Partition, rp.ErrorCode = p.Partition, kerr.UnknownServerError.Code
				rt.Partitions = append(rt.Partitions, rp)
			}
			res.Topics = append(res.Topics, rt)
		}
		return res, nil, true
	})
	c, s := newSubscription(t, react.Config{Log: log})
	got := map[int64]bool{}
	for range 10 {
		m, e := receive(t, c)
		got[e.Pseq] = true
		m.Ack()
	}
	if len(got) != 10 {
		t.Errorf("came: %v", got)
	}
	if st := s.Status(); st[0].Err != nil || refused.Load() < 6 {
		t.Error(fmt.Sprint(st[0]), refused.Load())
	}
}
