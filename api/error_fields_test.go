package api_test

import (
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// What is wrong is said of a field that the request has, by its whole path.
func TestAnErrorNamesAFieldOfTheRequest(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("growth")
	report := obj{"name": "x", "formats": []string{"csv"}, "schedule": obj{"every": "daily", "hour": 7}, "query": obj{"metrics": []string{"sent"}, "unit": "message", "period": "yesterday", "filter": obj{"day": []string{"2026-02-31"}}}}
	for _, x := range []struct {
		method, path string
		body         obj
		want         string
	}{
		{"POST", "/v1/hooks", obj{"target_url": "https://hooks.example.com/", "event": "lead.vanished"}, "event"},
		{"POST", "/v1/hooks", obj{"target_url": "ftp://hooks.example.com/", "event": "lead.created"}, "target_url"},
		{"POST", "/v1/webhooks", obj{"name": "x", "url": "https://hooks.example.com/", "types": []string{"lead.created", "lead.vanished"}}, "types.1"},
		{"PUT", "/v1/pacing", obj{"providers": []obj{{"provider": "google"}, {"provider": "other", "domains": []string{"fine.example", "not a domain"}}}}, "providers.1.domains.1"},
		{"POST", "/v1/api-keys", obj{"name": "x", "scopes": []string{"leads:read", "leads:paint"}}, "scopes.1"},
		{"POST", "/v1/reports", report, "query.filter.day"},
	} {
		got := c.refused(422, "invalid", x.method, x.path, x.body)
		for _, e := range got.list("errors") {
			field := e.(map[string]any)["field"].(string)
			if field != x.want || !has(w.operation(x.method, x.path).RequestBody.Value.Content["application/json"].Schema.Value, strings.Split(field, ".")) {
				t.Errorf("%s %s: the error is of %s, want %s, which the request has: %s", x.method, x.path, field, x.want, got.body)
			}
		}
		if !strings.HasPrefix(got.text("detail"), x.want+": ") {
			t.Errorf("%s %s says %q", x.method, x.path, got.text("detail"))
		}
	}
}

// has reports whether a schema has what a path names; numbers are places in a list.
func has(s *openapi3.Schema, path []string) bool {
	switch {
	case len(path) == 0:
		return true
	case s.Items != nil:
		return has(s.Items.Value, path[1:])
	case s.Properties[path[0]] != nil:
		return has(s.Properties[path[0]].Value, path[1:])
	}
	for _, part := range s.AllOf {
		if has(part.Value, path) {
			return true
		}
	}
	return false
}
