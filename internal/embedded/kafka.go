package embedded

import (
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/twmb/franz-go/pkg/kfake"
)

// kafkaMain is the broker: kfake with its records on disk, a single node.
func kafkaMain(args []string) error {
	fs := flag.NewFlagSet(kafkaChild, flag.ContinueOnError)
	dir := fs.String("dir", "", "")
	fsync := fs.Bool("fsync", false, "")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if err := os.MkdirAll(*dir, 0o755); err != nil {
		return fmt.Errorf("make %s: %w", *dir, err)
	}
	hold, err := os.OpenFile(filepath.Join(*dir, "LOCK"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return fmt.Errorf("lock %s: %w", *dir, err)
	}
	defer func() { _ = hold.Close() }()
	if err := syscall.Flock(int(hold.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fmt.Errorf("the Kafka data in %s is in use: %w", *dir, err)
	}
	l, err := inherited()
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGINT)
	opts := []kfake.Opt{
		kfake.NumBrokers(1), kfake.DataDir(*dir), kfake.ClusterID("outrider-embedded"),
		kfake.BrokerConfigs(map[string]string{"log.cleaner.backoff.ms": "60000", "log.segment.bytes": "16777216", "group.initial.rebalance.delay.ms": "0", "group.min.session.timeout.ms": "1000"}),
		kfake.ListenFn(func(string, string) (net.Listener, error) { return l, nil }),
	}
	if *fsync {
		opts = append(opts, kfake.SyncWrites())
	}
	c, err := kfake.NewCluster(opts...)
	if err != nil {
		return fmt.Errorf("start kfake: %w", err)
	}
	fmt.Println("READY")
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	select {
	case <-lifelineCut():
	case <-term:
	}
	c.Close()
	return nil
}
