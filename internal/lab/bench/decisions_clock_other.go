//go:build !linux

package bench

import "time"

var processBegan = time.Now() //nolint:gochecknoglobals // where a clock that only measures differences begins

// threadTime is the time of the clock.
func threadTime() time.Duration { return time.Since(processBegan) }
