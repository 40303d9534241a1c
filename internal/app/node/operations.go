package node

import (
	"context"
	"log/slog"
	"net"
	"strconv"
)

// Operations says where a process answers its operator.
type Operations struct {
	MetricsListen string `name:"metrics-listen" help:"Where /metrics and the details of /readyz are, for who runs this process: not for the world; none = nowhere. Default: on loopback, at the port of --listen plus 1000." placeholder:"ADDR"`
}

// portsBetween is how far the default port lies above the one of --listen.
const portsBetween = 1000

// listenForOperations opens the address that was named; else one on loopback that follows from where the process answers, or another if that is taken. nil = nowhere.
func (c Operations) listenForOperations(ctx context.Context, public net.Listener, log *slog.Logger) (net.Listener, error) {
	switch c.MetricsListen {
	case "none":
		return nil, nil //nolint:nilnil // it is asked for
	case "":
	default:
		return listenOn(ctx, c.MetricsListen)
	}
	address := "127.0.0.1:0"
	if at, ok := public.Addr().(*net.TCPAddr); ok && at.Port+portsBetween < 1<<16 {
		l, err := listenOn(ctx, "127.0.0.1:"+strconv.Itoa(at.Port+portsBetween))
		if err == nil {
			return l, nil
		}
		log.Warn("metrics aren't where they usually are, as somebody else listens there; name an address with --metrics-listen", "error", err)
	}
	return listenOn(ctx, address)
}
