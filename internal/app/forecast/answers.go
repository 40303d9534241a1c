package forecast

import (
	"math"
	"time"

	"github.com/google/uuid"
)

// What is believed of a campaign of which nothing is known: of forty messages two end a sequence, by an answer, a bounce or an opt-out.
const (
	stopsBefore = 2
	sentBefore  = 40

	answersAfter = 30 * time.Hour // on average
)

// stopChance is the chance that a message ends its sequence. Each run draws it once, from what was counted: of few messages little is known.
func (r *run) stopChance(campaign uuid.UUID) float64 {
	p, ok := r.stops[campaign]
	if !ok {
		stops, sent := float64(stopsBefore), float64(sentBefore)
		if c := r.o.Campaigns[campaign]; c != nil {
			n := c.Rate.At(r.now)
			stops, sent = stops+float64(n.Replied+n.Bounced+n.Complained), sent+float64(n.Sent)
		}
		p = r.beta(stops, math.Max(sent-stops, 1))
		r.stops[campaign] = p
	}
	return p
}

// beta draws from a beta distribution, as the share of two gamma ones.
func (r *run) beta(a, b float64) float64 {
	x, y := r.gamma(a), r.gamma(b)
	return x / (x + y)
}

// gamma draws from a gamma distribution whose shape is at least 1 (G. Marsaglia and W. W. Tsang, "A simple method for generating gamma variables", 2000).
func (r *run) gamma(shape float64) float64 {
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.chance.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(1-r.chance.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}
