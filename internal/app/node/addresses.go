// Package node wires a process of its roles: stores, processor, projections, consumers and the API.
package node

import (
	"context"
	"log/slog"
	"strings"

	"outrider/internal/engines"
	"outrider/internal/kafka"
)

// Addresses say where the engines are, for commands that use running ones.
type Addresses struct {
	Kafka      string `help:"Kafka: host:port,..." placeholder:"ADDR"`
	Postgres   string `help:"Postgres: URL of a role that owns the database for migrate, projections and privacy; for all else postgres://host:port/database." placeholder:"URL"`
	ClickHouse string `name:"clickhouse" help:"ClickHouse: http://user:password@host:8123/database." placeholder:"URL"`
	Blobs      string `help:"Blobs: a folder, or s3://bucket?region=..." placeholder:"URL"`
	kafka.Access
}

// OrRunning fills what was not given with what the `outrider dev` on the data folder uses. Who names roles gets along without what
// none of them needs.
func (a Addresses) OrRunning(f *Folder, roles ...string) (Addresses, error) {
	need := needsOf(roles...)
	all := len(roles) == 0
	if a.Kafka != "" && (a.Postgres != "" || !all && len(need.postgres) == 0) && (a.ClickHouse != "" || !all && !need.clickhouse) && (a.Blobs != "" || !all && !need.blobs) {
		return a, nil
	}
	r, err := FindRunning(f.Data)
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

func (a Addresses) Seeds() []string { return strings.Split(a.Kafka, ",") }

// StartEngines brings up those that are "embedded" in a, and gives the addresses of all. startup is told; it may be nil.
func StartEngines(ctx context.Context, data string, a Addresses, startup *Startup, log *slog.Logger) (Addresses, *engines.Engines, error) {
	e, err := engines.Start(ctx, engines.Options{Data: data, Kafka: a.Kafka, Postgres: a.Postgres, ClickHouse: a.ClickHouse, Log: log, Up: startup.End})
	if err != nil {
		return a, nil, err // already a sentence with its fix
	}
	a.Kafka, a.Postgres, a.ClickHouse = e.Kafka, e.Postgres, e.ClickHouse
	if a.Blobs == engines.Embedded {
		a.Blobs = e.Blobs
	}
	return a, e, nil
}

// OwnKafka says whether the broker is a child of ours.
func (a Addresses) OwnKafka() bool { return a.Kafka == engines.Embedded || a.Kafka == engines.Apache }
