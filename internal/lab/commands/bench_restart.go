package commands

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"outrider/commands"
	"outrider/internal/app/node"
	"outrider/internal/blob"
	"outrider/internal/engines"
	"outrider/internal/es/gateway"
	"outrider/internal/es/processor"
	"outrider/internal/es/snapshot"
	"outrider/internal/kafka"
	"outrider/internal/lab/bench"
)

type benchRestartCmd struct {
	benchKafka
	Events     int    `default:"2000000" help:"Events in the log."`
	Tail       int64  `default:"25000" help:"Records of each partition that are newer than its snapshot, in the last run."`
	In         string `help:"Data folder to use and keep; default: one that goes afterwards." placeholder:"DIR"`
	Partitions int32  `default:"8" help:"Partitions of the log."`
	JSON       bool   `help:"Print one line of JSON."`

	Owner string `hidden:"" help:"Be the process that is started: the address of Kafka."`
	Shelf string `hidden:"" help:"Its folder of snapshots."`
	Of    int32  `hidden:"" default:"1" help:"Generation of its topics."`
}

// restartMark is the log whose restart is extrapolated, in events.
const restartMark = 50_000_000

type restartFigures struct {
	Events        int64   `json:"events"`
	Empty         float64 `json:"empty_log_s"` // from the start of the process to the first answer, on a log without events
	Without       float64 `json:"without_snapshot_s"`
	WithoutAll    float64 `json:"without_snapshot_all_partitions_s"` // until every partition has answered
	With          float64 `json:"with_snapshot_s"`
	WithAll       float64 `json:"with_snapshot_all_partitions_s"`
	Tail          int64   `json:"tail_records"` // that are newer than the snapshots, in all
	WithTail      float64 `json:"with_snapshot_and_tail_s"`
	WithTailAll   float64 `json:"with_snapshot_and_tail_all_partitions_s"`
	WithCPU       float64 `json:"with_snapshot_cpu_s"` // of the process, with fresh snapshots, until all have answered: what bounds it on a busy machine
	WithoutCPU    float64 `json:"without_snapshot_cpu_s"`
	SnapshotBytes int64   `json:"snapshot_bytes"`
	SnapshotMade  float64 `json:"snapshots_made_s"` // to fold the whole log and write both kinds, one partition after the other
	SnapshotCPU   float64 `json:"snapshots_made_cpu_s"`
	MarkWithout   float64 `json:"extrapolated_50m_without_s"`
	MarkWith      float64 `json:"extrapolated_50m_with_snapshot_and_tail_s"`
	MarkCPU       float64 `json:"extrapolated_50m_with_snapshot_cpu_s"` // divide by the cores that are free, at most one a partition
	Note          string  `json:"note"`
	benchConditions
}

// Run measures the empty log, then one of so many events without snapshots, with fresh ones, and with some that are older.
func (c benchRestartCmd) Run(ctx context.Context, log *slog.Logger) error {
	if c.Owner != "" {
		return c.runOwner(ctx, log)
	}
	data, gone, err := scratchFolder(c.In)
	if err != nil {
		return err
	}
	defer gone()
	e, err := engines.Start(ctx, engines.Options{Data: data, Kafka: c.Kafka, Postgres: engines.None, ClickHouse: engines.None, Log: node.Quiet(log)})
	if err != nil {
		return err
	}
	defer e.Stop()
	l, err := kafka.Log{Seeds: []string{e.Kafka}, Generation: 1, Partitions: c.Partitions, Replication: 1, Replies: 1}.EnsureTopics(ctx)
	if err != nil {
		return err
	}
	out := restartFigures{Events: int64(c.Events), benchConditions: benchConditions{Bench: "restart", CPUs: runtime.GOMAXPROCS(0), Broker: c.brokerName()},
		Note: "extrapolated in proportion to the events from the largest log that was measured; the tail of each partition stays as long as it is"}
	empty := l
	empty.Generation = 2
	if empty, err = empty.EnsureTopics(ctx); err != nil {
		return err
	}
	if out.Empty, _, _, err = c.measureRestart(ctx, empty, ""); err != nil {
		return err
	}
	if err := bench.WriteHistory(ctx, l, c.Events); err != nil {
		return err
	}
	watch := bench.StartWatch()
	if out.Without, out.WithoutAll, out.WithoutCPU, err = c.measureRestart(ctx, l, ""); err != nil {
		return err
	}
	out.Use = watch.End()
	older, fresh := filepath.Join(data, "older"), filepath.Join(data, "fresh")
	watch = bench.StartWatch()
	began := time.Now()
	if out.Tail, err = c.writeSnapshots(ctx, l, older, fresh); err != nil {
		return err
	}
	out.SnapshotMade, out.SnapshotCPU, out.SnapshotBytes = time.Since(began).Seconds(), watch.End()["self"].CPUSeconds, folderSize(fresh)
	if out.WithTail, out.WithTailAll, _, err = c.measureRestart(ctx, l, older); err != nil {
		return err
	}
	if out.With, out.WithAll, out.WithCPU, err = c.measureRestart(ctx, l, fresh); err != nil {
		return err
	}
	more := float64(restartMark) / float64(c.Events)
	out.MarkWithout = out.Empty + (out.Without-out.Empty)*more
	out.MarkCPU = out.WithCPU * more
	out.MarkWith = out.Empty + max(out.With-out.Empty, 0)*more + max(out.WithTail-out.With, 0)
	return printBench(os.Stdout, c.JSON, out)
}

