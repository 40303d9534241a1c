package retry

import (
	"net/http"
	"strconv"
	"time"
)

// HeaderAfter reads a Retry-After header, which has seconds or a time (RFC 9110, 10.2.3): how long to wait from now, at least 0; false where it says neither.
func HeaderAfter(header string, now time.Time) (wait time.Duration, said bool) {
	if n, err := strconv.ParseInt(header, 10, 32); err == nil {
		return max(time.Duration(n)*time.Second, 0), true
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(at.Sub(now), 0), true
	}
	return 0, false
}
