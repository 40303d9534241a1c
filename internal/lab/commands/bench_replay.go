package commands

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"time"

	"outrider/events"
	"outrider/internal/app/node"
	"outrider/internal/engines"
	"outrider/internal/es/verify"
	"outrider/internal/kafka"
	"outrider/internal/lab/bench"
)

type benchReplayCmd struct {
	benchKafka
	Events     int    `default:"1000000" help:"Events to write first, when the log is empty."`
	In         string `help:"Data folder to use and keep; default: one that goes afterwards." placeholder:"DIR"`
	Partitions int32  `default:"8" help:"Partitions of a new log."`
	Fsync      bool   `help:"Sync every batch to disk while writing."`
	JSON       bool   `help:"Print one line of JSON."`
	Pprof      string `hidden:"" help:"Write a CPU profile of the decoding replay to this file."`
}

type replayFigures struct {
	Events        int64   `json:"events"`
	Seconds       float64 `json:"seconds"` // of the replay that rate is about
	Rate          float64 `json:"rate"`    // events a second: read, parsed, chain checked, decoded
	WithoutDecode float64 `json:"rate_without_decode"`
	State         float64 `json:"rate_state"` // events a second of an owner's start: parsed, decoded, applied
	P50           float64 `json:"p50_ms"`     // a thousand events of a partition
	P99           float64 `json:"p99_ms"`
	CPU           float64 `json:"cpu_us_per_event"` // of this process, in the replay that rate is about: what bounds it on a busy machine
	WriteRate     float64 `json:"write_rate,omitempty"`
	Bytes         int64   `json:"log_bytes"` // on disk
	benchConditions
}

// Run writes a history unless there is one, and reads it three times.
func (c benchReplayCmd) Run(ctx context.Context, log *slog.Logger) error {
	data, gone, err := scratchFolder(c.In)
	if err != nil {
		return err
	}
	defer gone()
	e, err := engines.Start(ctx, engines.Options{Data: data, Kafka: c.Kafka, Postgres: engines.None, ClickHouse: engines.None, Fsync: c.Fsync, Log: node.Quiet(log)})
	if err != nil {
		return err
	}
	defer e.Stop()
	l, err := kafka.Log{Seeds: []string{e.Kafka}, Generation: 1, Partitions: c.Partitions, Replication: 1, Replies: 1}.EnsureTopics(ctx)
	if err != nil {
		return err
	}
	out := replayFigures{benchConditions: benchConditions{Bench: "replay", CPUs: runtime.GOMAXPROCS(0), Broker: fmt.Sprintf("%s, fsync %v", c.Kafka, c.Fsync)}}
	before, err := verify.Log(ctx, l)
	if err != nil {
		return err
	}
	if before.Events == 0 {
		began := time.Now()
		if err := bench.WriteHistory(ctx, l, c.Events); err != nil {
			return err
		}
		out.WriteRate = float64(c.Events) / time.Since(began).Seconds()
	}
	out.Bytes = folderSize(data)
	watch := bench.StartWatch()
	plain, err := verify.Log(ctx, l)
	if err != nil {
		return err
	}
	stop, err := node.Profile(c.Pprof)
	if err != nil {
		return err
	}
	cpu := bench.CPU()
	full, err := verify.LogDecoded(ctx, l, events.Decode)
	out.CPU = float64((bench.CPU() - cpu).Microseconds()) / max(float64(full.Events), 1)
	stop()
	if err != nil {
		return err
	}
	began := time.Now()
	n, err := bench.Refold(ctx, l)
	if err != nil {
		return err
	}
	out.State = float64(n) / time.Since(began).Seconds()
	out.Use = watch.End()
	out.P50, out.P99 = bench.Quantile(full.Thousands, 0.5), bench.Quantile(full.Thousands, 0.99)
	out.Disk = map[string]float64{"events": float64(topicSize(data, l.Events())) / float64(max(full.Events, 1))}
	out.Events, out.Seconds, out.Rate, out.WithoutDecode = full.Events, full.Seconds, full.Rate, plain.Rate
	return printBench(os.Stdout, c.JSON, out)
}
