package events

import "github.com/google/uuid"

// SuppressionAddedV1 is of an address, or of a domain without those below it.
type SuppressionAddedV1 struct {
	SuppressionID uuid.UUID `json:"suppression_id"`
	Kind          string    `json:"kind"`
	Hash          string    `json:"hash"`
	Reason        string    `json:"reason"`
	Value         Sealed    `json:"value,omitzero"` // the address or domain, for people to read
}

func (SuppressionAddedV1) EventType() string     { return "suppression.added.v1" }
func (e SuppressionAddedV1) AggregateID() string { return e.SuppressionID.String() }

// Upcast leaves it as narrow as it was.
func (e SuppressionAddedV1) Upcast() Event {
	return SuppressionAdded{SuppressionRef: SuppressionRef{e.SuppressionID}, Kind: e.Kind, Hash: e.Hash, Reason: e.Reason, Value: e.Value}
}

// SuppressionRemovedV1 lifts what SuppressionAddedV1 was.
type SuppressionRemovedV1 struct {
	SuppressionID uuid.UUID `json:"suppression_id"`
	Kind          string    `json:"kind"`
	Hash          string    `json:"hash"`
}

func (SuppressionRemovedV1) EventType() string     { return "suppression.removed.v1" }
func (e SuppressionRemovedV1) AggregateID() string { return e.SuppressionID.String() }

// Upcast gives it as the next one.
func (e SuppressionRemovedV1) Upcast() Event {
	return SuppressionRemoved{SuppressionRef: SuppressionRef{e.SuppressionID}, Kind: e.Kind, Hash: e.Hash}
}
