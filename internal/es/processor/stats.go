package processor

import (
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"outrider/internal/es"
)

// Reasons of a step-down, as they are counted.
const (
	ReasonFenced  = "fenced"  // another owner's fence counted
	ReasonVoid    = "void"    // a record of ours was void
	ReasonProduce = "produce" // an append may not have happened
	ReasonSilent  = "silent"  // our records didn't show up in the log
	ReasonNoFence = "nofence" // our fence didn't show up in the log
	ReasonLoss    = "loss"    // the log or commands got shorter
	ReasonPoison  = "poison"  // an event that can't be applied
	ReasonForeign = "foreign" // the log shows an event that its owner didn't write
	ReasonLeft    = "left"    // a clean hand-over
	ReasonOther   = "other"
)

// Stats counts what this process has done since it started.
type Stats struct {
	Owned     atomic.Int64 // partitions now
	Epochs    atomic.Int64 // acquisitions
	Commands  atomic.Int64 // records of commands that were looked at while owning
	Events    atomic.Int64 // appended
	Answers   atomic.Int64 // sent to replies
	Ticks     atomic.Int64 // AdvanceClock commands sent
	LogRead   atomic.Int64 // records of the log, replays included
	Voids     atomic.Int64 // void records met
	Malformed atomic.Int64 // records of the log that were malformed
	Forged    atomic.Int64 // commands that no process of this installation wrote
	InFlight  atomic.Int64 // events appended that the log hasn't shown
	Held      atomic.Int64 // partitions that wait for a command from the future
	Snapshots atomic.Int64 // written
	DecideNs  atomic.Int64 // time in Decide and around it

	Fenced, Void, Produce, Silent, NoFence, Loss, Poison, Foreign, Left, Other atomic.Int64 // step-downs by reason
}

// StepDowns returns the counters by reason.
func (s *Stats) StepDowns() map[string]int64 {
	out := map[string]int64{}
	for _, reason := range []string{ReasonFenced, ReasonVoid, ReasonProduce, ReasonSilent, ReasonNoFence, ReasonLoss, ReasonPoison, ReasonForeign, ReasonLeft, ReasonOther} {
		out[reason] = s.counterOf(reason).Load()
	}
	return out
}

func (s *Stats) counterOf(reason string) *atomic.Int64 {
	switch reason {
	case ReasonFenced:
		return &s.Fenced
	case ReasonVoid:
		return &s.Void
	case ReasonProduce:
		return &s.Produce
	case ReasonSilent:
		return &s.Silent
	case ReasonNoFence:
		return &s.NoFence
	case ReasonLoss:
		return &s.Loss
	case ReasonPoison:
		return &s.Poison
	case ReasonForeign:
		return &s.Foreign
	case ReasonLeft:
		return &s.Left
	}
	return &s.Other
}

// reasonOf returns the reason under which the kernel's own step-down counts.
func reasonOf(why string, fatal error) string {
	switch {
	case errors.Is(fatal, es.ErrLoss):
		return ReasonLoss
	case errors.Is(fatal, es.ErrForeign):
		return ReasonForeign
	case errors.Is(fatal, es.ErrPoison):
		return ReasonPoison
	case strings.HasPrefix(why, "fenced"):
		return ReasonFenced
	case strings.HasPrefix(why, "our record"):
		return ReasonVoid
	case strings.HasPrefix(why, "append"):
		return ReasonProduce
	}
	return ReasonOther
}

// States of a partition.
const (
	Acquiring = "acquiring"
	Owned     = "owned"
	Stopped   = "stopped" // something is wrong that taking ownership again won't cure; retried slowly
	Waiting   = "waiting" // between two attempts, or the group has given it to somebody else
)

// Status is the state of one partition.
type Status struct {
	Partition int32     `json:"partition"`
	State     string    `json:"state"`
	Epoch     int64     `json:"epoch,omitempty"`
	Since     time.Time `json:"since"`
	Reason    string    `json:"reason,omitempty"` // of the newest step-down
	HeldUntil time.Time `json:"held_until"`       // a command from the future waits; zero = none
	InFlight  int64     `json:"in_flight"`
	From      int64     `json:"from,omitempty"` // offset in the log of the state that its owner began from; 0 = none
}
