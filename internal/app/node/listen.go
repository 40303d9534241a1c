package node

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// listenOn opens an address, or takes over what a parent has opened: "fd:3" is its first file. So a process that is killed and
// started again keeps its port, and who connects in between waits.
func listenOn(ctx context.Context, address string) (net.Listener, error) {
	if number, inherited := strings.CutPrefix(address, "fd:"); inherited {
		fd, err := strconv.ParseUint(number, 10, 16)
		if err != nil {
			return nil, fmt.Errorf("listen on %s: it is not the number of a file", address)
		}
		f := os.NewFile(uintptr(fd), "listener")
		defer f.Close()
		l, err := net.FileListener(f)
		if err != nil {
			return nil, fmt.Errorf("listen on %s: %w", address, err)
		}
		return l, nil
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w; name another address with --listen", address, err)
	}
	return l, nil
}
