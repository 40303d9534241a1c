package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/internal/clickhouse"
	"outrider/internal/engines/enginestest"
	"outrider/internal/es"
	"outrider/internal/es/project"
	"outrider/internal/kafka"
	"outrider/internal/postgres"
	"outrider/internal/postgres/postgrestest"
	"outrider/projections"
	"outrider/projections/analytics"
)

// emptyEngines gives a data folder, and databases of its own on the engines that tests share.
func emptyEngines(t *testing.T) (*Folder, Addresses) {
	t.Helper()
	f := &Folder{Data: t.TempDir()}
	a := Addresses{Kafka: enginestest.Kafka(t), Postgres: postgrestest.Empty(t), ClickHouse: enginestest.ClickHouse(t), Blobs: filepath.Join(f.Data, "blobs")}
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

// sharedRoles puts the passwords in place that all tests give to the roles of the server that they share.
func sharedRoles(t *testing.T, k keyFiles) {
	t.Helper()
	b, err := json.Marshal(postgrestest.Secrets())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(k.roles(), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// startNode runs roles on the shared engines, with a generation of topics of its own; they end with the test.
func startNode(t *testing.T, generation int32, roles ...string) *node {
	t.Helper()
	f, a := emptyEngines(t)
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	sharedRoles(t, f.keys())
	topics, err := migrate(t.Context(), a, f.keys(), kafka.Log{Seeds: a.seeds(), Generation: generation, Partitions: 2, Replication: 1, Replies: 1})
	if err != nil {
		t.Fatal(err)
	}
	s, err := openStores(t.Context(), a, f.keys(), topics, nil, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	watch := newOwnership(topics.Partitions)
	m, err := Sending{Poll: time.Minute, MailLoopback: true}.ready()
	if err != nil {
		t.Fatal(err)
	}
	n, err := newNode(t.Context(), s, nodeOptions{roles: roles, listen: "127.0.0.1:0", mailing: m, plans: commands.Plans(), owned: watch.see}, log)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- n.run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	if err := watch.wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestACommandReachesBothStores(t *testing.T) {
	t.Parallel()
	n := startNode(t, 2, roleCommands, roleProjections, roleConsumers)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()

	org, slug := es.NewID(), "acme-"+es.NewID().String()[30:]
	if err := n.slugs.Reserve(ctx, slug, org); err != nil {
		t.Fatal(err)
	}
	typ, data, err := commands.Encode(commands.CreateOrganization{OrganizationID: org, Slug: slug, Name: "Acme", Plan: "growth", Limits: commands.Plans()["growth"], TimeZone: "Europe/Berlin", TrialDays: commands.TrialDays})
	if err != nil {
		t.Fatal(err)
	}
	id := es.NewID()
	c := &es.Command{ID: id, Type: typ, Org: org, Time: time.Now().UTC().Truncate(time.Microsecond), Actor: es.Actor{Kind: es.ActorOperator, ID: "test"}, CorrelationID: id, CausationID: id, Data: data}
	answer, err := n.gateway.Submit(ctx, c)
	if err != nil || answer.Outcome != es.Accepted {
		t.Fatalf("submit: got %+v, %v, want it accepted", answer, err)
	}
	again, err := n.gateway.Submit(ctx, c)
	if err != nil || again.Pseq != answer.Pseq || again.Outcome != es.Accepted {
		t.Fatalf("submit again: got %+v, %v, want the same answer", again, err)
	}

	if err := n.positions.Wait(ctx, readModel(n.stores, "organizations"), answer.Partition, answer.Pseq); err != nil {
		t.Fatal(err)
	}
	err = postgres.InOrg(ctx, n.pools.API, org, func(tx pgx.Tx) error {
		o, err := projections.GetOrganization(ctx, tx, org)
		if err == nil && o.Slug != slug {
			t.Errorf("got slug %q, want %q", o.Slug, slug)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.positions.Wait(ctx, project.Key{Name: n.columns[0].Table.Name, Version: n.columns[0].Table.Version}, answer.Partition, answer.Pseq); err != nil {
		t.Fatal(err)
	}
	if history, err := (analytics.History{Conn: n.click}).ByCommand(ctx, org, id); err != nil || len(history) == 0 {
		t.Errorf("clickhouse: got %d events, %v, want the command's", len(history), err)
	}
	if v, err := verifyLog(ctx, n.stores.log); err != nil || v.Commands != 1 {
		t.Errorf("verify: got %+v, %v, want one command", v, err)
	}
}

func TestHealthTellsHowRolesStand(t *testing.T) {
	t.Parallel()
	n := startNode(t, 3, roleCommands, roleProjections)
	at := n.listener.Addr().String()
	get := func(path string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+at+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(b)
	}
	if code, body := get("/healthz"); code != http.StatusOK || body != "ok\n" {
		t.Errorf("healthz: got %d %q", code, body)
	}
	var s standing
	code, body := get("/readyz")
	if err := json.Unmarshal([]byte(body), &s); err != nil || code != http.StatusOK || len(s.Commands) != 2 {
		t.Errorf("readyz: got %d %s, %v, want two partitions of commands", code, body, err)
	}
	if _, body := get("/metrics"); !strings.Contains(body, "outrider_partitions_owned 2") || !strings.Contains(body, `outrider_projection_stopped_partitions{store="clickhouse"} 0`) {
		t.Errorf("metrics: got\n%s", body)
	}
}

func TestAnOrganisationIsComparedWhenItAsks(t *testing.T) {
	t.Parallel()
	n := startNode(t, 4, roleAPI, roleCommands, roleProjections)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	send := func(c client, method, path, body string) map[string]any {
		t.Helper()
		var out map[string]any
		if err := c.send(ctx, method, path, "application/json", strings.NewReader(body), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	operator := client{"http://" + n.listener.Addr().String(), n.platform}
	org := send(operator, http.MethodPost, "/v1/organizations", `{"slug": "asks-`+es.NewID().String()[24:]+`", "name": "Asks", "plan": "growth"}`)["id"].(string)
	auditor := client{operator.url, send(operator, http.MethodPost, "/v1/api-keys", `{"organization_id": "`+org+`", "name": "audit", "scopes": ["audit:read"]}`)["token"].(string)}
	asked := send(auditor, http.MethodPost, "/v1/reconciliation", "")["requested_at"].(string)
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		var got map[string]any
		if err := auditor.send(ctx, http.MethodGet, "/v1/reconciliation", "", nil, &got); err == nil {
			if got["checked_at"].(string) <= asked || got["agrees"] != true || got["requested_at"] != nil {
				t.Errorf("asked at %s: %v", asked, got)
			}
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("nobody compares")
		}
	}
}
