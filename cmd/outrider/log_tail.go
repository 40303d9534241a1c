package main

import (
	"bufio"
	"context"
	"os"

	"github.com/google/uuid"

	"outrider/internal/app/logtail"
	"outrider/internal/app/node"
	"outrider/internal/es"
)

type tailCmd struct {
	node.LogAddress
	Last   int    `short:"n" default:"50" help:"How many of the newest to begin with; 0 = all."`
	Follow bool   `short:"f" help:"Go on with what comes."`
	Org    string `help:"Only this organisation." placeholder:"UUID"`
	Type   string `help:"Only types that begin so: lead. or lead.created.v1." placeholder:"PREFIX"`
	Raw    bool   `help:"Every record: fences and void ones too, with the reason."`
	JSON   bool   `help:"One line of JSON each."`
}

// Run prints the log. Across partitions there is no order but the events' times, and those are only as good as the
// clocks of the edges; within an organisation order is exact.
func (c tailCmd) Run(ctx context.Context, f *node.Folder) error {
	log, err := c.Log(f)
	if err != nil {
		return err
	}
	if log, err = log.Measure(ctx); err != nil {
		return err
	}
	t := &logtail.Tail{Log: log, Raw: c.Raw, Keep: c.Last, Prefix: c.Type, Print: linePrinter(c.JSON), Out: bufio.NewWriter(os.Stdout)}
	for p := range log.Partitions {
		t.Partitions = append(t.Partitions, p)
	}
	if c.Org != "" {
		if t.Org, err = uuid.Parse(c.Org); err != nil {
			return err
		}
		t.Partitions = []int32{es.PartitionOf(t.Org, log.Partitions)}
	}
	defer t.Out.Flush()
	ends, err := t.PrintHistory(ctx)
	if err != nil || !c.Follow {
		return err
	}
	return t.FollowNew(ctx, ends)
}
