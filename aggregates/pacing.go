package aggregates

import "time"

// pacing is what is due by the clock, and in which order.
type pacing struct {
	campaigns []*Campaign // the oldest first
	companies companies
	timers    timers
	leases    []*Message // claimed, the oldest first
	resumes   queue      // paused until a time
	serial    uint32
	ticked    int64 // the newest tick
}

func newPacing() pacing { return pacing{resumes: queue{byUntil: true}} }

// nextSerial numbers what must keep its order.
func (p *pacing) nextSerial() uint32 {
	p.serial++
	return p.serial
}

// dueTimes returns the earliest of each kind of thing that is due by the clock, 0 = none. Leases end also where nothing
// may be sent.
func (p *pacing) dueTimes(sending bool) (out [3]int64) {
	if len(p.leases) > 0 {
		out[0] = p.leases[0].lease
	}
	if sending && len(p.timers) > 0 {
		out[1] = p.timers[0].at
	}
	if sending && len(p.resumes.items) > 0 {
		out[2] = p.resumes.items[0].until
	}
	return out
}

// Ticked says that the clock was advanced at a time, whatever came of it. Two ticks must have two due times: their ids
// follow from them.
func (o *Organization) Ticked(at time.Time) { o.pacing.ticked = max(o.pacing.ticked, toMicros(at)) }
