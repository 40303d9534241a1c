// Package doctor looks an installation over: each check that fails says how to mend it.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/twmb/franz-go/pkg/kadm"

	"outrider/internal/app/node"
	"outrider/internal/blob"
	"outrider/internal/clickhouse"
	"outrider/internal/es/project"
	"outrider/internal/kafka"
	"outrider/internal/postgres"
	"outrider/internal/redis"
)

const oldestPostgres = 15

// Installation is an installation under examination.
type Installation struct {
	Addresses  node.Addresses
	Redis      string // URL; empty = none is used
	Selling    node.Selling
	Plans      node.PlanFile
	PublicURL  string // where the installation is reached
	Keys       node.KeyFiles
	Data       string
	Generation int32

	pools *postgres.Pools
	click driver.Conn
}

func (p *Installation) Close() {
	if p.pools != nil {
		p.pools.Close()
	}
	if p.click != nil {
		_ = p.click.Close() // nothing is in flight
	}
}

// Checks are all that is looked at, in order.
func (p *Installation) Checks() []Check {
	return []Check{
		{"disk", "free some space, or choose another folder with --data", p.checkDisk},
		{"key files", "run `outrider migrate` for the first time, or put them back from the backup; chmod 600", p.checkKeyFiles},
		{"kafka", "start Kafka, or name it with --kafka", p.checkKafka},
		{"kafka topics", "run `outrider migrate`", p.checkTopics},
		{"kafka retention", "kafka-configs.sh --alter --entity-type topics --entity-name events --add-config retention.ms=-1,retention.bytes=-1,unclean.leader.election.enable=false", p.checkRetention},
		{"postgres", "start Postgres 15 or newer, or name it with --postgres", p.checkPostgres},
		{"postgres roles", "run `outrider migrate`; the passwords are in " + p.Keys.Roles(), p.checkRoles},
		{"master key", "put back " + p.Keys.Master() + " from the backup: without it no personal data can be read", p.checkMaster},
		{"row-level security", "run `outrider migrate`; a table of ours is made by `call kernel.protect('read.x')`", p.checkRowSecurity},
		{"clickhouse", "start ClickHouse 24 or newer, or name it with --clickhouse", p.checkClickHouse},
		{"clickhouse tables", "run `outrider migrate`", p.checkColumns},
		{"redis", "start it, or leave --redis out; until then each api process limits requests by itself", p.checkRedis},
		{"projections", "start a program that can handle the event, or let it be passed over: outrider projections skip NAME --partition P --pseq N --reason TEXT", p.checkProjections},
		{"foreign events", "find out who wrote to Kafka, and what of it must be put right; then: outrider log settle --partition P --offset N --reason TEXT", p.checkAlarms},
		{"payments", "run `outrider admin billing set-up`", p.checkSelling},
		{"connections", "see that a process with the role consumers runs, and that the service can be reached from here; under Settings, Integrations each connection says what is wrong. They go on by themselves", p.checkConnections},
		{"blobs", "make the folder or the bucket writable, or name another with --blobs; a bucket's keys are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", p.checkBlobs},
	}
}

func (p *Installation) checkDisk(context.Context) (string, error) {
	free, err := node.CheckDisk(p.Data)
	return fmt.Sprintf("%d GB are free in %s", free>>30, p.Data), err
}

func (p *Installation) checkKeyFiles(context.Context) (string, error) {
	var bad []error
	for _, f := range []string{p.Keys.Master(), p.Keys.Roles(), p.Keys.Commands(), p.Keys.Audit(), p.Keys.Platform()} {
		i, err := os.Stat(f)
		switch {
		case err != nil:
			bad = append(bad, err)
		case i.Mode().Perm()&0o077 != 0:
			bad = append(bad, fmt.Errorf("%s can be read by others (%v)", f, i.Mode().Perm()))
		}
	}
	return "master key, passwords of roles, keys of commands, audit key and platform key in " + p.Keys.Dir, errors.Join(bad...)
}

func (p *Installation) kafkaLog() kafka.Log {
	return kafka.Log{Seeds: p.Addresses.Seeds(), Generation: p.Generation, Access: p.Addresses.Access}
}

// withAdmin runs f with an administrating client.
func (p *Installation) withAdmin(f func(*kadm.Client) (string, error)) (string, error) {
	cl, err := p.kafkaLog().Open()
	if err != nil {
		return "", err
	}
	defer cl.Close()
	return f(kadm.NewClient(cl))
}

