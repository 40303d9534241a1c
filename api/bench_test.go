package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"outrider/api"
	"outrider/internal/es"
)

const smallLead = `{"email":"ann@example.com","first_name":"Ann","last_name":"Lee","company_name":"Example Ltd","tags":["vip"],"custom":{"segment":"mid-market"}}`

// BenchmarkValidate compares the usual filter with the checked parts of the server, on a small body.
func BenchmarkValidate(b *testing.B) {
	doc, err := openapi3.NewLoader().LoadFromFile("openapi.yaml")
	check(b, err)
	doc.Servers = nil
	router, err := legacy.NewRouter(doc)
	check(b, err)
	b.Run("openapi3filter", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r, _ := http.NewRequest(http.MethodPost, "http://localhost/v1/leads", bytes.NewReader([]byte(smallLead)))
			r.Header.Set("Content-Type", "application/json")
			route, params, err := router.FindRoute(r)
			check(b, err)
			check(b, openapi3filter.ValidateRequest(context.Background(), &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route,
				Options: &openapi3filter.Options{MultiError: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}}))
		}
	})
	b.Run("schema alone", func(b *testing.B) {
		b.ReportAllocs()
		schema := doc.Components.Schemas["LeadCreate"].Value
		for b.Loop() {
			var v any
			d := json.NewDecoder(bytes.NewReader([]byte(smallLead)))
			d.UseNumber()
			check(b, d.Decode(&v))
			check(b, schema.VisitJSON(v, openapi3.MultiErrors(), openapi3.EnableFormatValidation()))
		}
	})
}

// instant answers at once: what is left is the api's own cost.
type instant struct{ api.Gateway }

func (instant) Submit(_ context.Context, c *es.Command) (es.Answer, error) {
	return es.Answer{CommandID: c.ID, Outcome: es.Accepted, Subject: uuid.Nil.String(), Time: c.Time, Pseq: 1}, nil
}

// BenchmarkWrite is requests a second through the whole server over loopback, with 64 at once.
func BenchmarkWrite(b *testing.B) {
	w := build(b)
	for name, gate := range map[string]api.Gateway{"instant gateway": instant{w.cfg.Commands}, "real log": w.cfg.Commands} {
		w.serve(func(c *api.Config) { c.Commands = w.cfg.Commands })
		t := w.tenant("enterprise")
		w.serve(func(c *api.Config) { c.Commands = gate })
		for what, path := range map[string]string{"lead": "/v1/leads", "campaign": "/v1/campaigns"} {
			b.Run(name+"/"+what, func(b *testing.B) {
				client := &fasthttp.Client{MaxConnsPerHost: 512}
				var n atomic.Int64
				begun := time.Now()
				b.SetParallelism(32)
				b.RunParallel(func(pb *testing.PB) {
					req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
					for pb.Next() {
						req.SetRequestURI(t.url() + path)
						req.Header.SetMethod(http.MethodPost)
						req.Header.Set("Authorization", "Bearer "+t.key)
						req.Header.SetContentType("application/json")
						if path == "/v1/leads" {
							req.SetBodyString(fmt.Sprintf(`{"email":"%s@example.com","first_name":"Ann","company_name":"Example Ltd"}`, uuid.NewString()))
						} else {
							req.SetBodyString(`{"name":"Spring"}`)
						}
						if err := client.Do(req, resp); err != nil || resp.StatusCode() != 201 {
							b.Errorf("%v %d %s", err, resp.StatusCode(), resp.Body())
							return
						}
						n.Add(1)
					}
				})
				b.ReportMetric(float64(n.Load())/time.Since(begun).Seconds(), "req/s")
			})
		}
	}
}
