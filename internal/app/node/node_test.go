package node_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"outrider/api/gen"
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

	if err := n.Positions.Wait(ctx, node.ReadModel("organizations"), answer.Partition, answer.Pseq); err != nil {
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
	if err := n.Positions.Wait(ctx, project.ProjectionKey{Name: analytics.Events().Name, Version: analytics.Events().Version}, answer.Partition, answer.Pseq); err != nil {
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
	get := func(at, path string) (int, string) {
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
	public, own := n.Address(), n.OperationsAddress()
	for _, at := range []string{public, own} {
		if code, body := get(at, "/healthz"); code != http.StatusOK || body != "ok\n" {
			t.Errorf("healthz: got %d %q", code, body)
		}
	}
	if code, body := get(public, "/readyz"); code != http.StatusOK || strings.TrimSpace(body) != `{"ready":true}` {
		t.Errorf("readyz tells the world %d %s", code, body)
	}
	if code, _ := get(public, "/metrics"); code != http.StatusNotFound {
		t.Errorf("metrics tell the world %d", code)
	}
	var s node.Readiness
	code, body := get(own, "/readyz")
	if err := json.Unmarshal([]byte(body), &s); err != nil || code != http.StatusOK || !s.Ready || len(s.Commands) != 2 {
		t.Errorf("readyz: got %d %s, %v, want two partitions of commands", code, body, err)
	}
	if _, body := get(own, "/metrics"); !strings.Contains(body, "outrider_partitions_owned 2") || !strings.Contains(body, `outrider_projection_stopped_partitions{store="clickhouse"} 0`) {
		t.Errorf("metrics: got\n%s", body)
	}
	if at, _, _ := net.SplitHostPort(own); at != "127.0.0.1" {
		t.Errorf("metrics are at %s", own)
	}
}

func TestTheApisDetailsAreForItsOperator(t *testing.T) {
	t.Parallel()
	n := nodetest.StartNode(t, 5, node.RoleAPI, node.RoleCommands, node.RoleProjections)
	r := n.Readiness(t.Context())
	if !r.Ready || r.Checks["clickhouse"] != "ok" || r.Checks["postgres"] != "ok" || len(r.Commands) == 0 {
		t.Errorf("got %+v", r)
	}
	get := func(url string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
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
	if code, body := get("http://" + n.Address() + "/readyz"); code != http.StatusOK || body != `{"ready":true}` {
		t.Errorf("readyz tells the world %d %s", code, body)
	}
	if code, _ := get("http://" + n.Address() + "/metrics"); code != http.StatusNotFound {
		t.Errorf("metrics tell the world %d", code)
	}
	h := platformHealth(t, n)
	if !h.Ready || len(h.Engines) != 3 || len(h.Partitions) != 2 || len(h.Projections) < 10 {
		t.Fatalf("the operator is told %+v", h)
	}
	for _, e := range h.Engines {
		if e.Version == "" || e.Problem != "" {
			t.Errorf("of %s: %+v", e.Name, e)
		}
	}
	if h.Partitions[0].State == "" || h.Partitions[0].InSync != 1 {
		t.Errorf("of partition 0: %+v", h.Partitions[0])
	}
	if _, body := get("http://" + n.OperationsAddress() + "/metrics"); !strings.Contains(body, "outrider_http_requests_in_flight") || !strings.Contains(body, "outrider_partitions_owned") {
		t.Errorf("metrics: got\n%s", body)
	}
}

// platformHealth asks as an operator.
func platformHealth(t *testing.T, n *node.Node) (h gen.PlatformHealth) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+n.Address()+"/v1/platform/health", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+n.Platform)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&h); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("got %d, %v", res.StatusCode, err)
	}
	return h
}

func TestAnOrganisationIsComparedWhenItAsks(t *testing.T) {
	t.Parallel()
	n := nodetest.StartNode(t, 4, node.RoleAPI, node.RoleCommands, node.RoleProjections)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	operator := client.Open("http://"+n.Address(), n.Platform, nil)
	org, _, err := client.Read[client.Organization](operator.CreateOrganization(ctx, nil, client.OrganizationCreate{Slug: "asks-" + es.NewID().String()[24:], Name: "Asks", Plan: new("growth")}))
	if err != nil {
		t.Fatal(err)
	}
	key, _, err := client.Read[client.APIKey](operator.CreateAPIKey(ctx, nil, client.APIKeyCreate{OrganizationID: &org.ID, Name: "audit", Scopes: []string{"audit:read"}}))
	if err != nil {
		t.Fatal(err)
	}
	auditor := operator.WithKey(*key.Token)
	asked, _, err := client.Read[map[string]any](auditor.RequestReconciliation(ctx, nil))
	if err != nil {
		t.Fatal(err)
	}
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		if got, _, err := client.Read[map[string]any](auditor.GetReconciliation(ctx)); err == nil {
			if got["checked_at"].(string) <= asked["requested_at"].(string) || got["agrees"] != true || got["requested_at"] != nil {
				t.Errorf("asked at %s: %v", asked["requested_at"], got)
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
