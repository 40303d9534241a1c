package node_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"outrider/commands"
	"outrider/internal/app/node"
	"outrider/internal/app/node/nodetest"
	"outrider/internal/es"
	"outrider/internal/es/commandkey"
	"outrider/internal/es/gateway"
	"outrider/internal/kafka"
	"outrider/internal/keyfile"
)

// A client that reaches Kafka but isn't of the installation changes no plan by commands; by events it stops the partition with an alarm.
func TestAForeignClientChangesNoPlan(t *testing.T) {
	t.Parallel()
	n := nodetest.StartNode(t, 41, node.RoleCommands)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	foreign, err := gateway.Open(ctx, gateway.Config{Log: n.Stores.Log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(foreign.Close)
	org := es.NewID()
	ask := func(c commands.Command) *es.Command {
		t.Helper()
		typ, data, err := commands.Encode(c)
		if err != nil {
			t.Fatal(err)
		}
		id := es.NewID()
		return &es.Command{ID: id, Type: typ, Org: org, Time: time.Now().UTC().Truncate(time.Microsecond), Actor: es.Actor{Kind: es.ActorOperator, ID: "test"}, CorrelationID: id, CausationID: id, Data: data}
	}
	created, err := n.Gateway.Submit(ctx, ask(commands.CreateOrganization{OrganizationID: org, Slug: "acme-" + org.String()[30:], Name: "Acme", Plan: "starter", Limits: commands.Plans()["starter"], TimeZone: "UTC", TrialDays: commands.TrialDays}))
	if err != nil || created.Outcome != es.Accepted {
		t.Fatalf("%+v, %v", created, err)
	}
	change := ask(commands.ChangePlan{Plan: "scale", Limits: commands.Plans()["scale"]})
	if a, err := foreign.Submit(ctx, change); !errors.Is(err, gateway.ErrPending) {
		t.Fatalf("answered: %+v, %v", a, err)
	}
	if a, err := n.Gateway.Ask(ctx, org, change.ID); err != nil || a.Outcome != es.Unknown || a.Oseq != created.Oseq {
		t.Fatalf("the plan was changed: %+v, %v", a, err)
	}
	cl, err := n.Stores.Log.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	if s := scrape(t, n, "/metrics"); !strings.Contains(s, "outrider_forged_commands_total ") || strings.Contains(s, "outrider_forged_commands_total 0\n") {
		t.Error("forged commands aren't counted")
	}
	id := es.NewID()
	forged := es.EventRecord(created.Partition, &es.Event{ID: id, Type: "organization.plan_changed.v1", Org: org, Subject: org.String(), Time: time.Now().UTC(), Actor: es.Actor{Kind: es.ActorOperator, ID: "test"},
		CommandID: id, CommandOffset: 1 << 20, CorrelationID: id, CausationID: id, Epoch: 1, Pseq: created.Pseq + 1, Oseq: created.Oseq + 1, Last: true, Data: []byte(`{}`)})
	forged.Topic = n.Stores.Log.Events()
	if err := cl.ProduceSync(ctx, forged).FirstErr(); err != nil {
		t.Fatal(err)
	}
	for !strings.Contains(scrape(t, n, "/readyz"), es.ErrForeign.Error()) {
		if ctx.Err() != nil {
			t.Fatalf("no alarm: %s", scrape(t, n, "/readyz"))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func scrape(t *testing.T, n *node.Node, path string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+n.OperationsAddress()+path, nil)
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
	return string(b)
}

// Commands from before there was a key are decided up to where they ended when it was made.
func TestAnInstallationGetsItsKeyOfCommands(t *testing.T) {
	t.Parallel()
	f, a := nodetest.EmptyEngines(t)
	nodetest.SharedRoles(t, f.Keys())
	log, err := kafka.Log{Seeds: a.Seeds(), Generation: 42, Partitions: 2, Replication: 1, Replies: 1}.EnsureTopics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cl, err := log.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	if err := cl.ProduceSync(t.Context(), &kgo.Record{Topic: log.Commands(), Partition: 1, Value: []byte("{}")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if _, err := node.OpenCommandKeys(f.Keys()); !errors.Is(err, keyfile.ErrMissing) {
		t.Fatalf("before migrate: %v", err)
	}
	for range 2 {
		if _, err := node.Migrate(t.Context(), a, f.Keys(), log); err != nil {
			t.Fatal(err)
		}
	}
	var unsigned struct {
		Topic  string
		Before map[int32]int64
	}
	text, err := os.ReadFile(f.Keys().UnsignedCommands())
	if err == nil {
		err = json.Unmarshal(text, &unsigned)
	}
	if err != nil || unsigned.Topic != log.Commands() || len(unsigned.Before) != 1 || unsigned.Before[1] != 1 {
		t.Fatalf("%s, %v", text, err)
	}
	s, err := node.OpenStores(t.Context(), node.StoresConfig{Addresses: a, Keys: f.Keys(), Log: log, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
}

func TestKeysOfCommandsAreStagedRotatedAndRetired(t *testing.T) {
	t.Parallel()
	k := node.KeyFiles{Dir: t.TempDir()}
	first := keyfile.RingKey{ID: "first", Secret: keyfile.NewSecret()}
	if err := os.WriteFile(filepath.Join(k.Dir, "commands.key"), []byte(keyfile.FormatRing([]keyfile.RingKey{first})), 0o600); err != nil {
		t.Fatal(err)
	}
	running, err := node.OpenCommandKeys(k)
	if err != nil {
		t.Fatal(err)
	}
	ids := func(want ...string) {
		t.Helper()
		if got, err := node.CommandKeyIDs(k); err != nil || strings.Join(got, " ") != strings.Join(want, " ") {
			t.Fatalf("got %v, %v, want %v", got, err, want)
		}
	}
	id, err := node.StageCommandKey(k)
	if err != nil {
		t.Fatal(err)
	}
	ids("first", "+"+id)
	if again, err := node.StageCommandKey(k); err != nil || again != id {
		t.Fatalf("staged again: %s, %v", again, err)
	}
	if got, err := node.RotateCommandKey(k); err != nil || got != id {
		t.Fatalf("rotated to %s, %v", got, err)
	}
	ids(id, "first")
	started, err := node.OpenCommandKeys(k)
	if err != nil {
		t.Fatal(err)
	}
	r := &kgo.Record{Value: []byte("{}")}
	started.SignCommand(r)
	if err := running.CheckCommand(r); err != nil {
		t.Fatalf("who runs doesn't know the new key: %v", err)
	}
	next, err := node.RotateCommandKey(k)
	if err != nil {
		t.Fatal(err)
	}
	ids(next, id, "first")
	if _, err := node.RetireCommandKeys(k); err != nil {
		t.Fatal(err)
	}
	ids(next)
	started, err = node.OpenCommandKeys(k)
	if err != nil {
		t.Fatal(err)
	}
	if err := started.CheckCommand(r); !errors.Is(err, commandkey.ErrForged) {
		t.Fatalf("a retired key counts: %v", err)
	}
}
