package commands

import (
	"github.com/google/uuid"

	"outrider/events"
)

// AddSuppressions suppresses up to MaxItems addresses and domains.
type AddSuppressions struct {
	Items []SuppressionItem `json:"items"`
}

// SuppressionItem is one of them.
type SuppressionItem struct {
	Kind   string        `json:"kind"`
	Hash   string        `json:"hash"`
	Reason string        `json:"reason"`
	Value  events.Sealed `json:"value,omitzero"`
}

func (AddSuppressions) CommandType() string { return "suppression.add.v1" }

// RemoveSuppression lifts one; see SuppressionID.
type RemoveSuppression struct {
	SuppressionID uuid.UUID `json:"suppression_id"`
}

func (RemoveSuppression) CommandType() string { return "suppression.remove.v1" }
