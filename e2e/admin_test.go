package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// mailedToken waits for a mail of the installation itself, in the folder into which dev writes it.
func (p *program) mailedToken(to string) string {
	p.t.Helper()
	link := regexp.MustCompile(`https?://\S+#([\w.-]+)`)
	for range 600 {
		files, _ := filepath.Glob(filepath.Join(p.data, "mails", "*"))
		for _, f := range files {
			b, err := os.ReadFile(f)
			text := strings.NewReplacer("=\r\n", "", "=3D", "=").Replace(string(b))
			if found := link.FindStringSubmatch(text); err == nil && found != nil && strings.Contains(text, to) {
				return found[1]
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.t.Fatalf("no mail to %s", to)
	return ""
}

// Each command of `outrider admin`, as an operator runs it beside a running server.
func TestAnOperatorLooksAfterOrganisationsAndPeople(t *testing.T) {
	t.Parallel()
	p := startProgram(t)
	const password = "correct horse battery"
	p.must(http.StatusAccepted, "", http.MethodPost, "/v1/auth/sign-up", map[string]any{"email": "ann@example.com", "password": password, "organization_name": "Acme", "first_name": "Ann"})
	ann := p.must(http.StatusOK, "", http.MethodPost, "/v1/auth/verify-email", map[string]any{"token": p.mailedToken("ann@example.com")})
	person, org, session := ann.text("person_id"), ann.text("organization_id"), ann.text("access_token")
	key := p.must(http.StatusCreated, session, http.MethodPost, "/v1/api-keys", map[string]any{"name": "crm", "scopes": []string{"leads:read"}})

	says := func(want string, args ...string) string {
		t.Helper()
		out := p.run(append([]string{"admin"}, args...)...)
		if !strings.Contains(out, want) {
			t.Errorf("outrider admin %s says:\n%s\nwithout %q", strings.Join(args, " "), out, want)
		}
		return out
	}
	status := func(want string) {
		t.Helper()
		for range 200 { // the list comes by an event
			if strings.Contains(p.run("admin", "orgs", "acme", "--status", want), org) {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Errorf("no list of %s organisations has it", want)
	}
	status("active")
	if out := p.run("admin", "orgs", "nobody is called so"); out != "" {
		t.Errorf("it finds %s", out)
	}
	says(`"email": "ann@example.com"`, "org", org)
	says("Acme (owner)", "people", "ann@")
	says(`"sessions": 1`, "person", person)

	says(`"status": "suspended"`, "suspend", org, "--reason", "unpaid")
	status("suspended")
	if a := p.call(session, http.MethodPost, "/v1/leads", map[string]any{"email": "x@example.net"}); a.Status != http.StatusForbidden {
		t.Errorf("a suspended organisation writes: %d %s", a.Status, a.Raw)
	}
	says(`"status": "active"`, "activate", org)
	status("active")
	says(`"plan": "growth"`, "plan", org, "growth")
	if out, err := p.tryRun("admin", "plan", org, "no-such-plan"); err == nil || !strings.Contains(out, "plan") {
		t.Errorf("a plan that there isn't: %v %s", err, out)
	}

	keys := says("crm", "keys", org)
	if !strings.Contains(keys, key.text("id")) || !strings.Contains(keys, "valid") {
		t.Errorf("keys: %s", keys)
	}
	p.run("admin", "revoke-key", org, key.text("id"))
	says("revoked", "keys", org)
	for late := time.Now().Add(time.Minute); p.call(key.text("token"), http.MethodGet, "/v1/leads", nil).Status != http.StatusUnauthorized; {
		if time.Now().After(late) {
			t.Fatal("the key is still good")
		}
		time.Sleep(50 * time.Millisecond)
	}

	if out, err := p.tryRun("admin", "impersonate", org, person); err == nil || !strings.Contains(out, "--reason") {
		t.Errorf("without a reason: %v %s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(p.run("admin", "impersonate", org, person, "--reason", "ticket 42: sees no leads", "--minutes", "5")), "\n")
	token := lines[len(lines)-1]
	p.must(http.StatusOK, token, http.MethodGet, "/v1/leads", nil)
	if a := p.call(token, http.MethodPost, "/v1/leads", map[string]any{"email": "y@example.net"}); a.Status != http.StatusForbidden {
		t.Errorf("who reads as somebody writes: %d %s", a.Status, a.Raw)
	}
	for late := time.Now().Add(time.Minute); !strings.Contains(string(p.call(session, http.MethodGet, "/v1/audit/events?type=member.impersonated", nil).Raw), "ticket 42: sees no leads"); {
		if time.Now().After(late) {
			t.Fatal("the organisation isn't told why somebody read as its member")
		}
		time.Sleep(50 * time.Millisecond)
	}

	p.run("admin", "end-sessions", person)
	for late := time.Now().Add(time.Minute); p.call(session, http.MethodGet, "/v1/me", nil).Status != http.StatusUnauthorized; {
		if time.Now().After(late) {
			t.Fatal("the session goes on")
		}
		time.Sleep(50 * time.Millisecond)
	}
	says(`"sessions": 0`, "person", person)

	p.run("admin", "delete", org)
	status("deleted")
	if a := p.call("", http.MethodPost, "/v1/auth/sign-in", map[string]any{"email": "ann@example.com", "password": password}); a.Status != http.StatusOK {
		t.Errorf("an owner of a deleted organisation signs in: %d %s", a.Status, a.Raw)
	}
	says(org, "restore", org)
	status("active")
	again := p.must(http.StatusOK, "", http.MethodPost, "/v1/auth/sign-in", map[string]any{"email": "ann@example.com", "password": password})
	p.must(http.StatusOK, again.text("access_token"), http.MethodGet, "/v1/leads", nil)

	says("1 of 1 organisations would have it: 0 would get it, 0 would lose it", "flags", "set", "tracking", "--rollout", "10000", "--dry-run")
	says("0 of 1 organisations would have it: 0 would get it, 1 would lose it\n"+org, "flags", "set", "tracking", "--off", "--dry-run")
	says(`"version": 1`, "flags", "set", "tracking", "--organizations", org, "--note", "ticket 43")
	says(`"killed": true`, "flags", "kill", "tracking", "--reason", "ticket 44")
	for late := time.Now().Add(time.Minute); !strings.Contains(p.run("admin", "flags", "list"), "killed     version 2 "); {
		if time.Now().After(late) {
			t.Fatal("no list says that the flag is killed")
		}
		time.Sleep(50 * time.Millisecond)
	}
	says(`"killed": false`, "flags", "revive", "tracking")

	if out, err := p.tryRun("admin", "org", "0197e3a2-7d3c-7aaa-8bbb-0123456789ab"); err == nil || !strings.Contains(strings.ToLower(out), "not found") {
		t.Errorf("an organisation that there isn't: %v %s", err, out)
	}
	if out, err := p.tryRun("admin", "orgs", "--key", key.text("token")); err == nil || strings.Contains(out, org) {
		t.Errorf("with a key of an organisation: %v %s", err, out)
	}
}
