package aggregates

import "time"

// pacing is what is due by the clock, and in which order.
type pacing struct {
	campaigns []*Campaign // the oldest first
	companies companies
	people    people
	shared    shared
	timers    timers
	leases    []*Message // claimed, the oldest first
	resumes   queue      // paused until a time
	serial    uint32
	ticked    int64 // the newest tick
}

func newPacing() pacing { return pacing{resumes: queue{by: byUntil}} }

// nextSerial returns numbers in order, for what must keep its order.
func (p *pacing) nextSerial() uint32 {
	p.serial++
	return p.serial
}

// dueTimes returns the earliest time of each kind of thing that is due by the clock, 0 = none. Leases also end where nothing
// may be sent.
func (p *pacing) dueTimes(sending bool) (out [3]int64) {
	if len(p.leases) > 0 {
		out[0] = p.leases[0].lease
	}
	if sending && len(p.timers) > 0 {
		out[1] = p.timers[0].at
	}
	if sending && p.resumes.count > 0 {
		out[2] = p.resumes.at(0).until
	}
	return out
}

// Ticked records that the clock was advanced at a time, whatever came of it. Two ticks must have two due times: their ids
// follow from them.
func (o *Organization) Ticked(at time.Time) {
	if toMicros(at) <= o.pacing.ticked {
		return
	}
	o.pacing.ticked = toMicros(at)
	for _, c := range o.pacing.campaigns {
		if c.admitting {
			o.admitMore(c)
			return
		}
	}
}
