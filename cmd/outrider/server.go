//go:build server

package main

import (
	"context"

	"outrider/internal/app/node"
	"outrider/internal/kafka"
)

// labCommands are none: this is a server.
type labCommands struct{}

// devLab are no options: this is a server.
type devLab struct{}

func (devLab) joinClock(context.Context, kafka.Log) (node.SimulatedClock, error) { return nil, nil } // no clock, no error

func (devLab) playsDemo() bool { return false }

func (devLab) playDemo(context.Context, demoOptions) error { return nil }

func runLabChild([]string) {}
