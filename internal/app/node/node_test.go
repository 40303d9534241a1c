package node_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"outrider/commands"
	"outrider/internal/app/client"
	"outrider/internal/app/node"
	"outrider/internal/app/node/nodetest"
	"outrider/internal/es"
	"outrider/internal/es/project"
	"outrider/internal/es/verify"
	"outrider/internal/postgres"
	"outrider/projections"
	"outrider/projections/analytics"
)

func TestACommandReachesBothStores(t *testing.T) {
	t.Parallel()
	n := nodetest.StartNode(t, 2, node.RoleCommands, node.RoleProjections, node.RoleConsumers)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()

	org, slug := es.NewID(), "acme-"+es.NewID().String()[30:]
	if err := n.Slugs.Reserve(ctx, slug, org); err != nil {
		t.Fatal(err)
	}
	typ, data, err := commands.Encode(commands.CreateOrganization{OrganizationID: org, Slug: slug, Name: "Acme", Plan: "growth", Limits: commands.Plans()["growth"], TimeZone: "Europe/Berlin", TrialDays: commands.TrialDays})
	if err != nil {
		t.Fatal(err)
	}
	id := es.NewID()
	c := &es.Command{ID: id, Type: typ, Org: org, Time: time.Now().UTC().Truncate(time.Microsecond), Actor: es.Actor{Kind: es.ActorOperator, ID: "test"}, CorrelationID: id, CausationID: id, Data: data}
	answer, err := n.Gateway.Submit(ctx, c)
	if err != nil || answer.Outcome != es.Accepted {
		t.Fatalf("submit: got %+v, %v, want it accepted", answer, err)
	}
	again, err := n.Gateway.Submit(ctx, c)
	if err != nil || again.Pseq != answer.Pseq || again.Outcome != es.Accepted {
		t.Fatalf("submit again: got %+v, %v, want the same answer", again, err)
	}

	if err := n.Positions.Wait(ctx, node.ReadModel(n.Stores, "organizations"), answer.Partition, answer.Pseq); err != nil {
		t.Fatal(err)
	}
	err = postgres.InOrg(ctx, n.Pools.API, org, func(tx pgx.Tx) error {
		o, err := projections.GetOrganization(ctx, tx, org)
		if err == nil && o.Slug != slug {
			t.Errorf("got slug %q, want %q", o.Slug, slug)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Positions.Wait(ctx, project.Key{Name: analytics.Events().Name, Version: analytics.Events().Version}, answer.Partition, answer.Pseq); err != nil {
		t.Fatal(err)
	}
	if history, err := (analytics.History{Conn: n.ClickHouse}).ByCommand(ctx, org, id); err != nil || len(history) == 0 {
		t.Errorf("clickhouse: got %d events, %v, want the command's", len(history), err)
	}
	if v, err := verify.Log(ctx, n.Stores.Log); err != nil || v.Commands != 1 {
		t.Errorf("verify: got %+v, %v, want one command", v, err)
	}
}

func TestHealthTellsHowRolesStand(t *testing.T) {
	t.Parallel()
	n := nodetest.StartNode(t, 3, node.RoleCommands, node.RoleProjections)
	at := n.Address()
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
	var s node.Standing
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
	n := nodetest.StartNode(t, 4, node.RoleAPI, node.RoleCommands, node.RoleProjections)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	send := func(c client.Client, method, path, body string) map[string]any {
		t.Helper()
		var out map[string]any
		if err := c.Send(ctx, method, path, "application/json", strings.NewReader(body), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	operator := client.Client{URL: "http://" + n.Address(), Key: n.Platform}
	org := send(operator, http.MethodPost, "/v1/organizations", `{"slug": "asks-`+es.NewID().String()[24:]+`", "name": "Asks", "plan": "growth"}`)["id"].(string)
	auditor := client.Client{URL: operator.URL, Key: send(operator, http.MethodPost, "/v1/api-keys", `{"organization_id": "`+org+`", "name": "audit", "scopes": ["audit:read"]}`)["token"].(string)}
	asked := send(auditor, http.MethodPost, "/v1/reconciliation", "")["requested_at"].(string)
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		var got map[string]any
		if err := auditor.Send(ctx, http.MethodGet, "/v1/reconciliation", "", nil, &got); err == nil {
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