func (p *Installation) checkKafka(ctx context.Context) (string, error) {
	return p.withAdmin(func(adm *kadm.Client) (string, error) {
		versions, err := adm.ApiVersions(ctx)
		if err != nil {
			return "", fmt.Errorf("ask %s: %w", p.Addresses.Kafka, err)
		}
		return fmt.Sprintf("%d brokers answer at %s", len(versions), p.Addresses.Kafka), nil
	})
}

func (p *Installation) checkTopics(ctx context.Context) (string, error) {
	l := p.kafkaLog()
	return p.withAdmin(func(adm *kadm.Client) (string, error) {
		t, err := adm.ListTopics(ctx, l.Commands(), l.Events(), l.ReplyTopic())
		if err == nil {
			err = t.Error()
		}
		if err != nil {
			return "", fmt.Errorf("list topics: %w", err)
		}
		c, e := t[l.Commands()], t[l.Events()]
		if len(c.Partitions) != len(e.Partitions) {
			return "", fmt.Errorf("%s has %d partitions, %s %d; they must have the same", c.Topic, len(c.Partitions), e.Topic, len(e.Partitions))
		}
		var short []string
		for _, topic := range t.Sorted() {
			for _, x := range topic.Partitions.Sorted() {
				if x.Leader < 0 || len(x.ISR) < len(x.Replicas) {
					short = append(short, fmt.Sprintf("%s/%d", topic.Topic, x.Partition))
				}
			}
		}
		if len(short) > 0 {
			return "", fmt.Errorf("without all their replicas: %s", strings.Join(short, " "))
		}
		return fmt.Sprintf("%s and %s with %d partitions, %d replicas each", c.Topic, e.Topic, len(e.Partitions), e.Partitions.NumReplicas()), nil
	})
}

// checkRetention looks for what would lose parts of the record.
func (p *Installation) checkRetention(ctx context.Context) (string, error) {
	l := p.kafkaLog()
	return p.withAdmin(func(adm *kadm.Client) (string, error) {
		configs, err := adm.DescribeTopicConfigs(ctx, l.Events())
		if err != nil {
			return "", fmt.Errorf("describe %s: %w", l.Events(), err)
		}
		r, err := configs.On(l.Events(), nil)
		if err == nil {
			err = r.Err
		}
		if err != nil {
			return "", fmt.Errorf("describe %s: %w", l.Events(), err)
		}
		want := map[string]string{"retention.ms": "-1", "retention.bytes": "-1", "unclean.leader.election.enable": "false"}
		var bad []error
		for _, c := range r.Configs {
			if w, ok := want[c.Key]; ok && c.MaybeValue() != w {
				bad = append(bad, fmt.Errorf("%s has %s=%s, which can lose history", l.Events(), c.Key, c.MaybeValue()))
			}
		}
		return l.Events() + " is kept for ever", errors.Join(bad...)
	})
}

func (p *Installation) checkPostgres(ctx context.Context) (string, error) {
	if _, err := os.Stat(p.Keys.Roles()); err != nil {
		return "answers", postgres.Answers(ctx, p.Addresses.Postgres)
	}
	secrets, err := postgres.ReadSecrets(p.Keys.Roles())
	if err != nil {
		return "", err
	}
	pool, err := postgres.OpenRole(ctx, p.Addresses.Postgres, postgres.RoleAPI, secrets.API, "read", 1)
	if err != nil {
		return "", err
	}
	defer pool.Close()
	var number int
	var version string
	if err := pool.QueryRow(ctx, `select current_setting('server_version_num')::int, current_setting('server_version')`).Scan(&number, &version); err != nil {
		return "", fmt.Errorf("ask for the version: %w", err)
	}
	if number/10000 < oldestPostgres {
		return "", fmt.Errorf("it is version %s", version)
	}
	return "version " + version, nil
}

