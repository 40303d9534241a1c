package demo

import "time"

// Pace is how much a mailbox may send. Its zone is the organisation's.
type Pace struct {
	PerDay     int // in a local day, and in any 24 hours
	PerHour    int // in any hour; 0 = no limit of its own
	Gap        time.Duration
	JitterFrom time.Duration // on top of the gap, evenly between the two
	JitterTo   time.Duration
}

// each is the time from a message to the next, in the middle.
func (p Pace) each() time.Duration { return p.Gap + (p.JitterFrom+p.JitterTo)/2 }

// usualPace is the product's pace without warm-up.
func usualPace() Pace {
	return Pace{PerDay: 30, PerHour: 6, Gap: 10 * time.Minute, JitterFrom: 90 * time.Second, JitterTo: 7 * time.Minute}
}

// PaceFor is the usual pace for a daily cap, with a shorter gap where that many don't fit in a window otherwise. 0 = the usual cap.
func PaceFor(perDay int, window time.Duration) Pace {
	p := usualPace()
	if perDay > 0 {
		p.PerDay = perDay
	}
	each := time.Duration(0.85 * float64(window) / float64(p.PerDay))
	if each >= p.each() || p.PerDay <= usualPace().PerDay {
		return p
	}
	second := func(part float64) time.Duration {
		return time.Duration(part * float64(each)).Truncate(time.Second)
	}
	return Pace{PerDay: p.PerDay, Gap: second(0.7), JitterFrom: second(0.15), JitterTo: second(0.45)}
}
