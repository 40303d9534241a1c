package node_test

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
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"outrider/internal/app/client"
	"outrider/internal/app/node"
	"outrider/internal/app/node/nodetest"
	"outrider/internal/es"
	"outrider/internal/linktoken"
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

// wait gives all spans once there is one of a trace whose path is so.
func (c *collected) wait(ctx context.Context, t *testing.T, trace, want string) []*otlp.Span {
	t.Helper()
	return c.until(ctx, t, want, func(s *otlp.Span) bool {
		return hex.EncodeToString(s.GetTraceId()) == trace && strings.Join(c.path(s), " < ") == want
	})
}

// until gives all spans once there is one as wanted.
func (c *collected) until(ctx context.Context, t *testing.T, want string, is func(*otlp.Span) bool) []*otlp.Span {
	t.Helper()
	for {
		c.mu.Lock()
		if slices.ContainsFunc(c.spans, is) {
			defer c.mu.Unlock()
			return c.spans
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
	n := nodetest.StartNode(t, 31, node.RoleAPI, node.RoleCommands, node.RoleProjections, node.RoleConsumers)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	do := func(key, path, media string, body io.Reader, headers ...string) map[string]any {
		t.Helper()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+n.Address()+path, body)
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
	org := do(n.Platform, "/v1/organizations", "application/json", strings.NewReader(`{"slug": "traced-`+es.NewID().String()[24:]+`", "name": "Traced", "plan": "growth"}`))
	key := do(n.Platform, "/v1/api-keys", "application/json", strings.NewReader(fmt.Sprintf(`{"organization_id": %q, "name": "all", "scopes": ["imports:write", "leads:read"]}`, org["id"])))["token"].(string)

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

	way := "decide import.request.v2 < produce import.request.v2 < POST /v1/imports"
	c.wait(ctx, t, trace, "append import.requested.v3 < "+way)
	for _, store := range []string{"postgres", "clickhouse events", "clickhouse engagement"} {
		c.wait(ctx, t, trace, "project "+store+" < "+way)
	}
	spans := c.wait(ctx, t, trace, "decide import.record_chunk.v3 < produce import.record_chunk.v3 < react imports < "+way)
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

// messageRow makes the statement that inserts a message as if it had been requested: what must be there is empty.
const messageRow = `select format('insert into read.messages (%1$s) select %1$s from jsonb_populate_record(null::read.messages, %2$L)', string_agg(quote_ident(column_name), ', '),
		jsonb_object_agg(column_name, case data_type
			when 'uuid' then to_jsonb($1::text) when 'text' then '""' when 'boolean' then 'false' when 'timestamp with time zone' then to_jsonb(now()) else '0' end)
		|| jsonb_build_object('org_id', $1::text, 'message_id', $2::text))
	from information_schema.columns where table_schema = 'read' and table_name = 'messages' and is_nullable = 'NO'`

// TestEachHitLeadsToTheBatchThatItWentIn sets the environment, so it runs alone.
func TestEachHitLeadsToTheBatchThatItWentIn(t *testing.T) {
	c, url := collect(t)
	t.Setenv(tracing.Endpoint, url)
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
	n := nodetest.StartNode(t, 32, node.RoleAPI, node.RoleCommands, node.RoleProjections)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	base := "http://" + n.Address()
	org, _, err := client.Read[client.Organization](client.Open(base, n.Platform, nil).CreateOrganization(ctx, nil,
		client.OrganizationCreate{Slug: "hits-" + es.NewID().String()[24:], Name: "Hits", Plan: new("growth")}))
	if err != nil {
		t.Fatal(err)
	}
	message := es.NewID()
	var insert string
	if err := n.Pools.Projector.QueryRow(ctx, messageRow, org.ID.String(), message.String()).Scan(&insert); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Pools.Projector.Exec(ctx, insert); err != nil {
		t.Fatal(err)
	}
	const hits = 8
	var all sync.WaitGroup
	for i := range hits {
		all.Go(func() {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/t/o/"+n.Signer.Sign(linktoken.Open, linktoken.Token{Org: org.ID, Message: message}), nil)
			if err != nil {
				t.Error(err)
				return
			}
			req.Header.Set("traceparent", fmt.Sprintf("00-%032x-00f067aa0ba902b7-01", i+1))
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			_ = res.Body.Close()
			if res.StatusCode != http.StatusOK {
				t.Errorf("a hit is answered with %d", res.StatusCode)
			}
		})
	}
	all.Wait()
	const way = "decide message.record_hits.v1 < produce message.record_hits.v1 < batch message.record_hits.v1"
	for i := range hits {
		spans := c.wait(ctx, t, fmt.Sprintf("%032x", i+1), "GET /t/o/{token}")
		at := slices.IndexFunc(spans, func(s *otlp.Span) bool { return hex.EncodeToString(s.GetTraceId()) == fmt.Sprintf("%032x", i+1) })
		request := spans[at]
		if len(request.GetLinks()) != 1 {
			t.Fatalf("hit %d links to %d batches", i, len(request.GetLinks()))
		}
		batch := request.GetLinks()[0]
		trace := hex.EncodeToString(batch.GetTraceId())
		for _, last := range []string{"append message.opened.v1", "project postgres", "project clickhouse events", "project clickhouse engagement"} {
			spans = c.wait(ctx, t, trace, last+" < "+way)
		}
		at = slices.IndexFunc(spans, func(s *otlp.Span) bool { return bytes.Equal(s.GetSpanId(), batch.GetSpanId()) })
		if !slices.ContainsFunc(spans[at].GetLinks(), func(l *otlp.Span_Link) bool { return bytes.Equal(l.GetSpanId(), request.GetSpanId()) }) {
			t.Errorf("the batch of hit %d doesn't link to it", i)
		}
	}
}

func TestABatchLinksToAllOfItsRequests(t *testing.T) {
	t.Parallel()
	c, url := collect(t)
	on, err := tracing.New(t.Context(), "test", "test", otlptracehttp.WithEndpointURL(url+"/v1/traces"))
	if err != nil {
		t.Fatal(err)
	}
	requests := make([]string, 200)
	for i := range requests {
		requests[i] = fmt.Sprintf("00-%032x-00f067aa0ba902b7-01", i+1)
	}
	_, end := on.Batch()("x.v1", es.NewID(), requests)
	end(nil)
	if err := on.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(c.spans) == 0 || len(c.spans[0].GetLinks()) != len(requests) {
		t.Errorf("not all links are there: %.500s", fmt.Sprint(c.spans))
	}
}

func TestTracingIsOffByDefault(t *testing.T) {
	t.Parallel()
	var off *tracing.Tracing
	if off.Request() != nil || off.Batch() != nil || off.Produce() != nil || off.Decide() != nil || off.Append() != nil || off.Project("x") != nil || off.React() != nil || off.Effect() != nil || off.Shutdown(t.Context()) != nil {
		t.Error("what is off has hooks")
	}
}
