package events

import "github.com/google/uuid"

// LeadCreatedV1 names own fields, and has words about the lead in plain text: nobody can erase them. It is still written
// for commands of programs that don't seal them yet.
type LeadCreatedV1 struct {
	LeadID      uuid.UUID `json:"lead_id"`
	AddressHash string    `json:"address_hash"` // of the normalised address
	DomainHash  string    `json:"domain_hash"`
	FreeMail    bool      `json:"free_mail"` // the domain is a public mail provider's
	Profile     Sealed    `json:"profile"`
	Filled      []string  `json:"filled"` // names of the profile and custom fields that have a value
	TimeZone    string    `json:"time_zone,omitzero"`
	Tags        []string  `json:"tags,omitzero"`
	Source      string    `json:"source"`
	CRMID       string    `json:"crm_id,omitzero"`
	LawfulBasis string    `json:"lawful_basis,omitzero"`
	ImportID    uuid.UUID `json:"import_id,omitzero"`
	Row         int       `json:"row,omitzero"` // of the import's file
}

func (LeadCreatedV1) EventType() string     { return "lead.created.v1" }
func (e LeadCreatedV1) AggregateID() string { return e.LeadID.String() }

// Upcast keeps the words beside the profile.
func (e LeadCreatedV1) Upcast() Event {
	return LeadCreated{LeadRef: LeadRef{e.LeadID}, AddressHash: e.AddressHash, DomainHash: e.DomainHash, FreeMail: e.FreeMail, Profile: e.Profile, Filled: MarkFields(e.Filled),
		TimeZone: e.TimeZone, Source: e.Source, ImportID: e.ImportID, Row: e.Row, Plain: LeadWords{Tags: e.Tags, CRMID: unlessEmpty(e.CRMID), LawfulBasis: unlessEmpty(e.LawfulBasis)}}
}

// LeadUpdatedV1 is LeadUpdated as LeadCreatedV1 is LeadCreated.
type LeadUpdatedV1 struct {
	LeadID      uuid.UUID `json:"lead_id"`
	Profile     Sealed    `json:"profile,omitzero"`      // RFC 7396 merge patch of the profile
	Filled      []string  `json:"filled,omitzero"`       // fields of the patch that have a value now
	Cleared     []string  `json:"cleared,omitzero"`      // fields of the patch that have none now
	AddressHash string    `json:"address_hash,omitzero"` // these three come together
	DomainHash  string    `json:"domain_hash,omitzero"`
	FreeMail    *bool     `json:"free_mail,omitzero"`
	TimeZone    *string   `json:"time_zone,omitzero"`
	Tags        []string  `json:"tags,omitzero"` // the new list; [] = none
	LawfulBasis *string   `json:"lawful_basis,omitzero"`
	CRMID       *string   `json:"crm_id,omitzero"`
	ImportID    uuid.UUID `json:"import_id,omitzero"` // the import whose row brought the change
	Row         int       `json:"row,omitzero"`
}

func (LeadUpdatedV1) EventType() string     { return "lead.updated.v1" }
func (e LeadUpdatedV1) AggregateID() string { return e.LeadID.String() }

// Upcast keeps the words beside the profile.
func (e LeadUpdatedV1) Upcast() Event {
	return LeadUpdated{LeadRef: LeadRef{e.LeadID}, Profile: e.Profile, Filled: MarkFields(e.Filled), Cleared: MarkFields(e.Cleared), AddressHash: e.AddressHash, DomainHash: e.DomainHash,
		FreeMail: e.FreeMail, TimeZone: e.TimeZone, ImportID: e.ImportID, Row: e.Row, Plain: LeadWords{Tags: e.Tags, CRMID: e.CRMID, LawfulBasis: e.LawfulBasis}}
}

// LeadSupplementedV1 is LeadSupplemented as LeadCreatedV1 is LeadCreated.
type LeadSupplementedV1 struct {
	LeadID             uuid.UUID `json:"lead_id"`
	Profile            Sealed    `json:"profile"` // RFC 7396 merge patch of the profile, without null
	Filled             []string  `json:"filled"`  // fields of the patch
	TimeZone           string    `json:"time_zone,omitzero"`
	LawfulBasis        string    `json:"lawful_basis,omitzero"`
	CRMID              string    `json:"crm_id,omitzero"`
	AddedTags          []string  `json:"added_tags,omitzero"`
	DefaultTimeZone    string    `json:"default_time_zone,omitzero"` // if the lead has none yet; likewise the basis
	DefaultLawfulBasis string    `json:"default_lawful_basis,omitzero"`
	ImportID           uuid.UUID `json:"import_id"`
	Row                int       `json:"row"`
}

func (LeadSupplementedV1) EventType() string     { return "lead.supplemented.v1" }
func (e LeadSupplementedV1) AggregateID() string { return e.LeadID.String() }

// Upcast keeps the words beside the profile.
func (e LeadSupplementedV1) Upcast() Event {
	return LeadSupplemented{LeadRef: LeadRef{e.LeadID}, Profile: e.Profile, Filled: MarkFields(e.Filled), TimeZone: e.TimeZone, DefaultTimeZone: e.DefaultTimeZone, ImportID: e.ImportID, Row: e.Row,
		Plain: LeadWords{Tags: e.AddedTags, CRMID: unlessEmpty(e.CRMID), LawfulBasis: unlessEmpty(e.LawfulBasis), DefaultLawfulBasis: e.DefaultLawfulBasis}}
}

func unlessEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
