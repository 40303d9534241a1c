package api_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"outrider/api"
	"outrider/commands"
	"outrider/events"
	"outrider/internal/identity"
	"outrider/projections"
)

// needles are what the organisation of this test knows of people, as its answers would say it.
func needles() []string {
	return []string{"zebulon", "quackenbush", "needle-mail", "555 0177", "needleworks", "needlesmith", "needle.example", "needleton", "needleland", "needle-field", "needle note", "needle reason", "needle cell",
		"victim.test", "ours.test", "confidential.test", "confidential@", "confidential sender", "confidential guest", "hi ann", "question, ann", "sounds good"}
}

func found(a answer) (out []string) {
	all := strings.ToLower(string(a.body))
	for name, values := range a.header {
		all += "\n" + strings.ToLower(name+": "+strings.Join(values, " "))
	}
	for _, n := range needles() {
		if strings.Contains(all, n) {
			out = append(out, n)
		}
	}
	return out
}

// needleFile is what was imported.
type needleFile struct{}

func (needleFile) Columns() []string { return []string{"Email", "Name"} }
func (needleFile) Find(int) ([]string, string) {
	return []string{"zebulon at needle-mail", "Needle cell"}, ""
}
func (needleFile) Close() error { return nil }

type needleImporter struct{ countingImporter }

func (needleImporter) Open(context.Context, *projections.Import) (api.ImportedFile, error) {
	return needleFile{}, nil
}

// needlework adds a person of whom everything is known to what things has.
func needlework(c *client, ids map[string]string) {
	c.t.Helper()
	full := obj{"email": "zebulon@needle-mail.test", "first_name": "Zebulon", "last_name": "Quackenbush", "phone": "+49 555 0177", "company_name": "Needleworks", "job_title": "Needlesmith",
		"linkedin_url": "https://needle.example/in/z", "website": "https://needle.example", "city": "Needleton", "country": "Needleland", "custom": obj{"own": "needle-field"}}
	lead := c.ok("POST", "/v1/leads", full).text("id")
	c.ok("PATCH", "/v1/leads/"+lead, obj{"city": "Old Needleton"})
	c.ok("POST", "/v1/suppressions", obj{"items": []obj{{"kind": "address", "value": "zebulon@needle-mail.test"}, {"kind": "domain", "value": "needle-mail.test"}, {"kind": "address", "value": "other@needle-mail.test"}}})
	ids["leads"] = lead
	imported := uuid.MustParse(ids["imports"])
	c.submit(commands.ImportLeads{ImportID: imported, FirstRow: 1, Rows: 1, OnDuplicate: "skip", Items: []commands.LeadItem{}, Rejected: []events.RefusedRows{{Rows: events.RowsOf(1), Code: "email_invalid"}}})
}

// Without pii:read nobody sees a name, an address or a text of a person: not in any answer, header, file or stream.
func TestWithoutThePermissionPeopleAreMasked(t *testing.T) {
	t.Parallel()
	w := build(t)
	w.serveColumns()
	w.serve(func(c *api.Config) { c.Imports = needleImporter{countingImporter{c.Commands}} })
	c := w.tenant("enterprise")
	ids := things(c)
	needlework(c, ids)
	scopes := identity.OrganizationScopes()
	var names []string
	for _, s := range scopes {
		if s != identity.PIIRead {
			names = append(names, string(s))
		}
	}
	masked := c.with(names...)
	c.until("/v1/trace/"+ids["trace"], func(answer) bool { return true })
	last := c.ok("POST", "/v1/leads", obj{"email": "last@needle-mail.test"})
	at := []string{"Outrider-Position", last.header.Get("Outrider-Position")}
	made := c.ok("GET", "/v1/audit/events?type=lead.created&subject="+ids["leads"], nil, at...).list("data")
	ids["audit/events"] = made[0].(map[string]any)["id"].(string)
	ids["inbox/items"] = ids["inbox"] // no mail: who may see it hears 404
	past := "?at=" + time.Now().UTC().Format(time.RFC3339Nano)
	seen := map[string]bool{}
	for _, r := range api.Routes() {
		if r.Method != http.MethodGet || r.Allow.Public || r.Path == "/v1/events" || r.Path == "/v1/inbox/items/{id}/html" || r.Allow.Platform && r.Allow.Scope == "" {
			continue
		}
		before, _, hasID := strings.Cut(strings.TrimPrefix(r.Path, "/v1/"), "/{id}")
		if hasID && ids[before] == "" {
			t.Fatalf("%s: the test has no id for it", r.Path)
		}
		path := strings.NewReplacer("{id}", ids[before], "{n}", "1").Replace(r.Path)
		paths := []string{path}
		if op := w.operation(r.Method, r.Path); op.Parameters.GetByInAndName("query", "at") != nil {
			paths = append(paths, path+past)
		}
		for _, path := range paths {
			a := masked.whenVisible(http.MethodGet, path, nil, at...)
			if leaks := found(a); len(leaks) > 0 {
				t.Errorf("%s tells %q: %s", path, leaks, a.body)
			}
			if full := c.whenVisible(http.MethodGet, path, nil, at...); len(found(full)) > 0 {
				seen[r.Path] = true
				if a.status != full.status && a.text("scope") != "pii:read" {
					t.Errorf("%s: %d masked, %d in full: %s", path, a.status, full.status, a.body)
				}
			}
		}
	}
	for _, path := range []string{"/v1/leads", "/v1/leads/{id}", "/v1/leads/{id}/timeline", "/v1/imports/{id}/rows", "/v1/imports/{id}/errors.csv", "/v1/suppressions", "/v1/messages/{id}", "/v1/inbox", "/v1/inbox/{id}", "/v1/meetings", "/v1/meetings/{id}",
		"/v1/mailboxes", "/v1/mailboxes/{id}", "/v1/members", "/v1/invitations", "/v1/audit/events", "/v1/audit/events/{id}"} {
		if !seen[path] {
			t.Errorf("%s shows nothing of anybody in full, so that it proves nothing masked", path)
		}
	}
	masked.heardNothing(t)
	masked.refused(403, "forbidden", "GET", "/v1/imports/"+ids["imports"]+"/errors.csv", nil)
	masked.refused(403, "forbidden", "GET", "/v1/inbox/items/"+anID+"/html", nil)
	masked.refused(403, "forbidden", "GET", "/v1/exports/"+ids["exports"]+"/file", nil)
	masked.refused(403, "forbidden", "POST", "/v1/exports", obj{"kind": "leads"})
	lead := masked.ok("GET", "/v1/leads/"+ids["leads"], nil)
	if lead.text("email") != "z***@n***.test" || lead.text("last_name") != "Q***" || lead.text("phone") != "***" || lead.json["custom"].(map[string]any)["own"] != "***" || lead.header.Get("ETag") == "" {
		t.Errorf("masked: %s", lead.body)
	}
	for _, a := range []answer{masked.ok("PATCH", "/v1/leads/"+ids["leads"], obj{"job_title": "Needlesmith"}), masked.ok("POST", "/v1/leads", obj{"email": "new@needle-mail.test"}),
		masked.do("POST", "/v1/leads", obj{"email": "new@needle-mail.test"})} {
		if leaks := found(a); len(leaks) > 0 {
			t.Errorf("a write tells %q: %s", leaks, a.body)
		}
	}
}

