package crmapi

import (
	"net/http"
	"sync/atomic"
	"time"
)

// Clock knows how far a CRM's clock is from ours, so that instants of both can be compared.
type Clock struct {
	Now  func() time.Time
	skew atomic.Int64 // nanoseconds by which theirs is behind
}

// Note reads it from an answer.
func (c *Clock) Note(r *http.Response) {
	if at, err := http.ParseTime(r.Header.Get("Date")); err == nil {
		c.skew.Store(int64(c.Now().Sub(at)))
	}
}

// Ours returns an instant of theirs by ours. The header says seconds only: less than two are no difference.
func (c *Clock) Ours(theirs time.Time) time.Time { return theirs.Add(c.behind()) }

// Theirs returns an instant of ours by theirs.
func (c *Clock) Theirs(ours time.Time) time.Time { return ours.Add(-c.behind()) }

func (c *Clock) behind() time.Duration {
	if skew := time.Duration(c.skew.Load()); skew.Abs() >= 2*time.Second {
		return skew
	}
	return 0
}
