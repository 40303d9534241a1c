package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	"outrider/internal/engines"
)

// Addresses say where the engines are, for commands that use running ones.
type Addresses struct {
	Kafka      string `help:"Kafka: host:port,..." placeholder:"ADDR"`
	Postgres   string `help:"Postgres: URL of a role that owns the database." placeholder:"URL"`
	ClickHouse string `name:"clickhouse" help:"ClickHouse: http://user:password@host:8123/database." placeholder:"URL"`
	Blobs      string `help:"Blobs: a folder, or s3://bucket?region=..." placeholder:"URL"`
}

// orRunning fills what was not given with what the `outrider dev` on the data folder uses.
func (a Addresses) orRunning(f *Folder) (Addresses, error) {
	if a.Kafka != "" && a.Postgres != "" && a.ClickHouse != "" && a.Blobs != "" {
		return a, nil
	}
	r, err := findRunning(f.Data)
	if err != nil {
		return a, err
	}
	for _, x := range []struct {
		to   *string
		from string
	}{{&a.Kafka, r.Kafka}, {&a.Postgres, r.Postgres}, {&a.ClickHouse, r.ClickHouse}, {&a.Blobs, r.Blobs}} {
		if *x.to == "" {
			*x.to = x.from
		}
	}
	return a, nil
}

func (a Addresses) seeds() []string { return strings.Split(a.Kafka, ",") }

// startEngines brings up those that are "embedded" in a, and gives the addresses of all.
func startEngines(ctx context.Context, data string, a Addresses, log *slog.Logger) (Addresses, *engines.Engines, error) {
	e, err := engines.Start(ctx, engines.Options{Data: data, Kafka: a.Kafka, Postgres: a.Postgres, ClickHouse: a.ClickHouse, Log: log})
	if err != nil {
		return a, nil, err // already a sentence with its fix
	}
	a.Kafka, a.Postgres, a.ClickHouse = e.Kafka, e.Postgres, e.ClickHouse
	if a.Blobs == engines.Embedded {
		a.Blobs = e.Blobs
	}
	return a, e, nil
}

// ownKafka says whether the broker is a child of ours.
func (a Addresses) ownKafka() bool { return a.Kafka == engines.Embedded || a.Kafka == engines.Apache }

// keyFiles are what a data folder holds beside the engines: without them encrypted data can't be read.
type keyFiles struct{ dir string }

func (f *Folder) keys() keyFiles { return keyFiles{filepath.Join(f.Data, "keys")} }

func (k keyFiles) roles() string    { return filepath.Join(k.dir, "roles.json") }   // passwords of Postgres roles
func (k keyFiles) master() string   { return filepath.Join(k.dir, "master.key") }   // wraps every organisation's root key
func (k keyFiles) links() string    { return filepath.Join(k.dir, "links.key") }    // signs links and Message-IDs
func (k keyFiles) audit() string    { return filepath.Join(k.dir, "audit.key") }    // signs exports and checkpoints of histories
func (k keyFiles) platform() string { return filepath.Join(k.dir, "platform.key") } // API key that creates organisations

func partitionsFor(a Addresses, flag int32) int32 {
	switch {
	case flag > 0:
		return flag
	case a.ownKafka():
		return 8
	default:
		return 16
	}
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
