package main

import (
	"os"
	"strings"
	"testing"

	"outrider/api"
	"outrider/internal/identity"
)

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestDescriptionAndPageFollowTheTable(t *testing.T) {
	t.Parallel()
	text := read(t, "../../openapi.yaml")
	got, err := annotate(text, api.Routes())
	if err != nil {
		t.Fatal(err)
	}
	if got != text {
		t.Error("openapi.yaml doesn't say what the table of permissions says; run make generate")
	}
	if renderPage(api.Routes()) != read(t, "../../../docs/permissions.md") {
		t.Error("docs/permissions.md doesn't say what the table of permissions says; run make generate")
	}
	if _, err := annotate(text, nil); err == nil || !strings.Contains(err.Error(), "is no route") {
		t.Errorf("an operation without a route: %v", err)
	}
}

// A permission that no operation asks for promises what isn't there; those of parts to come are named here.
func TestEveryPermissionIsAskedFor(t *testing.T) {
	t.Parallel()
	asked := map[identity.Scope]bool{identity.WebhooksManage: true, identity.BillingManage: true}
	for _, r := range api.Routes() {
		asked[r.Allow.Scope], asked[r.Allow.Also] = true, true
	}
	for _, p := range identity.Permissions() {
		if !asked[p.Scope] {
			t.Errorf("no operation asks for %s", p.Scope)
		}
		if p.Allows == "" || len(p.Roles) == 0 || p.Roles[0] != identity.RoleOwner {
			t.Errorf("%s: it must say what it allows, and be an owner's at least", p.Scope)
		}
	}
}
