package aggregates

import "time"

// Rate counts sends and what came of them over the last seven days, by days in UTC.
type Rate struct {
	days [7]rateDay
}

type rateDay struct {
	day                              int32
	sent, bounced, complained, block uint32
	soft, deferred, replied          uint32
}

// dayAt returns the day of a time, to count on; what is told of one that is no longer looked at counts nowhere.
func (r *Rate) dayAt(at time.Time) *rateDay {
	n := int32(at.Unix() / 86400)
	d := &r.days[((n%7)+7)%7]
	switch {
	case d.day > n:
		return &rateDay{}
	case d.day < n:
		*d = rateDay{day: n}
	}
	return d
}

// correctReply counts an answer of a day that is still looked at as what it is known to be now.
func (r *Rate) correctReply(at time.Time, was, is bool) {
	switch d := r.dayAt(at); {
	case was == is:
	case is:
		d.replied++
	case d.replied > 0:
		d.replied--
	}
}

// Counts of seven days.
type Counts struct {
	Sent, Bounced, Complained, Blocked int
	Soft                               int // bounces of mailboxes that are full, and the like
	Deferred                           int // tries that a server put off for our reputation (4.7.x)
	Replied                            int
}

// At returns the sum of the seven days up to a time.
func (r *Rate) At(at time.Time) (c Counts) {
	n := int32(at.Unix() / 86400)
	for _, d := range r.days {
		if d.day > n-7 {
			c.Sent += int(d.sent)
			c.Bounced += int(d.bounced)
			c.Complained += int(d.complained)
			c.Blocked += int(d.block)
			c.Soft += int(d.soft)
			c.Deferred += int(d.deferred)
			c.Replied += int(d.replied)
		}
	}
	return c
}

// Bounds of rates, per 100,000 sends.
const (
	MailboxBounceLimit  = 2_000 // 2 %
	CampaignBounceLimit = 5_000 // 5 %
	ComplaintWarn       = 100   // 0.10 %
	ComplaintLimit      = 200   // 0.20 %
	LeastSends          = 50    // with fewer, a rate proves nothing
	BlockLimit          = 5     // refusals because of our reputation within seven days
)

// Exceeds reports whether the lower end of the Wilson score interval (95 %) of count out of n is at least a limit per
// 100,000. It computes in whole numbers, so that every machine decides alike: the lower end is >= p exactly when the share is >= p
// and n (share - p)^2 >= z^2 p (1 - p).
func Exceeds(count, n int, limit int64) bool {
	const per, z2 = 100_000, 38_416 // z^2 = 3.8416
	if n < LeastSends {
		return false
	}
	above := int64(count)*per - int64(n)*limit
	if above < 0 {
		return false
	}
	// above^2 / n >= z2/10^4 * limit * (per - limit); above is cut so that its square fits.
	const most = 3_000_000_000
	if above > most {
		return true
	}
	return above*above/int64(n) >= z2*limit*(per-limit)/10_000
}
