//go:build server

package engines

import (
	"context"
	"net"
)

// hasBroker reports whether this build can run a broker itself: a server can't.
const hasBroker = false

func (o *childOrders) runKafka(context.Context, net.Listener, func()) error { return noBroker() }
