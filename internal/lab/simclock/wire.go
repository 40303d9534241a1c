package simclock

import "time"

// The protocol is lines of JSON over TCP. Times are microseconds since 1970, UTC; 0 as a due time: nothing is due.

// status is all that a participant says; the first one carries its name.
type status struct {
	Name     string `json:"name,omitempty"`
	Busy     int    `json:"busy"`
	Activity uint64 `json:"activity"` // how often it has become busy
	Due      int64  `json:"due,omitempty"`
	Seen     uint64 `json:"seen"` // the newest order that it has carried out
}

// order is all that the coordinator says.
type order struct {
	Kind string `json:"kind"`
	N    uint64 `json:"n"`
	Now  int64  `json:"now,omitempty"`
}

const (
	welcome = "welcome" // the time, to one who has just come
	probe   = "probe"   // how are you?
	set     = "set"     // it is now so late; don't begin anything
	run     = "run"     // begin what is due
)

func toMicros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(us int64) time.Time { return time.UnixMicro(us).UTC() }
