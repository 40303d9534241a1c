package demo

import (
	"cmp"
	"math"
	"slices"
	"time"

	"outrider/internal/zone"
)

// Firsts is how many people can have got their first message by the end, if everybody who got one gets all the others: who
// answers or can't be reached makes room for others, so it is on the low side. It goes through the time hour by hour, all
// mailboxes taken together: follow-ups come first, the longest due before others, then new people in their order.
func (p Promise) Firsts(people []Lead) int {
	people = p.Admitted(people)
	f := &forecast{Promise: p, people: people, step: make([]int, len(people)), companies: map[string]*company{}}
	byZone := map[string]*region{}
	for i, l := range people {
		name := cmp.Or(l.Zone, p.Zone)
		r := byZone[name]
		if r == nil {
			r = &region{zone: loadZone(name)}
			byZone[name] = r
			f.regions = append(f.regions, r)
		}
		r.fresh = append(r.fresh, i)
	}
	for from := p.Start.Truncate(time.Hour); from.Before(p.End); from = from.Add(time.Hour) {
		f.sendHour(from)
	}
	return f.firsts
}

func loadZone(name string) *time.Location {
	if l, err := zone.Load(name); err == nil {
		return l
	}
	return time.UTC
}

// slack is what a message takes beside gap and jitter.
const slack = 10 * time.Second

type forecast struct {
	Promise
	people    []Lead
	step      []int // messages that a person got
	regions   []*region
	companies map[string]*company
	past      []busyHour // hours in which something was sent, newest last
	carried   float64    // the part of a message that the hour before had room for
	firsts    int
}

type busyHour struct {
	from time.Time
	n    int
}

// region is the people of a zone who wait, and what of the present hour lies in their window.
type region struct {
	zone  *time.Location
	fresh []int
	due   []dueAt // sorted
	at    time.Time
	room  int
}

type dueAt struct {
	at  time.Time
	who int
}

type company struct {
	active int           // people in the sequence
	free   time.Time     // when it may get a message again
	parked []waitingLead // who waits for a place
}

type waitingLead struct {
	in  *region
	who int
}

// sendHour sends what an hour allows.
func (f *forecast) sendHour(from time.Time) {
	begin, to := from, from.Add(time.Hour)
	if begin.Before(f.Start) {
		begin = f.Start
	}
	if to.After(f.End) {
		to = f.End
	}
	var longest time.Duration
	for _, r := range f.regions {
		var length time.Duration
		r.at, length = f.Window.part(begin, to, r.zone)
		r.room = int(math.Ceil(f.fitsNow(length)))
		longest = max(longest, length)
	}
	exact := f.fitsNow(longest) + f.carried
	left := min(int(exact), f.underCap(from))
	all := left
	for _, r := range f.regions {
		left -= f.followUps(r, to, min(r.room, left))
	}
	for _, r := range f.regions {
		left -= f.newPeople(r, to, min(r.room, left))
	}
	if f.carried = 0; left == 0 && longest > 0 { // room that nobody used is gone
		f.carried = exact - math.Floor(exact)
	}
	if all > left {
		f.past = append(f.past, busyHour{from, all - left})
	}
}

// fitsNow is how many messages all mailboxes can send in a part of an hour.
func (f *forecast) fitsNow(length time.Duration) float64 {
	n := float64(length) / float64(f.Pace.each()+min(slack, f.Pace.each()/20))
	if f.Pace.each() == 0 {
		n = math.MaxInt32
	}
	if f.Pace.PerHour > 0 {
		n = min(n, float64(f.Pace.PerHour)*float64(length)/float64(time.Hour))
	}
	return n * float64(f.Mailboxes)
}

// underCap is how many more of the day and of 24 hours' messages there are.
func (f *forecast) underCap(from time.Time) int {
	zone := loadZone(f.Zone)
	today, rolling := 0, 0
	for _, h := range slices.Backward(f.past) {
		if from.Sub(h.from) >= 24*time.Hour {
			break
		}
		rolling += h.n
		if h.from.In(zone).Day() == from.In(zone).Day() {
			today += h.n
		}
	}
	return max(f.Mailboxes*f.Pace.PerDay-max(today, rolling), 0)
}

func (f *forecast) companyOf(l Lead) *company {
	c := f.companies[l.Domain]
	if c == nil {
		c = &company{}
		f.companies[l.Domain] = c
	}
	return c
}

// freeAt says whether a company may get a message in what is left of the hour, and takes that time.
func (f *forecast) freeAt(l Lead, r *region, to time.Time) bool {
	if l.Public || f.CompanyGap == 0 {
		return true
	}
	c, at := f.companyOf(l), r.at
	if at.Before(c.free) {
		at = c.free
	}
	if !at.Before(to) {
		return false
	}
	c.free = at.Add(f.CompanyGap)
	return true
}

func (f *forecast) followUps(r *region, to time.Time, room int) (sent int) {
	var later []dueAt
	i := 0
	for ; i < len(r.due) && sent < room && r.due[i].at.Before(to); i++ {
		d := r.due[i]
		if !f.freeAt(f.people[d.who], r, to) {
			later = append(later, d)
			continue
		}
		sent++
		f.receivedBy(r, d.who, &later)
	}
	r.due = append(later, r.due[i:]...)
	r.sortDue()
	return sent
}

func (r *region) sortDue() {
	slices.SortFunc(r.due, func(a, b dueAt) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.who, b.who)) })
}

func (f *forecast) newPeople(r *region, to time.Time, room int) (sent int) {
	var later []int
	i, before := 0, len(r.due)
	for ; i < len(r.fresh) && sent < room; i++ {
		who := r.fresh[i]
		l := f.people[who]
		if !l.Public && f.CompanyCap > 0 {
			if c := f.companyOf(l); c.active >= f.CompanyCap {
				c.parked = append(c.parked, waitingLead{r, who})
				continue
			}
		}
		if !f.freeAt(l, r, to) {
			later = append(later, who)
			continue
		}
		if !l.Public {
			f.companyOf(l).active++
		}
		sent++
		f.firsts++
		f.receivedBy(r, who, &r.due)
	}
	r.fresh = append(later, r.fresh[i:]...)
	if len(r.due) > before {
		r.sortDue()
	}
	return sent
}

// receivedBy notes a message, and when the next one is due; behind the last one the person's place is the next one's.
func (f *forecast) receivedBy(r *region, who int, due *[]dueAt) {
	f.step[who]++
	if next := f.step[who]; next < len(f.Delays) {
		*due = append(*due, dueAt{f.Window.opensOn(r.at, f.Delays[next], r.zone), who})
		return
	}
	if f.people[who].Public {
		return
	}
	c := f.companyOf(f.people[who])
	c.active--
	if len(c.parked) > 0 {
		next := c.parked[0]
		c.parked = c.parked[1:]
		next.in.fresh = append(next.in.fresh, next.who)
	}
}
