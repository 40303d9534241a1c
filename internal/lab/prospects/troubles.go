package prospects

import (
	"strings"
	"sync"
	"time"
)

// Troubles are shares (0 to 1) of what mail meets besides people.
type Troubles struct {
	Greylists   float64 // companies that don't know a mailbox yet: 451 4.7.1, for five minutes
	HangsUp     float64 // people whose server once says 421 in the middle of a session
	Quota       float64 // people whose mailbox is full after DATA: 552 5.2.2, once to three times
	Strict      float64 // companies that refuse a mailbox whose mail rises too steeply: 550 5.7.1, at RCPT or after DATA
	Loses       float64 // messages whose connection is lost after DATA; half of them were taken
	Slow        float64 // companies whose server takes its time
	Queues      float64 // people whose server takes the message, reports a delay twice, and delivers it
	Twice       float64 // messages that their own server delivers twice
	SentTwice   float64 // answers and reports that come to us twice
	InWords     float64 // of reports: without a part for programs
	Crawls      float64 // companies whose filter follows every link slowly, the hidden one first
	Complains   float64 // people who call it spam: their provider reports it
	Gone        float64 // people who have left: a program says so
	ElsewhereAt float64 // of those who answer from another address: at another domain
	Angry       float64 // of those who want no more mail: in anger
	Foreign     float64 // of those who answer or are away: in a language that is neither English nor German
}

// AllRates are DefaultRates with all troubles, and more of those who answer.
func AllRates() Rates {
	r := DefaultRates()
	r.Full, r.FullLate, r.UnknownLate, r.Alias = 0.015, 0.008, 0.014, 0.2
	r.Stop, r.LeftCompany = 0.012, 0.006
	r.Troubles = Troubles{Greylists: 0.10, HangsUp: 0.02, Quota: 0.01, Strict: 0.06, Loses: 0.004, Slow: 0.02, Queues: 0.015, Twice: 0.01, SentTwice: 0.15, InWords: 0.5, Crawls: 0.05,
		Complains: 0.008, Gone: 0.006, ElsewhereAt: 0.3, Angry: 0.5, Foreign: 0.4}
	return r
}

// Trouble is what mail to an address meets.
type Trouble struct {
	Greylists bool
	HangsUp   bool
	Strict    string // when a steep rise is refused; "" = never
	Slow      time.Duration
	Queues    bool
	Crawls    bool
	Gone      bool
	Angry     bool
	Language  string // that they write; "" = English or German
}

const (
	isQuota      = "quota" // what an address does with mail: see takes
	strictAtRcpt = "rcpt"
	strictAtData = "data"

	greyFor = 5 * time.Minute
)

// drawTrouble draws from chances of its own: who a person is doesn't depend on what goes wrong.
func (p *Prospect) drawTrouble(seed uint64, rates Troubles) {
	local, domain, _ := strings.Cut(p.Address, "@")
	r := chanceFor(seed, "trouble", p.Address)
	quota, hangsUp, queues, gone := doesHappen(r, rates.Quota), doesHappen(r, rates.HangsUp), doesHappen(r, rates.Queues), doesHappen(r, rates.Gone)
	p.Angry = doesHappen(r, rates.Angry)
	foreign, language := doesHappen(r, rates.Foreign), pickOne(r, foreignLanguages())
	elsewhere := doesHappen(r, rates.ElsewhereAt)
	if foreign {
		p.Language = language
	}
	if elsewhere && p.Alias != "" {
		p.Alias = local + "@private.example"
	}
	if p.Takes == takes {
		switch {
		case quota:
			p.Takes = isQuota
		case hangsUp:
			p.HangsUp = true
		}
		p.Queues, p.Gone = queues, gone
	}
	c := chanceFor(seed, "trouble of company", domain)
	p.Greylists = doesHappen(c, rates.Greylists)
	strict, when := doesHappen(c, rates.Strict), pickOne(c, []string{strictAtRcpt, strictAtData})
	slow, long := doesHappen(c, rates.Slow), durationBetween(c, 50*time.Millisecond, 400*time.Millisecond)
	crawls := doesHappen(c, rates.Crawls)
	if strict {
		p.Strict = when
	}
	if slow {
		p.Slow = long
	}
	p.Crawls = crawls && !p.Scanned
}

// isGrey reports whether a person's server doesn't know the mailbox well enough yet.
func (s *Simulator) isGrey(k *prospectMemory, from string) bool {
	if !k.Greylists {
		return false
	}
	from = plainAddress(from)
	first, ok := k.greyed[from]
	if !ok {
		k.greyed[from] = s.clock.Now()
		return true
	}
	return s.clock.Now().Sub(first) < greyFor
}

// lossKind is what a lost connection means.
type lossKind int

const (
	noLoss      lossKind = iota
	lostUnheard          // nothing was taken
	lostTaken            // the message was taken; only the answer is lost
)

func drawLoss(seed uint64, rates Troubles, address string, nth int) lossKind {
	r := chanceFor(seed, "loss", address, nth)
	if !doesHappen(r, rates.Loses) {
		return noLoss
	}
	return pickOne(r, []lossKind{lostUnheard, lostTaken})
}

// sendingRamp counts what mailboxes send here, a day each.
type sendingRamp struct {
	mu    sync.Mutex
	boxes map[string]map[string]int // by mailbox and day
}

// rampBegin is what a mailbox may send on a day without having sent before; then it is twice as much as on its best day.
const rampBegin = 16

func (x *sendingRamp) isTooSteep(mailbox string, now time.Time) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	days, today, best := x.boxes[plainAddress(mailbox)], now.Format(time.DateOnly), 0
	for day, n := range days {
		if day != today {
			best = max(best, n)
		}
	}
	return days[today] >= max(rampBegin, 2*best)
}

func (x *sendingRamp) noteArrival(mailbox string, now time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	box, day := plainAddress(mailbox), now.Format(time.DateOnly)
	if x.boxes == nil {
		x.boxes = map[string]map[string]int{}
	}
	if x.boxes[box] == nil {
		x.boxes[box] = map[string]int{}
	}
	x.boxes[box][day]++
}