func (p *Installation) checkRoles(ctx context.Context) (string, error) {
	if _, err := os.Stat(p.Keys.Roles()); err != nil {
		return "", err
	}
	secrets, err := postgres.ReadSecrets(p.Keys.Roles())
	if err != nil {
		return "", err
	}
	p.pools, err = postgres.OpenPools(ctx, p.Addresses.Postgres, secrets, postgres.Options{ProjectorConns: 1, APIConns: 1, IdentityConns: 1, VaultConns: 1})
	if err != nil {
		return "", err
	}
	altered, err := postgres.AlteredRoles(ctx, p.pools.API)
	if err == nil && len(altered) > 0 {
		err = fmt.Errorf("somebody who signed in as them has changed them: %s", strings.Join(altered, "; "))
	}
	return "all four can sign in, with the settings that they were given", err
}

func (p *Installation) checkMaster(ctx context.Context) (string, error) {
	if p.pools == nil {
		return "", errors.New("can't be looked at without the roles")
	}
	return "reads what is stored", node.CheckMaster(ctx, p.Addresses, p.Keys)
}

func (p *Installation) checkRowSecurity(ctx context.Context) (string, error) {
	if p.pools == nil {
		return "", errors.New("can't be looked at without the roles")
	}
	open, err := postgres.UnprotectedTables(ctx, p.pools.API)
	if err != nil {
		return "", err
	}
	if len(open) > 0 {
		return "", errors.New(strings.Join(open, "; "))
	}
	var tables int
	if err := p.pools.API.QueryRow(ctx, `select count(*) from pg_tables where schemaname = 'read'`).Scan(&tables); err != nil {
		return "", fmt.Errorf("count tables: %w", err)
	}
	if tables == 0 {
		return "", errors.New("schema read has no tables")
	}
	return fmt.Sprintf("forced on all %d tables of schema read", tables), nil
}

func (p *Installation) checkClickHouse(ctx context.Context) (string, error) {
	conn, err := clickhouse.Open(p.Addresses.ClickHouse)
	if err != nil {
		return "", err
	}
	var version string
	if err := conn.QueryRow(ctx, `SELECT version()`).Scan(&version); err != nil {
		_ = conn.Close()
		return "", fmt.Errorf("ask for the version: %w", err)
	}
	p.click = conn
	return "version " + version, nil
}

func (p *Installation) checkColumns(ctx context.Context) (string, error) {
	if p.click == nil {
		return "", errors.New("can't be looked at without ClickHouse")
	}
	var rows uint64
	if err := p.click.QueryRow(ctx, `SELECT count() FROM events`).Scan(&rows); err != nil {
		return "", fmt.Errorf("count events: %w", err)
	}
	return fmt.Sprintf("events has %d rows", rows), nil
}

func (p *Installation) checkRedis(ctx context.Context) (string, error) {
	if p.Redis == "" {
		return "not named: each api process limits requests to its share", nil
	}
	version, err := redis.Probe(ctx, p.Redis)
	return "version " + version + " counts limits of requests", err
}

func (p *Installation) checkProjections(ctx context.Context) (string, error) {
	if p.pools == nil {
		return "", errors.New("can't be looked at without the roles")
	}
	stopped, err := project.ListStopped(ctx, p.pools.API)
	if err != nil {
		return "", err
	}
	var all []error
	for _, s := range stopped {
		all = append(all, fmt.Errorf("%s stands still on partition %d before pseq %d: %s %s: %s", s.Projection, s.Partition, s.Pseq, s.EventType, s.EventID, s.Error))
	}
	return "none stands still", errors.Join(all...)
}

// checkAlarms looks for partitions that stand still because of an event that nobody decided.
func (p *Installation) checkAlarms(ctx context.Context) (string, error) {
	b, err := blob.Open(ctx, p.Addresses.Blobs)
	if err != nil {
		return "", err
	}
	defer b.Close()
	open, err := node.AlarmsOf(p.kafkaLog(), b).Open(ctx)
	all := []error{err}
	for _, a := range open {
		all = append(all, fmt.Errorf("partition %d stands still at offset %d: %s", a.Partition, a.Offset, a.Why))
	}
	return "no partition stands still", errors.Join(all...)
}

func (p *Installation) checkBlobs(ctx context.Context) (string, error) {
	b, err := blob.Open(ctx, p.Addresses.Blobs)
	if err != nil {
		return "", err
	}
	defer b.Close()
	if err := b.Probe(ctx); err != nil {
		return "", err
	}
	where := p.Addresses.Blobs
	if !strings.Contains(where, "://") {
		where = filepath.Clean(where)
	}
	return "can be written, read and deleted in " + where, nil
}
