package engines_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/internal/engines"
	"outrider/internal/engines/enginestest"
	"outrider/internal/kafka"
)

// writer appends numbered values to the topic t, and says which were acknowledged.
type writer struct {
	t     *testing.T
	ctx   context.Context
	cl    *kgo.Client
	acked []string
}

func newWriter(t *testing.T, c *engines.ApacheCluster) *writer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	cl, err := kafka.Log{Seeds: c.Seeds()}.Open(kgo.DefaultProduceTopic("t"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	if _, err := kadm.NewClient(cl).CreateTopic(ctx, 1, c.Replication, nil, "t"); err != nil {
		t.Fatal(err)
	}
	return &writer{t: t, ctx: ctx, cl: cl}
}

func (w *writer) put() {
	w.t.Helper()
	v := fmt.Sprintf("%04d", len(w.acked))
	if err := w.cl.ProduceSync(w.ctx, &kgo.Record{Value: []byte(v)}).FirstErr(); err != nil {
		w.t.Fatal(err)
	}
	w.acked = append(w.acked, v)
}

func (w *writer) leader() int {
	w.t.Helper()
	topics, err := kadm.NewClient(w.cl).ListTopics(w.ctx, "t")
	if err != nil {
		w.t.Fatal(err)
	}
	return int(topics["t"].Partitions[0].Leader)
}

// holds checks that the topic has every acknowledged value.
func (w *writer) holds(seeds []string) {
	w.t.Helper()
	got, err := consumed(w.ctx, strings.Join(seeds, ","))
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Sort(got)
	if got = slices.Compact(got); !slices.Equal(got, w.acked) {
		w.t.Errorf("holds %v, want %v", got, w.acked)
	}
}

func TestOneApacheBrokerKeepsItsPortAndWhatItAcknowledged(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	c := enginestest.ApacheKafka(t, engines.ApacheOptions{Data: dir})
	if len(c.Brokers) != 1 || c.Replication != 1 {
		t.Fatalf("%d brokers, replication %d", len(c.Brokers), c.Replication)
	}
	w, b := newWriter(t, c), c.Brokers[0]
	w.put()
	if _, err := engines.StartApache(t.Context(), engines.ApacheOptions{Data: dir}); err == nil || !strings.Contains(err.Error(), "in use by process "+strconv.Itoa(os.Getpid())) {
		t.Errorf("a second one on the same folder: got %v", err)
	}

	pid := b.Pid()
	if err := b.Kill(); err != nil {
		t.Fatal(err)
	}
	if running(pid) || b.Pid() != 0 {
		t.Errorf("process %d was killed and runs", pid)
	}
	for what, f := range map[string]func() error{"kill": b.Kill, "freeze": b.Freeze, "thaw": b.Thaw, "stop": b.Stop} {
		if err := f(); err == nil {
			t.Errorf("%s: a dead broker can't be", what)
		}
	}
	if err := b.Start(w.ctx); err != nil {
		t.Fatal(err)
	}
	if err := b.Start(w.ctx); err == nil {
		t.Error("a running broker was started")
	}
	w.put() // the same client on the same address

	if err := b.Freeze(); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(w.ctx, time.Second)
	defer cancel()
	if err := w.cl.Ping(short); err == nil {
		t.Error("a frozen broker answers")
	}
	if err := b.Thaw(); err != nil {
		t.Fatal(err)
	}
	w.put()
	if err := b.Freeze(); err != nil {
		t.Fatal(err)
	}
	pid = b.Pid()
	c.Stop() // frozen, too
	if running(pid) {
		t.Errorf("process %d runs after Stop", pid)
	}

	c = enginestest.ApacheKafka(t, engines.ApacheOptions{Data: dir})
	if got := c.Brokers[0].Addr(); got != b.Addr() {
		t.Errorf("the address is %s after a restart, was %s", got, b.Addr())
	}
	w.holds(c.Seeds())
}

func TestThreeApacheBrokersGoOnWithoutOne(t *testing.T) {
	if os.Getenv(enginestest.KafkaVariable) == "" {
		t.Skip("three times Java: make test-kafka runs it")
	}
	t.Parallel()
	c := enginestest.ApacheKafka(t, engines.ApacheOptions{Data: folder(t), Brokers: 3})
	if c.Replication != 3 {
		t.Fatalf("replication %d", c.Replication)
	}
	w := newWriter(t, c)
	w.put()
	cfg, err := kadm.NewClient(w.cl).DescribeTopicConfigs(w.ctx, "t")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range cfg[0].Configs {
		if want := map[string]string{"min.insync.replicas": "2", "unclean.leader.election.enable": "false"}[f.Key]; want != "" && f.MaybeValue() != want {
			t.Errorf("%s is %s, want %s", f.Key, f.MaybeValue(), want)
		}
	}
	killed := w.leader()
	if err := c.Brokers[killed-1].Kill(); err != nil {
		t.Fatal(err)
	}
	w.put()
	if now := w.leader(); now == killed {
		t.Errorf("broker %d leads and is dead", now)
	}
	if err := c.Brokers[killed-1].Start(w.ctx); err != nil {
		t.Fatal(err)
	}
	frozen := w.leader()
	if err := c.Brokers[frozen-1].Freeze(); err != nil {
		t.Fatal(err)
	}
	w.put()
	if now := w.leader(); now == frozen {
		t.Errorf("broker %d leads and is frozen", now)
	}
	if err := c.Brokers[frozen-1].Thaw(); err != nil {
		t.Fatal(err)
	}
	w.put()
	w.holds(c.Seeds())
}

func TestAKilledParentLeavesNoApacheBroker(t *testing.T) {
	t.Parallel()
	enginestest.NeedApacheKafka(t)
	dir := folder(t)
	cmd, _, s := child(t, dir, 0, parentKafkaEnv+"="+engines.Apache)
	pid := s.PIDs[engines.Kafka]
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	until(t, "the broker ends with its parent", func() bool { return !running(pid) })
	e, err := engines.Start(t.Context(), engines.Options{Data: dir, Kafka: engines.Apache, KafkaQuick: true})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Stop()
	if got := held(t, e, engines.Kafka); !slices.Equal(got, []string{"from the parent"}) {
		t.Errorf("holds %q", got)
	}
	if err := e.Kill(engines.Kafka); err != nil {
		t.Fatal(err)
	}
	if err := e.WaitReady(t.Context(), engines.Kafka); err != nil { // by itself
		t.Fatal(err)
	}
	if got := held(t, e, engines.Kafka); !slices.Equal(got, []string{"from the parent"}) {
		t.Errorf("holds %q after a kill", got)
	}
}

func TestTheDataFolderRemembersWhichBrokerItsLogIsWith(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	o := engines.Options{Data: dir, Postgres: engines.None, ClickHouse: engines.None}
	e, err := engines.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	e.Stop()
	o.Kafka = engines.Apache
	_, err = engines.Start(t.Context(), o)
	var p *engines.Problem
	if !errors.As(err, &p) || !strings.Contains(err.Error(), "start with --kafka embedded") {
		t.Errorf("got %v", err)
	}
}

func TestWhatApacheKafkaLacksIsSaidPlainly(t *testing.T) {
	said := func(want string, o engines.ApacheOptions) {
		t.Helper()
		_, err := engines.StartApache(t.Context(), o)
		var p *engines.Problem
		if !errors.As(err, &p) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want something with %q", err, want)
		}
	}
	home := t.TempDir()
	t.Setenv("JAVA_HOME", home)
	said("needs Java 17 or newer, and there is none", engines.ApacheOptions{Data: t.TempDir()})
	if err := os.Mkdir(filepath.Join(home, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	java := func(version string) {
		t.Helper()
		script := "#!/bin/sh\necho 'openjdk version \"" + version + "\" 2020-01-01' >&2\n"
		if err := os.WriteFile(filepath.Join(home, "bin", "java"), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	java("1.8.0_292")
	said(`openjdk version "1.8.0_292"`, engines.ApacheOptions{Data: t.TempDir()})
	java("11.0.2")
	said(`openjdk version "11.0.2"`, engines.ApacheOptions{Data: t.TempDir()})
	java("21.0.1")
	said("run `make kafka`", engines.ApacheOptions{Data: t.TempDir(), Libs: t.TempDir()})
}
