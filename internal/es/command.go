package es

import (
	"time"

	"github.com/google/uuid"
)

// Command is a request with its envelope, as it is stored in commands[p].
type Command struct {
	ID            uuid.UUID
	Type          string // "noun.verb.vN", imperative
	Org           uuid.UUID
	Time          time.Time // the edge's clock, UTC, µs; Decide sees max(this, the organisation's last time)
	Actor         Actor
	Fingerprint   uint64 // of the request that an Idempotency-Key stands for; 0 = none
	CorrelationID uuid.UUID
	CausationID   uuid.UUID
	TraceParent   string
	Origin        string // where the request came from, sealed; "" = no request
	ReplyTo       int32  // partition of replies; negative = nobody waits
	Data          []byte

	Partition int32
	Offset    int64
}

// Types that the kernel itself knows.
const (
	// AskType asks for the answer to the command of the same id; it decides nothing and leaves no event.
	AskType = "operation.ask.v1"
	// AdvanceClockType tells an organisation the time when something in it is due.
	AdvanceClockType = "clock.advance.v1"
)

// AdvanceClockID is the same for every owner that sends the tick of one organisation and due time.
func AdvanceClockID(org uuid.UUID, due time.Time) uuid.UUID {
	return DeriveID(org, AdvanceClockType, due.UTC().Format(time.RFC3339Nano))
}