// writeSnapshots makes two folders of snapshots.
func (c benchRestartCmd) writeSnapshots(ctx context.Context, l kafka.Log, older, fresh string) (left int64, err error) {
	var stores []*snapshot.Store
	for _, dir := range []string{older, fresh} {
		b, err := blob.Open(ctx, dir)
		if err != nil {
			return 0, err
		}
		defer b.Close()
		s, err := node.OpenSnapshots(ctx, l, b, func(string, ...any) {})
		if err != nil {
			return 0, err
		}
		stores = append(stores, s)
	}
	return bench.Keep(ctx, l, stores[0], stores[1], c.Tail)
}

// measureRestart starts a process that decides, and asks one organisation of each partition for something. It gives the seconds
// to the first answer and to the last, and the CPU seconds of the process.
func (c benchRestartCmd) measureRestart(ctx context.Context, l kafka.Log, shelf string) (first, all, cpu float64, err error) {
	g, err := gateway.Open(ctx, gateway.Config{Log: l})
	if err != nil {
		return 0, 0, 0, err
	}
	defer g.Close()
	exe, err := os.Executable()
	if err != nil {
		return 0, 0, 0, fmt.Errorf("find own executable: %w", err)
	}
	cmd := exec.CommandContext(ctx, exe, "bench", "restart", "--log-level", "error", "--owner", l.Seeds[0], "--shelf", shelf, "--of", fmt.Sprint(l.Generation))
	cmd.Stderr = os.Stderr
	lifeline, err := cmd.StdinPipe()
	if err != nil {
		return 0, 0, 0, fmt.Errorf("start an owner: %w", err)
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, 0, 0, fmt.Errorf("start an owner: %w", err)
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		_ = lifeline.Close()
		if ended := cmd.Wait(); ended != nil {
			err = errors.Join(err, fmt.Errorf("stop an owner: %w", ended))
		}
		cpu = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	}()
	var mu sync.Mutex
	var asking sync.WaitGroup
	for p := range l.Partitions {
		asking.Go(func() {
			cmd, failed := bench.Rename(p, l.Partitions)
			for failed == nil {
				if cmd.Time = time.Now(); ctx.Err() != nil {
					failed = ctx.Err()
				} else if _, late := g.Submit(ctx, cmd); late == nil {
					break
				}
			}
			took := time.Since(began).Seconds()
			mu.Lock()
			defer mu.Unlock()
			if err = errors.Join(err, failed); first == 0 || took < first {
				first = took
			}
			all = max(all, took)
		})
	}
	asking.Wait()
	return first, all, 0, err
}

// runOwner decides until it is told to stop, or its parent ends.
func (c benchRestartCmd) runOwner(ctx context.Context, log *slog.Logger) error {
	ctx, end := node.WhileInputLasts(ctx)
	defer end()
	l, err := kafka.Log{Seeds: []string{c.Owner}, Generation: c.Of}.Measure(ctx)
	if err != nil {
		return err
	}
	cfg := processor.Config{Log: l, Domain: commands.Domain(), Report: node.Report(log, node.RoleCommands), SnapshotPace: processor.SnapshotPace{Every: time.Hour}}
	if c.Shelf != "" {
		b, err := blob.Open(ctx, c.Shelf)
		if err != nil {
			return err
		}
		defer b.Close()
		if cfg.Snapshots, err = node.OpenSnapshots(ctx, l, b, cfg.Report); err != nil {
			return err
		}
	}
	p, err := processor.New(cfg)
	if err != nil {
		return err
	}
	return p.Run(ctx)
}
