package aggregates

import (
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// FlagTrial is a trial of a flag that hasn't ended before its time.
type FlagTrial struct {
	ID     uuid.UUID
	EndsAt time.Time
}

// TrialOf returns the trial that a flag is on at an instant, or nil.
func (f *Flags) TrialOf(flag string, now time.Time) *FlagTrial {
	if t, ok := f.trials[flag]; ok && now.Before(t.EndsAt) {
		return &t
	}
	return nil
}

// KnowsTrial reports whether there ever was a trial of that id.
func (f *Flags) KnowsTrial(id uuid.UUID) bool { return f.known[id] }

// Trials counts those that there ever were.
func (f *Flags) Trials() int { return len(f.known) }

func (f *Flags) startTrial(e events.FlagTrialStarted) {
	putInMap(&f.trials, e.Flag, FlagTrial{e.TrialID, e.EndsAt})
	putInMap(&f.known, e.TrialID, true)
}

func (f *Flags) endTrial(e events.FlagTrialEnded) {
	if f.trials[e.Flag].ID == e.TrialID {
		delete(f.trials, e.Flag)
	}
}
