//go:build !server

package main

import (
	"context"

	"outrider/internal/app/node"
	"outrider/internal/kafka"
	"outrider/internal/lab/commands"
)

// labCommands are what plays, measures and breaks the product. With the build tag server there is none of it (see server.go).
type labCommands struct {
	Demo    commands.Demo    `cmd:"" help:"Play a whole campaign in simulated time, with people who answer, and compare what happened with what is said of it."`
	Chaos   commands.Chaos   `cmd:"" help:"Run everything under load, kill and freeze its parts, and audit what is left."`
	Hostile commands.Hostile `cmd:"" help:"Attack everything as strangers, tenants, their mail servers and who reaches Kafka would, and say what a neighbour waited."`
	Bench   commands.Bench   `cmd:"" help:"Measure this machine; each prints a table, with --json one line of JSON."`
	// For tests in a browser, which connect mailboxes.
	MailServer commands.MailServer `cmd:"" name:"mail-server" hidden:"" help:"Serve mail and names on this machine, until standard input ends."`
}

// devLab are the options of dev that need the lab.
type devLab struct {
	Clock string `hidden:"" help:"Coordinator (host:port) of simulated time."`
	Demo  bool   `help:"Play the demonstration in the data folder: an organisation, a campaign, and people who answer, in simulated time."`
}

// joinClock gives the clock to go by; nil is this machine's.
func (d devLab) joinClock(ctx context.Context, log kafka.Log) (node.SimulatedClock, error) {
	if d.Clock == "" {
		return nil, nil // no clock, no error
	}
	return commands.JoinClock(ctx, d.Clock, log)
}

// playsDemo reports whether dev is to play the demonstration, by playDemo.
func (d devLab) playsDemo() bool { return d.Demo }

func (d devLab) playDemo(ctx context.Context, o demoOptions) error {
	return commands.PlayLive(ctx, o.data, o.listen, o.serverFlags, o.json, o.browser)
}

// runLabChild is the whole of a process that was started to be a part of a demonstration; in others it does nothing.
func runLabChild(args []string) { commands.RunChild(args) }
