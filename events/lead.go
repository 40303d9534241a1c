package events

import "github.com/google/uuid"

// Where a lead came from.
const (
	SourceCRM       = "crm"
	SourceCSVUpload = "csv_upload"
	SourceManual    = "manual"
	SourceAPI       = "api"
)

// Why a lead was removed.
const (
	RemovedDeleted      = "deleted"
	RemovedImportUndone = "import_undone"
)

// LeadCreated is a new person to write to. The sealed profile is a JSON object {email, first_name, last_name, phone,
// company_name, job_title, linkedin_url, website, city, country, custom {name: value}}.
type LeadCreated struct {
	LeadRef
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

func (LeadCreated) EventType() string { return "lead.created.v1" }

// LeadUpdated holds what changed: absent = unchanged, empty = cleared.
type LeadUpdated struct {
	LeadRef
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

func (LeadUpdated) EventType() string { return "lead.updated.v1" }

// LeadRemoved takes a lead out of the organisation; the same address may come again.
type LeadRemoved struct {
	LeadRef
	Reason   string    `json:"reason"`
	ImportID uuid.UUID `json:"import_id,omitzero"`
}

func (LeadRemoved) EventType() string { return "lead.removed.v1" }
