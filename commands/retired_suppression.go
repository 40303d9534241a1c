package commands

import (
	"time"

	"outrider/aggregates"
	"outrider/events"
)

// AddSuppressionsV1 suppresses domains without their subdomains.
type AddSuppressionsV1 struct {
	Items []SuppressionItemV1 `json:"items"`
}

// SuppressionItemV1 is one of them.
type SuppressionItemV1 struct {
	Kind   string        `json:"kind"`
	Hash   string        `json:"hash"`
	Reason string        `json:"reason"`
	Value  events.Sealed `json:"value,omitzero"`
}

func (AddSuppressionsV1) CommandType() string { return "suppression.add.v1" }

// Decide suppresses no subdomains.
func (c AddSuppressionsV1) Decide(now time.Time, o *aggregates.Organization) ([]events.Event, error) {
	items := make([]SuppressionItem, len(c.Items))
	for i, x := range c.Items {
		items[i] = SuppressionItem{Kind: x.Kind, Hash: x.Hash, Reason: x.Reason, Value: x.Value}
	}
	return AddSuppressions{Items: items}.Decide(now, o)
}
