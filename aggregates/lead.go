package aggregates

import (
	"github.com/google/uuid"

	"outrider/events"
)

// Lead is a person, as little of them as decisions need. There are many: mind its size.
type Lead struct {
	ID          uuid.UUID
	Address     Hash
	Domain      Hash
	Import      uint32 // Ref of the import that created it; 0 = none
	Version     uint32 // +1 with every lead.created and lead.updated
	Enrollments uint16
	Zone        uint16 // of the organisation's zones; 0 = not known
	FreeMail    bool   // the domain is a public mail provider's: no company
}

// Leads of an organisation.
type Leads struct {
	byID      map[uuid.UUID]*Lead
	byAddress map[Hash]*Lead
	Fields    Fields
	gone      map[uuid.UUID]Hash // addresses of who was written to and is no lead any more: they can still unsubscribe
}

// AddressOf returns the address of a lead, also of one that is gone if it was on a campaign.
func (l *Leads) AddressOf(id uuid.UUID) (Hash, bool) {
	if x := l.byID[id]; x != nil {
		return x.Address, true
	}
	h, ok := l.gone[id]
	return h, ok
}

// Get returns a lead, or nil.
func (l *Leads) Get(id uuid.UUID) *Lead { return l.byID[id] }

// ByAddress returns the lead that has an address now, or nil.
func (l *Leads) ByAddress(h Hash) *Lead { return l.byAddress[h] }

// Len is the number of leads.
func (l *Leads) Len() int { return len(l.byID) }

// FromImport counts the leads that an import has brought and that are still there. It looks at every lead.
func (l *Leads) FromImport(ref uint32) (n int) {
	for _, x := range l.byID {
		if x.Import == ref {
			n++
		}
	}
	return n
}

func (o *Organization) applyLead(e events.LeadEvent) {
	switch e := e.(type) {
	case events.LeadCreated:
		o.Leads.Fields.addNames(e.Filled)
		delete(o.Leads.gone, e.LeadID)
		o.Leads.addLead(&Lead{ID: e.LeadID, Address: hashOf(e.AddressHash), Domain: hashOf(e.DomainHash), Import: o.Imports.refOf(e.ImportID), Version: 1,
			Zone: o.zones.refOf(e.TimeZone), FreeMail: e.FreeMail})
	case events.LeadUpdated:
		o.Leads.Fields.addNames(e.Filled)
		o.updateLead(e)
	case events.LeadRemoved:
		o.dropLead(e.LeadID)
	case events.LeadErased:
		o.dropLead(e.LeadID)
	}
}

func (l *Leads) addLead(lead *Lead) {
	if l.byID == nil {
		l.byID, l.byAddress = map[uuid.UUID]*Lead{}, map[Hash]*Lead{}
	}
	l.byID[lead.ID] = lead
	l.byAddress[lead.Address] = lead
}

// updateLead takes the lead's enrollments out of where they stand by its zone and domain, and puts them back.
func (o *Organization) updateLead(e events.LeadUpdated) {
	lead := o.Leads.byID[e.LeadID]
	if lead == nil {
		return
	}
	lead.Version++
	if e.TimeZone == nil && e.AddressHash == "" {
		return
	}
	on := o.enrollmentsOf(lead)
	counted := make([]bool, len(on))
	for i, x := range on {
		counted[i] = x.hasFlag(enrollmentCounted)
		o.takeOutOfLine(x)
		if x.hasFlag(enrollmentDeferred) {
			o.pacing.companies.removeWaiting(x)
		}
		o.leaveCompany(x)
	}
	if e.TimeZone != nil {
		lead.Zone = o.zones.refOf(*e.TimeZone)
	}
	if e.AddressHash != "" {
		o.Leads.freeAddress(lead)
		lead.Address, lead.Domain = hashOf(e.AddressHash), hashOf(e.DomainHash)
		o.Leads.byAddress[lead.Address] = lead
		setIfGiven(&lead.FreeMail, e.FreeMail)
	}
	for i, x := range on {
		if counted[i] {
			o.enterCompany(x)
		}
		o.placeInLine(x)
	}
}

// freeAddress returns a lead's address up, unless another has it by now.
func (l *Leads) freeAddress(lead *Lead) {
	if l.byAddress[lead.Address] == lead {
		delete(l.byAddress, lead.Address)
	}
}

// dropLead forgets a lead with its enrollments.
func (o *Organization) dropLead(id uuid.UUID) {
	lead := o.Leads.byID[id]
	if lead == nil {
		return
	}
	for _, e := range o.enrollmentsOf(lead) {
		o.endEnrollment(e)
	}
	if lead.Enrollments > 0 {
		if o.Leads.gone == nil {
			o.Leads.gone = map[uuid.UUID]Hash{}
		}
		o.Leads.gone[id] = lead.Address
	}
	o.Leads.freeAddress(lead)
	delete(o.Leads.byID, id)
	for _, c := range o.pacing.campaigns {
		if lead.Enrollments == 0 {
			return
		}
		if c.Has(id) {
			delete(c.enrolled, id)
			lead.Enrollments--
			o.scheduleCampaign(c)
		}
	}
}
