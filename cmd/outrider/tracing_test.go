package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"outrider/internal/es"
	"outrider/internal/tracing"
)

// collected is an OTLP/HTTP collector on loopback.
type collected struct {
	mu    sync.Mutex
	spans []*otlp.Span
	more  chan struct{} // has one element when spans came
}

func collect(t *testing.T) (*collected, string) {
	t.Helper()
	c := &collected{more: make(chan struct{}, 1)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(r.Body)
			if err != nil {
				t.Error(err)
				return
			}
			body = z
		}
		b, err := io.ReadAll(body)
		var request collector.ExportTraceServiceRequest
		if err == nil {
			err = proto.Unmarshal(b, &request)
		}
		if err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
		c.mu.Lock()
		for _, resource := range request.GetResourceSpans() {
			for _, scope := range resource.GetScopeSpans() {
				c.spans = append(c.spans, scope.GetSpans()...)
			}
		}
		c.mu.Unlock()
		select {
		case c.more <- struct{}{}:
		default:
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(server.Close)
	return c, server.URL
}

// path names the spans from a span up to the root, as far as the collector has them.
func (c *collected) path(leaf *otlp.Span) (names []string) {
	for s := leaf; s != nil; {
		names = append(names, s.GetName())
		var parent *otlp.Span
		for _, p := range c.spans {
			if bytes.Equal(p.GetSpanId(), s.GetParentSpanId()) {
				parent = p
			}
		}
		s = parent
	}
	return names
}

// wait gives the first path from a span of a name that ends so, once it is there.
func (c *collected) wait(ctx context.Context, t *testing.T, trace, want string) []*otlp.Span {
	t.Helper()
	for {
		c.mu.Lock()
		for _, s := range c.spans {
			if hex.EncodeToString(s.GetTraceId()) == trace && strings.Join(c.path(s), " < ") == want {
				spans := c.spans
				c.mu.Unlock()
				return spans
			}
		}
		c.mu.Unlock()
		select {
		case <-c.more:
		case <-ctx.Done():
			c.mu.Lock()
			defer c.mu.Unlock()
			for _, s := range c.spans {
				t.Log(hex.EncodeToString(s.GetTraceId()), strings.Join(c.path(s), " < "))
			}
			t.Fatalf("no span came to be %s", want)
		}
	}
}

// TestOneTraceSpansEveryRole sets the environment, so it runs alone.
func TestOneTraceSpansEveryRole(t *testing.T) {
	c, url := collect(t)
	t.Setenv(tracing.Endpoint, url)
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
	n := startNode(t, 31, roleAPI, roleCommands, roleProjections, roleConsumers)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	do := func(key, path, media string, body io.Reader, headers ...string) map[string]any {
		t.Helper()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+n.listener.Addr().String()+path, body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+key)
		req.Header.Set("Content-Type", media)
		for i := 0; i < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var out map[string]any
		if err := json.NewDecoder(res.Body).Decode(&out); err != nil || res.StatusCode > 299 {
			t.Fatalf("%s: %d %v %v", path, res.StatusCode, out, err)
		}
		return out
	}
	org := do(n.platform, "/v1/organizations", "application/json", strings.NewReader(`{"slug": "traced-`+es.NewID().String()[24:]+`", "name": "Traced", "plan": "growth"}`))
	key := do(n.platform, "/v1/api-keys", "application/json", strings.NewReader(fmt.Sprintf(`{"organization_id": %q, "name": "all", "scopes": ["imports:write", "leads:read"]}`, org["id"])))["token"].(string)

	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", "leads.csv")
	if err == nil {
		_, err = part.Write([]byte("email\nann@example.com\n"))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	trace, caller := "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	request := es.NewID().String()
	do(key, "/v1/imports", w.FormDataContentType(), &form, "traceparent", "00-"+trace+"-"+caller+"-01", "X-Request-Id", request)

	way := "decide import.request.v1 < produce import.request.v1 < POST /v1/imports"
	c.wait(ctx, t, trace, "append import.requested.v1 < "+way)
	for _, store := range []string{"postgres", "clickhouse events", "clickhouse engagement"} {
		c.wait(ctx, t, trace, "project "+store+" < "+way)
	}
	spans := c.wait(ctx, t, trace, "decide import.record_chunk.v1 < produce import.record_chunk.v1 < react imports < "+way)
	seen := 0
	for _, s := range spans {
		if hex.EncodeToString(s.GetTraceId()) != trace {
			continue
		}
		seen++
		if s.GetName() == "POST /v1/imports" && hex.EncodeToString(s.GetParentSpanId()) != caller {
			t.Errorf("the request's parent is %x, not the caller's", s.GetParentSpanId())
		}
		of := ""
		for _, a := range s.GetAttributes() {
			if a.GetKey() == "outrider.correlation_id" {
				of = a.GetValue().GetStringValue()
			}
		}
		if of != request {
			t.Errorf("span %s is of correlation %q, not %s", s.GetName(), of, request)
		}
	}
	if seen < 6 {
		t.Errorf("the trace has %d spans", seen)
	}
}

func TestTracingIsOffByDefault(t *testing.T) {
	t.Parallel()
	var off *tracing.Tracing
	if off.Request() != nil || off.Produce() != nil || off.Decide() != nil || off.Append() != nil || off.Project("x") != nil || off.React() != nil || off.Effect() != nil || off.Shutdown(t.Context()) != nil {
		t.Error("what is off has hooks")
	}
}
