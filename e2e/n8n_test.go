package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestN8nReceivesAnEventAndMakesALead drives a real n8n: a flow of two nodes hears that a lead has changed, and makes another lead. It hears of the
// event once, and when it is told again, the idempotency key makes no second lead.
func TestN8nReceivesAnEventAndMakesALead(t *testing.T) {
	folder := os.Getenv("OUTRIDER_N8N")
	if folder == "" {
		t.Skip("make test-n8n runs it")
	}
	t.Parallel()
	p := startProgram(t, "--webhooks", "anywhere")
	id, key := p.organization("acme", "scale")
	hooks := p.must(http.StatusCreated, p.PlatformKey, http.MethodPost, "/v1/api-keys", map[string]any{"organization_id": id, "name": "n8n",
		"scopes": []string{"webhooks:manage", "leads:read", "leads:write", "pii:read"}}).text("token")
	at := startN8n(t, folder, p, hooks)

	hook := p.must(http.StatusCreated, hooks, http.MethodPost, "/v1/hooks", map[string]any{"target_url": at + "/webhook/outrider", "event": "lead.updated", "personal": true})
	lead := p.must(http.StatusCreated, key, http.MethodPost, "/v1/leads", map[string]any{"email": "ann@acme.test", "company_name": "Acme"})
	p.must(http.StatusOK, key, http.MethodPatch, "/v1/leads/"+lead.text("id"), map[string]any{"first_name": "Ann"}, "If-Match", lead.Header.Get("ETag"))

	list := func(path string) []any {
		all, _ := p.must(http.StatusOK, hooks, http.MethodGet, path, nil).Body["data"].([]any)
		return all
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("deliveries: %v", list("/v1/webhooks/"+hook.text("id")+"/deliveries"))
		}
	})
	var made []any
	n := 0
	for made = list("/v1/leads?q=colleague.of."); len(made) == 0; made = list("/v1/leads?q=colleague.of.") {
		time.Sleep(time.Second)
		if n++; n > 240 {
			t.Fatal("the test is over, and n8n has made no lead")
		}
	}
	row, _ := made[0].(map[string]any)
	if len(made) != 1 || row["email"] != "colleague.of.ann@acme.test" || row["company_name"] != "Acme" {
		t.Errorf("n8n made %v", made)
	}
	deliveries := list("/v1/webhooks/" + hook.text("id") + "/deliveries")
	if len(deliveries) != 1 || deliveries[0].(map[string]any)["state"] != "delivered" {
		t.Errorf("deliveries: %v", deliveries)
	}
}

// startN8n starts n8n with the flow, on a database of its own in the program's Postgres, and returns its address.
func startN8n(t *testing.T, folder string, p *program, key string) string {
	t.Helper()
	db, err := url.Parse(p.Postgres)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), p.Postgres)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), `create database n8n`); err != nil {
		t.Fatal(err)
	}
	_ = conn.Close(t.Context())
	port := freePort(t)
	password, _ := db.User.Password()
	home := t.TempDir()
	env := append(os.Environ(), "HOME="+home, "N8N_USER_FOLDER="+home, "N8N_LISTEN_ADDRESS=127.0.0.1", "N8N_HOST=127.0.0.1", "N8N_PORT="+strconv.Itoa(port),
		"DB_TYPE=postgresdb", "DB_POSTGRESDB_HOST="+db.Hostname(), "DB_POSTGRESDB_PORT="+db.Port(), "DB_POSTGRESDB_USER="+db.User.Username(), "DB_POSTGRESDB_PASSWORD="+password, "DB_POSTGRESDB_DATABASE=n8n",
		"N8N_DIAGNOSTICS_ENABLED=false", "N8N_VERSION_NOTIFICATIONS_ENABLED=false", "N8N_TEMPLATES_ENABLED=false", "N8N_PERSONALIZATION_ENABLED=false", "EXTERNAL_FRONTEND_HOOKS_URLS=",
		"N8N_RUNNERS_ENABLED=false", "N8N_BLOCK_ENV_ACCESS_IN_NODE=false", "OUTRIDER_URL="+p.URL, "OUTRIDER_KEY="+key)
	program := filepath.Join(folder, "node_modules", "n8n", "bin", "n8n")
	run := func(args ...string) *exec.Cmd {
		cmd := exec.Command("node", append([]string{program}, args...)...)
		cmd.Env, cmd.Dir = env, home
		return cmd
	}
	for _, args := range [][]string{{"import:workflow", "--input=" + absolute(t, "testdata/n8n_workflow.json")}, {"update:workflow", "--id=outriderColleague", "--active=true"}} {
		if out, err := run(args...).CombinedOutput(); err != nil {
			t.Fatalf("n8n %s: %v\n%s", args[0], err, out)
		}
	}
	server, log := run("start"), filepath.Join(home, "said.log")
	said, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	server.Stdout, server.Stderr = said, said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGTERM)
		_ = server.Wait()
		_ = said.Close()
		if text, _ := os.ReadFile(log); t.Failed() {
			t.Logf("n8n says:\n%s", text)
		}
	})
	at := fmt.Sprintf("http://127.0.0.1:%d", port)
	p.until(func() bool { // it is ready before its flows are
		text, _ := os.ReadFile(log)
		return bytes.Contains(text, []byte("=> Started"))
	})
	return at
}

func absolute(t *testing.T, file string) string {
	t.Helper()
	full, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	return full
}
