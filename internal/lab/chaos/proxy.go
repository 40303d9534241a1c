package chaos

import (
	"context"
	"fmt"
	"time"

	"outrider/internal/retry"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// proxy stands before an engine, so that its connections can be cut.
type proxy struct {
	p *toxiproxy.Proxy
}

func newProxy(name, to string) (*proxy, error) {
	p := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()), name, "127.0.0.1:0", to)
	if err := p.Start(); err != nil {
		return nil, fmt.Errorf("start a proxy to %s: %w", name, err)
	}
	return &proxy{p}, nil
}

func (x *proxy) listenAddress() string { return x.p.Listen }

// cutFor ends every connection and refuses new ones for a while.
func (x *proxy) cutFor(ctx context.Context, d time.Duration) error {
	x.p.Stop()
	_ = retry.Sleep(ctx, d)
	for began := time.Now(); ; {
		err := x.p.Start() // its port may be taken for a moment by somebody's outgoing connection
		if err == nil {
			return nil
		}
		if time.Since(began) > 30*time.Second || ctx.Err() != nil {
			return fmt.Errorf("start the proxy to %s again: %w", x.p.Name, err)
		}
		_ = retry.Sleep(ctx, 20*time.Millisecond)
	}
}

func (x *proxy) stopProxy() { x.p.Stop() }
