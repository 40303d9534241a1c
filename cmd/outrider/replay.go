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

	"outrider/internal/app/node"
	"outrider/internal/app/replay"
	"outrider/internal/engines"
	"outrider/internal/kafka"
)

type replayCmd struct {
	node.LogAddress
	Org   string `required:"" help:"The organisation." placeholder:"UUID"`
	Until string `help:"The instant, as in RFC 3339; default: all there is." placeholder:"TIME"`
	JSON  bool   `help:"Print one line of JSON."`
}

// Run prints how an organisation stood at an instant, from the log alone. When no outrider runs on the data folder, its Kafka
// is started for as long as the log is read.
func (c replayCmd) Run(ctx context.Context, f *node.Folder, logger *slog.Logger) error {
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
	log, err := c.Log(f)
	if errors.Is(err, node.ErrNotRunning) {
		var done func()
		if log, done, err = c.startResting(ctx, f, logger); err == nil {
			defer done()
		}
	}
	if err != nil {
		return err
	}
	if log, err = log.Measure(ctx); err != nil {
		return err
	}
	s, err := replay.Run(ctx, log, org, until)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(s)
	}
	return s.Print(os.Stdout)
}

// startResting starts the Kafka of a data folder on which nothing runs.
func (c replayCmd) startResting(ctx context.Context, f *node.Folder, logger *slog.Logger) (kafka.Log, func(), error) {
	if _, err := os.Stat(filepath.Join(f.Data, "kafka")); err != nil {
		return kafka.Log{}, nil, fmt.Errorf("there is no log in %s; name a data folder with --data, or a Kafka with --kafka: %w", f.Data, err)
	}
	e, err := engines.Start(ctx, engines.Options{Data: f.Data, Postgres: engines.None, ClickHouse: engines.None, Log: node.Quiet(logger)})
	if err != nil {
		return kafka.Log{}, nil, err
	}
	c.Kafka = e.Kafka
	log, err := c.Log(f)
	return log, e.Stop, err
}
