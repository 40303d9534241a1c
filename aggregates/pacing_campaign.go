package aggregates

import (
	"time"

	"outrider/events"
)

// freshPeople are the first messages of a campaign on the newest of its days on which there were some.
type freshPeople struct {
	day     int
	sent    int
	claimed int // being sent
	open    int // asked for, and not sent
}

func (o *Organization) campaignZone(c *Campaign) *time.Location {
	return o.zones.firstLocation(c.zone, o.zones.home)
}

func (s *shared) changeFresh(c *Campaign, change func(*freshPeople)) {
	f := s.fresh[c.ID]
	if change(&f); f == (freshPeople{}) {
		delete(s.fresh, c.ID)
		return
	}
	putInMap(&s.fresh, c.ID, f)
}

// countFresh counts a first message.
func (o *Organization) countFresh(c *Campaign, at int64) {
	day := dayNumber(toTime(at).In(o.campaignZone(c)))
	o.pacing.shared.changeFresh(c, func(f *freshPeople) {
		switch {
		case day > f.day:
			f.day, f.sent = day, 1
		case day == f.day:
			f.sent++
		}
	})
}

// freshOn is how many first messages were sent on the day of an instant.
func (o *Organization) freshOn(c *Campaign, at int64) int {
	if f := o.pacing.shared.fresh[c.ID]; f.day == dayNumber(toTime(at).In(o.campaignZone(c))) {
		return f.sent
	}
	return 0
}

// setPacing replaces how a campaign shares what its mailboxes can send.
func (c *Campaign) setPacing(p events.CampaignPacing) {
	c.Pacing = p
	c.readWindows()
}

// readWindows reads the windows besides that of the settings, whose holidays hold in all of them.
func (c *Campaign) readWindows() {
	c.moreWindows, c.ownWindows = newWindows(c.Pacing.MoreWindows, c.Settings.Holidays...), newWindows(c.Pacing.CampaignWindows, c.Settings.Holidays...)
}

func newWindows(all []events.Window, holidays ...string) (out []Window) {
	for _, w := range all {
		out = append(out, NewWindow(w, holidays))
	}
	return out
}

// nextOf returns when the first of some windows is open with room for a lease.
func nextOf(windows []Window, at int64, loc *time.Location) int64 {
	first := never
	for i := range windows {
		if first = min(first, windows[i].nextWithRoom(at, loc)); first <= at {
			break
		}
	}
	return first
}

// opensAt returns when recipients of a zone may get a message.
func (c *Campaign) opensAt(at int64, loc *time.Location) int64 {
	opens := c.window.nextWithRoom(at, loc)
	if opens > at && len(c.moreWindows) > 0 {
		opens = min(opens, nextOf(c.moreWindows, at, loc))
	}
	return opens
}

// ranksBefore reports whether a person's next message goes before those of the other kind: follow-ups before first messages, or the other way round.
func (e *Enrollment) ranksBefore() bool { return (e.step == 0) == e.campaign.Pacing.NewPeopleFirst }

// freshFull returns when a campaign may ask for a first message again, if so many were asked for that no more fit into the day of at.
func (p *pacer) freshFull(c *Campaign, at int64) (until int64, full bool) {
	limit := c.Pacing.NewPeoplePerDay
	if limit == 0 || p.o.freshOn(c, at)+p.o.pacing.shared.fresh[c.ID].open+p.asked[c] < limit {
		return 0, false
	}
	return startOfDay(toTime(at), 1, p.o.campaignZone(c)).UnixMicro(), true
}

// setHolidays replaces what is known of a country's public holidays.
func (o *Organization) setHolidays(e events.OrganizationHolidaysSet) {
	s := &o.pacing.shared
	n := -1
	for i := range s.countries {
		if s.countries[i].code == e.Country {
			n = i
		}
	}
	if n < 0 {
		s.countries = append(s.countries, country{code: e.Country})
		n = len(s.countries) - 1
	}
	s.countries[n].days = map[int]string{}
	for _, h := range e.Days {
		if t, err := time.Parse(time.DateOnly, h.Date); err == nil {
			s.countries[n].days[dayNumber(t)] = h.Name
		}
	}
	for _, zone := range e.Zones {
		if ref := o.zones.refOf(zone); ref > 0 {
			putInMap(&s.lives, ref, uint8(n+1))
		}
	}
	for _, m := range o.Mailboxes.order {
		o.wakeMailbox(m, soon)
	}
}

// countryOf returns where somebody lives, as far as their time zone tells and its holidays are heeded; else nil.
func (o *Organization) countryOf(e *Enrollment) *country {
	s := &o.pacing.shared
	if len(s.lives) == 0 {
		return nil
	}
	for _, ref := range []uint16{e.lead.Zone, e.campaign.zone, o.zones.home} {
		if ref == 0 {
			continue
		}
		if n := s.lives[ref]; n > 0 && len(s.countries[n-1].days) > 0 {
			return &s.countries[n-1]
		}
		return nil
	}
	return nil
}

// Holidays returns how many public holidays are known, by country, and the first and the last of them.
func (o *Organization) Holidays() (out []CountryHolidays) {
	for _, c := range o.pacing.shared.countries {
		if len(c.days) == 0 {
			continue
		}
		x := CountryHolidays{Country: c.code}
		for day, name := range c.days {
			x.Days = append(x.Days, events.Holiday{Date: time.Unix(int64(day)*86400, 0).UTC().Format(time.DateOnly), Name: name})
		}
		out = append(out, x)
	}
	return out
}

// CountryHolidays are the public holidays of a country, in no order.
type CountryHolidays struct {
	Country string
	Days    []events.Holiday
}

// dueDays returns when a number of business days after a time are over for somebody; public holidays where they live are none.
func (o *Organization) dueDays(e *Enrollment, at time.Time, days int) int64 {
	var off map[int]string
	if c := o.countryOf(e); c != nil && !e.campaign.Pacing.IgnorePublicHolidays {
		off = c.days
	}
	return toMicros(e.campaign.window.afterDays(at, o.zoneOf(e), days, off))
}
