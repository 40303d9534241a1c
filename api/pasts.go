package api

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
)

const (
	pastPage  = 50_000          // events of one query; they come while others are folded
	mostPasts = 8               // folds in memory; the least recently asked about goes first
	keptFor   = 2 * time.Minute // after the last question: what is personal in a fold doesn't stay longer
	longPast  = 100_000         // events; what an answer rests on is kept when it was more than these
)

// subject is what a fold depends on, but for the instant: it can be gone on with to any instant that it hasn't passed.
type subject struct {
	org     uuid.UUID
	model   string // the read model of the row
	only    uuid.UUID
	decides bool
}

// pasts keeps folds that took long, ended or not: the next question about the same goes on where the last one stopped.
type pasts struct {
	folds *lru.Cache[subject, *keptFold]
}

// keptFold is empty when there is nothing to go on with. Whoever holds turn may touch the rest.
type keptFold struct {
	turn   chan struct{}
	m      *moment
	forget *time.Timer
}

func newPasts() (*pasts, error) {
	folds, err := lru.New[subject, *keptFold](mostPasts)
	if err != nil {
		return nil, fmt.Errorf("create cache of folds: %w", err)
	}
	return &pasts{folds}, nil
}

// take waits until nobody else is at it. Leave it.
func (p *pasts) take(ctx context.Context, of subject) (*keptFold, error) {
	x := &keptFold{turn: make(chan struct{}, 1)}
	if there, ok, _ := p.folds.PeekOrAdd(of, x); ok {
		x = there
		p.folds.Get(of) // it was asked about
	}
	select {
	case x.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the same question about %s: %w", of.only, ctx.Err())
	}
	if x.forget != nil {
		x.forget.Stop()
	}
	return x, nil
}

func (p *pasts) leave(of subject, x *keptFold) {
	if x.m == nil {
		p.folds.Remove(of)
	} else {
		p.folds.Add(of, x)
		x.forget = time.AfterFunc(keptFor, func() { p.folds.Remove(of) })
	}
	<-x.turn
}
