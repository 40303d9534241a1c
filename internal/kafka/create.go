package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// brokersPatience is how long a topic may wait for as many brokers as it has replicas.
const brokersPatience = 20 * time.Second

// CreateTopic makes a topic with the log's replication unless there is one. Brokers that have just started, or were too
// busy to say that they live, don't count for Kafka for a moment: then it waits for them.
func (l Log) CreateTopic(ctx context.Context, cl *kgo.Client, name string, partitions int32, configs map[string]*string) error {
	for began := time.Now(); ; {
		_, err := kadm.NewClient(cl).CreateTopic(ctx, partitions, max(l.Replication, 1), configs, name)
		if err == nil || errors.Is(err, kerr.TopicAlreadyExists) {
			return nil
		}
		if !errors.Is(err, kerr.InvalidReplicationFactor) || time.Since(began) > brokersPatience {
			return fmt.Errorf("create topic %s: %w", name, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("create topic %s: %w", name, err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// alterTopic sets one config of a topic.
func alterTopic(ctx context.Context, cl *kgo.Client, topic, name, value string) error {
	altered, err := kadm.NewClient(cl).AlterTopicConfigs(ctx, []kadm.AlterConfig{{Op: kadm.SetConfig, Name: name, Value: &value}}, topic)
	if err == nil {
		for _, a := range altered {
			err = errors.Join(err, a.Err)
		}
	}
	if err != nil {
		return fmt.Errorf("set %s of topic %s: %w", name, topic, err)
	}
	return nil
}
