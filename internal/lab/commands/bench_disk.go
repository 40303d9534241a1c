package commands

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/kadm"

	"outrider/internal/clickhouse"
	"outrider/internal/kafka"
	"outrider/internal/lab/bench"
)

// footprint is how much a server's engines have on disk, in bytes by engine, and how many records of events that is for.
type footprint struct {
	events int64
	bytes  map[string]int64
}

// measureDisk measures it: the log's events and commands by their files, Postgres and ClickHouse by what they say of their tables (Postgres'
// write-ahead log, which is used again and again, isn't in it).
func (s *benchServer) measureDisk(ctx context.Context) (f footprint, err error) {
	log, err := kafka.Log{Seeds: strings.Split(s.Kafka, ","), Generation: 1}.Measure(ctx)
	if err != nil {
		return f, err
	}
	cl, err := log.Open()
	if err != nil {
		return f, err
	}
	defer cl.Close()
	ends, err := kadm.NewClient(cl).ListEndOffsets(ctx, log.Events())
	if err != nil {
		return f, fmt.Errorf("list ends of %s: %w", log.Events(), err)
	}
	ends.Each(func(o kadm.ListedOffset) { f.events += o.Offset })
	db, err := pgx.Connect(ctx, s.Postgres)
	if err != nil {
		return f, fmt.Errorf("open postgres: %w", err)
	}
	defer db.Close(context.WithoutCancel(ctx))
	var postgres int64
	if err := db.QueryRow(ctx, `select pg_database_size(current_database())`).Scan(&postgres); err != nil {
		return f, fmt.Errorf("measure postgres: %w", err)
	}
	conn, err := clickhouse.Open(s.ClickHouse)
	if err != nil {
		return f, err
	}
	defer conn.Close()
	var tables uint64
	if err := conn.QueryRow(ctx, `SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = currentDatabase()`).Scan(&tables); err != nil {
		return f, fmt.Errorf("measure clickhouse: %w", err)
	}
	f.bytes = map[string]int64{"events": topicSize(s.Data, log.Events()), "commands": topicSize(s.Data, log.Commands()), "postgres": postgres, "clickhouse": int64(tables)}
	return f, nil
}

// startGauge begins to measure what a run takes, and gives what ends it: use of the processes, and bytes on disk.
func (s *benchServer) startGauge(ctx context.Context) (end func(*benchConditions) error, err error) {
	before, err := s.measureDisk(ctx)
	if err != nil {
		return nil, err
	}
	watch := bench.StartWatch()
	return func(c *benchConditions) error {
		c.Use = watch.End()
		after, err := s.measureDisk(ctx)
		if err == nil {
			c.Disk = after.perEventSince(before)
		}
		return err
	}, nil
}

// perEventSince is what has been added since before, in bytes for each event.
func (f footprint) perEventSince(before footprint) map[string]float64 {
	out := map[string]float64{}
	for engine, n := range f.bytes {
		out[engine] = float64(n-before.bytes[engine]) / float64(max(f.events-before.events, 1))
	}
	return out
}

// topicSize is the bytes of a topic's partitions, wherever below a folder the broker keeps them.
func topicSize(dir, topic string) (n int64) {
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return nil //nolint:nilerr // it went meanwhile
		}
		if name, ok := strings.CutPrefix(d.Name(), topic+"-"); ok && strings.Trim(name, "0123456789") == "" {
			n += folderSize(path)
			return fs.SkipDir
		}
		return nil
	})
	return n
}
