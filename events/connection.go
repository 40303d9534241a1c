package events

import (
	"time"

	"github.com/google/uuid"
)

// ConnectionRef names a connection of an organisation to a service of somebody else's: a CRM, a calendar.
type ConnectionRef struct {
	ConnectionID uuid.UUID `json:"connection_id"`
}

func (r ConnectionRef) AggregateID() string   { return r.ConnectionID.String() }
func (r ConnectionRef) Connection() uuid.UUID { return r.ConnectionID }

// ConnectionMade begins a connection. The account's name is sealed under a key of the connection; its hash, under the organisation's, tells whether two are the same.
type ConnectionMade struct {
	ConnectionRef
	Provider    string    `json:"provider"` // hubspot, ...
	Account     Sealed    `json:"account"`
	AccountHash string    `json:"account_hash"`
	PersonID    uuid.UUID `json:"person_id,omitzero"` // whose it is, of what belongs to one person, such as a calendar
}

func (ConnectionMade) EventType() string { return "connection.made.v1" }

// Why a connection needs somebody.
const (
	ConnectionEnded   = "permission_ended" // the service takes the permission for ended
	ConnectionRefused = "refused"          // it doesn't let us do what we need to
	ConnectionGone    = "account_gone"
	ConnectionMapping = "mapping" // a field of the map isn't there any more, or is of another type
)

// ConnectionInterrupted says that nothing goes on until somebody does something. What there is to do waits.
type ConnectionInterrupted struct {
	ConnectionRef
	Reason string `json:"reason"`
	Detail string `json:"detail,omitzero"` // for people, without anything personal
}

func (ConnectionInterrupted) EventType() string { return "connection.interrupted.v1" }

// ConnectionRestored says that somebody has signed in again, or that what was wrong is right. What waited goes on.
type ConnectionRestored struct {
	ConnectionRef
}

func (ConnectionRestored) EventType() string { return "connection.restored.v1" }

// ConnectionPaused says that somebody has stopped it for now. What there is to do waits.
type ConnectionPaused struct {
	ConnectionRef
	Reason string `json:"reason,omitzero"` // in their words
}

func (ConnectionPaused) EventType() string { return "connection.paused.v1" }

// ConnectionResumed goes on with what waited.
type ConnectionResumed struct {
	ConnectionRef
}

func (ConnectionResumed) EventType() string { return "connection.resumed.v1" }

// ConnectionRemoved ends a connection for good.
type ConnectionRemoved struct {
	ConnectionRef
}

func (ConnectionRemoved) EventType() string { return "connection.removed.v1" }

// Which way a field goes.
const (
	CRMBoth = "both"
	CRMIn   = "in"  // from the CRM to here
	CRMOut  = "out" // from here to the CRM
)

// Whose value a field keeps when both have changed.
const (
	CRMOurs   = "ours"
	CRMTheirs = "theirs"
	CRMNewest = "newest"
)

// CRMField says which field of a lead is which of the CRM's contacts. The address is always mapped.
type CRMField struct {
	Field     string `json:"field"`  // of a lead; own ones as custom.NAME
	Remote    string `json:"remote"` // name of the CRM's property
	Direction string `json:"direction"`
	Wins      string `json:"wins"`
}

// CRMStage says which stage of the CRM a lead reaches by what happens here. A stage is never put back.
type CRMStage struct {
	When  string `json:"when"` // contacted, replied, meeting_booked
	Stage string `json:"stage"`
}

// Activities that are written into a CRM.
const (
	ActivitySent         = "sent"
	ActivityReply        = "reply"
	ActivityMeeting      = "meeting"
	ActivityUnsubscribed = "unsubscribed"
	ActivityBounced      = "bounced"
)

// CRMSettings are what a connection to a CRM does.
type CRMSettings struct {
	Fields     []CRMField `json:"fields"`
	Stages     []CRMStage `json:"stages,omitzero"`
	Activities []string   `json:"activities"`
	CreateAll  bool       `json:"create_all"` // leads that aren't in the CRM are created there; else only those that are known there are kept up
	OnErase    string     `json:"on_erase"`   // keep or delete: the contact of a person who is erased here
}

// What becomes in a CRM of who is erased here.
const (
	CRMKeep   = "keep"
	CRMDelete = "delete"
)

// ConnectionMapped has all settings as they are from here on.
type ConnectionMapped struct {
	ConnectionRef
	CRMSettings
}

func (ConnectionMapped) EventType() string { return "connection.mapped.v1" }

// ConnectionImportRequested asks for contacts of a CRM as an import.
type ConnectionImportRequested struct {
	ConnectionRef
	ImportID    uuid.UUID `json:"import_id"`
	ListID      string    `json:"list_id,omitzero"` // of the CRM
	Since       time.Time `json:"since,omitzero"`   // changed there since; without a list
	DryRun      bool      `json:"dry_run"`
	OnDuplicate string    `json:"on_duplicate"`
	LawfulBasis string    `json:"lawful_basis,omitzero"`
	Tags        []string  `json:"tags,omitzero"`
}

func (ConnectionImportRequested) EventType() string { return "connection.import_requested.v1" }

// ConnectionResyncRequested asks for all that the CRM should know once more, from the log.
type ConnectionResyncRequested struct {
	ConnectionRef
	ResyncID uuid.UUID `json:"resync_id"`
}

func (ConnectionResyncRequested) EventType() string { return "connection.resync_requested.v1" }

// ConnectionConflictResolved says whose value of a field somebody has chosen that both sides had changed. The lead has it from an event of its own.
type ConnectionConflictResolved struct {
	ConnectionRef
	ResolutionID uuid.UUID `json:"resolution_id"`
	LeadID       uuid.UUID `json:"lead_id"`
	Field        string    `json:"field"`
	Keep         string    `json:"keep"` // ours or theirs
}

func (ConnectionConflictResolved) EventType() string { return "connection.conflict_resolved.v1" }

// Subjects is who this is about: also the lead.
func (e ConnectionConflictResolved) Subjects() []uuid.UUID {
	return []uuid.UUID{e.ConnectionID, e.LeadID}
}
