package commands

import (
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// MaxOwnFields bounds the own fields of a lead.
const MaxOwnFields = 50

// LeadItem is a lead as the edge sends it: hashed, sealed, its shape checked. LeadID is derived from the address, so that
// two edges use the same id for a person. Tags, CRMID and LawfulBasis are sent by older programs: today they are sealed with the profile.
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

// Decide identifies a person by their address; a suppressed address may be a lead, it is just never written to.
func (c CreateLead) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
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
	if quota := leadsStored(o); !quota.takePlace() {
		return quota.refuseCommand(now, o)
	}
	return oneEvent(c.createdEvent(uuid.Nil, nil))
}

// UpdateLead changes a lead: absent = unchanged, empty = cleared.
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
	if n := o.Leads.OwnAfter(l, c.Filled, c.Cleared); n > MaxOwnFields && len(c.Filled) > 0 {
		return nil, errInvalid("custom", "would have "+strconv.Itoa(n)+" fields; "+strconv.Itoa(MaxOwnFields)+" are the most")
	}
	out := append([]events.Event{c.updatedEvent()}, o.Redrafts(c.LeadID)...)
	out = append(out, changedFieldDrafts(o, c.LeadID, slices.Concat(c.Filled, c.Cleared))...)
	if address, ok := aggregates.ParseHash(c.AddressHash); ok {
		out = append(out, addressEvents(o, l, address)...)
	}
	return out, nil
}

func (c UpdateLead) updatedEvent() events.Event {
	if c.isPlain() {
		return c.plainEvent()
	}
	return events.LeadUpdated{LeadRef: events.LeadRef{LeadID: c.LeadID}, Profile: c.Profile, Filled: c.Filled, Cleared: c.Cleared,
		AddressHash: c.AddressHash, DomainHash: c.DomainHash, FreeMail: c.FreeMail, TimeZone: c.TimeZone}
}

func (c UpdateLead) isEmpty() bool {
	return c.Profile.IsZero() && c.AddressHash == "" && c.TimeZone == nil && c.Tags == nil && c.LawfulBasis == nil && c.CRMID == nil
}

// RemoveLead removes a lead; it may be created again.
type RemoveLead struct {
	LeadID    uuid.UUID `json:"lead_id"`
	IfVersion *int      `json:"if_version,omitzero"`
}

func (RemoveLead) CommandType() string { return "lead.remove.v1" }

// Decide doesn't find a removed lead, so the second removal is refused.
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
