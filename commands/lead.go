package commands

import (
	"github.com/google/uuid"

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
	TimeZone    string        `json:"time_zone,omitempty"`
	Tags        []string      `json:"tags,omitempty"`
	Source      string        `json:"source"`
	CRMID       string        `json:"crm_id,omitempty"`
	LawfulBasis string        `json:"lawful_basis,omitempty"`
	Row         int           `json:"row,omitempty"` // of an import's file
}

// CreateLead adds one person.
type CreateLead struct {
	LeadItem
}

func (CreateLead) CommandType() string { return "lead.create.v1" }

// UpdateLead changes what is there: absent = unchanged, empty = cleared.
type UpdateLead struct {
	LeadID      uuid.UUID     `json:"lead_id"`
	Profile     events.Sealed `json:"profile,omitzero"` // RFC 7396 merge patch
	Filled      []string      `json:"filled,omitempty"`
	Cleared     []string      `json:"cleared,omitempty"`
	AddressHash string        `json:"address_hash,omitempty"` // with DomainHash and FreeMail
	DomainHash  string        `json:"domain_hash,omitempty"`
	FreeMail    *bool         `json:"free_mail,omitempty"`
	TimeZone    *string       `json:"time_zone,omitempty"`
	Tags        []string      `json:"tags,omitzero"`
	LawfulBasis *string       `json:"lawful_basis,omitempty"`
	CRMID       *string       `json:"crm_id,omitempty"`
	IfVersion   *int          `json:"if_version,omitempty"`
}

func (UpdateLead) CommandType() string { return "lead.update.v1" }

// RemoveLead takes a lead out; it may come again.
type RemoveLead struct {
	LeadID    uuid.UUID `json:"lead_id"`
	IfVersion *int      `json:"if_version,omitempty"`
}

func (RemoveLead) CommandType() string { return "lead.remove.v1" }

// EraseLead makes a person unreadable and keeps their address from ever being written to.
type EraseLead struct {
	LeadID uuid.UUID `json:"lead_id"`
}

func (EraseLead) CommandType() string { return "lead.erase.v1" }
