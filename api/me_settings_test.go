package api_test

import (
	"strings"
	"testing"
)

func TestPeopleSetThingsForThemselves(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ann := w.signUp("ann@example.com")
	bob := ann.join("bob@example.com", "member")
	thief := w.signUp("thief@example.com")
	if got := ann.ok("GET", "/v1/me/preferences", nil); string(got.body) != `{"values":{}}` {
		t.Errorf("got %s", got.body)
	}
	ann.ok("PUT", "/v1/me/preferences", obj{"values": obj{"theme": "dark", "columns": []string{"name"}}})
	if got := ann.ok("GET", "/v1/me/preferences", nil); got.json["values"].(map[string]any)["theme"] != "dark" {
		t.Errorf("got %s", got.body)
	}
	if got := bob.ok("GET", "/v1/me/preferences", nil); string(got.body) != `{"values":{}}` {
		t.Errorf("another has %s", got.body)
	}
	ann.refused(422, "invalid", "PUT", "/v1/me/preferences", obj{"values": obj{"long": strings.Repeat("x", 20_000)}})
	ann.ok("PUT", "/v1/me/notifications", obj{"replies": obj{"app": true, "mail": false}})
	ann.refused(422, "invalid", "PUT", "/v1/me/notifications", obj{"weather": obj{"app": true, "mail": false}})
	if got := ann.ok("GET", "/v1/me/notifications", nil); got.json["replies"].(map[string]any)["app"] != true {
		t.Errorf("got %s", got.body)
	}
	view := ann.ok("POST", "/v1/me/views", obj{"page": "leads", "name": "Warm", "query": obj{"status": "replied"}})
	id := view.text("id")
	seen := func(c *signedInMember, page string) int {
		return len(c.ok("GET", "/v1/me/views?page="+page, nil).list("data"))
	}
	if seen(ann, "leads") != 1 || seen(ann, "inbox") != 0 || seen(bob, "") != 0 {
		t.Error("a view is whose it is")
	}
	if got := ann.ok("PUT", "/v1/me/views/"+id, obj{"page": "leads", "name": "Warm ones", "shared": true, "query": obj{"status": "replied"}, "columns": []string{"name"}}); got.text("name") != "Warm ones" || got.json["mine"] != true {
		t.Errorf("got %s", got.body)
	}
	shared := bob.ok("GET", "/v1/me/views", nil).list("data")
	if len(shared) != 1 || shared[0].(map[string]any)["mine"] != false || seen(thief, "") != 0 {
		t.Errorf("got %v", shared)
	}
	for _, c := range []*signedInMember{bob, thief} {
		c.refused(404, "not_found", "PUT", "/v1/me/views/"+id, obj{"page": "leads", "name": "Stolen", "query": obj{}})
		c.refused(404, "not_found", "DELETE", "/v1/me/views/"+id, nil)
	}
	ann.ok("DELETE", "/v1/me/views/"+id, nil)
	if seen(bob, "") != 0 {
		t.Error("it is still there")
	}
}
