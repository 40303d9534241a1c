package aggregates

import "time"

// Times are kept in µs since 1970: 8 bytes, and cheap to compare. 0 = none.
func toMicros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func toTime(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

const (
	second = int64(1_000_000)
	minute = 60 * second
	hour   = 60 * minute
)
