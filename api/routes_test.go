package api_test

import (
	"fmt"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"outrider/api"
)

func TestEveryRouteIsDescribedAndHasAPermission(t *testing.T) {
	t.Parallel()
	doc, err := description()
	check(t, err)
	described := map[string]*openapi3.Operation{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			described[method+" "+path] = op
		}
	}
	for _, r := range api.Routes() {
		name := r.Method + " " + r.Path
		op := described[name]
		delete(described, name)
		if op == nil {
			t.Errorf("%s isn't in openapi.yaml", name)
			continue
		}
		if !r.Allow.Declared() {
			t.Errorf("%s lets nobody in: its permission is missing", name)
		}
		if public := op.Security != nil && len(*op.Security) == 0; public != r.Allow.Public {
			t.Errorf("%s is public in one place only", name)
		}
		if got := fmt.Sprint(op.Extensions["x-permission"]); got != fmt.Sprint(r.Allow.Names()) || len(r.Allow.Names()) == 0 {
			t.Errorf("%s: described for %s, allowed for %s", name, got, r.Allow.Names())
		}
		if r.Allow.Public && (r.Allow.Scope != "" || r.Allow.Platform || r.Allow.AnyKey) {
			t.Errorf("%s is public and asks for a key", name)
		}
	}
	for name := range described {
		t.Errorf("%s is described and no route", name)
	}
}

func TestEverySchemaIsDescribed(t *testing.T) {
	t.Parallel()
	doc, err := description()
	check(t, err)
	for name, ref := range doc.Components.Schemas {
		if ref.Value.Description == "" {
			t.Errorf("schema %s has no description", name)
		}
		for field, p := range ref.Value.Properties {
			if p.Value.Description == "" {
				t.Errorf("schema %s: %s has no description", name, field)
			}
		}
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.Summary == "" || op.OperationID == "" || len(op.Tags) != 1 {
				t.Errorf("%s %s lacks summary, id or tag", method, path)
			}
		}
	}
}
