package simclock

import "time"

// The protocol is lines of JSON over TCP. Times are microseconds since 1970, UTC; 0 as a due time: nothing is due.

// status is all that a participant says; the first one carries its name.
type status struct {
	Name     string `json:"name,omitempty"`
	Busy     int    `json:"busy"`
	Activity uint64 `json:"activity"` // how often it has become busy
	Due      int64  `json:"due,omitempty"`
	Seen     uint64 `json:"seen"`          // the newest order that it has carried out
	Ask      *pace  `json:"ask,omitempty"` // for another pace, once
}

// order is all that the coordinator says.
type order struct {
	Kind string `json:"kind"`
	N    uint64 `json:"n"`
	Now  int64  `json:"now,omitempty"`
	Pace *pace  `json:"pace,omitempty"` // with welcome and pace
}

// pace is how time goes.
type pace struct {
	Speed  float64 `json:"speed"`
	Paused bool    `json:"paused"`
	From   int64   `json:"from,omitempty"`
	To     int64   `json:"to,omitempty"`
	Report string  `json:"report,omitempty"`
}

// Pace is how time goes: at most Speed simulated seconds in a real one (0 = as fast as it goes), or not at all. From and To are the
// bounds of what is being played; zero = there are none. Report is what was found at its end, in whatever form the one who plays and those who
// show it agree on.
type Pace struct {
	Speed    float64
	Paused   bool
	From, To time.Time
	Report   string
}

func (p Pace) onWire() *pace {
	return &pace{p.Speed, p.Paused, toMicros(p.From), toMicros(p.To), p.Report}
}

func (p *pace) read() Pace {
	out := Pace{Speed: p.Speed, Paused: p.Paused, Report: p.Report}
	if p.From != 0 {
		out.From = fromMicros(p.From)
	}
	if p.To != 0 {
		out.To = fromMicros(p.To)
	}
	return out
}

const (
	welcome = "welcome" // the time, to one who has just come
	probe   = "probe"   // how are you?
	set     = "set"     // it is now so late; don't begin anything
	run     = "run"     // begin what is due
	paced   = "pace"    // time goes so from now on; nobody waits for an answer
)

func toMicros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(us int64) time.Time { return time.UnixMicro(us).UTC() }
