//go:build !server

package engines

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"outrider/internal/engines/chhttp"
	"outrider/internal/engines/chlib"
)

// hasClickHouse reports whether this build can run a ClickHouse itself.
const hasClickHouse = true

func (o *childOrders) runClickHouse(ctx context.Context, l net.Listener, up func()) error {
	lib, err := chlib.Load(o.Library)
	if err != nil {
		return err
	}
	s, err := chhttp.New(lib, o.Dir, o.User, o.Password, o.Concurrent, "--config-file="+o.Config)
	if err != nil {
		return err
	}
	hs := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.Background(), childPatience/2)
		defer cancel()
		_ = hs.Shutdown(grace) // ctx is over by now
	}()
	up()
	if err := hs.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve ClickHouse's HTTP interface: %w", err)
	}
	<-idle
	s.Close()
	lib.Shutdown()
	return nil
}
