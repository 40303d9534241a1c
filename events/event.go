package events

import "outrider/internal/es"

// Event is a fact. Events are values, never pointers; ids are UUIDs, times UTC with microseconds, dates "2006-01-02",
// money int64 micro-units, hashes 32 lower-case hex digits of a keyed hash. EventType and AggregateID work on the zero value.
type Event = es.Payload

// Sealed is personal data under a person's key. The domain passes it on and never opens it. In AES-GCM's additional
// data stand organisation, subject and field, so a Sealed can't move to another lead.
type Sealed struct {
	K int64  `json:"k"` // key id
	C []byte `json:"c"` // ciphertext
}

// IsZero says that nothing is sealed here; encoding/json's omitzero asks it.
func (s Sealed) IsZero() bool { return s.K == 0 && len(s.C) == 0 }
