// Package nodetest runs nodes on the engines that tests share.
package nodetest

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"outrider/internal/app/node"
	"outrider/internal/clickhouse"
	"outrider/internal/engines/enginestest"
	"outrider/internal/es"
	"outrider/internal/kafka"
	"outrider/internal/postgres/postgrestest"
	"outrider/projections"
)

// EmptyEngines gives a data folder, and databases of its own on the engines that tests share.
func EmptyEngines(t *testing.T) (*node.Folder, node.Addresses) {
	t.Helper()
	return enginesWith(t, postgrestest.Empty(t))
}

func enginesWith(t *testing.T, postgres string) (*node.Folder, node.Addresses) {
	t.Helper()
	f := &node.Folder{Data: t.TempDir()}
	a := node.Addresses{Kafka: enginestest.Kafka(t), Postgres: postgres, ClickHouse: enginestest.ClickHouse(t), Blobs: filepath.Join(f.Data, "blobs")}
	conn, err := clickhouse.Open(a.ClickHouse)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	database := "test_" + strings.ReplaceAll(es.NewID().String(), "-", "")
	if err := conn.Exec(t.Context(), "CREATE DATABASE "+database); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(a.ClickHouse)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + database
	a.ClickHouse = u.String()
	return f, a
}

// SharedRoles puts the passwords in place that all tests give to the roles of the server that they share.
func SharedRoles(t *testing.T, k node.KeyFiles) {
	t.Helper()
	b, err := json.Marshal(postgrestest.Secrets())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(k.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(k.Roles(), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// StartNode runs roles on the shared engines, with a generation of topics of its own; they end with the test.
func StartNode(t *testing.T, generation int32, roles ...string) *node.Node {
	t.Helper()
	f, a := enginesWith(t, postgrestest.Migrated(t, projections.Migrations())) // a copy of what migrations make, which takes a tenth of the time
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	SharedRoles(t, f.Keys())
	topics, err := node.Migrate(t.Context(), a, f.Keys(), kafka.Log{Seeds: a.Seeds(), Generation: generation, Partitions: 2, Replication: 1, Replies: 1})
	if err != nil {
		t.Fatal(err)
	}
	s, err := node.OpenStores(t.Context(), node.StoresConfig{Addresses: a, Keys: f.Keys(), Log: topics, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	n, err := node.New(t.Context(), s, node.Config{Roles: roles, Listen: "127.0.0.1:0", Sending: node.Sending{Poll: time.Minute, MailLoopback: true}}, log)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- n.RunAlone(ctx, func() error {
			close(ready)
			return nil
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	select {
	case <-ready:
	case err := <-done:
		done <- nil
		t.Fatal(err)
	}
	return n
}
