package es

import (
	"time"

	"github.com/google/uuid"
)

// Kinds of actor: who caused a command.
const (
	ActorPerson   = "person"
	ActorAPIKey   = "api_key"
	ActorProvider = "provider"
	ActorClock    = "clock"
	ActorOperator = "operator"
)

// Actor is who caused a command, and with it its events.
type Actor struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// Payload is a fact. EventType is "noun.verb.vN"; AggregateID is the CloudEvents subject.
type Payload interface {
	EventType() string
	AggregateID() string
}

// Decoder turns stored bytes into the newest version of a fact (upcasts included). An unknown type is an error.
type Decoder func(eventType string, data []byte) (Payload, error)

// Event is a fact with its envelope. Time is UTC with microseconds.
type Event struct {
	ID      uuid.UUID
	Type    string
	Org     uuid.UUID
	Subject string
	Time    time.Time
	Actor   Actor

	CommandID     uuid.UUID
	CommandOffset int64  // of the command in commands[p]
	Fingerprint   uint64 // of the request that the command stands for; 0 when the caller gave no key
	CorrelationID uuid.UUID
	CausationID   uuid.UUID
	TraceParent   string
	Origin        string // where the request came from, sealed (see docs/log.md); "" = no request, or not known

	Epoch int64     // the writer's ownership
	Pseq  int64     // dense per partition, from 1
	Oseq  int64     // dense per organisation, from 1
	Chain ChainHash // over the organisation's history up to and with this event
	Last  bool      // the last event of its command

	Data    []byte  // the exact stored bytes
	Payload Payload // decoded Data; nil in what only reads envelopes

	Partition int32
	Offset    int64 // where it was read; meaningless before
}
