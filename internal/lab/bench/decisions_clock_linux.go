package bench

import (
	"time"

	"golang.org/x/sys/unix"
)

// threadTime is the time that a processor has spent on this thread.
func threadTime() time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) // Linux has it
	return time.Duration(t.Nano())
}
