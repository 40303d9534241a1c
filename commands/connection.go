package commands

import (
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"outrider/aggregates"
	"outrider/events"
)

// MaxConnections bounds those of an organisation.
const MaxConnections = 200

// MakeConnection begins a connection. The edge has stored its secret, and has seen that it works.
type MakeConnection struct {
	events.ConnectionRef
	Provider    string        `json:"provider"`
	Account     events.Sealed `json:"account"`
	AccountHash string        `json:"account_hash"`
	PersonID    uuid.UUID     `json:"person_id,omitzero"`
}

func (MakeConnection) CommandType() string { return "connection.make.v1" }

// Decide has nothing to do for a connection that there is; an account is connected once.
func (c MakeConnection) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	account, ok := aggregates.ParseHash(c.AccountHash)
	switch {
	case c.ConnectionID == uuid.Nil:
		return nil, errInvalid("connection_id", "is missing")
	case c.Account.IsZero():
		return nil, errInvalid("account", "is missing")
	case !ok:
		return nil, errInvalid("account_hash", reasonHash)
	}
	if err := checkText("provider", c.Provider, 1, 40); err != nil {
		return nil, err
	}
	if is := o.Connections[c.ConnectionID]; is != nil && is.Provider == c.Provider && is.AccountHash == account {
		return nil, nil
	} else if is != nil {
		return nil, errAlreadyExists(c.ConnectionID)
	}
	if other := o.Connections.Find(c.Provider, account); other != uuid.Nil {
		return nil, errAlreadyExists(other)
	}
	if len(o.Connections) >= MaxConnections {
		return nil, errInvalid("provider", "an organisation has at most "+strconv.Itoa(MaxConnections)+" connections")
	}
	return oneEvent(events.ConnectionMade(c))
}

// InterruptConnection says that a connection doesn't work until somebody does something.
type InterruptConnection struct {
	events.ConnectionRef
	Reason string `json:"reason"`
	Detail string `json:"detail,omitzero"`
}

func (InterruptConnection) CommandType() string { return "connection.interrupt.v1" }

// Decide has nothing to do for one that is interrupted or gone: it is the work on it that asks.
func (c InterruptConnection) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if !slices.Contains([]string{events.ConnectionEnded, events.ConnectionRefused, events.ConnectionGone, events.ConnectionMapping}, c.Reason) {
		return nil, errInvalid("reason", "is unknown")
	}
	if err := checkText("detail", c.Detail, 0, 500); err != nil {
		return nil, err
	}
	if is := o.Connections[c.ConnectionID]; is == nil || is.Interrupted {
		return nil, nil
	}
	return oneEvent(events.ConnectionInterrupted(c))
}

// RestoreConnection goes on with one that was interrupted.
type RestoreConnection struct {
	events.ConnectionRef
}

func (RestoreConnection) CommandType() string { return "connection.restore.v1" }

// Decide has nothing to do for one that works.
func (c RestoreConnection) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Connections[c.ConnectionID]
	switch {
	case is == nil:
		return nil, errNotFound(c.ConnectionID)
	case !is.Interrupted:
		return nil, nil
	}
	return oneEvent(events.ConnectionRestored(c))
}

// PauseConnection stops one for now.
type PauseConnection struct {
	events.ConnectionRef
	Reason string `json:"reason,omitzero"`
}

func (PauseConnection) CommandType() string { return "connection.pause.v1" }

// Decide has nothing to do for one that is paused.
func (c PauseConnection) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Connections[c.ConnectionID]
	if is == nil {
		return nil, errNotFound(c.ConnectionID)
	}
	if err := checkText("reason", c.Reason, 0, 200); err != nil {
		return nil, err
	}
	if is.Paused {
		return nil, nil
	}
	return oneEvent(events.ConnectionPaused(c))
}

// ResumeConnection goes on with one that was paused.
type ResumeConnection struct {
	events.ConnectionRef
}

func (ResumeConnection) CommandType() string { return "connection.resume.v1" }

// Decide has nothing to do for one that isn't paused.
func (c ResumeConnection) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Connections[c.ConnectionID]
	switch {
	case is == nil:
		return nil, errNotFound(c.ConnectionID)
	case !is.Paused:
		return nil, nil
	}
	return oneEvent(events.ConnectionResumed(c))
}

// RemoveConnection ends one for good.
type RemoveConnection struct {
	events.ConnectionRef
}

func (RemoveConnection) CommandType() string { return "connection.remove.v1" }

// Decide forgets it, so the second request finds none.
func (c RemoveConnection) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	if o.Connections[c.ConnectionID] == nil {
		return nil, errNotFound(c.ConnectionID)
	}
	return oneEvent(events.ConnectionRemoved(c))
}

// ResolveConnectionConflict says whose value of a field stands that both sides had changed. The edge has seen that there is such a conflict, and gives the lead the value.
type ResolveConnectionConflict struct {
	events.ConnectionRef
	ResolutionID uuid.UUID `json:"resolution_id"`
	LeadID       uuid.UUID `json:"lead_id"`
	Field        string    `json:"field"`
	Keep         string    `json:"keep"`
}

func (ResolveConnectionConflict) CommandType() string { return "connection.resolve_conflict.v1" }

// Decide has nothing to do for the newest.
func (c ResolveConnectionConflict) Decide(_ time.Time, o *aggregates.Organization) ([]events.Event, error) {
	is := o.Connections[c.ConnectionID]
	switch {
	case is == nil:
		return nil, errNotFound(c.ConnectionID)
	case c.ResolutionID == uuid.Nil:
		return nil, errInvalid("resolution_id", "is missing")
	case is.Resolved == c.ResolutionID:
		return nil, nil
	case c.LeadID == uuid.Nil:
		return nil, errInvalid("lead_id", "is missing")
	case c.Keep != events.CRMOurs && c.Keep != events.CRMTheirs:
		return nil, errInvalid("keep", "must be ours or theirs")
	case is.Settings == nil:
		return nil, refuseAbout(c.ConnectionID, CodeWrongStatus, detailStatus{c.ConnectionID, "unmapped"})
	}
	if err := checkText("field", c.Field, 1, 80); err != nil {
		return nil, err
	}
	return oneEvent(events.ConnectionConflictResolved(c))
}
