package storm

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"

	"outrider/internal/engines"
)

// broker stores the log. It can be killed, and started again at the same address with the same data.
type broker interface {
	start(ctx context.Context) error
	kill()
	end() // for good
}

// newBroker doesn't start it yet.
func (s *storm) newBroker() (broker, error) {
	if s.cfg.Apache {
		return &apacheBroker{options: engines.ApacheOptions{Data: filepath.Join(s.cfg.Dir, "apache-kafka"), Quick: true, Fsync: s.cfg.SyncWrites}, storm: s}, nil
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s.log.Seeds = []string{"127.0.0.1:" + strconv.Itoa(port)}
	return &fakeBroker{role: role{Name: "broker", Port: port, Dir: filepath.Join(s.cfg.Dir, "kafka"), SyncWrites: s.cfg.SyncWrites}, said: &s.said}, nil
}

// fakeBroker is kfake in a child.
type fakeBroker struct {
	role  role
	said  *said
	child *child
}

func (b *fakeBroker) start(context.Context) (err error) {
	b.child, err = start("", b.role, b.said)
	return err
}

func (b *fakeBroker) kill() {
	if b.child != nil {
		b.child.kill()
	}
}

func (b *fakeBroker) end() { b.kill() }

// apacheBroker is a real one. Its port is known when it is up.
type apacheBroker struct {
	options engines.ApacheOptions
	storm   *storm
	cluster *engines.ApacheCluster
}

func (b *apacheBroker) start(ctx context.Context) (err error) {
	if b.cluster != nil {
		return b.cluster.Brokers[0].Start(ctx)
	}
	if b.cluster, err = engines.StartApache(ctx, b.options); err != nil {
		return fmt.Errorf("start a broker for the storm: %w", err)
	}
	b.storm.log.Seeds = b.cluster.Seeds()
	return nil
}

func (b *apacheBroker) kill() {
	if b.cluster != nil {
		_ = b.cluster.Brokers[0].Kill() // an error says that it is dead already
	}
}

func (b *apacheBroker) end() {
	if b.cluster != nil {
		b.cluster.Stop()
	}
}
