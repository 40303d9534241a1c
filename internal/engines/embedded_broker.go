//go:build !server

package engines

import (
	"context"
	"fmt"
	"net"

	"github.com/twmb/franz-go/pkg/kfake"
)

// hasBroker reports whether this build can run a broker itself.
const hasBroker = true

func (o *childOrders) runKafka(ctx context.Context, l net.Listener, up func()) error {
	opts := []kfake.Opt{
		kfake.NumBrokers(1),
		kfake.ClusterID("outrider-embedded"),
		kfake.DataDir(o.Dir),
		kfake.ListenFn(func(string, string) (net.Listener, error) { return l, nil }),
		kfake.BrokerConfigs(map[string]string{
			"log.segment.bytes":            "16777216", // a restart reads whole segments: small ones keep the peak of memory low
			"log.cleaner.backoff.ms":       "60000",    // retention and compaction run only when this is set at boot
			"group.min.session.timeout.ms": "1000",     // a dead processor is replaced sooner than Kafka's 6 s would allow
		}),
	}
	if o.Fsync {
		opts = append(opts, kfake.SyncWrites())
	}
	c, err := kfake.NewCluster(opts...)
	if err != nil {
		return fmt.Errorf("open the log in %s: %w", o.Dir, err)
	}
	up()
	<-ctx.Done()
	c.Close()
	return nil
}
