package commands

import "outrider/internal/es"

// AdvanceClock tells the organisation the time; the kernel sends it when something is due.
type AdvanceClock struct{}

func (AdvanceClock) CommandType() string { return es.AdvanceClockType }
