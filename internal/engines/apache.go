package engines

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"outrider/internal/kafka"
)

// Apache as Options.Kafka runs a real Apache Kafka, one node, instead of the broker in this program. It needs Java.
const Apache = "apache"

// ApacheOptions say how many brokers to run and where.
type ApacheOptions struct {
	Data     string            // folder of all brokers; one process at a time
	Brokers  int               // 1 (also 0) or 3; three replicate every topic to all, and two must have what is acknowledged
	Libs     string            // folder of the jars; found by itself if empty (see OUTRIDER_KAFKA_LIBS)
	HeapMB   int               // of each broker; 0 = 384
	Quick    bool              // for tests: up in half the time, less work a second once warm (Java compiles less)
	Fsync    bool              // sync every batch to the disk before it is acknowledged
	Settings map[string]string // over our own
	Access   kafka.Access      // how we sign in, where Settings ask for it
	Log      *slog.Logger      // nil: silent

	logPath string   // of one broker; in Data/logs if empty
	port    int      // of one broker; 0: the one of the last start if free, else any
	lock    *os.File // inherited by the brokers
}

// ApacheCluster is a running Apache Kafka in KRaft mode: every broker is a controller too.
type ApacheCluster struct {
	Brokers     []*ApacheBroker
	Replication int16 // for kafka.Log

	lock *os.File
}

// StartApache makes the cluster if it is new, and returns when every broker answers. What a person can put right comes
// back as a *Problem. The brokers run until Stop, not until ctx ends; on Linux they die with us. A broker that ends stays
// away until its Start.
func StartApache(ctx context.Context, o ApacheOptions) (*ApacheCluster, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	var err error
	if o.Data, err = makeData(o.Data); err != nil {
		return nil, err
	}
	if o.lock, err = takeLock(ctx, o.Data); err != nil {
		return nil, err
	}
	c := &ApacheCluster{lock: o.lock}
	for try := 0; ; try++ {
		if err = c.startBrokers(ctx, &o); err == nil {
			return c, nil
		}
		c.endBrokers()
		if try == 3 || !portTaken(err) {
			_ = o.lock.Close()
			return nil, err
		}
	}
}

// portTaken: Kafka opens its ports itself, so another program may take one between our look and its start.
func portTaken(err error) bool { return strings.Contains(err.Error(), "Address already in use") }

// startBrokers starts all at once: none answers before a majority of the controllers does.
func (c *ApacheCluster) startBrokers(ctx context.Context, o *ApacheOptions) error {
	nodes, err := o.loadNodes(ctx)
	if err != nil {
		return err
	}
	c.Brokers, c.Replication = nil, int16(len(nodes))
	for _, n := range nodes {
		c.Brokers = append(c.Brokers, &ApacheBroker{node: n, log: o.Log})
	}
	g, ctx := errgroup.WithContext(ctx)
	for _, b := range c.Brokers {
		g.Go(func() error { return b.Start(ctx) })
	}
	return g.Wait()
}

// Seeds are the addresses of all brokers, for kafka.Log.
func (c *ApacheCluster) Seeds() []string {
	var out []string
	for _, b := range c.Brokers {
		out = append(out, b.Addr())
	}
	return out
}

// Stop ends all brokers, frozen ones too, and gives up the folder. No process is left when it returns.
func (c *ApacheCluster) Stop() {
	c.endBrokers()
	_ = c.lock.Close()
}

func (c *ApacheCluster) endBrokers() {
	patience := stopPatience
	if len(c.Brokers) > 1 {
		patience = 3 * time.Second // the last one waits in vain for controllers that agree; what it acknowledged is in its files
	}
	var g errgroup.Group
	for _, b := range c.Brokers {
		g.Go(func() error { return b.endProcess(patience) })
	}
	_ = g.Wait() // only says that some were not running
}
