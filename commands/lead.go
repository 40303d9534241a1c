package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// LeadItem is a lead as the edge brings it: hashed, sealed, its shape checked. LeadID is derived from the address, so
// two edges name the same person alike.
type LeadItem struct {
	LeadID      uuid.UUID     `json:"lead_id"`
	AddressHash string        `json:"address_hash"`
	DomainHash  string        `json:"domain_hash"`
	FreeMail    bool          `json:"free_mail"`
	Profile     events.Sealed `json:"profile"`
	Filled      []string      `json:"filled"`
	TimeZone    string        `json:"time_zone,omitzero"`
	Tags        []string      `json:"tags,omitzero"`
	Source      string        `json:"source"`
	CRMID       string        `json:"crm_id,omitzero"`
	LawfulBasis string        `json:"lawful_basis,omitzero"`
	Row         int           `json:"row,omitzero"` // of an import's file
}

// CreateLead adds one person.
type CreateLead struct {
	LeadItem
}

func (CreateLead) CommandType() string { return "lead.create.v1" }

// Decide knows a person by their address; a suppressed address may be a lead, it is only never written to.
func (c CreateLead) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	address, err := c.checkFields()
	if err != nil {
		return nil, err
	}
	if l := o.Leads.ByAddress(address); l != nil {
		return nil, errAlreadyExists(l.ID)
	}
	if o.Leads.Get(c.LeadID) != nil { // had this address once
		return nil, errAlreadyExists(c.LeadID)
	}
	return oneEvent(c.createdEvent(uuid.Nil))
}

// UpdateLead changes what is there: absent = unchanged, empty = cleared.
type UpdateLead struct {
	LeadID      uuid.UUID     `json:"lead_id"`
	Profile     events.Sealed `json:"profile,omitzero"` // RFC 7396 merge patch
	Filled      []string      `json:"filled,omitzero"`
	Cleared     []string      `json:"cleared,omitzero"`
	AddressHash string        `json:"address_hash,omitzero"` // with DomainHash and FreeMail
	DomainHash  string        `json:"domain_hash,omitzero"`
	FreeMail    *bool         `json:"free_mail,omitzero"`
	TimeZone    *string       `json:"time_zone,omitzero"`
	Tags        []string      `json:"tags,omitzero"`
	LawfulBasis *string       `json:"lawful_basis,omitzero"`
	CRMID       *string       `json:"crm_id,omitzero"`
	IfVersion   *int          `json:"if_version,omitzero"`
}

func (UpdateLead) CommandType() string { return "lead.update.v1" }

// Decide can't see whether a sealed value differs, so the same change twice is two changes: callers who mind send
// IfVersion.
func (c UpdateLead) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	l := o.Leads.Get(c.LeadID)
	if l == nil {
		return nil, errNotFound(c.LeadID)
	}
	if err := firstError(checkVersion(l.ID, c.IfVersion, int(l.Version)), c.checkFields()); err != nil {
		return nil, err
	}
	if c.AddressHash != "" {
		address, _ := aggregates.ParseHash(c.AddressHash)
		if other := o.Leads.ByAddress(address); other != nil && other != l {
			return nil, errAlreadyExists(other.ID)
		}
	}
	if c.isEmpty() {
		return nil, nil
	}
	updated := events.LeadUpdated{LeadRef: events.LeadRef{LeadID: c.LeadID}, Profile: c.Profile, Filled: c.Filled, Cleared: c.Cleared,
		AddressHash: c.AddressHash, DomainHash: c.DomainHash, FreeMail: c.FreeMail,
		TimeZone: c.TimeZone, Tags: c.Tags, LawfulBasis: c.LawfulBasis, CRMID: c.CRMID}
	return append([]events.Event{updated}, o.Redrafts(c.LeadID)...), nil
}

func (c UpdateLead) isEmpty() bool {
	return c.Profile.IsZero() && c.AddressHash == "" && c.TimeZone == nil && c.Tags == nil && c.LawfulBasis == nil && c.CRMID == nil
}

// RemoveLead takes a lead out; it may come again.
type RemoveLead struct {
	LeadID    uuid.UUID `json:"lead_id"`
	IfVersion *int      `json:"if_version,omitzero"`
}

func (RemoveLead) CommandType() string { return "lead.remove.v1" }

// Decide forgets a removed lead, so asking twice finds none.
func (c RemoveLead) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	l := o.Leads.Get(c.LeadID)
	if l == nil {
		return nil, errNotFound(c.LeadID)
	}
	if err := checkVersion(l.ID, c.IfVersion, int(l.Version)); err != nil {
		return nil, err
	}
	return append(o.StopLead(c.LeadID, events.StopLeadRemoved, nil), events.LeadRemoved{LeadRef: events.LeadRef{LeadID: c.LeadID}, Reason: events.RemovedDeleted}), nil
}
