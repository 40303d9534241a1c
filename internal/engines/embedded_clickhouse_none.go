//go:build server

package engines

import (
	"context"
	"net"
)

// hasClickHouse reports whether this build can run a ClickHouse itself: a server can't. Binding the engine's library would make
// it a dynamically linked program, which the image has no loader for.
const hasClickHouse = false

func (o *childOrders) runClickHouse(context.Context, net.Listener, func()) error {
	return noClickHouse()
}
