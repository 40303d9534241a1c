package gateway

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/google/uuid"

	"outrider/internal/es"
)

// turn is a place that a command has before it is made.
type turn struct {
	org   uuid.UUID
	leave func()
	taken atomic.Bool
}

type turnKey struct{}

// TakeTurn waits for an organisation's turn before a command of about so many bytes is made: what is sealed and looked up for it would else
// keep a neighbour waiting as the command itself would. The first command that is submitted with the context has the place, until it is answered;
// release gives it back if there was none. ErrBusy.
func (g *Gateway) TakeTurn(ctx context.Context, org uuid.UUID, bytes int) (with context.Context, release func(), err error) {
	short, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	leave, err := g.admission.enter(short, es.PartitionOf(org, g.cfg.Log.Partitions), org, bytes)
	if err != nil {
		return ctx, nil, fmt.Errorf("turn of %s: %w", org, err)
	}
	t := &turn{org: org, leave: leave}
	return context.WithValue(ctx, turnKey{}, t), func() {
		if t.taken.CompareAndSwap(false, true) {
			leave()
		}
	}, nil
}

// enter takes the place that the context has, or waits for one.
func (g *Gateway) enter(ctx context.Context, c *es.Command) (leave func(), err error) {
	if t, ok := ctx.Value(turnKey{}).(*turn); ok && t.org == c.Org && t.taken.CompareAndSwap(false, true) {
		return t.leave, nil
	}
	return g.admission.enter(ctx, es.PartitionOf(c.Org, g.cfg.Log.Partitions), c.Org, len(c.Data))
}
