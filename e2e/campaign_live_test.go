package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestACampaignThatIsLive runs a campaign dry, starts a second one for the same people, and takes away what it needs.
func TestACampaignThatIsLive(t *testing.T) {
	t.Parallel()
	way := postfixWay{delimiter: "+"}
	servers := startSimulated(t, way)
	s := &correspondence{t: t, program: shareProgram(t), servers: servers}
	s.connect(way)
	s.key = s.must(http.StatusCreated, s.PlatformKey, http.MethodPost, "/v1/api-keys", map[string]any{"organization_id": s.org, "name": "all",
		"scopes": []string{"leads:read", "leads:write", "imports:write", "campaigns:read", "campaigns:write", "campaigns:send", "mailboxes:read", "mailboxes:write", "messages:read", "messages:send", "pii:read"}}).text("token")
	s.launch("bob@acme.test")
	status := func(campaign, want string) {
		t.Helper()
		s.until("/v1/campaigns/"+campaign, func(r response) bool { return r.text("status") == want })
	}
	list := s.must(http.StatusOK, s.key, http.MethodGet, "/v1/campaigns", nil)
	first := list.Body["data"].([]any)[0].(map[string]any)["id"].(string)
	s.arrived("bob", way)
	status(first, "idle")

	// The second one writes to Carl at once, and to Bob only a day after the first.
	second := s.must(http.StatusCreated, s.key, http.MethodPost, "/v1/campaigns", map[string]any{"name": "Second", "steps": []map[string]any{{"variants": []map[string]any{{"subject": "Another question", "body": "Hello again"}}}}}).text("id")
	path := "/v1/campaigns/" + second
	s.must(http.StatusOK, s.key, http.MethodPut, path+"/settings", map[string]any{"window": map[string]any{"days": []int{1, 2, 3, 4, 5, 6, 7}, "from": "00:00", "to": "24:00"}, "company_gap_minutes": 0})
	s.must(http.StatusOK, s.key, http.MethodPut, path+"/mailboxes", map[string]any{"mailbox_ids": []string{s.mailbox}})
	s.must(http.StatusOK, s.key, http.MethodPost, path+"/launch", nil)
	s.must(http.StatusOK, s.key, http.MethodPost, path+"/enrollments", map[string]any{"lead_ids": []string{s.leads["bob@acme.test"]}})
	file := filepath.Join(t.TempDir(), "leads.csv")
	if err := os.WriteFile(file, []byte("Email,First Name\ncarl@acme.test,Carl\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := s.run("leads", "import", "--key", s.key, "--campaign", second, "--skip-active-elsewhere", file); !strings.Contains(out, "1 enrolled, 0 already, 0 left out") {
		t.Errorf("the import says %s", out)
	}
	third := s.must(http.StatusCreated, s.key, http.MethodPost, "/v1/campaigns", map[string]any{"name": "Third"}).text("id") // Bob waits in the second one
	if out := s.run("leads", "enroll", "--key", s.key, third, "--all", "--skip-active-elsewhere"); !strings.Contains(out, "left out (") || !strings.Contains(out, "active_elsewhere") {
		t.Errorf("enrolling says %s", out)
	}
	s.arrived("carl", way)
	enrollments := s.must(http.StatusOK, s.key, http.MethodGet, path+"/enrollments", nil).Body["data"].([]any)
	for _, e := range enrollments {
		if is := e.(map[string]any); is["lead_id"] == s.leads["bob@acme.test"] {
			s.until("/v1/enrollments/"+is["id"].(string)+"/why", func(r response) bool { return r.text("bound") == "person_gap" })
		}
	}
	s.must(http.StatusOK, s.PlatformKey, http.MethodPatch, "/v1/organizations/"+s.org, map[string]any{"person_gap_minutes": 0})
	s.until("/v1/messages?lead_id="+s.leads["bob@acme.test"], func(r response) bool { return strings.Count(string(r.Raw), `"sent_at"`) == 2 })

	// What it was launched with stays.
	for what, r := range map[string]response{
		"its footer":    s.call(s.key, http.MethodPut, path+"/settings", map[string]any{"unsubscribe_footer": false}),
		"its mailboxes": s.call(s.key, http.MethodPut, path+"/mailboxes", map[string]any{"mailbox_ids": []string{}}),
	} {
		if r.Status != http.StatusConflict || r.text("code") != "not_ready" {
			t.Errorf("%s can be taken away: %s", what, r.Raw)
		}
	}
	s.must(http.StatusNoContent, s.key, http.MethodDelete, "/v1/mailboxes/"+s.mailbox, nil)
	s.until(path, func(r response) bool { return strings.Contains(fmt.Sprint(r.Body["missing"]), "mailbox") })
}
