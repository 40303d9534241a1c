package events

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

// SuppressionAdded: nothing may be sent there. The id follows from organisation, kind and hash.
type SuppressionAdded struct {
	SuppressionRef
	Kind   string `json:"kind"`
	Hash   string `json:"hash"`
	Reason string `json:"reason"`
	Value  Sealed `json:"value,omitzero"` // the address or domain, for people to read
}

func (SuppressionAdded) EventType() string { return "suppression.added.v1" }

// SuppressionRemoved lifts it.
type SuppressionRemoved struct {
	SuppressionRef
	Kind string `json:"kind"`
	Hash string `json:"hash"`
}

func (SuppressionRemoved) EventType() string { return "suppression.removed.v1" }
