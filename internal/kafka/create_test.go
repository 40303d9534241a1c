package kafka_test

import (
	"context"
	"errors"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"outrider/internal/kafka"
)

// refusing is a broker that refuses the first n topics with an error.
func refusing(t *testing.T, n int, code *kerr.Error) (kafka.Log, *kgo.Client, *int) {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	asked := 0
	c.ControlKey(int16(kmsg.CreateTopics), func(req kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if asked++; asked > n {
			return nil, nil, false
		}
		res := req.ResponseKind().(*kmsg.CreateTopicsResponse)
		for _, t := range req.(*kmsg.CreateTopicsRequest).Topics {
			rt := kmsg.NewCreateTopicsResponseTopic()
			rt.Topic, rt.ErrorCode = t.Topic, code.Code
			res.Topics = append(res.Topics, rt)
		}
		return res, nil, true
	})
	log := kafka.Log{Seeds: c.ListenAddrs(), Replication: 1}
	cl, err := log.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return log, cl, &asked
}

func TestATopicWaitsForBrokersThatAreNotThereYet(t *testing.T) {
	t.Parallel()
	log, cl, asked := refusing(t, 2, kerr.InvalidReplicationFactor)
	for range 2 { // the second time it is there
		if err := log.CreateTopic(t.Context(), cl, "t", 1, nil); err != nil {
			t.Fatal(err)
		}
	}
	if *asked != 4 {
		t.Errorf("asked %d times, want 4", *asked)
	}
}

func TestATopicThatIsRefusedForGoodIsNotAskedForAgain(t *testing.T) {
	t.Parallel()
	log, cl, asked := refusing(t, 1, kerr.InvalidConfig)
	if err := log.CreateTopic(t.Context(), cl, "t", 1, nil); !errors.Is(err, kerr.InvalidConfig) {
		t.Errorf("got %v", err)
	}
	if *asked != 1 {
		t.Errorf("asked %d times, want 1", *asked)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := log.CreateTopic(ended, cl, "t", 1, nil); err == nil {
		t.Error("made without a context")
	}
}
