// Package commands are the commands that play, measure and break the product: demo, bench, chaos, and dev's demonstration.
package commands

import (
	"context"
	"os"

	"outrider/internal/lab/demo"
	"outrider/internal/lab/hostile"
	"outrider/internal/lab/hostilemail"
	"outrider/internal/lab/mailserver"
	"outrider/internal/lab/prospects"
	"outrider/internal/lab/storm"
)

// RunChild is the whole of a process that was started to be the mail server or the people of a demonstration, or a part of a storm; in others it
// does nothing.
func RunChild(args []string) {
	if storm.Child() {
		os.Exit(0)
	}
	if len(args) != 2 {
		return
	}
	switch args[1] {
	case mailserver.ChildArgument:
		os.Exit(mailserver.Main())
	case hostilemail.ChildArgument:
		os.Exit(hostilemail.Main())
	case hostile.ChildArgument:
		os.Exit(hostile.Main())
	case prospects.ChildArgument:
		os.Exit(prospects.Main())
	}
}

// PlayLive is `dev --demo`.
func PlayLive(ctx context.Context, data, listen string, serverFlags []string, asJSON, browser bool) error {
	return demo.PlayLive(ctx, demo.LiveOptions{Data: data, Listen: listen, ServerFlags: serverFlags, JSON: asJSON, Browser: browser})
}
