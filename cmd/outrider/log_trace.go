package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/internal/app/logtail"
	"outrider/internal/app/node"
	"outrider/internal/es"
)

type traceCmd struct {
	node.LogAddress
	ID string `arg:"" help:"Of a correlation (the X-Request-Id of a request), a command or an event."`
}

// Run prints all that followed from one cause.
func (c traceCmd) Run(ctx context.Context, f *node.Folder) error {
	id, err := uuid.Parse(c.ID)
	if err != nil {
		return fmt.Errorf("%s is no id: %w", c.ID, err)
	}
	log, err := c.Log(f)
	if err != nil {
		return err
	}
	if log, err = log.Measure(ctx); err != nil {
		return err
	}
	roots, err := logtail.FindTrace(ctx, log, id)
	if err != nil {
		return err
	}
	return printTrace(os.Stdout, roots)
}

// printTrace indents what follows under what it follows from; times are since the first event.
func printTrace(w io.Writer, roots []*es.TracedCommand) error {
	began := roots[0].First.Time
	_, err := fmt.Fprintf(w, "correlation %s, organisation %s, began %s\n", roots[0].First.CorrelationID, roots[0].First.Org, began.UTC().Format(time.RFC3339Nano))
	var command func(c *es.TracedCommand, depth int)
	command = func(c *es.TracedCommand, depth int) {
		name := c.Type
		if name == "" {
			name = "(a command that is no longer kept)"
		}
		if err == nil {
			_, err = fmt.Fprintf(w, "%s%s  command %s by %s:%s\n", strings.Repeat("    ", depth), name, c.ID, c.First.Actor.Kind, c.First.Actor.ID)
		}
		for _, e := range c.Events {
			if err == nil {
				_, err = fmt.Fprintf(w, "%s  +%s  %s #%d  %s  event %s\n", strings.Repeat("    ", depth), e.Time.Sub(began), e.Type, e.Oseq, e.Subject, e.ID)
			}
			for _, next := range e.Commands {
				command(next, depth+1)
			}
		}
	}
	for _, c := range roots {
		command(c, 0)
	}
	return err
}
