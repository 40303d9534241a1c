package processor

import "time"

// Timers wakes at a time of the clock that commands go by, which may be simulated. Network timeouts never use it.
type Timers interface {
	// At calls f once, on a goroutine of its own, when the clock has come to t; cancel makes that not happen.
	At(t time.Time, f func()) (cancel func())
}

// realTimers are for a clock that is time.Now.
type realTimers struct{}

func (realTimers) At(t time.Time, f func()) func() {
	timer := time.AfterFunc(time.Until(t), f)
	return func() { timer.Stop() }
}
