package api_test

import (
	"strings"
	"testing"
)

func TestNotesOfMembers(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("growth")
	x := c.conversation()
	helper := c.join("max@ours.test", "member")
	notes := x.path + "/notes"
	made := c.ok("POST", notes, obj{"text": " They were at our stand. \n", "mentions": []string{helper.person.String()}}, "Idempotency-Key", "n1")
	if again := c.ok("POST", notes, obj{"text": " They were at our stand. \n", "mentions": []string{helper.person.String()}}, "Idempotency-Key", "n1"); again.text("id") != made.text("id") {
		t.Errorf("sent again it is another one: %s", again.body)
	}
	if made.text("text") != "They were at our stand." || made.json["mine"] != true || made.list("mentions")[0] != helper.person.String() {
		t.Errorf("got %s", made.body)
	}
	if got := helper.ok("GET", notes, nil).list("data"); len(got) != 1 || got[0].(map[string]any)["mine"] != false {
		t.Errorf("another sees %v", got)
	}
	if got := c.ok("GET", x.path, nil); len(got.list("items")) != 2 {
		t.Errorf("it stands among what was sent: %s", got.body)
	}
	c.refused(422, "invalid", "POST", notes, obj{"text": " \n"})
	c.refused(422, "invalid", "POST", notes, obj{"text": "Hi", "mentions": []string{anID}})
	c.with("messages:read", "pii:read").refused(403, "forbidden", "POST", notes, obj{"text": "Hi"})
	if got := c.with("messages:read").ok("GET", notes, nil).list("data")[0].(map[string]any); got["text"] == "They were at our stand." {
		t.Errorf("without pii:read it is read: %v", got)
	}
	own := "/v1/inbox/notes/" + made.text("id")
	helper.refused(403, "forbidden", "DELETE", own, nil)
	other := helper.ok("POST", notes, obj{"text": "I call them."}).text("id")
	helper.ok("DELETE", "/v1/inbox/notes/"+other, nil)
	c.ok("DELETE", own, nil)
	c.refused(404, "not_found", "DELETE", own, nil)
	if got := c.ok("GET", notes, nil).list("data"); len(got) != 0 {
		t.Errorf("removed, there are %v", got)
	}

	c.ok("POST", notes, obj{"text": "Not for them."})
	at := c.ok("POST", "/v1/leads/"+x.lead+"/erase", nil).header.Get("Outrider-Position")
	if got := c.ok("GET", notes, nil, "Outrider-Position", at).list("data"); len(got) != 1 || got[0].(map[string]any)["text"] != nil {
		t.Errorf("erased, there is %v", got)
	}
}

func TestSnippets(t *testing.T) {
	t.Parallel()
	c := setup(t).tenant("growth")
	x := c.conversation()
	made := c.ok("POST", "/v1/snippets", obj{"name": " Prices ", "text": "Hi {{ first_name }} of {{ job_title }}, see {{ booking_link }}. {{ sender_name }}"})
	path := "/v1/snippets/" + made.text("id")
	if made.text("name") != "Prices" || made.json["version"] != 1.0 {
		t.Errorf("got %s", made.body)
	}
	got := c.ok("GET", path+"/fill?thread_id="+strings.TrimPrefix(x.path, "/v1/inbox/"), nil, "Outrider-Position", made.header.Get("Outrider-Position"))
	t.Logf("filled in: %s", got.body)
	if missing := got.list("missing"); len(missing) == 0 || missing[0] != "job_title" {
		t.Errorf("it lacks %v", missing)
	}
	c.refused(409, "already_exists", "POST", "/v1/snippets", obj{"name": "PRICES", "text": "x"})
	for _, text := range []string{"{{ shoe_size }}", "{{ unsubscribe_link }}", "{{ first_name", "  "} {
		c.refused(422, "invalid", "POST", "/v1/snippets", obj{"name": "Bad", "text": text})
	}
	c.refused(404, "not_found", "GET", path+"/fill?thread_id="+anID, nil)
	c.with("messages:read", "pii:read").refused(403, "forbidden", "GET", path+"/fill?thread_id="+strings.TrimPrefix(x.path, "/v1/inbox/"), nil)
	c.with("messages:read", "pii:read").refused(403, "forbidden", "PUT", path, obj{"name": "Prices", "text": "x"})
	c.refused(412, "version_conflict", "PUT", path, obj{"name": "Prices", "text": "x"}, "If-Match", `"7"`)
	if a := c.ok("PUT", path, obj{"name": "Costs", "text": "x"}, "If-Match", `"1"`); a.json["version"] != 2.0 {
		t.Errorf("got %s", a.body)
	}
	c.ok("POST", "/v1/snippets", obj{"name": "all about", "text": "y"})
	list := c.ok("GET", "/v1/snippets", nil).list("data")
	if len(list) != 2 || list[0].(map[string]any)["name"] != "all about" {
		t.Errorf("got %v", list)
	}
	gone := c.ok("DELETE", path, nil).header.Get("Outrider-Position")
	c.refused(404, "not_found", "GET", path, nil, "Outrider-Position", gone)
}
