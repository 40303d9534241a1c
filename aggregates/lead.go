package aggregates

import (
	"github.com/google/uuid"

	"outrider/events"
)

// Lead is what decisions need to know of a person. There are many, so keep it small.
type Lead struct {
	ID          uuid.UUID
	Address     Hash
	Domain      Hash
	Import      uint32 // Ref of the import that created it; 0 = none
	Version     uint32 // +1 with each event that creates or changes it
	Enrollments uint16
	Zone        uint16 // index into the organisation's zones; 0 = not known
	FreeMail    bool   // the domain is a public mail provider's: no company
	Edited      bool   // changed since it was created, by something other than its import
	score       packedScore
	own         uint16 // the set of own fields that it has, in Leads.Fields

	on            []*Enrollment   // not at their end, the oldest campaign first
	past          *pastEnrollment // the newest that has come to its end
	before, after *Lead           // a ring of who is enrolled at the same domain; nil = it isn't

	// aiTaken is what language models have cost for it and what is reserved, in USD micro-units: 8 bytes, with which a Lead has the 128 of its size class. It goes with the lead.
	aiTaken int64
}

// Leads of an organisation.
type Leads struct {
	byID      map[uuid.UUID]*Lead
	byAddress map[Hash]*Lead
	Fields    Fields
	gone      map[uuid.UUID]Hash // addresses of people who were written to and are no longer leads: they can still unsubscribe
}

// AddressOf returns the address of a lead, also of a removed one that was on a campaign.
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

func (o *Organization) applyLead(e events.LeadEvent) {
	switch e := e.(type) {
	case events.LeadCreated:
		delete(o.Leads.gone, e.LeadID)
		from := o.Imports.refOf(e.ImportID)
		o.Imports.countLead(from, 1)
		o.Leads.addLead(&Lead{ID: e.LeadID, Address: hashOf(e.AddressHash), Domain: hashOf(e.DomainHash), Import: from, Version: 1,
			Zone: o.zones.refOf(e.TimeZone), FreeMail: e.FreeMail, own: o.Leads.Fields.changeSet(noFields, e.Filled, nil)})
	case events.LeadUpdated:
		o.Leads.changeOwn(e.LeadID, e.Filled, e.Cleared)
		o.Leads.markEdited(e.LeadID, 0)
		o.updateLead(e)
	case events.LeadSupplemented:
		o.Leads.changeOwn(e.LeadID, e.Filled, nil)
		o.Leads.markEdited(e.LeadID, o.Imports.refOf(e.ImportID))
		o.updateLead(events.LeadUpdated{LeadRef: e.LeadRef, TimeZone: o.zoneBrought(e)})
	case events.LeadRetagged:
		o.Leads.markEdited(e.LeadID, 0)
		o.updateLead(events.LeadUpdated{LeadRef: e.LeadRef})
	case events.LeadRemoved:
		o.dropLead(e.LeadID)
	case events.LeadErased:
		o.dropLead(e.LeadID)
		o.Known.forget(e.LeadID)
	}
}

func (l *Leads) addLead(lead *Lead) {
	if l.byID == nil {
		l.byID, l.byAddress = map[uuid.UUID]*Lead{}, map[Hash]*Lead{}
	}
	l.byID[lead.ID] = lead
	l.byAddress[lead.Address] = lead
}

// markEdited marks a lead as edited, unless the change comes from a later row of the import that created it.
func (l *Leads) markEdited(id uuid.UUID, by uint32) {
	if lead := l.byID[id]; lead != nil && (by == 0 || by != lead.Import) {
		lead.Edited = true
	}
}

// zoneBrought returns the zone that a row gives its lead; nil = none.
func (o *Organization) zoneBrought(e events.LeadSupplemented) *string {
	if e.TimeZone != "" {
		return &e.TimeZone
	}
	if lead := o.Leads.byID[e.LeadID]; lead != nil && lead.Zone == 0 && e.DefaultTimeZone != "" {
		return &e.DefaultTimeZone
	}
	return nil
}

// updateLead changes a lead. Its enrollments wait in lines by zone and company, so they are taken out and put back.
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
		o.countClaimOf(x, -1)
		o.takeOutOfLine(x)
		if x.hasFlag(enrollmentDeferred) {
			o.pacing.companies.removeWaiting(x)
		}
		o.leaveCompany(x)
	}
	if len(lead.on) > 0 {
		o.pacing.companies.removePerson(lead)
	}
	if e.TimeZone != nil {
		lead.Zone = o.zones.refOf(*e.TimeZone)
	}
	if e.AddressHash != "" {
		o.moveReceived(lead.Address, hashOf(e.AddressHash), on)
		o.Leads.freeAddress(lead)
		lead.Address, lead.Domain = hashOf(e.AddressHash), hashOf(e.DomainHash)
		o.Leads.byAddress[lead.Address] = lead
		setIfGiven(&lead.FreeMail, e.FreeMail)
	}
	if len(lead.on) > 0 {
		o.pacing.companies.addPerson(lead)
	}
	for i, x := range on {
		if counted[i] {
			o.enterCompany(x)
		}
		o.countClaimOf(x, 1)
		o.placeInLine(x)
		if x.message != nil { // its time may have changed
			o.wakeMailbox(x.message.mailbox, soon)
		}
	}
}

// freeAddress gives up a lead's address, unless another lead has it by now.
func (l *Leads) freeAddress(lead *Lead) {
	if l.byAddress[lead.Address] == lead {
		delete(l.byAddress, lead.Address)
	}
}

// dropLead removes a lead with its enrollments.
func (o *Organization) dropLead(id uuid.UUID) {
	lead := o.Leads.byID[id]
	if lead == nil {
		return
	}
	for _, e := range o.enrollmentsOf(lead) {
		o.endEnrollment(e, events.StopLeadRemoved)
	}
	if lead.Enrollments > 0 {
		if o.Leads.gone == nil {
			o.Leads.gone = map[uuid.UUID]Hash{}
		}
		o.Leads.gone[id] = lead.Address
	}
	o.Leads.freeAddress(lead)
	delete(o.Leads.byID, id)
	o.Imports.countLead(lead.Import, -1)
	o.forgetPast(lead)
}
