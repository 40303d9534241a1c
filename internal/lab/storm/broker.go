package storm

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"

	"outrider/internal/engines"
	"outrider/internal/lab/freeport"
)

// broker stores the log. It can be killed, and started again at the same address with the same data.
type broker interface {
	startBroker(ctx context.Context) error
	killBroker()
	endBroker() // for good
}

// newBroker doesn't start it yet.
func (s *storm) newBroker() (broker, error) {
	if s.cfg.Apache {
		return &apacheBroker{options: engines.ApacheOptions{Data: filepath.Join(s.cfg.Dir, "apache-kafka"), Quick: true, Fsync: s.cfg.SyncWrites}, storm: s}, nil
	}
	port, err := freeport.Pick()
	if err != nil {
		return nil, err
	}
	s.log.Seeds = []string{"127.0.0.1:" + strconv.Itoa(port)}
	return &fakeBroker{role: role{Name: "broker", Port: port, Dir: filepath.Join(s.cfg.Dir, "kafka"), SyncWrites: s.cfg.SyncWrites}, said: &s.said}, nil
}

// fakeBroker is kfake in a child.
type fakeBroker struct {
	role  role
	said  *childOutput
	child *child
}

func (b *fakeBroker) startBroker(context.Context) (err error) {
	b.child, err = startChild("", b.role, b.said)
	return err
}

func (b *fakeBroker) killBroker() {
	if b.child != nil {
		b.child.killChild()
	}
}

func (b *fakeBroker) endBroker() { b.killBroker() }

// apacheBroker is a real one. Its port is known when it is up.
type apacheBroker struct {
	options engines.ApacheOptions
	storm   *storm
	cluster *engines.ApacheCluster
}

func (b *apacheBroker) startBroker(ctx context.Context) (err error) {
	if b.cluster != nil {
		return b.cluster.Brokers[0].Start(ctx)
	}
	if b.cluster, err = engines.StartApache(ctx, b.options); err != nil {
		return fmt.Errorf("start a broker for the storm: %w", err)
	}
	b.storm.log.Seeds = b.cluster.Seeds()
	return nil
}

func (b *apacheBroker) killBroker() {
	if b.cluster != nil {
		_ = b.cluster.Brokers[0].Kill() // an error says that it is dead already
	}
}

func (b *apacheBroker) endBroker() {
	if b.cluster != nil {
		b.cluster.Stop()
	}
}
