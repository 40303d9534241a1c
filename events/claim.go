package events

import (
	"time"

	"github.com/google/uuid"
)

// ClaimRef names a claim: a sentence that the organisation may say about itself.
type ClaimRef struct {
	ClaimID    uuid.UUID `json:"claim_id"`
	CampaignID uuid.UUID `json:"campaign_id,omitzero"` // the only one whose messages may say it; zero = all of the organisation
}

func (r ClaimRef) AggregateID() string { return r.ClaimID.String() }

// Claim returns its id.
func (r ClaimRef) Claim() uuid.UUID { return r.ClaimID }

// ClaimApproved lets messages say a sentence about the organisation, word for word. Who approved it is the event's actor. A later version replaces the one before it, which may
// be said no more.
type ClaimApproved struct {
	ClaimRef
	Version    int       `json:"version"`    // from 1
	VersionID  uuid.UUID `json:"version_id"` // what evidence of drafts names
	Text       string    `json:"text"`
	Source     string    `json:"source"`               // an address, or the name of a document
	ValidUntil time.Time `json:"valid_until,omitzero"` // from then on it may be said no more
}

func (ClaimApproved) EventType() string { return "claim.approved.v1" }

// Why a claim may be said no more.
const (
	ClaimWithdrawn = "withdrawn" // a person has taken it back
	ClaimExpired   = "expired"   // its time is over
)

// ClaimRetired says that a claim may be said no more.
type ClaimRetired struct {
	ClaimRef
	Version int    `json:"version"`
	Reason  string `json:"reason"`
}

func (ClaimRetired) EventType() string { return "claim.retired.v1" }
