package aggregates

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// SenderDomains are the domains that an organisation sends from: those of its mailboxes, and of those that it had.
type SenderDomains struct {
	byHash map[Hash]*SenderDomain
	order  []*SenderDomain
}

// SenderDomain is what is known of one.
type SenderDomain struct {
	events.SenderDomainRef
	Outcome string // of the newest check; empty = never checked
	Signing events.SenderDomainSigningSet
	Host    string // links in messages lead there, once it leads to us

	mailboxes int
	due       int64 // when it is checked next; 0 = once a mailbox of it was verified
}

// domainCheckEvery is how often domains are checked.
const domainCheckEvery = 24 * hour

// HasMailboxes reports whether mail is sent from it.
func (d *SenderDomain) HasMailboxes() bool { return d.mailboxes > 0 }

// Get returns a domain that mail is sent from, or nil.
func (d *SenderDomains) Get(of events.SenderDomainRef) *SenderDomain {
	if is := d.byHash[hashOf(of.DomainHash)]; is != nil && is.SenderDomainRef == of && is.HasMailboxes() {
		return is
	}
	return nil
}

// of returns the domain with a hash, which is new if need be.
func (d *SenderDomains) of(org uuid.UUID, hash Hash) *SenderDomain {
	if is := d.byHash[hash]; is != nil {
		return is
	}
	is := &SenderDomain{SenderDomainRef: events.SenderDomainOf(org, hash.String())}
	putInMap(&d.byHash, hash, is)
	d.order = append(d.order, is)
	return is
}

func (o *Organization) applySenderDomain(event events.SenderDomainEvent) {
	switch e := event.(type) {
	case events.SenderDomainChecksRequested:
		o.onSenderDomain(e.SenderDomainRef, func(d *SenderDomain) { d.due = toMicros(e.RequestedAt) + domainCheckEvery })
	case events.SenderDomainChecked:
		o.onSenderDomain(e.SenderDomainRef, func(d *SenderDomain) {
			d.Outcome, d.due = e.Outcome(), toMicros(e.CheckedAt)+domainCheckEvery
			for _, m := range o.Mailboxes.All() {
				if m.domain == d {
					o.lookAtCampaignsOf(m)
				}
			}
		})
	case events.SenderDomainSigningSet:
		o.onSenderDomain(e.SenderDomainRef, func(d *SenderDomain) { d.Signing = e })
	case events.SenderDomainSigningRemoved:
		o.onSenderDomain(e.SenderDomainRef, func(d *SenderDomain) { d.Signing = events.SenderDomainSigningSet{} })
	case events.SenderDomainTrackingSet:
		o.onSenderDomain(e.SenderDomainRef, func(d *SenderDomain) { d.Host = e.Host })
	}
}

func (o *Organization) onSenderDomain(of events.SenderDomainRef, do func(*SenderDomain)) {
	if d := o.Domains.byHash[hashOf(of.DomainHash)]; d != nil {
		do(d)
	}
}

// nextDomainCheck returns when a domain is checked next; 0 = never.
func (o *Organization) nextDomainCheck() (at int64) {
	if !o.maySend() {
		return 0
	}
	for _, d := range o.Domains.order {
		if d.HasMailboxes() && d.due != 0 && (at == 0 || d.due < at) {
			at = d.due
		}
	}
	return at
}

// DomainChecksDue returns the requests for the domains that are to be checked now.
func (o *Organization) DomainChecksDue(now time.Time) (out []events.SenderDomainChecksRequested) {
	if !o.maySend() {
		return nil
	}
	for _, d := range o.Domains.order {
		if d.HasMailboxes() && d.due != 0 && d.due <= toMicros(now) {
			out = append(out, events.SenderDomainChecksRequested{SenderDomainRef: d.SenderDomainRef, Reason: events.DomainCheckDaily, RequestedAt: now})
		}
	}
	return out
}
