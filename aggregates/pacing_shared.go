package aggregates

import (
	"maps"
	"slices"

	"github.com/google/uuid"

	"outrider/events"
)

// shared are the limits of an organisation that no mailbox keeps by itself, and what counts against them.
type shared struct {
	set       events.OrganizationPacing
	all       meter
	domains   map[Hash]meter            // by sending domain
	kept      int                       // companies after some were forgotten
	companies map[Hash]meter            // by recipients' domain
	providers map[uint16]meter          // by number from 1, in the order of the settings
	provider  map[Hash]uint16           // of a recipients' domain
	fresh     map[uuid.UUID]freshPeople // by campaign
	countries []country                 // with public holidays
	lives     map[uint16]uint8          // number from 1 of the country that a zone lies in
}

// country is one whose public holidays are heeded.
type country struct {
	code string
	days map[int]string // names by number of the day
}

// clone returns a copy to plan with: nothing is being sent.
func (s *shared) clone() shared {
	c := *s
	c.all = meter{sends: slices.Clone(s.all.sends)}
	c.domains, c.companies, c.providers = cloneMeters(s.domains), cloneMeters(s.companies), cloneMeters(s.providers)
	c.fresh = make(map[uuid.UUID]freshPeople, len(s.fresh))
	for id, f := range s.fresh {
		c.fresh[id] = freshPeople{day: f.day, sent: f.sent}
	}
	return c
}

func cloneMeters[K comparable](of map[K]meter) map[K]meter {
	out := make(map[K]meter, len(of))
	for k, m := range of {
		out[k] = meter{sends: slices.Clone(m.sends)}
	}
	return out
}

// changeMeter changes one meter of a map.
func changeMeter[K comparable](all *map[K]meter, k K, change func(*meter)) {
	m := (*all)[k]
	change(&m)
	putInMap(all, k, m)
}

// count changes what a message counts in. Nothing is counted for a limit that isn't set.
func (s *shared) count(m *Mailbox, l *Lead, change func(*meter)) {
	if s.set.Organization != (events.Caps{}) {
		change(&s.all)
	}
	if s.set.SendingDomain != (events.Caps{}) {
		changeMeter(&s.domains, m.Domain, change)
	}
	if s.set.RecipientDomain != (events.Caps{}) && !l.FreeMail {
		changeMeter(&s.companies, l.Domain, change)
	}
	if n := s.provider[l.Domain]; n > 0 && s.set.Providers[n-1].Caps != (events.Caps{}) {
		changeMeter(&s.providers, n, change)
	}
}

// countClaim counts a message that is being sent, or no longer is, with -1.
func (s *shared) countClaim(msg *Message, by int) {
	s.count(msg.mailbox, msg.e.lead, func(m *meter) { m.claimed += by })
	if msg.e.step == 0 {
		s.changeFresh(msg.e.campaign, func(f *freshPeople) { f.claimed += by })
	}
}

// countClaimOf does so for somebody whose address is changing.
func (o *Organization) countClaimOf(e *Enrollment, by int) {
	if e.message != nil && e.message.state == messageClaimed {
		o.pacing.shared.countClaim(e.message, by)
	}
}

// meterAttempt counts an attempt that reached the receiver, or may have.
func (o *Organization) meterAttempt(m *Message, at int64) { o.meterMessage(m.mailbox, m.e, at) }

// setPacing replaces the limits. What was sent lately counts against those of the organisation and of sending domains at once; against the others
// what is sent from now on.
func (o *Organization) setPacing(set events.OrganizationPacing) {
	s := &o.pacing.shared
	old := *s
	*s = shared{set: set, fresh: old.fresh, countries: old.countries, lives: old.lives}
	for i, p := range set.Providers {
		for _, h := range p.DomainHashes {
			putInMap(&s.provider, hashOf(h), uint16(i+1))
		}
	}
	var sends []int64
	for _, m := range o.Mailboxes.order {
		sends = append(sends, m.sends...)
		if set.SendingDomain != (events.Caps{}) {
			changeMeter(&s.domains, m.Domain, func(d *meter) { d.sends = append(d.sends, m.sends...) })
		}
	}
	for d, m := range s.domains {
		slices.Sort(m.sends)
		s.domains[d] = m
	}
	if set.Organization != (events.Caps{}) {
		slices.Sort(sends)
		s.all.sends = sends
	}
	if set.RecipientDomain != (events.Caps{}) {
		s.companies = maps.Clone(old.companies)
		for d, m := range s.companies {
			m.claimed = 0
			s.companies[d] = m
		}
	}
	for i, p := range set.Providers {
		for n, was := range old.set.Providers {
			if m, ok := old.providers[uint16(n+1)]; ok && was.Provider == p.Provider {
				putInMap(&s.providers, uint16(i+1), meter{sends: m.sends})
			}
		}
	}
	for _, m := range o.pacing.leases {
		s.count(m.mailbox, m.e.lead, func(x *meter) { x.claimed++ })
	}
	for _, m := range o.Mailboxes.order {
		if o.wakeMailbox(m, soon); m.Paused != "" && o.looksAfter(m) {
			o.pacing.timers.setTimer(&m.wake, soon)
		}
	}
}

// Pacing returns the limits that are set.
func (o *Organization) Pacing() events.OrganizationPacing { return o.pacing.shared.set }

// manyCompanies is how many recipients' domains are remembered before those to which nothing was sent lately are forgotten.
const manyCompanies = 1_000

// dropOldMeters forgets them, so that they don't add up.
func (s *shared) dropOldMeters(now int64) {
	if len(s.companies) < max(2*s.kept, manyCompanies) {
		return
	}
	maps.DeleteFunc(s.companies, func(_ Hash, m meter) bool { return m.claimed == 0 && m.sentSince(now-26*hour) == 0 })
	s.kept = len(s.companies)
}

// meterMessage counts a message, also one of a plan.
func (o *Organization) meterMessage(m *Mailbox, e *Enrollment, at int64) {
	o.pacing.shared.count(m, e.lead, func(x *meter) { x.record(at) })
	o.pacing.shared.dropOldMeters(at)
	if e.step == 0 {
		o.countFresh(e.campaign, at)
	}
}
