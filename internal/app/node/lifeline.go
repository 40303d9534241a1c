package node

import (
	"context"
	"io"
	"os"
)

// WhileInputLasts ends with standard input too: a parent holds the other end, and has ended when it closes.
func WhileInputLasts(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, end := context.WithCancel(ctx)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		end()
	}()
	return ctx, end
}
