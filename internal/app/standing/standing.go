// Package standing looks at what an installation stands on: its engines with their versions, its log, and how far each projection has come.
package standing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/twmb/franz-go/pkg/kadm"

	"outrider/internal/es/project"
	"outrider/internal/kafka"
)

// lookTime bounds each look.
const lookTime = 3 * time.Second

// Parts are where to look.
type Parts struct {
	Log         kafka.Log
	Pool        *pgxpool.Pool // of a role that may read kernel.checkpoints
	ClickHouse  driver.Conn
	Projections []Projection                          // their names, stores and versions
	Process     func(ctx context.Context) (p Process) // how the process itself is doing
}

// Process is how one process is doing.
type Process struct {
	Problems   []string
	Limits     string           // of requests: who counts them
	Processes  int              // with the role api
	Partitions map[int32]string // states of those that it decides commands for
}

// Installation is what was found.
type Installation struct {
	Engines     []Engine
	Partitions  []Partition
	Projections []Projection
	Process     Process
}

// Engine is a store that the installation stands on.
type Engine struct {
	Name, Version, Detail string
	Problem               string // "" = it answers
	Took                  time.Duration
}

// Partition is one of the log's.
type Partition struct {
	Partition        int32
	End              int64 // offset of the record to be written next
	Replicas, InSync int
	State            string // of who decides for it, when that is the process that answers
}

// Projection is how far one has come.
type Projection struct {
	Name, Store string
	Version     int
	Events      int64 // applied
	Behind      int64 // records of the log that wait for it; what closes a transaction counts
	Stopped     []project.Stopped
	Rebuilding  bool
}

// Look asks all engines at once; one that doesn't answer keeps nothing from being told of the others.
func (p Parts) Look(ctx context.Context) (out Installation) {
	var all sync.WaitGroup
	var checkpoints []checkpoint
	var stopped []project.Stopped
	engines := make([]Engine, 3)
	ask := func(i int, name string, look func(context.Context, *Engine) error) {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, lookTime)
			defer cancel()
			begun := time.Now()
			engines[i].Name = name
			if err := look(ctx, &engines[i]); err != nil {
				engines[i].Problem = err.Error()
			}
			engines[i].Took = time.Since(begun)
		})
	}
	ask(0, "kafka", func(ctx context.Context, e *Engine) (err error) {
		out.Partitions, err = p.lookAtLog(ctx, e)
		return err
	})
	ask(1, "postgres", func(ctx context.Context, e *Engine) (err error) {
		checkpoints, stopped, err = p.lookAtPostgres(ctx, e)
		return err
	})
	ask(2, "clickhouse", p.lookAtClickHouse)
	all.Go(func() { out.Process = p.Process(ctx) })
	all.Wait()
	out.Engines = engines
	for i := range out.Partitions {
		out.Partitions[i].State = out.Process.Partitions[out.Partitions[i].Partition]
	}
	out.Projections = standings(p.Projections, checkpoints, stopped, out.Partitions)
	return out
}

func (p Parts) lookAtLog(ctx context.Context, e *Engine) ([]Partition, error) {
	cl, err := p.Log.Open()
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	adm := kadm.NewClient(cl)
	brokers, err := adm.ApiVersions(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask brokers for their versions: %w", err)
	}
	for _, b := range brokers.Sorted() {
		e.Version = strings.TrimPrefix(b.VersionGuess(), "v")
	}
	e.Detail = "1 broker"
	if len(brokers) != 1 {
		e.Detail = fmt.Sprintf("%d brokers", len(brokers))
	}
	topic := p.Log.Events()
	topics, err := adm.ListTopics(ctx, topic)
	if err == nil {
		err = topics.Error()
	}
	if err != nil {
		return nil, fmt.Errorf("describe %s: %w", topic, err)
	}
	ends, err := adm.ListEndOffsets(ctx, topic)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return nil, fmt.Errorf("list ends of %s: %w", topic, err)
	}
	var out []Partition
	for _, x := range topics[topic].Partitions.Sorted() {
		end, _ := ends.Lookup(topic, x.Partition)
		out = append(out, Partition{Partition: x.Partition, End: end.Offset, Replicas: len(x.Replicas), InSync: len(x.ISR)})
	}
	return out, nil
}

// checkpoint is how far one projection has come in one partition.
type checkpoint struct {
	Projection   string
	Version      int
	Partition    int32
	Pseq, Offset int64
}

func (p Parts) lookAtPostgres(ctx context.Context, e *Engine) ([]checkpoint, []project.Stopped, error) {
	if err := p.Pool.QueryRow(ctx, `select current_setting('server_version')`).Scan(&e.Version); err != nil {
		return nil, nil, fmt.Errorf("ask for the version: %w", err)
	}
	rows, err := p.Pool.Query(ctx, `select projection, version, partition, pseq, "offset" from kernel.checkpoints`)
	if err != nil {
		return nil, nil, fmt.Errorf("read checkpoints: %w", err)
	}
	at, err := pgx.CollectRows(rows, pgx.RowToStructByPos[checkpoint])
	if err != nil {
		return nil, nil, fmt.Errorf("read checkpoints: %w", err)
	}
	stopped, err := project.ListStopped(ctx, p.Pool)
	return at, stopped, err
}

func (p Parts) lookAtClickHouse(ctx context.Context, e *Engine) error {
	if p.ClickHouse == nil {
		return errors.New("it isn't connected here")
	}
	if err := p.ClickHouse.QueryRow(ctx, `SELECT version()`).Scan(&e.Version); err != nil {
		return fmt.Errorf("ask for the version: %w", err)
	}
	return nil
}

// standings puts together what is known of each projection; those that need somebody stand first, then those that are behind.
func standings(known []Projection, at []checkpoint, stopped []project.Stopped, partitions []Partition) []Projection {
	ends := map[int32]int64{}
	for _, x := range partitions {
		ends[x.Partition] = x.End
	}
	out := slices.Clone(known)
	for i := range out {
		s := &out[i]
		come := map[int32]int64{}
		for _, c := range at {
			switch {
			case c.Projection == s.Name && c.Version == s.Version:
				s.Events += c.Pseq
				come[c.Partition] = c.Offset
			case c.Projection == project.Next.Key(s.Name, c.Version).Name:
				s.Rebuilding = true
			}
		}
		for p, end := range ends {
			s.Behind += max(0, end-come[p])
		}
		for _, x := range stopped {
			if x.Projection == s.Name {
				s.Stopped = append(s.Stopped, x)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Projection) int {
		return cmp.Or(cmp.Compare(len(b.Stopped), len(a.Stopped)), cmp.Compare(b.Behind, a.Behind), cmp.Compare(a.Name, b.Name))
	})
	return out
}
