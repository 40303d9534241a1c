package commands

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// MaxImpersonation is how long an operator may read as a member.
const MaxImpersonation = time.Hour

// RecordImpersonation says that an operator will read as a member; the edge gives the token after it.
type RecordImpersonation struct {
	ImpersonationID uuid.UUID `json:"impersonation_id"`
	PersonID        uuid.UUID `json:"person_id"`
	Reason          string    `json:"reason"`
	Until           time.Time `json:"until"`
}

func (RecordImpersonation) CommandType() string { return "member.record_impersonation.v1" }

// Decide wants a reason that the organisation can understand.
func (c RecordImpersonation) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	switch {
	case c.ImpersonationID == uuid.Nil:
		return nil, errInvalid("impersonation_id", "is missing")
	case len([]rune(strings.TrimSpace(c.Reason))) < 10:
		return nil, errInvalid("reason", "must say why, in 10 characters at least")
	case o.Members.RoleOf(c.PersonID) == "":
		return nil, errNotFound(c.PersonID)
	case !c.Until.After(now) || c.Until.After(now.Add(MaxImpersonation+time.Minute)): // clocks differ
		return nil, errInvalid("until", "must be within an hour")
	}
	if err := checkText("reason", c.Reason, 1, 500); err != nil {
		return nil, err
	}
	return oneEvent(events.MemberImpersonated{MemberRef: events.MemberRef{PersonID: c.PersonID}, ImpersonationID: c.ImpersonationID, Reason: c.Reason, Until: c.Until.UTC().Truncate(time.Microsecond)})
}

// RecordImpersonationUse says what an operator asked for as a member, for the first time.
type RecordImpersonationUse struct {
	ImpersonationID uuid.UUID `json:"impersonation_id"`
	PersonID        uuid.UUID `json:"person_id"`
	Operation       string    `json:"operation"`
}

func (RecordImpersonationUse) CommandType() string { return "member.record_impersonation_use.v1" }

// Decide refuses who is no member any more.
func (c RecordImpersonationUse) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	switch {
	case c.ImpersonationID == uuid.Nil:
		return nil, errInvalid("impersonation_id", "is missing")
	case o.Members.RoleOf(c.PersonID) == "":
		return nil, errNotFound(c.PersonID)
	}
	if err := checkText("operation", c.Operation, 1, 200); err != nil {
		return nil, err
	}
	return oneEvent(events.MemberImpersonationUsed{MemberRef: events.MemberRef{PersonID: c.PersonID}, ImpersonationID: c.ImpersonationID, Operation: c.Operation})
}
