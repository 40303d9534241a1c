// Command outrider is the whole of Outrider in one binary: `outrider dev` runs everything in one process on embedded
// engines, `outrider serve` runs chosen roles against real ones.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // for libraries; what is ours takes zones from internal/zone

	"github.com/alecthomas/kong"

	"outrider/internal/app/node"
	"outrider/internal/engines"
	"outrider/internal/mail/worker"
	"outrider/internal/memory"
)

func main() {
	worker.RunChild()  // who talks to mail servers is this program started again
	engines.RunChild() // an embedded engine is this program started again
	err := leaveOut()
	runLabChild(os.Args) // likewise the mail server and the people of a demonstration
	memory.Bound()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	if err == nil {
		err = runCommand(ctx, os.Args[1:])
	}
	stop()
	switch {
	case err == nil:
	case errors.Is(err, node.ErrReported):
		os.Exit(1)
	default:
		fmt.Fprintln(os.Stderr, "outrider:", err)
		os.Exit(1)
	}
}

func runCommand(ctx context.Context, args []string) error {
	var c cli
	parser, err := kong.New(&c, kong.Name("outrider"), kong.DefaultEnvars("OUTRIDER"), kong.ShortUsageOnError(),
		kong.Description("Event-sourced, multi-tenant sales development. Every flag is also an environment variable: --data is OUTRIDER_DATA."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		return fmt.Errorf("read command line: %w", err)
	}
	chosen, err := parser.Parse(args)
	if err != nil {
		parser.FatalIfErrorf(err) // prints usage, exits with 80
	}
	chosen.BindTo(ctx, (*context.Context)(nil))
	return chosen.Run(c.Logging.Logger(os.Stderr), &c.Folder)
}
