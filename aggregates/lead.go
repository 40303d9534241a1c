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
	Enrollments uint32
}

// Leads of an organisation.
type Leads struct {
	byID      map[uuid.UUID]*Lead
	byAddress map[Hash]*Lead
}

// Get gives a lead, or nil.
func (l *Leads) Get(id uuid.UUID) *Lead { return l.byID[id] }

// ByAddress gives the lead that has an address now, or nil.
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

func (o *Organization) applyLead(e events.Event) {
	switch e := e.(type) {
	case events.LeadCreated:
		o.Leads.add(&Lead{ID: e.LeadID, Address: hash(e.AddressHash), Domain: hash(e.DomainHash), Import: o.Imports.ref(e.ImportID), Version: 1})
	case events.LeadUpdated:
		o.Leads.update(e)
	case events.LeadRemoved:
		o.dropLead(e.LeadID)
	case events.LeadErased:
		o.dropLead(e.LeadID)
	}
}

func (l *Leads) add(lead *Lead) {
	if l.byID == nil {
		l.byID, l.byAddress = map[uuid.UUID]*Lead{}, map[Hash]*Lead{}
	}
	l.byID[lead.ID] = lead
	l.byAddress[lead.Address] = lead
}

func (l *Leads) update(e events.LeadUpdated) {
	lead := l.byID[e.LeadID]
	if lead == nil {
		return
	}
	lead.Version++
	if e.AddressHash == "" {
		return
	}
	l.free(lead)
	lead.Address, lead.Domain = hash(e.AddressHash), hash(e.DomainHash)
	l.byAddress[lead.Address] = lead
}

// free gives a lead's address up, unless another has it by now.
func (l *Leads) free(lead *Lead) {
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
	o.Leads.free(lead)
	delete(o.Leads.byID, id)
	for _, c := range o.Campaigns {
		if lead.Enrollments == 0 {
			return
		}
		if _, ok := c.enrolled[id]; ok {
			delete(c.enrolled, id)
			lead.Enrollments--
		}
	}
}
