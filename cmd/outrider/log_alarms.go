package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"outrider/internal/app/node"
	"outrider/internal/blob"
)

// alarmsAddress says where alarms are kept.
type alarmsAddress struct {
	node.LogAddress
	Blobs string `help:"Blobs; default: those of the 'outrider dev' running on --data." placeholder:"URL"`
}

func (c alarmsAddress) open(ctx context.Context, f *node.Folder) (node.Alarms, *blob.Bucket, error) {
	log, err := c.Log(f)
	if err != nil {
		return node.Alarms{}, nil, err
	}
	at := c.Blobs
	if at == "" {
		r, err := node.FindRunning(f.Data)
		if err != nil {
			return node.Alarms{}, nil, err
		}
		at = r.Blobs
	}
	b, err := blob.Open(ctx, at)
	if err != nil {
		return node.Alarms{}, nil, err
	}
	return node.AlarmsOf(log, b), b, nil
}

type logAlarmsCmd struct{ alarmsAddress }

// Run prints a line for each alarm that nobody has settled.
func (c logAlarmsCmd) Run(ctx context.Context, f *node.Folder) error {
	alarms, b, err := c.open(ctx, f)
	if err != nil {
		return err
	}
	defer b.Close()
	open, err := alarms.Open(ctx)
	if err != nil {
		return err
	}
	for _, a := range open {
		fmt.Printf("partition %d, offset %d, %s: %s\n", a.Partition, a.Offset, a.Time.Format(time.RFC3339), a.Why)
	}
	return nil
}

type logSettleCmd struct {
	alarmsAddress
	Partition int32  `required:"" help:"Its partition."`
	Offset    int64  `required:"" help:"Offset of the event, as 'outrider log alarms' prints it."`
	Reason    string `required:"" help:"Why its partition may go on; stays beside the alarm." placeholder:"TEXT"`
}

// Run lets a partition go on with what its log holds: the event counts, for every reader.
func (c logSettleCmd) Run(ctx context.Context, f *node.Folder) error {
	if strings.TrimSpace(c.Reason) == "" {
		return errors.New("--reason must say something")
	}
	alarms, b, err := c.open(ctx, f)
	if err != nil {
		return err
	}
	defer b.Close()
	if err := alarms.Settle(ctx, c.Partition, c.Offset, c.Reason, time.Now()); err != nil {
		return err
	}
	fmt.Printf("partition %d goes on within half a minute\n", c.Partition)
	return nil
}
