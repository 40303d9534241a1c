package asof

import (
	"context"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// Cache keeps folds, so that the next question about the same continues where the last one stopped. One question at a time
// works on a fold; the least recently used fold goes first.
type Cache[K comparable, V any] struct {
	entries *lru.Cache[K, *entry[V]]
	keepFor time.Duration
}

// entry is empty when there is nothing to continue with. Whoever holds turn may touch the rest.
type entry[V any] struct {
	turn   chan struct{}
	value  *V
	forget *time.Timer
}

// NewCache makes a cache of at most size folds, each kept for keepFor after its last use; 0 = as long as there is room.
func NewCache[K comparable, V any](size int, keepFor time.Duration) (*Cache[K, V], error) {
	entries, err := lru.New[K, *entry[V]](size)
	if err != nil {
		return nil, fmt.Errorf("create cache of folds: %w", err)
	}
	return &Cache[K, V]{entries, keepFor}, nil
}

// Use waits until nobody else works on the fold of key, and calls work with what was kept, or nil. What work returns is kept
// for the next call, also when there is an error; nil = nothing.
func (c *Cache[K, V]) Use(ctx context.Context, key K, work func(kept *V) (*V, error)) (err error) {
	e, err := c.takeTurn(ctx, key)
	if err != nil {
		return err
	}
	kept := e.value
	e.value = nil // a panic leaves nothing behind
	defer func() { c.endTurn(key, e) }()
	e.value, err = work(kept)
	return err
}

func (c *Cache[K, V]) takeTurn(ctx context.Context, key K) (*entry[V], error) {
	e := &entry[V]{turn: make(chan struct{}, 1)}
	if there, ok, _ := c.entries.PeekOrAdd(key, e); ok {
		e = there
		c.entries.Get(key) // it is used
	}
	select {
	case e.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the same question: %w", ctx.Err())
	}
	if e.forget != nil {
		e.forget.Stop()
	}
	return e, nil
}

func (c *Cache[K, V]) endTurn(key K, e *entry[V]) {
	if e.value == nil {
		c.entries.Remove(key)
	} else {
		c.entries.Add(key, e)
		if c.keepFor > 0 {
			e.forget = time.AfterFunc(c.keepFor, func() { c.entries.Remove(key) })
		}
	}
	<-e.turn
}
