package commands

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"outrider/internal/app/node"
	"outrider/internal/engines"
	"outrider/internal/kafka"
	"outrider/internal/lab/bench"
	"outrider/internal/rebuild"
)

type benchRebuildCmd struct {
	benchKafka
	Events     int      `default:"200000" help:"Events to write and to project first."`
	Partitions int32    `default:"8" help:"Partitions of the log."`
	Only       []string `help:"Rebuild these projections only." placeholder:"NAME"`
	JSON       bool     `help:"Print one line of JSON."`
}

// rebuiltOne is what a projection took.
type rebuiltOne struct {
	Projection string  `json:"projection"`
	Rows       int64   `json:"rows"`
	Rate       float64 `json:"rate"` // events a second
	Seconds    float64 `json:"seconds"`
	ETA50M     float64 `json:"eta_50m_seconds"` // at that rate
	Verify     float64 `json:"verify_seconds"`
	Swap       float64 `json:"swap_ms"` // the live projection waits for most of it
}

type rebuiltAll struct {
	Events      int64        `json:"events"`
	LiveSeconds float64      `json:"live_seconds"` // until the live projections had all of it
	LiveRate    float64      `json:"live_rate"`    // events a second, all projections together
	Rate        float64      `json:"rate"`         // events a second into one projection, all rebuilds taken together
	Seconds     float64      `json:"seconds"`      // of all rebuilds, one after the other
	ETA50M      float64      `json:"eta_50m_seconds"`
	Projections []rebuiltOne `json:"projections"`
	benchConditions
}

// Run projects a history as a live process does, then rebuilds each projection beside it, compares and swaps.
func (c benchRebuildCmd) Run(ctx context.Context, log *slog.Logger) error {
	data, gone, err := scratchFolder("")
	if err != nil {
		return err
	}
	defer gone()
	a, engines, err := node.StartEngines(ctx, data, node.Addresses{Kafka: c.Kafka, Postgres: engines.Embedded, ClickHouse: engines.Embedded, Blobs: engines.Embedded}, nil, node.Quiet(log))
	if err != nil {
		return err
	}
	defer engines.Stop()
	f := &node.Folder{Data: data}
	l, err := node.Migrate(ctx, a, f.Keys(), kafka.Log{Seeds: a.Seeds(), Generation: 1, Partitions: c.Partitions, Replication: 1, Replies: 1})
	if err != nil {
		return err
	}
	if err := bench.WriteHistory(ctx, l, c.Events); err != nil {
		return err
	}
	watch := bench.StartWatch()
	out := rebuiltAll{Events: int64(c.Events), benchConditions: benchConditions{Bench: "rebuild", CPUs: runtime.GOMAXPROCS(0), Broker: c.brokerName()}}
	in, closed, err := node.OpenInstallation(ctx, a, f.Keys(), l, node.Quiet(log))
	if err != nil {
		return err
	}
	defer closed()
	stop, err := c.startLive(ctx, a, f, l, in, &out, node.Quiet(log))
	if err != nil {
		return err
	}
	defer stop()
	for _, name := range in.Names() {
		if len(c.Only) > 0 && !slices.Contains(c.Only, name) {
			continue
		}
		one, err := rebuildOne(ctx, in, name)
		if err != nil {
			return err
		}
		out.Projections = append(out.Projections, one)
		out.Seconds += one.Seconds
		out.ETA50M += one.ETA50M
	}
	out.Use = watch.End()
	out.Rate = float64(len(out.Projections)) * float64(out.Events) / max(out.Seconds, 1e-9)
	return printBench(os.Stdout, c.JSON, out)
}

// startLive starts the live projections and waits until they have all.
func (c benchRebuildCmd) startLive(ctx context.Context, a node.Addresses, f *node.Folder, l kafka.Log, in *rebuild.Installation, out *rebuiltAll, log *slog.Logger) (stop func(), err error) {
	s, err := node.OpenStores(ctx, node.StoresConfig{Addresses: a, Keys: f.Keys(), Log: l, Logger: log})
	if err != nil {
		return nil, err
	}
	n, err := node.New(ctx, s, node.Config{Roles: []string{node.RoleProjections}, Listen: "127.0.0.1:0", Sending: node.Sending{Poll: time.Minute}}, log)
	if err != nil {
		s.Close()
		return nil, err
	}
	began := time.Now()
	run, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- n.Run(run) }()
	stop = func() {
		cancel()
		if err := <-ended; err != nil {
			log.Warn("the live projections ended", "error", err)
		}
		s.Close()
	}
	owner, err := pgxpool.New(ctx, a.Postgres)
	if err != nil {
		stop()
		return nil, fmt.Errorf("open postgres: %w", err)
	}
	defer owner.Close()
	for {
		var least int64
		if err := owner.QueryRow(ctx, `select case when count(*) < $1 then 0 else min(events) end from (select sum(pseq)::bigint as events from kernel.checkpoints group by projection) t`, len(in.Names())).Scan(&least); err != nil {
			stop()
			return nil, fmt.Errorf("look how far the projections are: %w", err)
		}
		if least == out.Events {
			break
		}
		select {
		case err := <-ended:
			return nil, fmt.Errorf("the live projections ended: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
	out.LiveSeconds = time.Since(began).Seconds()
	out.LiveRate = float64(out.Events) / out.LiveSeconds
	return stop, nil
}

func rebuildOne(ctx context.Context, in *rebuild.Installation, name string) (one rebuiltOne, err error) {
	r, err := in.Open(ctx, name)
	if err != nil {
		return one, err
	}
	defer r.Close()
	began := time.Now()
	p, err := r.Build(ctx, nil)
	if err != nil {
		return one, err
	}
	one = rebuiltOne{Projection: name, Rate: p.Rate, Seconds: time.Since(began).Seconds(), ETA50M: 50e6 / p.Rate}
	began = time.Now()
	v, err := r.Verify(ctx)
	if err != nil {
		return one, err
	}
	if !v.Equal {
		return one, fmt.Errorf("live and rebuilt %s differ: %+v", name, v.Differences)
	}
	one.Verify = time.Since(began).Seconds()
	for _, t := range v.Tables {
		one.Rows += t.Rows
	}
	began = time.Now()
	err = r.Swap(ctx)
	one.Swap = float64(time.Since(began).Microseconds()) / 1000
	return one, err
}
