package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"outrider/internal/app/node"
	"outrider/internal/es/verify"
)

type verifyCmd struct {
	node.LogAddress
	JSON bool `help:"Print one line of JSON."`
}

// Run exits with status 1 and names the first bad position of each partition that has one.
func (c verifyCmd) Run(ctx context.Context, f *node.Folder) error {
	log, err := c.Log(f)
	if err != nil {
		return err
	}
	if log, err = log.Measure(ctx); err != nil {
		return err
	}
	v, err := verify.Log(ctx, log)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if c.JSON {
		if err != nil {
			v.Bad = err.Error()
		}
		if e := json.NewEncoder(os.Stdout).Encode(v); e != nil {
			return e
		}
		if err != nil {
			return node.ErrReported
		}
		return nil
	}
	fmt.Printf("%d partitions, %d records, %d commands, %d events of %d organisations; %d void records, of which %d malformed\n",
		v.Partitions, v.Records, v.Commands, v.Events, v.Organizations, v.Voids, v.Malformed)
	fmt.Printf("%.2f s, %.0f events/s\n", v.Seconds, v.Rate)
	if err != nil {
		return err
	}
	fmt.Println("pseq, oseq, ids and every chain are as they must be")
	return nil
}
