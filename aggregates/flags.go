package aggregates

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"outrider/events"
)

// Flags are, in the reserved organisation, the rules; elsewhere what was switched by them.
type Flags struct {
	rules    map[string]*events.FlagState
	switched map[string]switched
	trials   map[string]FlagTrial // by flag, the newest
	known    map[uuid.UUID]bool   // trials that there were
}

type switched struct {
	on      bool
	version int
}

// Get returns a flag of the installation, or nil.
func (f *Flags) Get(name string) *events.FlagState { return f.rules[name] }

// All counts them.
func (f *Flags) All() int { return len(f.rules) }

// On reports whether a feature is on here.
func (f *Flags) On(name string) bool {
	if s, ok := f.switched[name]; ok {
		return s.on
	}
	return events.IsFeature(name)
}

// Version returns the version of the flag that switched a feature here last; 0 = none has.
func (f *Flags) Version(name string) int { return f.switched[name].version }

// recorded returns what was switched on here by a flag, as messages record it.
func (f *Flags) recorded() (on []string) {
	for name, s := range f.switched {
		if s.on {
			on = append(on, name)
		}
	}
	slices.Sort(on)
	return on
}

// PhasesDue returns the flags whose schedule stands elsewhere by now, by name.
func (f *Flags) PhasesDue(now time.Time) (out []events.FlagScheduleReached) {
	for _, name := range slices.Sorted(maps.Keys(f.rules)) {
		is := f.rules[name]
		if next := is.NextPhase(); !next.IsZero() && !now.Before(next) {
			out = append(out, events.FlagScheduleReached{FlagRef: events.FlagRef{Flag: name}, Phase: events.FlagPhaseAt(is.Rule, now)})
		}
	}
	return out
}

// due returns when the next schedule does.
func (f *Flags) due() (at time.Time) {
	for _, is := range f.rules {
		if next := is.NextPhase(); !next.IsZero() && (at.IsZero() || next.Before(at)) {
			at = next
		}
	}
	return at
}

func (f *Flags) applyEvent(event events.FlagEvent) {
	change := func(name string, do func(*events.FlagState)) {
		if is := f.rules[name]; is != nil {
			is.Version++
			do(is)
		}
	}
	switch e := event.(type) {
	case events.FlagCreated:
		putInMap(&f.rules, e.Flag, &events.FlagState{Rule: e.FlagRule, Seed: e.Seed, Phase: e.Phase, Version: 1})
	case events.FlagChanged:
		change(e.Flag, func(is *events.FlagState) { is.Rule, is.Phase = e.FlagRule, e.Phase })
	case events.FlagKilled:
		change(e.Flag, func(is *events.FlagState) { is.Killed = true })
	case events.FlagRevived:
		change(e.Flag, func(is *events.FlagState) { is.Killed = false })
	case events.FlagScheduleReached:
		change(e.Flag, func(is *events.FlagState) { is.Phase = e.Phase })
	case events.FlagTrialStarted: // the rule stays
		f.startTrial(e)
	case events.FlagTrialEnded:
		f.endTrial(e)
	case events.FlagSwitched:
		putInMap(&f.switched, e.Flag, switched{e.On, e.Version})
	}
}
