package main

import (
	"context"
	"os"

	"outrider/internal/app/doctor"
	"outrider/internal/app/node"
)

type doctorCmd struct {
	node.Addresses
	node.Limiting
	node.Selling
	node.PlanFile
	PublicURL  string `help:"Where the installation is reached, whose webhook endpoint is looked for." placeholder:"URL"`
	Generation int32  `default:"1" help:"Generation of the topics."`
}

// Run prints a line for each check and exits with status 1 when one fails.
func (c doctorCmd) Run(ctx context.Context, f *node.Folder) error {
	a, err := c.OrRunning(f)
	if err != nil {
		return err
	}
	p := doctor.Installation{Addresses: a, Redis: c.Redis, Keys: f.Keys(), Data: f.Data, Selling: c.Selling, Plans: c.PlanFile, PublicURL: c.PublicURL, Generation: c.Generation}
	defer p.Close()
	if doctor.Examine(ctx, os.Stdout, p.Checks()) > 0 {
		return node.ErrReported
	}
	return nil
}