// heardNothing listens from the begin of the history to its end.
func (c *client) heardNothing(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url()+"/v1/events?after=0", nil)
	check(t, err)
	req.Header.Set("Authorization", "Bearer "+c.key)
	resp, err := http.DefaultClient.Do(req)
	check(t, err)
	defer resp.Body.Close()
	events := 0
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		line := lines.Text()
		if leaks := found(answer{header: resp.Header, body: []byte(line)}); len(leaks) > 0 {
			t.Errorf("the stream tells %q: %s", leaks, line)
		}
		if strings.HasPrefix(line, "data: ") {
			events++
		}
		if strings.Contains(line, "suppression.added") && events > 20 {
			return
		}
	}
	t.Errorf("the stream ended after %d events", events)
}

// Nobody asks by what they see masked: an answer would tell it.
func TestWhatIsMaskedIsNotAskedBy(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("enterprise")
	lead := c.ok("POST", "/v1/leads", obj{"email": "zebulon@needle-mail.test"})
	made := c.ok("POST", "/v1/campaigns", obj{"name": "c", "steps": sequence()})
	campaign := made.header.Get("Location")
	masked := c.with("leads:read", "leads:write", "messages:read", "campaigns:read", "campaigns:write", "mailboxes:read")
	for _, path := range []string{"/v1/leads?q=zeb", "/v1/leads?email=zeb", "/v1/leads?company=n", "/v1/leads?country=n", "/v1/leads?sort=email", "/v1/leads?sort=-last_name", "/v1/leads?sort=company_name", "/v1/suppressions?q=zeb", "/v1/suppressions?kind=address&value=zebulon@needle-mail.test",
		"/v1/suppressions?sort=value", "/v1/messages?q=zeb", "/v1/mailboxes?q=zeb", "/v1/mailboxes?sort=-address", campaign + "/enrollments?q=zeb"} {
		if a := masked.refused(403, "forbidden", "GET", path, nil); a.text("scope") != "pii:read" {
			t.Errorf("%s: %s", path, a.body)
		}
		if a := c.do("GET", path, nil); a.status == 403 {
			t.Errorf("%s is refused to who may see people", path)
		}
	}
	for path, body := range map[string]obj{"/v1/leads/bulk": {"action": "tag", "tags": []string{"x"}, "filter": obj{"q": "zeb"}}, campaign + "/enrollments": {"filter": obj{"email": "zeb"}}, campaign + "/preview": {"lead_id": lead.text("id"), "subject": "s", "body": "b"}} {
		if a := masked.refused(403, "forbidden", "POST", path, body); a.text("scope") != "pii:read" {
			t.Errorf("%s: %s", path, a.body)
		}
	}
	masked.ok("GET", "/v1/leads?tag=x&sort=-updated_at", nil)
	masked.ok("POST", campaign+"/preview", obj{"subject": "s", "body": "Hi {{ first_name }}"}, "Outrider-Position", made.header.Get("Outrider-Position"))
}
