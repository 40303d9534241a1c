// Package ratelimit bounds how often something may be asked for in a window of time: so many of each key.
package ratelimit

import (
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// maxKeys bounds what is remembered; of more keys the one that was asked for longest ago is forgotten.
const maxKeys = 65_536

// Limiter counts by key. A key's window begins with its first use after the one before it has ended.
type Limiter[K comparable] struct {
	most   int
	window time.Duration

	mu   sync.Mutex
	keys *lru.Cache[K, *counted]
}

type counted struct {
	from time.Time
	n    int
}

// New makes a limiter of most uses of a key in a window.
func New[K comparable](most int, window time.Duration) *Limiter[K] {
	keys, _ := lru.New[K, *counted](maxKeys) // fails for sizes below 1 only
	return &Limiter[K]{most: most, window: window, keys: keys}
}

// Take uses a key once, and reports whether that is within the bound; if not, retry is when it will be.
func (l *Limiter[K]) Take(key K, now time.Time) (ok bool, retry time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.current(key, now)
	c.n++
	return c.n <= l.most, c.from.Add(l.window).Sub(now)
}

// Full reports whether nothing is left of a key's window, without using it.
func (l *Limiter[K]) Full(key K, now time.Time) (full bool, retry time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c, ok := l.keys.Get(key)
	if !ok || now.Sub(c.from) >= l.window || now.Before(c.from) {
		return false, 0
	}
	return c.n >= l.most, c.from.Add(l.window).Sub(now)
}

// Return takes a use back.
func (l *Limiter[K]) Return(key K) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c, ok := l.keys.Get(key); ok && c.n > 0 {
		c.n--
	}
}

func (l *Limiter[K]) current(key K, now time.Time) *counted {
	c, ok := l.keys.Get(key)
	if !ok || now.Sub(c.from) >= l.window || now.Before(c.from) {
		c = &counted{from: now}
		l.keys.Add(key, c)
	}
	return c
}
