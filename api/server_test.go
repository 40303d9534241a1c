package api_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"outrider/api"
	"outrider/events"
	"outrider/internal/buildinfo"
	"outrider/internal/es"
)

type eventsLimits = events.Limits

func TestWhatAnOperatorSees(t *testing.T) {
	t.Parallel()
	w := setup(t)
	gauge := prometheus.NewGauge(prometheus.GaugeOpts{Name: "outrider_test_lag", Help: "x"})
	w.serve(func(c *api.Config) {
		c.Checks = append(c.Checks, api.HealthCheck{Name: "kafka", Well: func(context.Context) error { return errors.New("no broker") }})
		c.Collectors = []prometheus.Collector{gauge}
	})
	nobody := &client{world: w}
	if a := nobody.ok("GET", "/healthz", nil); string(a.body) != "ok\n" || a.header.Get("Outrider-Version") != buildinfo.Version() {
		t.Errorf("got %q, version %q", a.body, a.header.Get("Outrider-Version"))
	}
	if a := nobody.do("GET", "/readyz", nil); a.status != 503 || string(a.body) != `{"ready":false}` { // the world learns no more
		t.Errorf("got %d %s", a.status, a.body)
	}
	if found := w.servers[len(w.servers)-1].CheckAll(t.Context()); found["kafka"] == nil || found["postgres"] != nil {
		t.Errorf("found %v", found)
	}
	c := w.tenant("growth")
	request := uuid.NewString()
	lead := c.ok("POST", "/v1/leads", obj{"email": "ann@example.com"}, "X-Request-Id", request, "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	if lead.header.Get("X-Request-Id") != request {
		t.Errorf("got request id %s", lead.header.Get("X-Request-Id"))
	}
	line := w.log.find(func(l map[string]any) bool { return l["request_id"] == request })
	if line == nil || line["route"] != "/v1/leads" || line["method"] != "POST" || line["status"] != 201.0 || line["org"] != c.org.String() || line["outcome"] != "ok" || line["key"] == "" {
		t.Errorf("got log line %v", line)
	}
	if leaked := w.log.find(func(l map[string]any) bool {
		for _, v := range l {
			if s, ok := v.(string); ok && (strings.Contains(s, "ann@") || strings.Contains(s, c.key)) {
				return true
			}
		}
		return false
	}); leaked != nil {
		t.Errorf("a log line tells too much: %v", leaked)
	}
	if a := nobody.do("GET", "/metrics", nil); a.status != 404 {
		t.Errorf("metrics are shown to the world: %d", a.status)
	}
	shown := httptest.NewRecorder()
	promhttp.HandlerFor(w.servers[len(w.servers)-1].Metrics(), promhttp.HandlerOpts{}).ServeHTTP(shown, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if text := shown.Body.String(); !regexp.MustCompile(`outrider_http_request_duration_seconds_count\{method="POST",route="/v1/leads",status="201"\} 1`).MatchString(text) || !strings.Contains(text, "outrider_test_lag 0") {
		t.Errorf("metrics: %.400s", text)
	}
	if a := c.do("GET", "/v1/leads", nil, "X-Request-Id", "mine"); a.header.Get("X-Request-Id") != es.DeriveID(es.SystemOrg, "X-Request-Id", "mine").String() {
		t.Errorf("got request id %s", a.header.Get("X-Request-Id"))
	}
}

// panicking is a gateway with a fault.
type panicking struct{ api.Gateway }

func (panicking) Ask(context.Context, uuid.UUID, uuid.UUID) (es.Answer, error) { panic("secret") }

func TestAPanicIsOneFailedRequest(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := w.tenant("growth")
	w.serve(func(cfg *api.Config) { cfg.Commands = panicking{cfg.Commands} })
	a := c.refused(500, "internal_error", "GET", "/v1/operations/"+anID, nil)
	if strings.Contains(string(a.body), "secret") {
		t.Errorf("got %s", a.body)
	}
	if line := w.log.find(func(l map[string]any) bool { return l["status"] == 500.0 }); line == nil || !strings.Contains(line["error"].(string), "secret") {
		t.Errorf("got log line %v", line)
	}
	c.ok("GET", "/v1/leads", nil)
}

func TestReferencePage(t *testing.T) {
	t.Parallel()
	w := setup(t)
	nobody := &client{world: w}
	page := nobody.ok("GET", "/docs", nil)
	text := string(page.body)
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(text, -1) {
		if !strings.HasPrefix(m[1], "/docs/") {
			t.Errorf("the page loads %s from elsewhere", m[1])
			continue
		}
		resp, err := http.Get(w.url() + m[1])
		check(t, err)
		n, _ := io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK || n == 0 {
			t.Errorf("%s: %d, %d bytes", m[1], resp.StatusCode, n)
		}
	}
	spec, err := os.ReadFile("openapi.yaml")
	check(t, err)
	if a := nobody.ok("GET", "/openapi.yaml", nil); string(a.body) != string(spec) {
		t.Error("the description served is another")
	}
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium: the page isn't rendered")
	}
	out, err := exec.CommandContext(t.Context(), browser, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", "--user-data-dir="+t.TempDir(), "--dump-dom", w.url()+"/docs").Output()
	check(t, err)
	if !strings.Contains(string(out), "createLead") || !strings.Contains(string(out), "Import a file of leads") {
		t.Errorf("chromium shows %d bytes without the operations", len(out))
	}
}

func TestNothingOfAStreamedBodyIsLost(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.serveImports()
	c := w.tenant("enterprise")
	file := "Email\n" + strings.Repeat("someone@example.com,xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n", 200_000)
	a := c.ok("POST", "/v1/imports", form(file, "dry_run", "true", "tags", "a, b,a", "mapping", `{"Mail":"email"}`), "Content-Type", formType)
	if a.json["bytes"] != float64(len(file)) || a.json["dry_run"] != true || len(a.list("tags")) != 2 || a.json["mapping"].(map[string]any)["Mail"] != "email" {
		t.Errorf("got %s", a.body)
	}
	path := a.header.Get("Location")
	got := c.ok("GET", path, nil, "Outrider-Position", a.header.Get("Outrider-Position"))
	if got.text("status") != "running" || got.text("file_name") != "leads.csv" {
		t.Errorf("got %s", got.body)
	}
	if e := c.ok("GET", path+"/errors.csv", nil); string(e.body) != "row,outcome,field,code,reason\r\n" {
		t.Errorf("got %q", e.body)
	}
	c.ok("POST", path+"/undo", nil)
	c.refused(404, "not_found", "POST", "/v1/imports/"+anID+"/undo", nil)
	c.refused(404, "not_found", "GET", "/v1/imports/"+anID+"/errors.csv", nil)
}
