// Package mcpcli is `outrider mcp` on the command line.
package mcpcli

import (
	"context"
	"errors"

	"outrider/internal/app/client"
	"outrider/internal/app/mcpserver"
	"outrider/internal/app/node"
	"outrider/internal/buildinfo"
)

// Command is `outrider mcp`.
type Command struct {
	URL      string `help:"Address of the API; default: that of the 'outrider dev' running on --data." placeholder:"URL"`
	Key      string `env:"OUTRIDER_KEY" help:"API key of whoever asks: the tools may what it may, and the history names it." placeholder:"KEY"`
	ReadOnly bool   `help:"Offer no tool that changes anything, whatever the key may."`
}

// Run serves a client on standard input and output.
func (c Command) Run(ctx context.Context, f *node.Folder) error {
	if c.Key == "" {
		return errors.New("name an API key of the organisation with --key or OUTRIDER_KEY")
	}
	if c.URL == "" {
		r, err := node.FindRunning(f.Data)
		if err != nil {
			return err
		}
		c.URL = r.URL
	}
	return mcpserver.Run(ctx, client.Open(c.URL, c.Key, nil), buildinfo.Version(), c.ReadOnly)
}
