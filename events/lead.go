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
// company_name, job_title, linkedin_url, website, city, country, custom {name: value}} with the members of LeadWords.
type LeadCreated struct {
	LeadRef
	AddressHash string    `json:"address_hash"` // of the normalised address
	DomainHash  string    `json:"domain_hash"`
	FreeMail    bool      `json:"free_mail"` // the domain is a public mail provider's
	Profile     Sealed    `json:"profile"`
	Filled      []string  `json:"filled"` // the profile's fields that have a value, own ones as MarkField gives them
	TimeZone    string    `json:"time_zone,omitzero"`
	Source      string    `json:"source"`
	ImportID    uuid.UUID `json:"import_id,omitzero"`
	Row         int       `json:"row,omitzero"` // of the import's file

	Plain LeadWords `json:"-"` // of version 1
}

func (LeadCreated) EventType() string { return "lead.created.v2" }

// LeadUpdated holds what changed: absent = unchanged, empty = cleared.
type LeadUpdated struct {
	LeadRef
	Profile     Sealed    `json:"profile,omitzero"`      // RFC 7396 merge patch of the profile, with the members of LeadWords that change
	Filled      []string  `json:"filled,omitzero"`       // fields of the patch that have a value now
	Cleared     []string  `json:"cleared,omitzero"`      // fields of the patch that have none now
	AddressHash string    `json:"address_hash,omitzero"` // these three come together
	DomainHash  string    `json:"domain_hash,omitzero"`
	FreeMail    *bool     `json:"free_mail,omitzero"`
	TimeZone    *string   `json:"time_zone,omitzero"`
	ImportID    uuid.UUID `json:"import_id,omitzero"` // the import whose row brought the change
	Row         int       `json:"row,omitzero"`

	Plain LeadWords `json:"-"` // of version 1
}

func (LeadUpdated) EventType() string { return "lead.updated.v2" }

// LeadSupplemented is what the row of a file brings to a lead that is there: it fills and adds, and takes nothing away.
type LeadSupplemented struct {
	LeadRef
	Profile         Sealed    `json:"profile"` // RFC 7396 merge patch of the profile, without null; its tags are added
	Filled          []string  `json:"filled"`  // fields of the patch
	TimeZone        string    `json:"time_zone,omitzero"`
	DefaultTimeZone string    `json:"default_time_zone,omitzero"` // if the lead has none yet
	ImportID        uuid.UUID `json:"import_id"`
	Row             int       `json:"row"`

	Plain LeadWords `json:"-"` // of version 1
}

func (LeadSupplemented) EventType() string { return "lead.supplemented.v2" }

// LeadRetagged adds tags, as far as a lead can have more, and takes tags away.
type LeadRetagged struct {
	LeadRef
	Added   []string `json:"added,omitzero"`
	Removed []string `json:"removed,omitzero"`
}

func (LeadRetagged) EventType() string { return "lead.retagged.v1" }

// LeadRemoved takes a lead out of the organisation; the same address may come again.
type LeadRemoved struct {
	LeadRef
	Reason   string    `json:"reason"`
	ImportID uuid.UUID `json:"import_id,omitzero"`
}

func (LeadRemoved) EventType() string { return "lead.removed.v1" }
