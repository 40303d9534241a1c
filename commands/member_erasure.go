package commands

import (
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// EraseMember forgets a person who is, or was, a member.
type EraseMember struct {
	PersonID    uuid.UUID   `json:"person_id"`
	Invitations []uuid.UUID `json:"invitations,omitzero"` // to their address
}

func (EraseMember) CommandType() string { return "member.erase.v1" }

// Decide keeps an owner, unless the organisation itself is about to go.
func (c EraseMember) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	switch {
	case c.PersonID == uuid.Nil:
		return nil, errInvalid("person_id", "is missing")
	case len(c.Invitations) > MaxItems:
		return nil, errInvalid("invitations", "must be 500 at most")
	case o.Members.WasErased(c.PersonID):
		return nil, nil
	case o.EraseAt.IsZero():
		if err := keepOwner(o, c.PersonID); err != nil {
			return nil, err
		}
	}
	return oneEvent(events.MemberErased{MemberRef: events.MemberRef{PersonID: c.PersonID}, Invitations: c.Invitations})
}
