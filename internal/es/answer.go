package es

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"
)

// Outcome of a command.
type Outcome string

const (
	Accepted Outcome = "accepted"
	Refused  Outcome = "refused"
	Noop     Outcome = "noop"
	Unknown  Outcome = "unknown" // only as the answer to an ask: this id was never decided, or it is forgotten
)

// Codes of the kernel's refusals; all others are the domain's.
const (
	CodeKeyReused = "idempotency_key_reused" // the same command id with another fingerprint
	CodeInternal  = "internal_error"         // Decide failed, which it must not
	CodeMalformed = "malformed_command"
	CodeAhead     = "clock_ahead"   // the command's time is further ahead of the owner's clock than MaxAhead: the sender's is wrong
	CodeStale     = "stale_command" // the command is so old that it may have been decided and forgotten; leaves no event
	codeTooLarge  = "too_large"     // an event of the command would be larger than the log takes
)

// Answer is what a command's sender gets, the first time and at every repeat. All of it can be rebuilt from the command's events.
type Answer struct {
	CommandID uuid.UUID       `json:"command_id"`
	Outcome   Outcome         `json:"outcome"`
	Code      string          `json:"code,omitzero"`    // of a refusal
	Detail    json.RawMessage `json:"detail,omitzero"`  // of a refusal, or the last event's AnswerDetail
	Subject   string          `json:"subject,omitzero"` // aggregate of the first event
	Time      time.Time       `json:"time"`             // of the events
	Partition int32           `json:"partition"`
	Pseq      int64           `json:"pseq"` // of the last event: a reader that has come there sees the effect
	Oseq      int64           `json:"oseq"`
}

// Refusal is an error of Decide that is an answer, not a fault: it leaves command.refused.v1.
type Refusal struct {
	Code    string // stable, snake_case; the api maps it to a status
	Detail  any    // JSON object for the caller; no personal data in clear
	Subject string // aggregate that it is about; empty = the organisation
}

func (r *Refusal) Error() string { return r.Code }

// Refuse makes a Refusal about the organisation.
func Refuse(code string, detail any) error { return &Refusal{Code: code, Detail: detail} }

// RefusalCode returns the code of a refusal, or "".
func RefusalCode(err error) string {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Code
	}
	return ""
}

// Refusing is implemented by facts that are themselves refusals (quota.refused).
type Refusing interface {
	RefusalAnswer() (code string, detail any)
}

// Answering is implemented by the last event of commands that answer with more than a subject (a bulk command's
// list of refused items).
type Answering interface {
	AnswerDetail() any
}

// CommandRefused is the fact that a command was refused, so that the answer is as durable as any fact.
type CommandRefused struct {
	Code    string          `json:"code"`
	Detail  json.RawMessage `json:"detail,omitzero"`
	Command string          `json:"command"` // its type
	Subject string          `json:"subject"`
}

func (CommandRefused) EventType() string     { return "command.refused.v1" }
func (e CommandRefused) AggregateID() string { return e.Subject }
func (e CommandRefused) RefusalAnswer() (string, any) {
	if e.Detail == nil {
		return e.Code, nil
	}
	return e.Code, e.Detail
}

// CommandNoop is the fact that a command had nothing to do.
type CommandNoop struct {
	Command string `json:"command"`
	Subject string `json:"subject"`
}

func (CommandNoop) EventType() string     { return "command.noop.v1" }
func (e CommandNoop) AggregateID() string { return e.Subject }

// AnswerOf rebuilds the answer of a command from its events, decoded.
func AnswerOf(events []*Event) (Answer, error) {
	first, last := events[0], events[len(events)-1]
	a := Answer{CommandID: last.CommandID, Outcome: Accepted, Subject: first.Subject, Time: last.Time,
		Partition: last.Partition, Pseq: last.Pseq, Oseq: last.Oseq}
	var detail any
	switch p := last.Payload.(type) {
	case CommandNoop, *CommandNoop:
		a.Outcome = Noop
	case Refusing:
		a.Outcome = Refused
		a.Code, detail = p.RefusalAnswer()
	case Answering:
		detail = p.AnswerDetail()
	}
	switch d := detail.(type) {
	case nil:
	case json.RawMessage:
		a.Detail = d
	default:
		b, err := Marshal(detail)
		if err != nil {
			return a, err
		}
		a.Detail = b
	}
	return a, nil
}
