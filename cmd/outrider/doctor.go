package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"
)

type doctorCmd struct {
	Addresses
	Generation int32 `default:"1" help:"Generation of the topics."`
}

// checkTime bounds each check.
const checkTime = 10 * time.Second

// check is one thing that must be so. try gives what was found; when it fails, fix says what to do.
type check struct {
	name string
	fix  string
	try  func(context.Context) (found string, err error)
}

// Run prints a line for each check and exits with status 1 when one fails.
func (c doctorCmd) Run(ctx context.Context, f *Folder) error {
	a, err := c.orRunning(f)
	if err != nil {
		return err
	}
	p := patient{addresses: a, keys: f.keys(), data: f.Data, generation: c.Generation}
	defer p.close()
	if examine(ctx, os.Stdout, p.checks()) > 0 {
		return errSaid
	}
	return nil
}

// examine runs checks in their order; later ones may rest on earlier ones.
func examine(ctx context.Context, w io.Writer, checks []check) (failed int) {
	for _, c := range checks {
		ctx, cancel := context.WithTimeout(ctx, checkTime)
		found, err := c.try(ctx)
		cancel()
		if err != nil {
			failed++
			fmt.Fprintf(w, "FAIL  %-22s %v\n      %-22s fix: %s\n", c.name, err, "", c.fix)
			continue
		}
		fmt.Fprintf(w, "ok    %-22s %s\n", c.name, found)
	}
	return failed
}
