package events

import "github.com/google/uuid"

// Kinds of suppression.
const (
	SuppressAddress = "address"
	SuppressDomain  = "domain"
)

// Why something is suppressed.
const (
	SuppressedManual      = "manual"
	SuppressedUnsubscribe = "unsubscribe"
	SuppressedBounce      = "bounce"
	SuppressedComplaint   = "complaint"
	SuppressedImport      = "import"
	SuppressedErasure     = "erasure"
)

// SuppressionStays reports whether what is suppressed for a reason is so for good.
func SuppressionStays(reason string) bool {
	return reason == SuppressedErasure || reason == SuppressedComplaint
}

// SuppressionAdded: nothing may be sent there. The id follows from organisation, kind and hash; added again it is wider than before.
type SuppressionAdded struct {
	SuppressionRef
	Kind   string `json:"kind"`
	Hash   string `json:"hash"`
	Reason string `json:"reason"`
	Value  Sealed `json:"value,omitzero"` // the address or domain, for people to read

	Subdomains bool      `json:"subdomains,omitzero"` // of a domain: those below it too
	LeadID     uuid.UUID `json:"lead_id,omitzero"`    // of an address: the lead that had it then
}

func (SuppressionAdded) EventType() string { return "suppression.added.v2" }

// SuppressionRemoved lifts it.
type SuppressionRemoved struct {
	SuppressionRef
	Kind       string `json:"kind"`
	Hash       string `json:"hash"`
	Subdomains bool   `json:"subdomains,omitzero"` // it was of those below the domain too
}

func (SuppressionRemoved) EventType() string { return "suppression.removed.v2" }

// SubdomainKnown says of a domain that leads are at which domains lie above it, those that somebody can own: nothing may be sent
// there once one of them is suppressed with its subdomains. The id is that of a suppression of the domain.
type SubdomainKnown struct {
	SuppressionRef
	Hash    string   `json:"hash"`
	Parents []string `json:"parents"` // their hashes, the nearest first
}

func (SubdomainKnown) EventType() string { return "suppression.subdomain_known.v1" }

// SuppressionChunkRecorded ends a chunk of a file: rows = added + already + refused.
type SuppressionChunkRecorded struct {
	SuppressionFileRef
	Chunk    int    `json:"chunk"` // from 1
	FileName string `json:"file_name"`
	Rows     int    `json:"rows"`
	Added    int    `json:"added"`
	Already  int    `json:"already"` // were suppressed before, or by an earlier row
	Refused  int    `json:"refused"` // hold nothing that could be suppressed
}

func (SuppressionChunkRecorded) EventType() string { return "suppression.chunk_recorded.v1" }

// AnswerDetail gives the sender of the chunk its counts (es.Answering).
func (e SuppressionChunkRecorded) AnswerDetail() any { return e }
