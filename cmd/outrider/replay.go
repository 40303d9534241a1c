package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"outrider/events"
	"outrider/internal/engines"
	"outrider/internal/es"
	"outrider/internal/es/reader"
	"outrider/internal/kafka"
	"outrider/projections"
)

type replayCmd struct {
	LogAddress
	Org   string `required:"" help:"The organisation." placeholder:"UUID"`
	Until string `help:"The instant, as in RFC 3339; default: all there is." placeholder:"TIME"`
	JSON  bool   `help:"Print one line of JSON."`
}

// Run prints how an organisation stood at an instant, from the log alone. When no outrider runs on the data folder, its Kafka
// is started for as long as the log is read.
func (c replayCmd) Run(ctx context.Context, f *Folder, logger *slog.Logger) error {
	org, err := uuid.Parse(c.Org)
	if err != nil {
		return fmt.Errorf("--org %s is not the id of an organisation: %w", c.Org, err)
	}
	var until time.Time
	if c.Until != "" {
		if until, err = time.Parse(time.RFC3339Nano, c.Until); err != nil {
			return fmt.Errorf("--until must be an instant as in RFC 3339, like 2026-03-02T09:30:00Z: %w", err)
		}
	}
	log, err := c.log(f)
	if errors.Is(err, errNotRunning) {
		var done func()
		if log, done, err = c.resting(ctx, f, logger); err == nil {
			defer done()
		}
	}
	if err != nil {
		return err
	}
	if log, err = log.Measure(ctx); err != nil {
		return err
	}
	s, err := replay(ctx, log, org, until)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(s)
	}
	return s.print(os.Stdout)
}

// resting starts the Kafka of a data folder on which nothing runs.
func (c replayCmd) resting(ctx context.Context, f *Folder, logger *slog.Logger) (kafka.Log, func(), error) {
	if _, err := os.Stat(filepath.Join(f.Data, "kafka")); err != nil {
		return kafka.Log{}, nil, fmt.Errorf("there is no log in %s; name a data folder with --data, or a Kafka with --kafka: %w", f.Data, err)
	}
	e, err := engines.Start(ctx, engines.Options{Data: f.Data, Postgres: engines.None, ClickHouse: engines.None, Log: quiet(logger)})
	if err != nil {
		return kafka.Log{}, nil, err
	}
	c.Kafka = e.Kafka
	log, err := c.log(f)
	return log, e.Stop, err
}

var errEnough = errors.New("what follows came later")

// replay follows one organisation's history through the log, until an instant or to its end; the zero time is the end. The
// chain is recomputed, and what breaks it ends the replay.
func replay(ctx context.Context, log kafka.Log, org uuid.UUID, until time.Time) (*replayedState, error) {
	past, err := projections.NewPast(org, uuid.Nil, nil)
	if err != nil {
		return nil, err
	}
	defer past.Close()
	s := newReplayedState(org, until)
	var trail es.Trail
	_, _, err = reader.Scan(ctx, log, reader.Config{Partition: es.PartitionOf(org, log.Partitions), From: es.StartCheckpoint()}, 0, func(ctx context.Context, b reader.Batch) error {
		for _, e := range b.Events {
			if e.Org != org {
				continue
			}
			if !until.IsZero() && e.Time.After(until) {
				return errEnough // an organisation's time never goes back
			}
			if err := trail.Follow(e); err != nil {
				return err
			}
			if e.Payload, err = events.Decode(e.Type, e.Data); err != nil {
				return fmt.Errorf("event %d of organisation %s: %w", e.Oseq, org, err)
			}
			if err := past.Apply(ctx, e); err != nil {
				return fmt.Errorf("event %d of organisation %s: %w", e.Oseq, org, err)
			}
			s.count(e)
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	if trail.Oseq == 0 {
		return nil, fmt.Errorf("the log holds nothing of organisation %s%s", org, s.before())
	}
	return s, s.take(past, &trail)
}
