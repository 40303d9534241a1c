package api_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"outrider/api"
	"outrider/internal/es"
)

// punctual sends commands with the real time, whatever the server believes.
type punctual struct{ api.Gateway }

func (p punctual) Post(ctx context.Context, c *es.Command) error {
	now := *c
	now.Time = time.Now().UTC().Truncate(time.Microsecond)
	return p.Gateway.Post(ctx, &now)
}

// BenchmarkPixel is fetches a second that the log has acknowledged, with 64 at once. The server's clock goes so fast that no
// token comes to its limit.
func BenchmarkPixel(b *testing.B) {
	w := build(b)
	w.serve(nil)
	l := w.tenant("enterprise").campaign().sent("ann@acme.test", "", time.Hour)
	var hours atomic.Int64
	w.serve(func(c *api.Config) {
		c.Commands, c.Logger = punctual{w.cfg.Commands}, nil
		c.Now = func() time.Time { return time.Now().Add(time.Duration(hours.Add(1)) * time.Hour / 5) }
	})
	client := &fasthttp.Client{MaxConnsPerHost: 512}
	var n atomic.Int64
	begun := time.Now()
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
		for pb.Next() {
			req.SetRequestURI(l.url() + l.pixel())
			req.Header.SetUserAgent(browser)
			if err := client.Do(req, resp); err != nil || resp.StatusCode() != fasthttp.StatusOK {
				b.Errorf("%v %d %s", err, resp.StatusCode(), resp.Body())
				return
			}
			n.Add(1)
		}
	})
	b.ReportMetric(float64(n.Load())/time.Since(begun).Seconds(), "hits/s")
}
