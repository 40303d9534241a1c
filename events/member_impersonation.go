package events

import (
	"time"

	"github.com/google/uuid"
)

// MemberImpersonated: an operator of the installation, the event's actor, may read as a member for a while.
type MemberImpersonated struct {
	MemberRef
	ImpersonationID uuid.UUID `json:"impersonation_id"`
	Reason          string    `json:"reason"` // in the operator's words
	Until           time.Time `json:"until"`
}

func (MemberImpersonated) EventType() string { return "member.impersonated.v1" }

// MemberImpersonationUsed: the operator who reads as a member asked for something for the first time.
type MemberImpersonationUsed struct {
	MemberRef
	ImpersonationID uuid.UUID `json:"impersonation_id"`
	Operation       string    `json:"operation"` // of the API: GET /v1/leads
}

func (MemberImpersonationUsed) EventType() string { return "member.impersonation_used.v1" }
