package aggregates

import (
	"cmp"
	"time"

	"github.com/google/uuid"
)

// WaitingPerson is somebody on a campaign, with the rule that holds their next message longest; "" = none does.
type WaitingPerson struct {
	Lead      uuid.UUID
	Rule      string
	NotBefore time.Time // the first time at which no rule binds, by what is known now; zero when something must happen first
}

// WaitingPeople asks the rules for people of a campaign, for no more than most of them, the first enrolled first. all is how many there are. It changes nothing.
func WaitingPeople(now time.Time, o *Organization, campaign uuid.UUID, most int) (some []WaitingPerson, all int) {
	c := o.Campaigns[campaign]
	if c == nil {
		return nil, 0
	}
	for e := range c.people.all() {
		if len(some) == most {
			break
		}
		m := e.mailbox
		if e.message != nil {
			m = e.message.mailbox
		}
		at := toMicros(now)
		rules, m := o.rulesFor(at, e, e.message, m)
		free, bound := ruleContext{o: o, m: m, e: e, msg: e.message, at: at}.firstFree(rules)
		p := WaitingPerson{Lead: e.lead.ID, Rule: bound}
		if free != never {
			p.NotBefore = toTime(free)
		}
		some = append(some, p)
	}
	return some, c.people.count
}

// LaunchForecast is what can be said before a launch.
type LaunchForecast struct {
	People  int       // who have not come to their end
	PerDay  int       // what its mailboxes may send on the day
	FirstAt time.Time // when its schedule is open next; zero = never
	Finish  time.Time // by which everybody can have had all steps at the earliest; zero where nothing may be sent
}

// ForecastLaunch says what a campaign's schedule and mailboxes allow: no recipient's own zone, and nothing of what other campaigns take of the mailboxes.
func ForecastLaunch(now time.Time, o *Organization, c *Campaign) (f LaunchForecast) {
	f.People = c.people.count
	for _, m := range c.mailboxes {
		if m.Sending() {
			f.PerDay += o.CapAt(m, now)
		}
	}
	if o.ReadinessOf(c).isOver(now) {
		return f
	}
	loc := o.zones.firstLocation(c.zone, o.zones.home)
	from := now
	if start, err := time.ParseInLocation(time.DateOnly, cmp.Or(c.StartDate, "-"), loc); err == nil && start.After(from) {
		from = start
	}
	window := NewWindow(c.Settings.Window, c.Settings.Holidays)
	f.FirstAt = window.Next(from, loc)
	steps := c.newestPlan().steps
	if f.PerDay == 0 || f.People == 0 || len(steps) == 0 || f.FirstAt.IsZero() {
		return f
	}
	days := (f.People*len(steps) - 1) / f.PerDay
	between := 0
	for i, s := range steps {
		if i > 0 {
			between += s.delay
		}
	}
	f.Finish = window.After(f.FirstAt, loc, max(days, between))
	return f
}
