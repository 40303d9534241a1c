package mcpserver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"outrider/internal/app/client"
	"outrider/internal/app/mcpserver"
)

// request is what the API was asked.
type request struct{ method, path, key, once, position, body string }

// fakeAPI answers as the API does, for who has some permissions.
type fakeAPI struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []request
	answer map[string]string // by method and path
}

func serveAPI(t *testing.T, permissions []string, answer map[string]string) *fakeAPI {
	t.Helper()
	me, err := json.Marshal(map[string]any{"kind": "api_key", "permissions": permissions, "organizations": []any{}})
	if err != nil {
		t.Fatal(err)
	}
	f := &fakeAPI{answer: answer}
	f.answer["GET /v1/me"] = string(me)
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		f.mu.Lock()
		defer f.mu.Unlock()
		f.asked = append(f.asked, request{r.Method, r.URL.RequestURI(), r.Header.Get("Authorization"), r.Header.Get("Idempotency-Key"), r.Header.Get("Outrider-Position"), string(body)})
		text, ok := f.answer[r.Method+" "+r.URL.Path]
		if !ok {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"type":"about:blank","title":"Not found","status":404,"code":"not_found"}`)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if r.Method != http.MethodGet {
			w.Header().Set("Outrider-Position", fmt.Sprint("at ", len(f.asked)))
		}
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *fakeAPI) all() []request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.asked)
}

// connect is the SDK's client, connected to our server.
func connect(t *testing.T, f *fakeAPI, readOnly bool) *mcp.ClientSession {
	t.Helper()
	s, err := mcpserver.New(t.Context(), client.Open(f.URL, "ork_test", nil), "test", readOnly)
	if err != nil {
		t.Fatal(err)
	}
	here, there := mcp.NewInMemoryTransports()
	ctx, end := context.WithCancel(context.Background())
	t.Cleanup(end)
	go func() { _ = s.Run(ctx, there) }()
	c, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), here, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func names(t *testing.T, c *mcp.ClientSession) (out []string) {
	t.Helper()
	list, err := c.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range list.Tools {
		out = append(out, x.Name)
	}
	slices.Sort(out)
	return out
}

func call(t *testing.T, c *mcp.ClientSession, tool string, arguments map[string]any) (text string, failed bool) {
	t.Helper()
	r, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: arguments})
	if err != nil {
		t.Fatalf("%s: %v", tool, err)
	}
	for _, part := range r.Content {
		if x, ok := part.(*mcp.TextContent); ok {
			text += x.Text
		}
	}
	return text, r.IsError
}

const (
	lead     = "01939a6e-8a2b-7c4d-9e1f-0a1b2c3d4e5f"
	campaign = "01939a6e-8a2b-7c4d-9e1f-0a1b2c3d4e60"
	enrolled = "01939a6e-8a2b-7c4d-9e1f-0a1b2c3d4e61"
)

var everything = []string{"leads:read", "campaigns:read", "analytics:read", "campaigns:write", "suppressions:write", "pii:read"}

func TestToolsAreThoseThatTheKeyPermits(t *testing.T) {
	t.Parallel()
	reading := []string{"figures", "find_leads", "lead_timeline", "list_campaigns", "why_waiting"}
	for name, c := range map[string]struct {
		permissions []string
		readOnly    bool
		want        []string
	}{
		"all of them":               {everything, false, append(append([]string{"draft_campaign", "enroll_leads"}, reading...), "suppress")},
		"none that writes":          {everything, true, reading},
		"those of who reads":        {[]string{"leads:read", "campaigns:read", "analytics:read"}, false, reading},
		"those about figures alone": {[]string{"analytics:read"}, false, []string{"figures"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := names(t, connect(t, serveAPI(t, c.permissions, map[string]string{}), c.readOnly))
			if slices.Sort(c.want); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestReadingToolsAskTheAPIWithTheKey(t *testing.T) {
	t.Parallel()
	f := serveAPI(t, everything, map[string]string{
		"GET /v1/leads":                            `{"data":[{"id":"` + lead + `"}],"next_cursor":null}`,
		"GET /v1/leads/" + lead + "/timeline":      `{"data":[{"text":"Person added."}],"next_cursor":null}`,
		"GET /v1/leads/" + lead + "/enrollments":   `{"data":[{"id":"` + enrolled + `","campaign_id":"` + campaign + `"}]}`,
		"GET /v1/enrollments/" + enrolled + "/why": `{"rule":"window"}`,
		"GET /v1/campaigns":                        `{"data":[{"id":"` + campaign + `"}],"next_cursor":null}`,
		"POST /v1/analytics/query":                 `{"rows":[]}`,
	})
	c := connect(t, f, false)
	for tool, x := range map[string]struct {
		arguments map[string]any
		says      string
	}{
		"find_leads":     {map[string]any{"query": "ann"}, lead},
		"lead_timeline":  {map[string]any{"lead_id": lead}, "Person added."},
		"why_waiting":    {map[string]any{"lead_id": lead}, `"rule":"window"`},
		"list_campaigns": {map[string]any{}, campaign},
		"figures":        {map[string]any{"metrics": []string{"sent"}}, "rows"},
	} {
		if text, failed := call(t, c, tool, x.arguments); failed || !strings.Contains(text, x.says) {
			t.Errorf("%s says %s (failed: %v)", tool, text, failed)
		}
	}
	for _, r := range f.all() {
		if r.key != "Bearer ork_test" {
			t.Errorf("%s %s was asked with %q", r.method, r.path, r.key)
		}
		if r.method != http.MethodGet && r.path != "/v1/analytics/query" {
			t.Errorf("a tool that reads asked %s %s", r.method, r.path)
		}
	}
	if text, failed := call(t, c, "lead_timeline", map[string]any{"lead_id": enrolled}); !failed || !strings.Contains(text, "404") {
		t.Errorf("a lead that there isn't: %s", text)
	}
	if text, failed := call(t, c, "lead_timeline", map[string]any{"lead_id": "../../admin"}); !failed || !strings.Contains(text, "must be an id") {
		t.Errorf("what is no id: %s", text)
	}
}

func TestASessionSeesWhatItHasWritten(t *testing.T) {
	t.Parallel()
	f := serveAPI(t, everything, map[string]string{
		"POST /v1/campaigns":            `{"id":"` + campaign + `","status":"draft"}`,
		"GET /v1/campaigns":             `{"data":[],"next_cursor":null}`,
		"GET /v1/campaigns/" + campaign: `{"id":"` + campaign + `","name":"Spring","status":"draft"}`,
	})
	c := connect(t, f, false)
	for _, x := range []struct {
		tool      string
		arguments map[string]any
	}{
		{"list_campaigns", map[string]any{}},
		{"draft_campaign", map[string]any{"name": "Spring", "steps": []map[string]any{{"subject": "Hi", "body": "Hello"}}}},
		{"enroll_leads", map[string]any{"campaign_id": campaign, "lead_ids": []string{lead}}},
	} {
		if text, failed := call(t, c, x.tool, x.arguments); failed {
			t.Fatalf("%s: %s", x.tool, text)
		}
	}
	all := f.all() // the first asks who it is
	if len(all) != 4 || all[1].position != "" || all[2].method != http.MethodPost || all[3].position != "at 3" {
		t.Errorf("asked %+v", all)
	}
}

func TestWritesAreSafe(t *testing.T) {
	t.Parallel()
	f := serveAPI(t, everything, map[string]string{
		"POST /v1/campaigns":                              `{"id":"` + campaign + `","status":"draft"}`,
		"GET /v1/campaigns/" + campaign:                   `{"id":"` + campaign + `","name":"Spring","status":"active"}`,
		"POST /v1/campaigns/" + campaign + "/enrollments": `{"enrolled":1}`,
		"GET /v1/leads":                                   `{"data":[],"next_cursor":null,"total":812}`,
		"POST /v1/suppressions":                           `{"data":[]}`,
	})
	c := connect(t, f, false)
	writes := func() (out []request) {
		for _, r := range f.all() {
			if r.method != http.MethodGet {
				out = append(out, r)
			}
		}
		return out
	}
	if text, failed := call(t, c, "enroll_leads", map[string]any{"campaign_id": campaign, "tag": "vip"}); failed || !strings.Contains(text, `"dry_run":true`) || !strings.Contains(text, `"leads":812`) || len(writes()) != 0 {
		t.Fatalf("a dry run says %s and wrote %v", text, writes())
	}
	for range 2 { // a model that asks twice
		if text, failed := call(t, c, "enroll_leads", map[string]any{"campaign_id": campaign, "lead_ids": []string{lead}, "confirm": true}); failed || !strings.Contains(text, `"enrolled":1`) {
			t.Fatalf("confirmed it says %s", text)
		}
	}
	all := writes()
	if len(all) != 2 || all[0].once == "" || all[0].once != all[1].once || !strings.Contains(all[0].body, lead) {
		t.Errorf("asked %+v, want the same key for the same request", all)
	}
	if text, failed := call(t, c, "draft_campaign", map[string]any{"name": "Spring", "steps": []map[string]any{{"subject": "Hi", "body": "Hello {{ first_name }}"}, {"delay_days": 3, "body": "Again"}}}); failed || !strings.Contains(text, "draft") {
		t.Errorf("a draft: %s", text)
	}
	if text, failed := call(t, c, "suppress", map[string]any{"values": []string{"ann@example.com"}}); failed {
		t.Errorf("a suppression: %s", text)
	}
	if text, failed := call(t, c, "suppress", map[string]any{"values": []string{}}); !failed {
		t.Errorf("nothing to suppress: %s", text)
	}
	if text, failed := call(t, c, "enroll_leads", map[string]any{"campaign_id": campaign, "confirm": true}); !failed {
		t.Errorf("nobody to enroll: %s", text)
	}
	for _, r := range writes() {
		if strings.Contains(r.path, "launch") || strings.Contains(r.path, "send") || r.method == http.MethodDelete {
			t.Errorf("a tool asked %s %s", r.method, r.path)
		}
	}
}
