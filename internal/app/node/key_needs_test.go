package node_test

import (
	"context"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"outrider/commands"
	"outrider/internal/app/node"
	"outrider/internal/app/node/nodetest"
	"outrider/internal/es"
	"outrider/internal/kafka"
	"outrider/internal/postgres"
)

// Four processes, each with the keys of its role and nobody's password of the database's owner, do together what one does with all.
func TestEachRoleWorksWithItsOwnKeysOnly(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	f, a := nodetest.EmptyEngines(t)
	nodetest.SharedRoles(t, f.Keys())
	topics, err := node.Migrate(ctx, a, f.Keys(), kafka.Log{Seeds: a.Seeds(), Generation: 43, Partitions: 2, Replication: 1, Replies: 1})
	if err != nil {
		t.Fatal(err)
	}
	share := node.RoleFolders{RoleFolders: filepath.Join(f.Data, "roles")}
	for range 2 {
		if err := share.Share(f.Keys()); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]struct{ files, signsIn string }{
		node.RoleAPI:         {"audit.key commands.key links.key master.key roles.json", "api identity vault"},
		node.RoleCommands:    {"commands.key", ""},
		node.RoleProjections: {"master.key roles.json", "api projector vault"},
		node.RoleConsumers:   {"audit.key commands.key links.key master.key roles.json", "api identity projector vault"},
	}
	u, err := url.Parse(a.Postgres)
	if err != nil {
		t.Fatal(err)
	}
	u.User = nil
	a.Postgres = u.String()
	nodes := map[string]*node.Node{}
	for role, of := range want {
		k := node.KeyFilesIn(filepath.Join(share.RoleFolders, role))
		if got := strings.Join(namesIn(t, k.Dir), " "); got != of.files {
			t.Errorf("%s has %s, want %s", role, got, of.files)
		}
		if of.signsIn != "" {
			secrets, err := postgres.ReadSecrets(k.Roles())
			if err != nil {
				t.Fatal(err)
			}
			var has []string
			for name, password := range map[string]string{"api": secrets.API, "identity": secrets.Identity, "projector": secrets.Projector, "vault": secrets.Vault} {
				if password != "" {
					has = append(has, name)
				}
			}
			slices.Sort(has)
			if got := strings.Join(has, " "); got != of.signsIn {
				t.Errorf("%s signs in as %s, want %s", role, got, of.signsIn)
			}
		}
		nodes[role] = startWith(t, role, k, a, topics)
	}
	org := es.NewID()
	typ, data, err := commands.Encode(commands.CreateOrganization{OrganizationID: org, Slug: "acme-" + org.String()[30:], Name: "Acme", Plan: "growth", Limits: commands.Plans()["growth"], TimeZone: "UTC", TrialDays: commands.TrialDays})
	if err != nil {
		t.Fatal(err)
	}
	id := es.NewID()
	c := &es.Command{ID: id, Type: typ, Org: org, Time: time.Now().UTC().Truncate(time.Microsecond), Actor: es.Actor{Kind: es.ActorOperator, ID: "test"}, CorrelationID: id, CausationID: id, Data: data}
	api := nodes[node.RoleAPI]
	answer, err := api.Gateway.Submit(ctx, c)
	for err != nil && ctx.Err() == nil {
		answer, err = api.Gateway.Submit(ctx, c)
	}
	if err != nil || answer.Outcome != es.Accepted {
		t.Fatalf("%+v, %v", answer, err)
	}
	if err := api.Positions.Wait(ctx, node.ReadModel("organizations"), answer.Partition, answer.Pseq); err != nil {
		t.Fatal(err)
	}
	if nodes[node.RoleCommands].Pools != nil || nodes[node.RoleCommands].ClickHouse != nil || nodes[node.RoleProjections].Gateway != nil {
		t.Error("a role has opened what it doesn't need")
	}
}

func namesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		names = append(names, f.Name())
	}
	return names
}

func startWith(t *testing.T, role string, k node.KeyFiles, a node.Addresses, topics kafka.Log) *node.Node {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})).With("process", role)
	if role == node.RoleCommands {
		a.Postgres, a.ClickHouse = "", ""
	}
	s, err := node.OpenStores(t.Context(), node.StoresConfig{Addresses: a, Roles: []string{role}, Keys: k, Log: topics, Logger: log})
	if err != nil {
		t.Fatalf("%s: %v", role, err)
	}
	t.Cleanup(s.Close)
	n, err := node.New(t.Context(), s, node.Config{Roles: []string{role}, Listen: "127.0.0.1:0", Sending: node.Sending{Poll: time.Minute, MailLoopback: true}}, log)
	if err != nil {
		t.Fatalf("%s: %v", role, err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("%s: %v", role, err)
		}
	})
	return n
}
