package ratelimit

import "time"

// Taken is what came of taking tokens out of a bucket.
type Taken struct {
	OK   bool
	Left int           // that can be taken at once now
	Wait time.Duration // until what was asked for, or one more after it, can be taken; 0 = now
}
